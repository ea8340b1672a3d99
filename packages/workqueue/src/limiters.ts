import { aDelay, aNumber, aPort, check, checkOptions, type Rule, type Rules } from './checks.ts';
import type { KeyId, QueueClock, RateLimiter } from './ports.ts';
import { systemClock } from './system-clock.ts';

/** What limiters have in common: checked options, and a count of the failures of each key for those that keep one. */
class FailureCounter<O extends object> {
  protected readonly options: O;
  readonly #failures = new Map<KeyId, number>();

  constructor(options: O, required: Rules, optional: Rules = {}) {
    checkOptions(creating, options, optional, required);
    this.options = { ...options };
  }

  protected count(key: KeyId): number {
    const failures = this.numRequeues(key) + 1;
    this.#failures.set(key, failures);
    return failures;
  }

  forget(key: KeyId): void {
    this.#failures.delete(key);
  }

  numRequeues(key: KeyId): number {
    return this.#failures.get(key) ?? 0;
  }
}

/**
 * Doubles the delay of a key with each failure: `baseDelayMs · 2^failures`, at most `maxDelayMs`.
 *
 * @see client-go util/workqueue/default_rate_limiters.go
 */
export class ItemExponentialFailureRateLimiter extends FailureCounter<ExponentialOptions> implements RateLimiter {
  /** @throws {RangeError} when `baseDelayMs` is not above 0, or `maxDelayMs` is below it or infinite. */
  constructor(options: ExponentialOptions) {
    super(options, {
      baseDelayMs: aNumber('above 0', (ms) => ms > 0),
      maxDelayMs: aNumber('finite and at least baseDelayMs', (ms) => ms >= options.baseDelayMs && ms < Infinity),
    });
  }

  when(key: KeyId): number {
    const { baseDelayMs, maxDelayMs } = this.options;
    return Math.min(baseDelayMs * 2 ** (this.count(key) - 1), maxDelayMs);
  }
}

interface ExponentialOptions {
  readonly baseDelayMs: number;
  readonly maxDelayMs: number;
}

/** Short delays for the first failures of a key, long ones for later failures. @see client-go util/workqueue/default_rate_limiters.go */
export class ItemFastSlowRateLimiter extends FailureCounter<FastSlowOptions> implements RateLimiter {
  /** @throws {RangeError} when a delay is negative or infinite, or `maxFastAttempts` is negative. */
  constructor(options: FastSlowOptions) {
    super(options, { fastDelayMs: aDelay, slowDelayMs: aDelay, maxFastAttempts: notNegative });
  }

  when(key: KeyId): number {
    const { fastDelayMs, slowDelayMs, maxFastAttempts } = this.options;
    return this.count(key) <= maxFastAttempts ? fastDelayMs : slowDelayMs;
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
export class BucketRateLimiter extends FailureCounter<BucketOptions> implements RateLimiter {
  /** Below 0 when tokens of the future are taken. */
  #tokens: number;
  #filledAt: number | undefined;

  /** @throws {RangeError} when `perSecond` is not above 0 or `burst` below 1. */
  constructor(options: BucketOptions) {
    const perSecond = aNumber('above 0 and finite', (tokens) => tokens > 0 && tokens < Infinity);
    super(options, { perSecond, burst: aNumber('1 or more', (tokens) => tokens >= 1) }, clockRule);
    this.#tokens = options.burst;
  }

  when(): number {
    const { perSecond, burst, clock = systemClock } = this.options;
    const now = clock.monotonic();
    const gained = ((now - (this.#filledAt ?? now)) * perSecond) / 1000;
    this.#filledAt = now;
    this.#tokens = Math.min(burst, this.#tokens + gained) - 1;
    return Math.max(0, (-this.#tokens * 1000) / perSecond);
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
    limiters.forEach((limiter, index) => {
      check(creating, `limiters[${index}]`, limiter, aRateLimiter);
    });
    this.#limiters = limiters;
  }

  /** Asks every limiter, so that each counts. */
  when(key: KeyId): number {
    return Math.max(0, ...this.#limiters.map((limiter) => limiter.when(key)));
  }

  forget(key: KeyId): void {
    for (const limiter of this.#limiters) limiter.forget(key);
  }

  numRequeues(key: KeyId): number {
    return Math.max(0, ...this.#limiters.map((limiter) => limiter.numRequeues(key)));
  }
}

/** Caps the delays of another limiter. @see client-go util/workqueue/default_rate_limiters.go */
export class WithMaxWaitRateLimiter extends MaxOfRateLimiter {
  readonly #maxDelayMs: number;

  /** @throws {RangeError} when `maxDelayMs` is negative. */
  constructor(limiter: RateLimiter, options: { readonly maxDelayMs: number }) {
    check(creating, 'limiter', limiter, aRateLimiter);
    checkOptions(creating, options, {}, { maxDelayMs: notNegative });
    super(limiter);
    this.#maxDelayMs = options.maxDelayMs;
  }

  override when(key: KeyId): number {
    return Math.min(super.when(key), this.#maxDelayMs);
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
  checkOptions(creating, ports, clockRule);
  return new MaxOfRateLimiter(perKeyFrom(5), new BucketRateLimiter({ perSecond: 10, burst: 100, clock: ports.clock }));
}

/** Per key 1 ms to 1000 s. @see client-go `DefaultTypedItemBasedRateLimiter` */
export function defaultItemBasedRateLimiter(): RateLimiter {
  return perKeyFrom(1);
}

/** Per key from `baseDelayMs` to 1000 s. */
export function perKeyFrom(baseDelayMs: number): RateLimiter {
  return new ItemExponentialFailureRateLimiter({ baseDelayMs, maxDelayMs: 1_000_000 });
}

const creating = 'create rate limiter';
const clockRule: Rules = { clock: aPort('a Clock', 'monotonic') };

/** What a queue asks of a limiter. */
export const aRateLimiter: Rule = aPort('a RateLimiter', 'when', 'forget', 'numRequeues');

const notNegative: Rule = aNumber('0 or more', (value) => value >= 0);
