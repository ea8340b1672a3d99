import { abortError, type Clock } from '@bowline/apimachinery';

/**
 * One call of the client, over all its tries: it ends when the caller's signal aborts, when a limit of time is reached, or when it is disposed of.
 * It waits at most for one thing at a time.
 */
export class CallScope {
  readonly #clock: Clock;
  readonly #parent: AbortSignal | undefined;
  readonly #controller: AbortController = new AbortController();
  readonly #onParentAbort: () => void;
  #interrupt: ((reason: unknown) => void) | undefined;
  /** Absolute, in `clock.monotonic()`. */
  #deadlineAt: number = Number.POSITIVE_INFINITY;
  #cancelDeadline: (() => void) | undefined;

  /** @throws the signal's reason when it has aborted. */
  constructor(clock: Clock, parent: AbortSignal | undefined) {
    if (parent?.aborted) throw abortError(parent);
    this.#clock = clock;
    this.#parent = parent;
    this.#onParentAbort = () => this.abort(parent ? abortError(parent) : undefined);
    parent?.addEventListener('abort', this.#onParentAbort, { once: true });
  }

  /** For the transport. Its reason is what the call ends with. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  abort(reason: unknown): void {
    this.#controller.abort(reason);
    this.#interrupt?.(this.#controller.signal.reason);
  }

  /** Until the deadline. Infinite when there is none. */
  get remainingMs(): number {
    return this.#deadlineAt - this.#clock.monotonic();
  }

  /** Ends the whole call after `ms`. */
  deadline(ms: number, error: () => Error): void {
    this.#deadlineAt = this.#clock.monotonic() + ms;
    this.#cancelDeadline = this.#after(ms, error);
  }

  /** Waits for `promise`, but not after the call has ended, and at most `ms`: then the call ends with that error. */
  wait<T>(promise: Promise<T>, ms?: number, error?: () => Error): Promise<T> {
    const { signal } = this;
    if (signal.aborted) {
      promise.catch(() => {}); // Its outcome no longer matters: the call has ended for another reason.
      return Promise.reject(signal.reason);
    }
    const cancel = ms === undefined || error === undefined ? undefined : this.#after(ms, error);
    return new Promise<T>((resolve, reject) => {
      const settled = (): void => {
        this.#interrupt = undefined;
        cancel?.();
      };
      this.#interrupt = (reason) => {
        settled();
        reject(reason);
      };
      promise.then(
        (value) => {
          settled();
          resolve(value);
        },
        (failure: unknown) => {
          settled();
          // A transport may answer an abort with an error of its own.
          reject(signal.aborted ? signal.reason : failure);
        },
      );
    });
  }

  /** @throws the reason when the call ends before. */
  async sleep(ms: number): Promise<void> {
    await this.#clock.sleep(ms, this.signal);
    if (this.signal.aborted) throw this.signal.reason;
  }

  /** Frees what the call holds. A connection that still serves it is to be freed by ending the body. */
  dispose(): void {
    this.#parent?.removeEventListener('abort', this.#onParentAbort);
    this.#cancelDeadline?.();
  }

  #after(ms: number, error: () => Error): () => void {
    const timer = this.#clock.setTimer(ms, () => this.abort(error()));
    return () => timer.cancel();
  }
}
