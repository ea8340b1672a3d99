import type { Clock } from '@bowline/apimachinery';

/** A limit of time. */
export interface TimeLimit {
  readonly clock: Clock;
  /** Milliseconds; `Infinity` is no limit. */
  readonly timeoutMs: number;
  /** Makes the error when the time is up. */
  readonly error: () => Error;
}

/** What `work` resolves with. Rejects as `work` does, or with `limit.error()` when that takes too long; `work` itself goes on. */
export async function within<T>(work: Promise<T>, limit: TimeLimit): Promise<T> {
  const { clock, timeoutMs, error } = limit;
  if (timeoutMs === Number.POSITIVE_INFINITY) return work;
  let expire: (error: Error) => void = () => {};
  const expiry = new Promise<never>((_resolve, reject) => {
    expire = reject;
  });
  const timer = clock.setTimer(timeoutMs, () => expire(error()));
  try {
    return await Promise.race([work, expiry]);
  } finally {
    timer.cancel();
  }
}
