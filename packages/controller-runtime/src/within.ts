import { abortError, type Clock } from '@bowline/apimachinery';

/** How long to wait. */
export interface WaitLimit {
  readonly clock: Clock;
  /** Milliseconds; `Infinity` is no limit. */
  readonly timeoutMs: number;
  /** Makes the error when the time is up. */
  readonly error: () => Error;
  /** Ends the wait with its reason. @default never */
  readonly signal?: AbortSignal | undefined;
}

/**
 * What `work` resolves with. Rejects as `work` does, with `limit.error()` when that takes too long, and with the reason of the signal.
 * `work` itself goes on.
 */
export async function within<T>(work: Promise<T>, limit: WaitLimit): Promise<T> {
  const { clock, timeoutMs, error, signal } = limit;
  if (signal?.aborted) throw abortError(signal);
  let giveUp: (error: Error) => void = () => {};
  const givenUp = new Promise<never>((_resolve, reject) => {
    giveUp = reject;
  });
  const abort = (): void => giveUp(signal ? abortError(signal) : error());
  const timer = clock.setTimer(timeoutMs, () => giveUp(error()));
  signal?.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([work, givenUp]);
  } finally {
    timer.cancel();
    signal?.removeEventListener('abort', abort);
  }
}
