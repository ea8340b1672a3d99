import type { Clock, Timer, TimerCallback } from './clock.ts';
import { type HeapTimer, TimerHeap } from './timer-heap.ts';

/** So many rounds without time moving are a loop that does not wait. */
const MOST_ROUNDS_AT_ONE_INSTANT = 1_000_000;

/**
 * A clock that stands still until it is told to advance. It stops at each deadline and lets the woken code run, to the last promise,
 * before it goes on: a timer that sets a timer fires in time.
 *
 * Runnable code means promises, `process.nextTick` and `turn()`; work outside the process (sockets, files, thread pool) is not waited for.
 *
 * | | cost |
 * |---|---|
 * | setTimer, cancel, one deadline | O(log n) |
 *
 * @example
 * ```ts
 * import { FakeClock } from '@bowline/apimachinery/testing';
 *
 * const clock = new FakeClock();
 * const slept = clock.sleep(1_000).then(() => clock.now());
 * await clock.advance(5_000);
 * await slept; // 1000
 * ```
 */
export class FakeClock implements Clock {
  readonly #timers = new TimerHeap();
  readonly #startMs: number;
  #elapsedMs = 0;
  #jumpedMs = 0;
  #timersSet = 0;
  #turnWaiters: (() => void)[] = [];
  #advancing = false;

  /** @param startMs The wall time at the start, in milliseconds since the Unix epoch. @default 0 */
  constructor(startMs: number = 0) {
    this.#startMs = startMs;
  }

  now(): number {
    return this.#startMs + this.#elapsedMs + this.#jumpedMs;
  }

  monotonic(): number {
    return this.#elapsedMs;
  }

  /** How many timers and sleeps wait. 0 after a test says that nothing was left behind. */
  get pending(): number {
    return this.#timers.size;
  }

  /** When the next timer is due, on the scale of `monotonic()`; undefined when none is. */
  nextDeadline(): number | undefined {
    const deadline = this.#timers.first?.deadline;
    return deadline === Number.POSITIVE_INFINITY ? undefined : deadline;
  }

  setTimer(delayMs: number, callback: TimerCallback): Timer {
    if (!(delayMs >= 0)) throw new RangeError(`Cannot set timer: delayMs must be 0 or more, got ${delayMs}`);
    const timer: HeapTimer = { deadline: this.#elapsedMs + delayMs, order: this.#timersSet++, callback, place: -1 };
    this.#timers.add(timer);
    return { cancel: () => this.#timers.remove(timer) };
  }

  sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    if (!(delayMs >= 0)) throw new RangeError(`Cannot sleep: delayMs must be 0 or more, got ${delayMs}`);
    if (signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = this.setTimer(delayMs, () => {
        signal?.removeEventListener('abort', wake);
        resolve();
      });
      const wake = (): void => {
        timer.cancel();
        resolve();
      };
      signal?.addEventListener('abort', wake, { once: true });
    });
  }

  /** Resolves by itself, without time moving, once the code that is runnable now has run. */
  turn(): Promise<void> {
    return new Promise((resolve) => {
      this.#turnWaiters.push(resolve);
      if (this.#turnWaiters.length > 1) return;
      setImmediate(() => {
        const waiters = this.#turnWaiters;
        this.#turnWaiters = [];
        for (const wake of waiters) wake();
      });
    });
  }

  /**
   * Moves time by `ms`, from deadline to deadline. What is due exactly at the end still fires. One call at a time.
   *
   * @throws {RangeError} when `ms` is negative or not finite.
   * @throws {Error} when another `advance` or `settle` runs, or when code goes on and on without letting time move.
   */
  async advance(ms: number): Promise<void> {
    if (!(ms >= 0 && ms < Number.POSITIVE_INFINITY)) {
      throw new RangeError(`Cannot advance clock: ms must be finite and 0 or more, got ${ms}`);
    }
    if (this.#advancing) throw new Error('Cannot advance clock: it is advancing already (await the call before)');
    this.#advancing = true;
    try {
      await this.#advanceTo(this.#elapsedMs + ms);
    } finally {
      this.#advancing = false;
    }
  }

  /** Lets all runnable code run, and timers that are due now, without moving time. */
  settle(): Promise<void> {
    return this.advance(0);
  }

  /** Moves the wall time alone, as an administrator or NTP does: no timer fires, `monotonic()` stays. */
  jumpWallTime(ms: number): void {
    this.#jumpedMs += ms;
  }

  async #advanceTo(target: number): Promise<void> {
    let rounds = 0;
    await this.#drain();
    for (let timer = this.#timers.first; timer && timer.deadline <= target; timer = this.#timers.first) {
      this.#timers.remove(timer);
      if (timer.deadline > this.#elapsedMs) {
        this.#elapsedMs = timer.deadline;
        rounds = 0;
      } else if (++rounds > MOST_ROUNDS_AT_ONE_INSTANT) throw this.#runaway('set timers that are due at once');
      timer.callback();
      await this.#drain();
    }
    this.#elapsedMs = target;
  }

  /** A macrotask starts when no microtask is left, so one round of them is a full drain; turns may ask for more. */
  async #drain(): Promise<void> {
    let rounds = 0;
    do {
      if (++rounds > MOST_ROUNDS_AT_ONE_INSTANT) throw this.#runaway('awaited turn()');
      await new Promise<void>((resolve) => setImmediate(resolve));
    } while (this.#turnWaiters.length > 0);
  }

  #runaway(what: string): Error {
    return new Error(`Cannot advance clock: at ${this.#elapsedMs} ms some code ${what} more than 1,000,000 times`);
  }
}
