import type { Clock, Random, WatchCall, WatchFrame } from '@bowline/apimachinery';
import { notFramesError } from './errors.ts';
import type { ListerWatcher } from './ports.ts';
import { type Silence, Watchdog, type WatchdogLimits } from './watchdog.ts';

/** What came of waiting for a watch. */
export type Reading<T> =
  | { readonly type: 'frames'; readonly frames: readonly WatchFrame<T>[] }
  | { readonly type: 'ended' }
  | { readonly type: 'failed'; readonly error: unknown }
  | ({ readonly type: 'silent' } & Silence)
  | { readonly type: 'aborted' };

/** client-go tools/cache/reflector.go `handleAnyWatch` */
const SHORT_WATCH_MS = 1_000;
/** How long a source may take to end after its signal aborted. */
const CLOSING_LIMIT_MS = 1_000;

/** How long a watch may live, and when its source is asked for a sign of life. Milliseconds. */
export interface WatchLimits extends Omit<WatchdogLimits, 'lifeMs'> {
  /** The server is asked to end it after a random time between this and twice this. */
  readonly minWatchTimeoutMs: number;
  /** How much later it may do so. */
  readonly overdueMarginMs: number;
}

/** What to watch: the rest of a `WatchCall` is ours to say. */
export type WatchRequest = Omit<WatchCall, 'allowWatchBookmarks' | 'timeoutSeconds'>;

/** What a watch works with. */
interface WatchPorts<T> {
  readonly source: ListerWatcher<T>;
  readonly clock: Clock;
  readonly random: Pick<Random, 'next'>;
}

/**
 * One watch: reads it chunk by chunk, ends it when it is silent or overdue, and leaves nothing behind.
 * Time in which nobody reads does not count as silence.
 */
export class WatchStream<T> {
  /** Whether the server has answered. */
  accepted = false;
  /** Frames that came. */
  frameCount = 0;
  /** Why the last try failed that the source has repeated. */
  lastRetry: unknown;
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  readonly #controller = new AbortController();
  readonly #iterator: AsyncIterator<readonly WatchFrame<T>[]>;
  readonly #openedAt: number;
  #acceptedAt: number | undefined;
  #heardAt: number;
  readonly #watchdog: Watchdog;
  #settle: ((reading: Reading<T>) => void) | undefined;
  /** What the source still owes. */
  #owed: Promise<unknown> | undefined;
  #unread: readonly WatchFrame<T>[] | undefined;
  #finished = false;
  #interruption: { readonly error: unknown } | undefined;

  private constructor({ source, clock, random }: WatchPorts<T>, request: WatchRequest, limits: WatchLimits) {
    const timeoutSeconds = Math.floor((limits.minWatchTimeoutMs / 1_000) * (1 + random.next()));
    this.#clock = clock;
    this.#signal = request.signal;
    this.#openedAt = clock.monotonic();
    this.#heardAt = this.#openedAt;
    this.#watchdog = new Watchdog(
      {
        clock,
        ping: source.ping?.bind(source),
        onSilence: (silence) => this.#answer({ type: 'silent', ...silence }),
      },
      { ...limits, lifeMs: timeoutSeconds * 1_000 + limits.overdueMarginMs },
    );
    const { signal } = this.#controller;
    const onRetry = (error: unknown): void => {
      this.lastRetry = error;
      request.onRetry?.(error);
    };
    this.#iterator = iterate(source, { ...request, allowWatchBookmarks: true, timeoutSeconds, signal, onRetry });
    request.signal.addEventListener('abort', this.#onAbort, { once: true });
  }

  /** Asks for a watch. Whether it came about is the first reading. Never throws. */
  static open<T>(ports: WatchPorts<T>, request: WatchRequest, limits: WatchLimits): WatchStream<T> {
    return new WatchStream(ports, request, limits);
  }

  /** Whether it has been open for less than a second and brought nothing: the mark of a server that does not really watch. */
  get isShort(): boolean {
    return this.frameCount === 0 && this.#clock.monotonic() - (this.#acceptedAt ?? this.#openedAt) < SHORT_WATCH_MS;
  }

  /** How long ago it was opened. */
  get sinceOpenedMs(): number {
    return this.#clock.monotonic() - this.#openedAt;
  }

  /** How long ago something came. */
  get silentMs(): number {
    return this.#clock.monotonic() - this.#heardAt;
  }

  /** How long it may be silent. */
  set idleLimitMs(limitMs: number) {
    this.#watchdog.idleLimitMs = limitMs;
  }

  /** Gives frames back, for the next reading. */
  unread(frames: readonly WatchFrame<T>[]): void {
    if (frames.length > 0) this.#unread = frames;
  }

  /** Ends the present reading, or the next one, as if the watch had failed. */
  interrupt(error: unknown): void {
    this.#interruption = { error };
    if (this.#settle) this.#answer({ type: 'failed', error });
  }

  /** The next chunk, or how it ended. One reading at a time. Never rejects. */
  read(): Promise<Reading<T>> {
    if (this.#interruption) return Promise.resolve({ type: 'failed', error: this.#interruption.error });
    const unread = this.#unread;
    if (unread) {
      this.#unread = undefined;
      return Promise.resolve({ type: 'frames', frames: unread });
    }
    if (this.#signal.aborted) return Promise.resolve({ type: 'aborted' });
    return new Promise((resolve) => {
      this.#settle = resolve;
      this.#watchdog.watch();
      const next = this.#iterator.next();
      this.#owed = next;
      next.then(
        (result) => {
          this.#owed = undefined;
          if (result?.done) this.#finish({ type: 'ended' });
          else if (Array.isArray(result?.value)) this.#received(result.value);
          else this.#answer({ type: 'failed', error: notFramesError(result?.value) });
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
    this.#watchdog.end();
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
      this.#watchdog.accepted();
    }
    this.frameCount += frames.length;
    this.#heardAt = this.#clock.monotonic();
    this.#answer({ type: 'frames', frames });
  }

  #finish(reading: Reading<T>): void {
    this.#finished = true;
    this.#answer(this.#signal.aborted ? { type: 'aborted' } : reading);
  }

  #answer(reading: Reading<T>): void {
    const settle = this.#settle;
    this.#settle = undefined;
    this.#watchdog.rest();
    settle?.(reading);
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
