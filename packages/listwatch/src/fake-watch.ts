import type { WatchCall, WatchFrame } from '@bowline/apimachinery';

type Chunk<T> = readonly WatchFrame<T>[];

/** The server's side of one watch: the test is the server. */
export class FakeWatch<T> implements AsyncIterable<Chunk<T>> {
  readonly call: WatchCall;
  readonly #onClose: (watch: FakeWatch<T>) => void;
  #chunks: Chunk<T>[] = [];
  #end: { readonly error?: unknown } | undefined;
  #closed = false;
  #wake: (() => void) | undefined;

  constructor(call: WatchCall, onClose: (watch: FakeWatch<T>) => void = () => {}) {
    this.call = call;
    this.#onClose = onClose;
  }

  /** Whether the reader has let go of it. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Whether the server has ended or broken it. */
  get ended(): boolean {
    return this.#end !== undefined;
  }

  /** Answers the request: the watch is open. */
  accept(): this {
    return this.send();
  }

  /** Sends one network chunk. */
  send(...frames: WatchFrame<T>[]): this {
    this.#chunks.push(frames);
    this.#wake?.();
    return this;
  }

  /** Ends it as a server does at the end of its time. */
  end(): void {
    this.#end ??= {};
    this.#wake?.();
  }

  /** Breaks it: the reader gets `error` after what was sent before. Without `accept` or `send` before, the request itself failed. */
  fail(error: unknown): void {
    this.#end ??= { error };
    this.#wake?.();
  }

  [Symbol.asyncIterator](): AsyncIterator<Chunk<T>> {
    const { signal } = this.call;
    const onAbort = (): void => this.#wake?.();
    const close = (): { done: true; value: undefined } => {
      signal.removeEventListener('abort', onAbort);
      if (!this.#closed) {
        this.#closed = true;
        this.#onClose(this);
      }
      return { done: true, value: undefined };
    };
    if (!signal.aborted) signal.addEventListener('abort', onAbort, { once: true });
    return {
      next: async () => {
        for (;;) {
          if (signal.aborted || this.#closed) return close();
          const chunk = this.#chunks.shift();
          if (chunk) return { done: false, value: chunk };
          if (this.#end) {
            close();
            if ('error' in this.#end) throw this.#end.error;
            return { done: true, value: undefined };
          }
          await new Promise<void>((resolve) => {
            this.#wake = resolve;
          });
        }
      },
      return: async () => {
        this.#wake?.();
        return close();
      },
    };
  }
}
