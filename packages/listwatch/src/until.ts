import { type Awaitable, abortError, type Clock, type WatchFrame } from '@bowline/apimachinery';
import { checkOptions, checkValue, required, rules, valueRule } from '@bowline/apimachinery/arguments';
import { checkPorts } from './check-ports.ts';
import { endedError, timedOutError } from './errors.ts';
import { Pager } from './pager.ts';
import { RetryWatcher, type RetryWatcherPorts, startVersion } from './retry-watcher.ts';

/** A change of one object, as conditions see it. */
export type WatchedChange<T> = Extract<WatchFrame<T>, { readonly item: unknown }>;

/** Whether a change is what is waited for. What it throws ends the wait. */
export type WatchCondition<T> = (change: WatchedChange<T>) => Awaitable<boolean>;

/** How long to wait. */
export interface WaitOptions {
  /** After how many milliseconds the wait fails. @default never */
  readonly timeoutMs?: number | undefined;
  /** Ends the wait: it rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** Where `until` begins, and how long it waits. */
export interface UntilOptions extends WaitOptions {
  /** The version after which it begins. Neither `''` nor `'0'`. */
  readonly resourceVersion: string;
}

const waitRules = { timeoutMs: rules.positive, signal: rules.signal };

/**
 * Watches from a version on, through ends and passing errors, until all conditions were met, one after the other. The change that meets
 * one is also shown to the next. Resolves with the change that met the last.
 *
 * @throws {TypeError} {RangeError} when an argument is missing or wrong. `LISTWATCH_TIMED_OUT` after `timeoutMs`. What ended the watch when
 * it cannot be resumed, for example `API_EXPIRED`. What a condition throws.
 * @see client-go tools/watch/until.go `Until`
 */
export async function until<T>(
  ports: RetryWatcherPorts<T>,
  options: UntilOptions,
  ...conditions: readonly WatchCondition<T>[]
): Promise<WatchedChange<T>> {
  checkPorts('wait', ports);
  checkOptions('wait', options, { ...waitRules, resourceVersion: required(startVersion) });
  const wait = new Wait(conditions);
  return wait.run(ports.clock, options, (signal) =>
    wait.follow(new RetryWatcher(ports, { resourceVersion: options.resourceVersion, signal }), signal),
  );
}

/**
 * Reads the frames of a watch until all conditions were met, as `until` does, and ends with the watch.
 *
 * @throws {TypeError} {RangeError} when an argument is missing or wrong. `LISTWATCH_ENDED` when the frames end before, `LISTWATCH_TIMED_OUT`
 * after `timeoutMs`. The error of an error frame. What a condition throws.
 * @see client-go tools/watch/until.go `UntilWithoutRetry`
 */
export async function untilWithoutRetry<T>(
  ports: { readonly frames: AsyncIterable<WatchFrame<T>>; readonly clock: Clock },
  options: WaitOptions,
  ...conditions: readonly WatchCondition<T>[]
): Promise<WatchedChange<T>> {
  checkValue('wait', 'ports', ports, rules.object);
  checkValue('wait', 'frames', ports.frames, iterable);
  checkValue('wait', 'clock', ports.clock, rules.clock);
  checkOptions('wait', options, waitRules);
  const wait = new Wait(conditions);
  return wait.run(ports.clock, options, (signal) => wait.follow(ports.frames, signal));
}

/**
 * Lists, then watches, until all conditions were met, as `until` does. What exists already comes as added: each condition sees all of it
 * before changes are waited for.
 *
 * @throws {TypeError} {RangeError} when an argument is missing or wrong. `LISTWATCH_TIMED_OUT` after `timeoutMs`. What the list throws, and what
 * `until` throws.
 * @see client-go tools/watch/until.go `ListWatchUntil`
 */
export async function listWatchUntil<T>(
  ports: RetryWatcherPorts<T>,
  options: WaitOptions,
  ...conditions: readonly WatchCondition<T>[]
): Promise<WatchedChange<T>> {
  checkPorts('wait', ports);
  checkOptions('wait', options, waitRules);
  const wait = new Wait(conditions);
  return wait.run(ports.clock, options, async (signal) => {
    const { items, resourceVersion } = (await new Pager(ports.source).list({ resourceVersion: '', signal })).page;
    const present = items.map((item) => ({ type: 'added' as const, item }));
    return (
      (await wait.among(present)) ?? (await wait.follow(new RetryWatcher(ports, { resourceVersion, signal }), signal))
    );
  });
}

const isIterable = (value: unknown): value is AsyncIterable<unknown> =>
  typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
const iterable = valueRule('an async iterable of watch frames', isIterable);

/** One wait for conditions, in their order. */
class Wait<T> {
  readonly #conditions: readonly WatchCondition<T>[];
  #met = 0;

  constructor(conditions: readonly WatchCondition<T>[]) {
    checkValue('wait', 'number of conditions', conditions.length, rules.positiveCount);
    for (const condition of conditions) checkValue('wait', 'condition', condition, rules.function);
    this.#conditions = conditions;
  }

  /** Gives `read` a signal that aborts when time is over, and does not wait for it longer than that. */
  async run<R>(
    clock: Clock,
    { timeoutMs, signal }: WaitOptions,
    read: (signal: AbortSignal) => Promise<R>,
  ): Promise<R> {
    if (signal?.aborted) throw abortError(signal);
    const controller = new AbortController();
    let reject: (error: Error) => void = () => {};
    const stopped = new Promise<never>((_, rejectIt) => {
      reject = rejectIt;
    });
    const onAbort = (): void => {
      if (signal) reject(abortError(signal));
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    const timer =
      timeoutMs === undefined
        ? undefined
        : clock.setTimer(timeoutMs, () => reject(timedOutError(timeoutMs, this.#progress)));
    try {
      return await Promise.race([stopped, read(controller.signal)]);
    } finally {
      timer?.cancel();
      signal?.removeEventListener('abort', onAbort);
      controller.abort();
    }
  }

  /** Shows each condition all of `changes`. The one that met the last condition, if all were met. */
  async among(changes: readonly WatchedChange<T>[]): Promise<WatchedChange<T> | undefined> {
    let found: WatchedChange<T> | undefined;
    while (this.#met < this.#conditions.length) {
      found = undefined;
      for (const change of changes) {
        if (await this.#meets(change)) {
          found = change;
          break;
        }
      }
      if (!found) return undefined;
      this.#met += 1;
    }
    return found;
  }

  /** Reads frames until the rest of the conditions were met. Lets go of them when `signal` aborts. */
  async follow(frames: AsyncIterable<WatchFrame<T>>, signal: AbortSignal): Promise<WatchedChange<T>> {
    const iterator = frames[Symbol.asyncIterator]();
    // Whoever does not end then is not waited for; what it throws is of no interest any more.
    const letGo = (): void => void Promise.resolve(iterator.return?.()).catch(() => {});
    signal.addEventListener('abort', letGo, { once: true });
    for (;;) {
      const next = await iterator.next();
      if (next.done) throw endedError(this.#progress);
      const frame = next.value;
      if (frame.type === 'error' && !frame.undecodable) throw frame.error;
      if (frame.type === 'error' || frame.type === 'bookmark') continue;
      while (await this.#meets(frame)) {
        this.#met += 1;
        if (this.#met === this.#conditions.length) return frame;
      }
    }
  }

  get #progress(): string {
    return `${this.#met} of ${this.#conditions.length} met`;
  }

  async #meets(change: WatchedChange<T>): Promise<boolean> {
    return (await this.#conditions[this.#met]?.(change)) === true;
  }
}
