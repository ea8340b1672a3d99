import { checkNumber, checkOptions, checkPort } from './checks.ts';
import type { KeyId, QueueClock, RateLimiter } from './ports.ts';
import { systemClock } from './system-clock.ts';

/**
 * Doubles the delay of a key with each failure: `baseDelayMs · 2^failures`, at most `maxDelayMs`.
 *
 * @see client-go util/workqueue/default_rate_limiters.go
 */
export class ItemExponentialFailureRateLimiter implements RateLimiter {
  readonly #failures = new Map<KeyId, number>();
  readonly #baseDelayMs: number;
  readonly #maxDelayMs: number;

  /** @throws {RangeError} when `baseDelayMs` is not above 0, or `maxDelayMs` is below it or infinite. */
  constructor(options: { readonly baseDelayMs: number; readonly maxDelayMs: number }) {
    checkOptions(creating, options, ['baseDelayMs', 'maxDelayMs']);
    const { baseDelayMs, maxDelayMs } = options;
    check('baseDelayMs', 'above 0', baseDelayMs, baseDelayMs > 0);
    check(
      'maxDelayMs',
      'finite and at least baseDelayMs',
      maxDelayMs,
      maxDelayMs >= baseDelayMs && maxDelayMs < Infinity,
    );
    this.#baseDelayMs = baseDelayMs;
    this.#maxDelayMs = maxDelayMs;
  }

  when(key: KeyId): number {
    const failures = count(this.#failures, key) - 1;
    return Math.min(this.#baseDelayMs * 2 ** failures, this.#maxDelayMs);
  }

  forget(key: KeyId): void {
    this.#failures.delete(key);
  }

  numRequeues(key: KeyId): number {
    return this.#failures.get(key) ?? 0;
  }
}

/** Short delays for the first failures of a key, long ones for later failures. @see client-go util/workqueue/default_rate_limiters.go */
export class ItemFastSlowRateLimiter implements RateLimiter {
  readonly #failures = new Map<KeyId, number>();
  readonly #options: FastSlowOptions;

  /** @throws {RangeError} when a delay is negative or infinite, or `maxFastAttempts` is negative. */
  constructor(options: FastSlowOptions) {
    checkOptions(creating, options, ['fastDelayMs', 'slowDelayMs', 'maxFastAttempts']);
    for (const field of ['fastDelayMs', 'slowDelayMs'] as const) {
      check(field, 'finite, 0 or more', options[field], options[field] >= 0 && options[field] < Infinity);
    }
    check('maxFastAttempts', '0 or more', options.maxFastAttempts, options.maxFastAttempts >= 0);
    this.#options = { ...options };
  }

  when(key: KeyId): number {
    const { fastDelayMs, slowDelayMs, maxFastAttempts } = this.#options;
    return count(this.#failures, key) <= maxFastAttempts ? fastDelayMs : slowDelayMs;
  }

  forget(key: KeyId): void {
    this.#failures.delete(key);
  }

  numRequeues(key: KeyId): number {
    return this.#failures.get(key) ?? 0;
  }
}

export interface FastSlowOptions {
  readonly fastDelayMs: number;
  readonly slowDelayMs: number;
  /** How many failures get the fast delay. */
  readonly maxFastAttempts: number;
}

/**
 * One bucket of tokens for all keys together: each `when` takes a token, or says how long until there is one.
 *
 * @see client-go util/workqueue/default_rate_limiters.go, golang.org/x/time/rate `Reserve`
 */
export class BucketRateLimiter implements RateLimiter {
  readonly #clock: Pick<QueueClock, 'monotonic'>;
  readonly #tokensPerMs: number;
  readonly #burst: number;
  /** Below 0 when tokens of the future are taken. */
  #tokens: number;
  #filledAt: number | undefined;

  /** @throws {RangeError} when `perSecond` is not above 0 or `burst` below 1. */
  constructor(options: BucketOptions) {
    checkOptions(creating, options, ['perSecond', 'burst', 'clock']);
    const { perSecond, burst, clock = systemClock } = options;
    check('perSecond', 'above 0 and finite', perSecond, perSecond > 0 && perSecond < Infinity);
    check('burst', '1 or more', burst, burst >= 1);
    checkPort(creating, 'clock', 'a Clock', clock, ['monotonic']);
    this.#clock = clock;
    this.#tokensPerMs = perSecond / 1000;
    this.#burst = burst;
    this.#tokens = burst;
  }

  when(): number {
    const now = this.#clock.monotonic();
    const gained = (now - (this.#filledAt ?? now)) * this.#tokensPerMs;
    this.#filledAt = now;
    this.#tokens = Math.min(this.#burst, this.#tokens + gained) - 1;
    return this.#tokens >= 0 ? 0 : -this.#tokens / this.#tokensPerMs;
  }

  forget(): void {}

  numRequeues(): number {
    return 0;
  }
}

export interface BucketOptions {
  /** How many tokens a second adds. */
  readonly perSecond: number;
  /** How many tokens the bucket holds; it is full at first. */
  readonly burst: number;
  /** @default the time of the machine */
  readonly clock?: Pick<QueueClock, 'monotonic'> | undefined;
}

/** The longest of several delays. @see client-go util/workqueue/default_rate_limiters.go */
export class MaxOfRateLimiter implements RateLimiter {
  readonly #limiters: readonly RateLimiter[];

  constructor(...limiters: readonly RateLimiter[]) {
    for (const [index, limiter] of limiters.entries()) checkLimiter(`limiters[${index}]`, limiter);
    this.#limiters = limiters;
  }

  /** Asks every limiter, so that each counts. */
  when(key: KeyId): number {
    let longest = 0;
    for (const limiter of this.#limiters) longest = Math.max(longest, limiter.when(key));
    return longest;
  }

  forget(key: KeyId): void {
    for (const limiter of this.#limiters) limiter.forget(key);
  }

  numRequeues(key: KeyId): number {
    let most = 0;
    for (const limiter of this.#limiters) most = Math.max(most, limiter.numRequeues(key));
    return most;
  }
}

/** Caps the delays of another limiter. @see client-go util/workqueue/default_rate_limiters.go */
export class WithMaxWaitRateLimiter implements RateLimiter {
  readonly #limiter: RateLimiter;
  readonly #maxDelayMs: number;

  /** @throws {RangeError} when `maxDelayMs` is negative. */
  constructor(limiter: RateLimiter, options: { readonly maxDelayMs: number }) {
    checkLimiter('limiter', limiter);
    checkOptions(creating, options, ['maxDelayMs']);
    check('maxDelayMs', '0 or more', options.maxDelayMs, options.maxDelayMs >= 0);
    this.#limiter = limiter;
    this.#maxDelayMs = options.maxDelayMs;
  }

  when(key: KeyId): number {
    return Math.min(this.#limiter.when(key), this.#maxDelayMs);
  }

  forget(key: KeyId): void {
    this.#limiter.forget(key);
  }

  numRequeues(key: KeyId): number {
    return this.#limiter.numRequeues(key);
  }
}

/** The longest of several delays. @see MaxOfRateLimiter */
export function maxOf(...limiters: readonly RateLimiter[]): RateLimiter {
  return new MaxOfRateLimiter(...limiters);
}

/** The delay of `limiter`, at most `maxDelayMs`. @see WithMaxWaitRateLimiter */
export function withMaxWait(limiter: RateLimiter, options: { readonly maxDelayMs: number }): RateLimiter {
  return new WithMaxWaitRateLimiter(limiter, options);
}

/** Per key 5 ms to 1000 s, and for all keys together 10 a second after a burst of 100. @see client-go `DefaultTypedControllerRateLimiter` */
export function defaultControllerRateLimiter(
  ports: { readonly clock?: Pick<QueueClock, 'monotonic'> | undefined } = {},
): RateLimiter {
  checkOptions(creating, ports, ['clock']);
  return new MaxOfRateLimiter(
    new ItemExponentialFailureRateLimiter({ baseDelayMs: 5, maxDelayMs: 1_000_000 }),
    new BucketRateLimiter({ perSecond: 10, burst: 100, clock: ports.clock }),
  );
}

/** Per key 1 ms to 1000 s. @see client-go `DefaultTypedItemBasedRateLimiter` */
export function defaultItemBasedRateLimiter(): RateLimiter {
  return new ItemExponentialFailureRateLimiter({ baseDelayMs: 1, maxDelayMs: 1_000_000 });
}

function count(failures: Map<KeyId, number>, key: KeyId): number {
  const next = (failures.get(key) ?? 0) + 1;
  failures.set(key, next);
  return next;
}

const creating = 'create rate limiter';

function check(field: string, rule: string, value: number, holds: boolean): void {
  checkNumber(creating, field, rule, value, holds);
}

function checkLimiter(field: string, limiter: RateLimiter): void {
  checkPort(creating, field, 'a RateLimiter', limiter, ['when', 'forget', 'numRequeues']);
}
