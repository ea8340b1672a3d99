import { type Clock, type Logger, type Metrics, silentLogger, type Undecodable } from '@bowline/apimachinery';
import { type Attempt, type Problem, problemOf } from './classification.ts';
import type { ReflectorObserver } from './ports.ts';
import { ReflectorMetrics } from './reflector-metrics.ts';
import { type ReflectorState, type ReflectorStatus, type RelistCause, StatusBook } from './status.ts';
import type { WatchStream } from './watch-stream.ts';

/** Whom a reflector tells what it does. */
export interface JournalPorts {
  readonly clock: Clock;
  readonly logger?: Logger | undefined;
  readonly observer?: ReflectorObserver | undefined;
  readonly metrics?: Metrics | undefined;
}

/** Tells status, log, metrics and observer what a reflector does and meets: whoever does something tells it here, once. */
export class Journal {
  /** What is listed, for people. */
  readonly what: string;
  readonly logger: Logger;
  readonly #name: string;
  readonly #book: StatusBook;
  readonly #observer: ReflectorObserver | undefined;
  readonly #metricsPort: Metrics | undefined;
  #metrics: ReflectorMetrics | undefined;

  constructor({ clock, logger = silentLogger, observer, metrics }: JournalPorts, what: string, name: string = what) {
    this.what = what;
    this.logger = logger.child({ reflector: name });
    this.#name = name;
    this.#book = new StatusBook(clock);
    this.#observer = observer;
    this.#metricsPort = metrics;
  }

  /** From here to `end` there are metrics. */
  begin(): void {
    if (this.#metricsPort) this.#metrics = new ReflectorMetrics(this.#metricsPort, this.#name);
  }

  end(): void {
    this.#metrics?.close();
  }

  report(state: ReflectorState, resourceVersion: string, nextAttemptAt: number | undefined): ReflectorStatus {
    return this.#book.report(state, resourceVersion, nextAttemptAt);
  }

  /** `report` has something new. */
  changed(): void {
    this.#observer?.changed();
  }

  /** Something came from the server. */
  heard(): void {
    this.#book.heard();
  }

  /** All is well: a watch is open. */
  works(): void {
    this.#book.works();
    this.changed();
  }

  /** The sink has a full state, of so many objects, which took so long. */
  replaced(
    resourceVersion: string,
    cause: RelistCause,
    state: { readonly durationMs: number; readonly objects: number; readonly undecodable: readonly Undecodable[] },
  ): void {
    const { durationMs, objects, undecodable } = state;
    this.#metrics?.listed(durationMs, objects, cause);
    this.reached(resourceVersion);
    this.#book.replaced(cause, undecodable);
    for (const { key, message } of undecodable) {
      this.logger.warn({ key }, `Kept the last readable state of an object of ${this.what}: ${message}`);
    }
    this.logger.debug({ resourceVersion, cause }, 'Read the full state');
    this.changed();
  }

  /** The sink equals the server up to this version. */
  reached(resourceVersion: string): void {
    this.#metrics?.reached(resourceVersion);
  }

  /** A change of an object came that cannot be read. */
  unreadable(object: Undecodable): void {
    this.#book.unreadable(object);
    this.logger.warn({ key: object.key }, `Skipped an object of ${this.what}: ${object.message}`);
  }

  /** A state of `key` could be read, or the object is gone. */
  readable(key: string): void {
    this.#book.readable(key);
  }

  /** The cache differs from the server. */
  inconsistent(): void {
    this.#book.inconsistencies += 1;
  }

  watchAsked(): void {
    this.#metrics?.opened();
  }

  watchOver(watch: Pick<WatchStream<unknown>, 'sinceOpenedMs' | 'frameCount' | 'isShort'>): void {
    const { sinceOpenedMs, frameCount, isShort } = watch;
    this.#metrics?.closed(sinceOpenedMs, frameCount, isShort);
  }

  /** Understands an error. */
  problem(error: unknown, verb: Attempt['verb']): Problem {
    return problemOf(error, { verb, what: this.what });
  }

  /** A try failed, and the source repeats it by itself: whoever waits is told why. */
  retried(error: unknown, verb: Attempt['verb']): void {
    this.failed(this.problem(error, verb));
  }

  /** Something went wrong. */
  failed(problem: Problem): void {
    const repeats = this.#book.failed(problem);
    this.#metrics?.failed(problem.kind);
    // The 1st, 2nd, 4th, 8th … time: what does not change need not be said each time.
    const level = Number.isInteger(Math.log2(repeats)) ? 'warn' : 'debug';
    this.logger[level]({ kind: problem.kind, failures: this.#book.failures }, problem.message);
    this.changed();
  }
}
