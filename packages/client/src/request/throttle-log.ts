import type { Clock, LogFields, Logger } from '@bowline/apimachinery';

/** client-go rest/request.go `throttledLogger` */
const levels = [
  { level: 'info', longerThanMs: 1_000, everyMs: 10_000 },
  { level: 'debug', longerThanMs: 50, everyMs: 1_000 },
] as const;

/** Says that requests wait for the rate limit: long waits louder, and neither so often that the log suffers. */
export class ThrottleLog {
  readonly #logger: Logger;
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #lastAt: Map<string, number> = new Map();

  constructor(logger: Logger, clock: Pick<Clock, 'monotonic'>) {
    this.#logger = logger;
    this.#clock = clock;
  }

  waits(waitMs: number, fields: LogFields): void {
    const now = this.#clock.monotonic();
    for (const { level, longerThanMs, everyMs } of levels) {
      if (waitMs <= longerThanMs) continue;
      if (now - (this.#lastAt.get(level) ?? Number.NEGATIVE_INFINITY) < everyMs) continue;
      this.#lastAt.set(level, now);
      this.#logger[level]({ ...fields, waitMs }, 'Request waits because of the rate limit');
      return;
    }
  }
}
