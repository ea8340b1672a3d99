import type { Clock, Timer, WatchCall, WatchFrame } from '@bowline/apimachinery';
import type { ListerWatcher } from './ports.ts';

/** What came of waiting for a watch. */
export type Reading<T> =
  | { readonly type: 'frames'; readonly frames: readonly WatchFrame<T>[] }
  | { readonly type: 'ended' }
  | { readonly type: 'failed'; readonly error: unknown }
  /** Nothing came for `idleLimitMs`, or the watch is older than it may get. */
  | { readonly type: 'silent'; readonly limit: 'idle' | 'overdue'; readonly limitMs: number }
  | { readonly type: 'aborted' };

/** client-go tools/cache/reflector.go `handleAnyWatch` */
const SHORT_WATCH_MS = 1_000;
/** How long a source may take to end after its signal aborted. */
const CLOSING_LIMIT_MS = 1_000;

/**
 * One watch: reads it chunk by chunk, ends it when it is silent or overdue, and leaves nothing behind.
 * Time in which nobody reads does not count as silence.
 */
export class WatchStream<T> {
  /** Whether the server has answered. */
  accepted = false;
  /** Frames that came. */
  frameCount = 0;
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  readonly #controller = new AbortController();
  readonly #iterator: AsyncIterator<readonly WatchFrame<T>[]>;
  readonly #openedAt: number;
  #acceptedAt: number | undefined;
  /** Absolute, in `clock.monotonic()`. */
  readonly #deadline: number;
  readonly #lifeMs: number;
  #idleLimitMs = Number.POSITIVE_INFINITY;
  #timer: { readonly timer: Timer; readonly at: number } | undefined;
  #readingSince: number | undefined;
  #settle: ((reading: Reading<T>) => void) | undefined;
  /** What the source still owes. */
  #owed: Promise<unknown> | undefined;
  #unread: readonly WatchFrame<T>[] | undefined;
  #finished = false;

  private constructor(source: ListerWatcher<T>, clock: Clock, call: WatchCall, lifeMs: number) {
    this.#clock = clock;
    this.#signal = call.signal;
    this.#openedAt = clock.monotonic();
    this.#lifeMs = lifeMs;
    this.#deadline = this.#openedAt + lifeMs;
    this.#iterator = iterate(source, { ...call, signal: this.#controller.signal });
    call.signal.addEventListener('abort', this.#onAbort, { once: true });
  }

  /** Asks for a watch, which may live for `lifeMs`. Whether it came about is the first reading. Never throws. */
  static open<T>(source: ListerWatcher<T>, clock: Clock, call: WatchCall, lifeMs: number): WatchStream<T> {
    return new WatchStream(source, clock, call, lifeMs);
  }

  /** Whether it has been open for less than a second and brought nothing: the mark of a server that does not really watch. */
  get isShort(): boolean {
    return this.frameCount === 0 && this.#clock.monotonic() - (this.#acceptedAt ?? this.#openedAt) < SHORT_WATCH_MS;
  }

  /** How long ago it was opened. */
  get sinceOpenedMs(): number {
    return this.#clock.monotonic() - this.#openedAt;
  }

  set idleLimitMs(limitMs: number) {
    this.#idleLimitMs = limitMs;
    if (this.#settle) this.#arm();
  }

  /** Gives frames back, for the next reading. */
  unread(frames: readonly WatchFrame<T>[]): void {
    if (frames.length > 0) this.#unread = frames;
  }

  /** The next chunk, or how it ended. One reading at a time. Never rejects. */
  read(): Promise<Reading<T>> {
    const unread = this.#unread;
    if (unread) {
      this.#unread = undefined;
      return Promise.resolve({ type: 'frames', frames: unread });
    }
    if (this.#signal.aborted) return Promise.resolve({ type: 'aborted' });
    return new Promise((resolve) => {
      this.#settle = resolve;
      this.#readingSince = this.#clock.monotonic();
      this.#arm();
      const next = this.#iterator.next();
      this.#owed = next;
      next.then(
        (result) => {
          this.#owed = undefined;
          if (result.done) this.#finish({ type: 'ended' });
          else this.#received(result.value);
        },
        (error: unknown) => {
          this.#owed = undefined;
          this.#finish({ type: 'failed', error });
        },
      );
    });
  }

  /** Ends it. Resolves when the source has let go (or has not done so for a second). */
  async close(): Promise<void> {
    this.#signal.removeEventListener('abort', this.#onAbort);
    this.#timer?.timer.cancel();
    this.#timer = undefined;
    this.#controller.abort();
    this.#answer({ type: 'aborted' });
    if (this.#finished) return;
    this.#finished = true;
    // What a source throws when it is told to end is of no interest any more.
    const ignore = (): void => {};
    const released = Promise.allSettled([this.#owed, this.#iterator.return?.()]).then(ignore);
    const impatient = new AbortController();
    await Promise.race([released, this.#clock.sleep(CLOSING_LIMIT_MS, impatient.signal)]);
    impatient.abort();
  }

  readonly #onAbort = (): void => {
    this.#controller.abort(this.#signal.reason);
    this.#answer({ type: 'aborted' });
  };

  #received(frames: readonly WatchFrame<T>[]): void {
    if (!this.accepted) {
      this.accepted = true;
      this.#acceptedAt = this.#clock.monotonic();
    }
    this.frameCount += frames.length;
    this.#answer({ type: 'frames', frames });
  }

  #finish(reading: Reading<T>): void {
    this.#finished = true;
    this.#answer(this.#signal.aborted ? { type: 'aborted' } : reading);
  }

  #answer(reading: Reading<T>): void {
    const settle = this.#settle;
    this.#settle = undefined;
    this.#readingSince = undefined;
    settle?.(reading);
  }

  /** One timer for the whole life, set again only when it must ring earlier: most chunks need none. */
  #arm(): void {
    const due = Math.min(this.#deadline, (this.#readingSince ?? 0) + this.#idleLimitMs);
    if (this.#timer && this.#timer.at <= due) return;
    this.#timer?.timer.cancel();
    // Whole milliseconds, so that rounding cannot make it ring too early again and again.
    const delayMs = Math.max(0, Math.ceil(due - this.#clock.monotonic()));
    this.#timer = { at: due, timer: this.#clock.setTimer(delayMs, () => this.#ring()) };
  }

  #ring(): void {
    this.#timer = undefined;
    if (this.#readingSince === undefined) return; // the next reading sets it again
    const now = this.#clock.monotonic();
    if (now >= this.#deadline) this.#answer({ type: 'silent', limit: 'overdue', limitMs: this.#lifeMs });
    else if (now >= this.#readingSince + this.#idleLimitMs) {
      this.#answer({ type: 'silent', limit: 'idle', limitMs: this.#idleLimitMs });
    } else this.#arm();
  }
}

/** A source that throws at once is one whose first reading fails. */
function iterate<T>(source: ListerWatcher<T>, call: WatchCall): AsyncIterator<readonly WatchFrame<T>[]> {
  try {
    return source.watch(call)[Symbol.asyncIterator]();
  } catch (error) {
    return { next: () => Promise.reject(error) };
  }
}
