import type { QueueClock } from './ports.ts';

/** `setTimeout` fires at once above this. */
const longestTimeoutMs = 2 ** 31 - 1;

/** The time of the machine. The package's own, so that a queue alone loads nothing else. */
export const systemClock: QueueClock = {
  monotonic: () => performance.now(),
  setTimer(delayMs, callback, options) {
    let timeout: NodeJS.Timeout;
    const arm = (leftMs: number): void => {
      const stepMs = Math.min(leftMs, longestTimeoutMs);
      timeout = setTimeout(() => (leftMs > stepMs ? arm(leftMs - stepMs) : callback()), stepMs);
      if (options?.unref) timeout.unref();
    };
    arm(delayMs);
    return { cancel: () => clearTimeout(timeout) };
  },
  turn: () => new Promise((resolve) => setImmediate(resolve)),
};
