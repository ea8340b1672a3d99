import type { Clock, Timer, TimerCallback } from './clock.ts';

/** The longest delay that `setTimeout` keeps; longer ones would fire at once. */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

function setTimer(delayMs: number, callback: TimerCallback, options?: { readonly unref?: boolean | undefined }): Timer {
  if (!(delayMs >= 0)) throw new RangeError(`Cannot set timer: delayMs must be 0 or more, got ${delayMs}`);
  const start = performance.now();
  let handle: ReturnType<typeof setTimeout>;
  const arm = (remainingMs: number): void => {
    handle =
      remainingMs > LONGEST_TIMEOUT_MS
        ? setTimeout(() => arm(Math.max(0, delayMs - (performance.now() - start))), LONGEST_TIMEOUT_MS)
        : setTimeout(callback, remainingMs);
    if (options?.unref) handle.unref();
  };
  arm(delayMs);
  return { cancel: () => clearTimeout(handle) };
}

/**
 * The clock of the machine. Keeps the process alive while an un-`unref`ed timer or a sleep waits.
 *
 * @example
 * ```ts
 * import { systemClock } from '@bowline/apimachinery';
 *
 * await systemClock.sleep(5);
 * ```
 */
export const systemClock: Clock = Object.freeze({
  now: () => Date.now(),
  monotonic: () => performance.now(),
  setTimer,
  sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    if (!(delayMs >= 0)) throw new RangeError(`Cannot sleep: delayMs must be 0 or more, got ${delayMs}`);
    if (signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimer(delayMs, () => {
        signal?.removeEventListener('abort', wake);
        resolve();
      });
      const wake = (): void => {
        timer.cancel();
        resolve();
      };
      signal?.addEventListener('abort', wake, { once: true });
    });
  },
  turn: () => new Promise<void>((resolve) => setImmediate(resolve)),
});
