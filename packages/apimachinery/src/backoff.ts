import type { Clock } from './clock.ts';
import type { Random } from './ports.ts';

/** How `exponentialBackoff` grows. */
export interface BackoffOptions {
  /** The first delay, in milliseconds, more than 0: a loop that waits 0 spins. */
  readonly initialMs: number;
  /** What each delay is multiplied by to give the next; 1 or more. @default 2 */
  readonly factor?: number | undefined;
  /** Each delay is lengthened by a random share of itself up to this; 0 or more. @default 0 */
  readonly jitter?: number | undefined;
  /** The longest delay before jitter, in milliseconds. @default no limit */
  readonly capMs?: number | undefined;
  readonly random: Pick<Random, 'next'>;
  /** After so many quiet milliseconds between two calls of `next` it starts over. Needs `clock`. @default never */
  readonly resetAfterMs?: number | undefined;
  readonly clock?: Pick<Clock, 'monotonic'> | undefined;
}

/** Growing delays. */
export interface Backoff {
  /** The delay to wait now, in milliseconds; the next one is longer. */
  next(): number;
  /** Starts over at `initialMs`. */
  reset(): void;
}

/**
 * Delays that grow by a factor up to a cap, each lengthened by jitter (so that jitter can exceed the cap, as in client-go).
 * Their numbers are the caller's: name the place they come from.
 *
 * @throws {RangeError} when an option is out of its range.
 * @example
 * ```ts
 * import { exponentialBackoff, systemRandom } from '@bowline/apimachinery';
 *
 * const backoff = exponentialBackoff({ initialMs: 100, capMs: 300, random: systemRandom });
 * [backoff.next(), backoff.next(), backoff.next()]; // [100, 200, 300]
 * ```
 * @see k8s.io/apimachinery util/wait `Backoff`
 */
export function exponentialBackoff(options: BackoffOptions): Backoff {
  const { initialMs, factor = 2, jitter = 0, capMs = Number.POSITIVE_INFINITY, random, resetAfterMs, clock } = options;
  check('initialMs', initialMs, initialMs > 0, 'more than 0');
  check('factor', factor, factor >= 1, '1 or more');
  check('jitter', jitter, jitter >= 0, '0 or more');
  check('capMs', capMs, capMs >= initialMs, 'initialMs or more');
  if (resetAfterMs !== undefined) {
    check('resetAfterMs', resetAfterMs, resetAfterMs > 0, 'more than 0');
    if (!clock) throw new TypeError('Cannot create backoff: clock must be given with resetAfterMs, got undefined');
  }
  let delayMs = initialMs;
  let lastAt: number | undefined;
  return {
    next() {
      if (clock && resetAfterMs !== undefined) {
        const now = clock.monotonic();
        if (lastAt !== undefined && now - lastAt > resetAfterMs) delayMs = initialMs;
        lastAt = now;
      }
      const current = delayMs;
      delayMs = Math.min(delayMs * factor, capMs);
      return current + random.next() * jitter * current;
    },
    reset() {
      delayMs = initialMs;
    },
  };
}

function check(field: string, value: number, ok: boolean, rule: string): void {
  if (!ok) throw new RangeError(`Cannot create backoff: ${field} must be ${rule}, got ${value}`);
}
