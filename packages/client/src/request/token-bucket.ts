import type { Clock } from '@bowline/apimachinery';

/** How many requests may be sent. */
export interface RateLimit {
  /** Requests per second in the long run, more than 0. */
  readonly qps: number;
  /** How many may be sent at once after a pause, 1 or more. */
  readonly burst: number;
}

/**
 * Lets so many pass per second, first come first served.
 *
 * @see client-go util/flowcontrol/throttle.go
 */
export class TokenBucket {
  readonly #clock: Clock;
  readonly #qps: number;
  readonly #burst: number;
  #tokens: number;
  #filledAtMs: number | undefined;

  /** @throws {RangeError} when a number is out of its range. */
  constructor(clock: Clock, { qps, burst }: RateLimit) {
    if (!(qps > 0)) throw new RangeError(`Cannot limit rate: qps must be more than 0, got ${qps}`);
    if (!(burst >= 1)) throw new RangeError(`Cannot limit rate: burst must be 1 or more, got ${burst}`);
    this.#clock = clock;
    this.#qps = qps;
    this.#burst = burst;
    this.#tokens = burst;
  }

  /** Takes the next place and says how many milliseconds are to be waited until then. */
  reserve(): number {
    const now = this.#clock.monotonic();
    const passedMs = now - (this.#filledAtMs ?? now);
    this.#filledAtMs = now;
    this.#tokens = Math.min(this.#burst, this.#tokens + (passedMs / 1000) * this.#qps) - 1;
    return this.#tokens >= 0 ? 0 : (-this.#tokens / this.#qps) * 1000;
  }

  /** Gives a place back that was not used. */
  giveBack(): void {
    this.#tokens = Math.min(this.#burst, this.#tokens + 1);
  }
}
