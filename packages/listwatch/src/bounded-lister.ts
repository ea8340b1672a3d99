import { abortError, type Clock, isJsonObject, type ListCall, type Page } from '@bowline/apimachinery';
import { checkValue, valueRule } from '@bowline/apimachinery/arguments';
import { silentError } from './errors.ts';
import type { ListerWatcher } from './ports.ts';

const pageRule = valueRule(
  'a page (an object with items and resourceVersion)',
  (value): value is Page<never> =>
    isJsonObject(value) && Array.isArray(value.items) && typeof value.resourceVersion === 'string',
);

/** Lists, but does not wait for ever: neither for an answer that takes too long nor, after an abort, for a source that goes on. */
export class BoundedLister<T> implements Pick<ListerWatcher<T>, 'list'> {
  readonly #source: ListerWatcher<T>;
  readonly #clock: Clock;
  readonly #limitMs: number;

  constructor(source: ListerWatcher<T>, clock: Clock, limitMs: number) {
    this.#source = source;
    this.#clock = clock;
    this.#limitMs = limitMs;
  }

  /** @throws `LISTWATCH_SILENT` after the limit; the reason of `call.signal` once that aborts. */
  list(call: ListCall<T>): Promise<Page<T>> {
    const { signal } = call;
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(abortError(signal));
      const request = new AbortController();
      let failure: unknown;
      let settled = false;
      const onRetry = (error: unknown): void => {
        failure = error;
        call.onRetry?.(error);
      };
      const onItems: ListCall<T>['onItems'] =
        call.onItems &&
        ((items, restart) => {
          if (!settled) call.onItems?.(items, restart);
        });
      const end = (error: Error): void => {
        settle();
        request.abort(error);
        reject(error);
      };
      const onAbort = (): void => end(abortError(signal));
      const timer = this.#clock.setTimer(this.#limitMs, () => {
        this.#source.retireConnections?.();
        end(silentError(this.#limitMs, failure === undefined ? 'no answer came' : 'no list came', failure));
      });
      const settle = (): void => {
        settled = true;
        timer.cancel();
        signal.removeEventListener('abort', onAbort);
      };
      signal.addEventListener('abort', onAbort, { once: true });
      const ask = async (): Promise<Page<T>> => {
        const page = await this.#source.list({ ...call, signal: request.signal, onRetry, onItems });
        checkValue('read list', 'what the list of the source resolves with', page, pageRule);
        return page;
      };
      ask().then(
        (page) => {
          settle();
          resolve(page);
        },
        (error: unknown) => {
          settle();
          reject(error);
        },
      );
    });
  }
}
