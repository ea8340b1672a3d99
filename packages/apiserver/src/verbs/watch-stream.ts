import type { Clock, Timer } from '@bowline/apimachinery';

/** What a stream of watch events is made of. */
export interface WatchFeed {
  /** The state when the watch began, frame by frame; taken only as fast as the client reads. */
  readonly initial: Iterator<Uint8Array>;
  /** Starts handing over live frames. @returns how to stop. */
  subscribe(stream: LiveFrames): () => void;
}

/** Where live frames go. */
export interface LiveFrames {
  push(frame: Uint8Array): void;
  /** Ends the stream once what is there has been read. */
  end(): void;
}

/** How long a stream lasts and what keeps it alive. */
export interface WatchTimes {
  readonly timeoutMs: number;
  /** Undefined: the client wants no bookmarks. */
  readonly bookmark: (() => Uint8Array) | undefined;
  readonly bookmarkIntervalMs: number;
}

/** The most bytes of the initial state that are given out at once, so that it never fills the memory. */
const sliceBytes = 256 * 1024;
/** A bookmark is sent this long before the watch ends. @see k8s.io/apiserver storage/cacher `nextBookmarkTime` */
const lastBookmarkMs = 2_000;

/**
 * The body of a watch: the initial state, then changes as they happen, until time is up, the client leaves, or it falls too far behind.
 * Frames that wait are given out together.
 */
export class WatchStream implements AsyncIterable<Uint8Array>, LiveFrames {
  readonly #clock: Clock;
  readonly #feed: WatchFeed;
  readonly #times: WatchTimes;
  readonly #maxUnread: number;
  readonly #endMs: number;
  readonly #onEnd: () => void;
  #waiting: Uint8Array[] = [];
  #initialDone = false;
  #state: 'open' | 'draining' | 'ended' = 'open';
  #wake: (() => void) | undefined;
  #unsubscribe: (() => void) | undefined;
  #timers: Timer[] = [];

  constructor(clock: Clock, feed: WatchFeed, times: WatchTimes, maxUnread: number, onEnd: () => void) {
    this.#clock = clock;
    this.#feed = feed;
    this.#times = times;
    this.#maxUnread = maxUnread;
    this.#onEnd = onEnd;
    this.#endMs = clock.monotonic() + times.timeoutMs;
  }

  /** Begins: from here on no change is missed. */
  start(signal: AbortSignal | undefined): this {
    if (signal?.aborted) {
      this.#finish();
      return this;
    }
    this.#unsubscribe = this.#feed.subscribe(this);
    if (this.#state !== 'open') return this;
    this.#setTimer(this.#times.timeoutMs, () => this.end());
    this.#planBookmark();
    if (signal !== undefined) {
      const abort = (): void => this.#finish();
      signal.addEventListener('abort', abort, { once: true });
      this.#timers.push({ cancel: () => signal.removeEventListener('abort', abort) });
    }
    return this;
  }

  push(frame: Uint8Array): void {
    if (this.#state !== 'open') return;
    this.#waiting.push(frame);
    if (this.#waiting.length > this.#maxUnread) this.end();
    this.#wake?.();
  }

  end(): void {
    if (this.#state !== 'open') return;
    this.#state = 'draining';
    this.#release();
    this.#wake?.();
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    return {
      next: () => this.#next(),
      return: () => {
        this.#finish();
        return Promise.resolve({ done: true, value: undefined });
      },
    };
  }

  async #next(): Promise<IteratorResult<Uint8Array>> {
    for (;;) {
      if (this.#state === 'ended') return { done: true, value: undefined };
      const slice = this.#initialDone ? undefined : this.#initialSlice();
      if (slice !== undefined) return { done: false, value: slice };
      if (this.#waiting.length > 0) {
        const frames = this.#waiting;
        this.#waiting = [];
        return { done: false, value: joined(frames) };
      }
      if (this.#state === 'draining') {
        this.#finish();
        continue;
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = undefined;
    }
  }

  #initialSlice(): Uint8Array | undefined {
    const frames: Uint8Array[] = [];
    let size = 0;
    while (size < sliceBytes) {
      const next = this.#feed.initial.next();
      if (next.done) {
        this.#initialDone = true;
        break;
      }
      frames.push(next.value);
      size += next.value.length;
    }
    return frames.length === 0 ? undefined : joined(frames);
  }

  #planBookmark(): void {
    const { bookmark, bookmarkIntervalMs } = this.#times;
    if (bookmark === undefined) return;
    const leftMs = this.#endMs - this.#clock.monotonic();
    const delayMs = Math.min(bookmarkIntervalMs, leftMs - lastBookmarkMs);
    if (delayMs <= 0) return;
    this.#setTimer(delayMs, () => {
      this.push(bookmark());
      this.#planBookmark();
    });
  }

  #setTimer(delayMs: number, callback: () => void): void {
    const timer = this.#clock.setTimer(
      delayMs,
      () => {
        this.#timers = this.#timers.filter((one) => one !== timer);
        callback();
      },
      { unref: true },
    );
    this.#timers.push(timer);
  }

  /** Stops listening and waiting. */
  #release(): void {
    this.#unsubscribe?.();
    this.#unsubscribe = undefined;
    for (const timer of this.#timers) timer.cancel();
    this.#timers = [];
    this.#onEnd();
  }

  #finish(): void {
    if (this.#state === 'ended') return;
    if (this.#state === 'open') this.#release();
    this.#state = 'ended';
    this.#waiting = [];
    this.#wake?.();
  }
}

function joined(frames: readonly Uint8Array[]): Uint8Array {
  const [first] = frames;
  return frames.length === 1 && first !== undefined ? first : Buffer.concat(frames);
}
