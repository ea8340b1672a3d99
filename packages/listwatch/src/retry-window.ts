import type { Clock } from '@bowline/apimachinery';

/** client-go tools/cache/retry_with_deadline.go `minResetPeriod` */
const QUIET_MS = 60_000;

/** Says for how long something that goes wrong may be tried again at once. A minute without trouble opens the window anew. */
export class RetryWindow {
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #lengthMs: number;
  #openedAt: number | undefined;
  #lastAt = 0;

  constructor(clock: Pick<Clock, 'monotonic'>, lengthMs: number) {
    this.#clock = clock;
    this.#lengthMs = lengthMs;
  }

  /** Whether to try again now. Call it once for each trouble. */
  allows(): boolean {
    if (this.#lengthMs === 0) return false;
    const now = this.#clock.monotonic();
    if (this.#openedAt === undefined || now - this.#lastAt >= QUIET_MS) this.#openedAt = now;
    this.#lastAt = now;
    return now - this.#openedAt <= this.#lengthMs;
  }
}
