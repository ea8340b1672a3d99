import type { Clock, Undecodable } from '@bowline/apimachinery';
import type { Problem } from './classification.ts';
import type { ProblemKind } from './problem-table.ts';

/**
 * What a reflector is doing. `streaming`: getting the full state through a watch; `opening`: a watch was asked for and not
 * answered yet; `waiting`: until the next attempt.
 */
export type ReflectorState = 'idle' | 'listing' | 'streaming' | 'opening' | 'watching' | 'waiting' | 'stopped';

/** Why the full state was read. `unversioned`: a watch ended, and the server gave no resource version to go on from. */
export type RelistCause = 'initial' | 'unversioned' | ProblemKind;

/** What a reflector says about itself. Times are milliseconds since the Unix epoch. Nothing in it is secret. */
export interface ReflectorStatus {
  readonly state: ReflectorState;
  /** Whether the sink has had a full state. */
  readonly synced: boolean;
  /** The version up to which the sink equals the server; `''` before the first full state. */
  readonly resourceVersion: string;
  /** Failures since it last worked; 0 while all is well. */
  readonly failures: number;
  /** What went wrong last and what to do about it, in one line; stays when all is well again. */
  readonly lastError?: string | undefined;
  readonly lastErrorKind?: ProblemKind | undefined;
  /** The part of `lastError` that says what to do. */
  readonly lastErrorAdvice?: string | undefined;
  /** Whether it stays until somebody changes something (access, a missing CRD, the program). It is tried again all the same. */
  readonly lastErrorIsLasting?: boolean | undefined;
  readonly lastErrorAt?: number | undefined;
  /** When something last came from the server: the last proof of life. */
  readonly lastEventAt?: number | undefined;
  /** How many milliseconds ago that was, on a clock that does not jump. */
  readonly lastEventAgeMs?: number | undefined;
  /** When the sink last had a full state. */
  readonly lastSyncAt?: number | undefined;
  /** Set in state `waiting`. */
  readonly nextAttemptAt?: number | undefined;
  /** How often the full state was read, by cause. */
  readonly relists: Readonly<Partial<Record<RelistCause, number>>>;
  /** How often the full state was read again after the first time. */
  readonly relistCount: number;
  /** Why the full state was read last. */
  readonly lastRelistCause?: RelistCause | undefined;
  /** How often the cache differed from a fresh list; see `consistencyCheckMs`. */
  readonly inconsistencies: number;
  /** Objects that the server has and that cannot be read (the latest 100). */
  readonly undecodable: readonly Undecodable[];
}

const UNDECODABLE_LIMIT = 100;

/** Keeps what `ReflectorStatus` says. */
export class StatusBook {
  synced = false;
  failures = 0;
  inconsistencies = 0;
  #lastEvent: { readonly at: number; readonly since: number } | undefined;
  #lastSyncAt: number | undefined;
  #lastError: { readonly problem: Problem; readonly at: number } | undefined;
  readonly #relists: Map<RelistCause, number> = new Map();
  #repeats = 0;
  #fullStates = 0;
  #lastRelistCause: RelistCause | undefined;
  #undecodable: Map<string, Undecodable> = new Map();
  readonly #clock: Pick<Clock, 'now' | 'monotonic'>;

  constructor(clock: Pick<Clock, 'now' | 'monotonic'>) {
    this.#clock = clock;
  }

  /** Something came from the server. */
  heard(): void {
    this.#lastEvent = { at: this.#clock.now(), since: this.#clock.monotonic() };
  }

  /** Returns how often the same thing has gone wrong in a row. */
  failed(problem: Problem): number {
    this.failures += 1;
    this.#repeats = this.#lastError?.problem.message === problem.message ? this.#repeats + 1 : 1;
    this.#lastError = { problem, at: this.#clock.now() };
    return this.#repeats;
  }

  /** All is well. */
  works(): void {
    this.failures = 0;
    this.#repeats = 0;
  }

  /** The sink has a full state, in which `undecodable` could not be read. */
  replaced(cause: RelistCause, undecodable: readonly Undecodable[]): void {
    this.synced = true;
    this.#fullStates += 1;
    this.#lastRelistCause = cause;
    this.#lastSyncAt = this.#clock.now();
    this.#relists.set(cause, (this.#relists.get(cause) ?? 0) + 1);
    this.#undecodable = new Map();
    for (const each of undecodable) this.unreadable(each);
  }

  unreadable(object: Undecodable): void {
    const id = object.key ?? `(${this.#undecodable.size})`;
    this.#undecodable.delete(id);
    this.#undecodable.set(id, object);
    if (this.#undecodable.size > UNDECODABLE_LIMIT) {
      for (const oldest of this.#undecodable.keys()) {
        this.#undecodable.delete(oldest);
        break;
      }
    }
  }

  /** A state of `key` could be read, or the object is gone. */
  readable(key: string): void {
    if (this.#undecodable.size > 0) this.#undecodable.delete(key);
  }

  report(state: ReflectorState, resourceVersion: string, nextAttemptAt: number | undefined): ReflectorStatus {
    return {
      state,
      synced: this.synced,
      resourceVersion,
      failures: this.failures,
      lastError: this.#lastError?.problem.message,
      lastErrorKind: this.#lastError?.problem.kind,
      lastErrorAdvice: this.#lastError?.problem.advice,
      lastErrorIsLasting: this.#lastError?.problem.remedy.lasting,
      lastErrorAt: this.#lastError?.at,
      lastEventAt: this.#lastEvent?.at,
      lastEventAgeMs: this.#lastEvent && this.#clock.monotonic() - this.#lastEvent.since,
      lastSyncAt: this.#lastSyncAt,
      nextAttemptAt,
      relists: Object.fromEntries(this.#relists),
      relistCount: Math.max(0, this.#fullStates - 1),
      lastRelistCause: this.#lastRelistCause,
      inconsistencies: this.inconsistencies,
      undecodable: [...this.#undecodable.values()],
    };
  }
}
