import { type Backoff, type Clock, exponentialBackoff, type Random } from '@bowline/apimachinery';
import type { Problem } from './classification.ts';
import type { Journal } from './journal.ts';
import { LEAST_WATCH_INTERVAL_MS, LONGEST_RETRY_AFTER_MS } from './limits.ts';
import type { ReflectorSettings } from './options.ts';
import type { Remedy } from './problem-table.ts';
import type { Step } from './reflector-state.ts';
import type { WatchStream } from './watch-stream.ts';

type Series = Remedy['series'];

/** When a reflector goes on after a round. */
export class Waits {
  readonly #clock: Clock;
  readonly #journal: Journal;
  readonly #backoffs: Readonly<Record<Series, Backoff>>;

  constructor(ports: { clock: Clock; random: Random; journal: Journal }, settings: ReflectorSettings) {
    const { clock, random, journal } = ports;
    this.#clock = clock;
    this.#journal = journal;
    const backoff = (): Backoff =>
      exponentialBackoff({
        initialMs: settings.minBackoffMs,
        factor: 2,
        jitter: 1,
        capMs: settings.maxBackoffMs,
        resetAfterMs: settings.backoffResetMs,
        random,
        clock,
      });
    this.#backoffs = { throttled: backoff(), server: backoff(), network: backoff(), other: backoff() };
  }

  /** Tells what is wrong, then waits: as long as the back-off says, or longer where the server asks for it. */
  failed<T>(problem: Problem, next: Step<T> = { type: 'starting', cause: problem.kind }): Step<T> {
    this.#journal.failed(problem);
    const asked = Math.min(problem.retryAfterMs ?? 0, LONGEST_RETRY_AFTER_MS);
    return this.#wait(Math.max(this.#backoffs[problem.remedy.series].next(), asked), next);
  }

  /** Waits as after a failure, but tells nobody. */
  quietly<T>({ remedy }: Problem, next: Step<T>): Step<T> {
    return this.#wait(this.#backoffs[remedy.series].next(), next);
  }

  /** Goes on at once, unless the last watch was asked for a moment ago. */
  paced<T>(last: WatchStream<T>, next: Step<T>): Step<T> {
    const delayMs = LEAST_WATCH_INTERVAL_MS - last.sinceOpenedMs;
    return delayMs > 0 ? this.#wait(delayMs, next) : next;
  }

  #wait<T>(delayMs: number, next: Step<T>): Step<T> {
    return { type: 'waiting', delayMs, until: this.#clock.now() + delayMs, next };
  }
}
