import { abortError, type Item, type KeyError, keyedItems, type Replacement } from '@bowline/apimachinery';
import { checkValue, rules } from '@bowline/apimachinery/arguments';
import type { Transformer } from './transformer.ts';

/** What is staged, in order. */
export type StagingStep<T> =
  | { readonly type: 'put'; readonly items: readonly Item<T>[] }
  | { readonly type: 'remove'; readonly key: string }
  | { readonly type: 'keep'; readonly key: string };

/** A full state that waits to be delivered. */
export interface StagedState<T> {
  readonly type: 'replacement';
  readonly steps: readonly StagingStep<T>[];
  readonly resourceVersion: string;
  /** What the producer waits for. */
  readonly outcome: Outcome;
}

/** The promise that a commit returns. */
export class Outcome {
  readonly signal: AbortSignal | undefined;
  readonly promise: Promise<void>;
  #resolve: () => void = () => {};
  #reject: (reason: unknown) => void = () => {};

  constructor(signal: AbortSignal | undefined) {
    this.signal = signal;
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    if (signal?.aborted) this.#abort();
    else signal?.addEventListener('abort', this.#abort, { once: true });
  }

  /** From here on only the sink decides. @returns whether it is still wanted. */
  begin(): boolean {
    this.signal?.removeEventListener('abort', this.#abort);
    return !this.signal?.aborted;
  }

  resolve(): void {
    this.#resolve();
  }

  reject(reason: unknown): void {
    this.signal?.removeEventListener('abort', this.#abort);
    this.#reject(reason);
  }

  readonly #abort = (): void => {
    if (this.signal) this.#reject(abortError(this.signal));
  };
}

/** Where a state is put. */
interface StateQueue<T> {
  enqueue(state: StagedState<T>): void;
  readonly onKeyError: ((error: KeyError) => void) | undefined;
  readonly transformer: Transformer<T>;
}

/** A full state on its way into a queue. */
export class Staging<T> implements Replacement<T> {
  readonly #queue: StateQueue<T>;
  #steps: StagingStep<T>[] = [];
  #state: 'open' | 'committed' | 'abandoned' = 'open';

  constructor(queue: StateQueue<T>) {
    this.#queue = queue;
  }

  put(items: readonly Item<T>[]): void {
    const { onKeyError, transformer } = this.#queue;
    this.#stage(...transformer.steps(keyedItems('put items', items, onKeyError)));
  }

  remove(key: string): void {
    checkValue('remove item', 'key', key, rules.string);
    this.#stage({ type: 'remove', key });
  }

  keep(key: string): void {
    checkValue('keep item', 'key', key, rules.string);
    this.#stage({ type: 'keep', key });
  }

  commit(resourceVersion: string, signal?: AbortSignal): Promise<void> {
    checkValue('commit replacement', 'resourceVersion', resourceVersion, rules.string);
    const steps = this.#steps;
    this.#end('committed');
    const outcome = new Outcome(signal);
    this.#queue.enqueue({ type: 'replacement', steps, resourceVersion, outcome });
    return outcome.promise;
  }

  /** Another replacement began. One that is committed already goes on. */
  abandon(): void {
    if (this.#state === 'open') this.#end('abandoned');
  }

  #stage(...steps: readonly StagingStep<T>[]): void {
    this.#mustBeOpen();
    this.#steps.push(...steps);
  }

  #end(state: 'committed' | 'abandoned'): void {
    this.#mustBeOpen();
    this.#state = state;
    this.#steps = [];
  }

  #mustBeOpen(): void {
    if (this.#state !== 'open') throw new Error(`Cannot use replacement: it has been ${this.#state}`);
  }
}
