import type { Entry, StoreEvent } from './entry.ts';

/** How much of the past is kept, per resource. */
export interface HistoryLimits {
  /** The most events that are kept. */
  readonly maxEvents: number;
  /** Events older than this are dropped, the newest `minEvents` excepted. */
  readonly maxAgeMs: number;
  /** Events that are kept however old they are. */
  readonly minEvents: number;
}

/**
 * The last changes of one resource, in order.
 *
 * | | cost |
 * |---|---|
 * | add | O(1) amortised |
 * | since | O(log n) and the events returned |
 */
export class History {
  readonly #limits: HistoryLimits;
  #events: StoreEvent[] = [];
  /** Index of the oldest event that counts; what stands before it is cut off now and then. */
  #start = 0;
  /** Events up to this revision are gone. */
  #forgotten = 0;

  constructor(limits: HistoryLimits) {
    this.#limits = limits;
  }

  get length(): number {
    return this.#events.length - this.#start;
  }

  /** The newest revision whose event may be missing: everything after it is here. */
  get forgottenRevision(): number {
    return this.#forgotten;
  }

  add(event: StoreEvent): void {
    this.#events.push(event);
    this.prune(event.atMs);
  }

  /** Drops what is too old or too much. */
  prune(nowMs: number): void {
    const { maxEvents, maxAgeMs, minEvents } = this.#limits;
    while (this.length > maxEvents) this.#drop();
    while (this.length > minEvents) {
      const oldest = this.#events[this.#start];
      if (oldest === undefined || nowMs - oldest.atMs <= maxAgeMs) break;
      this.#drop();
    }
  }

  /** Forgets all events up to and with `revision`. */
  compact(revision: number): void {
    while (this.length > 0 && (this.#events[this.#start]?.revision ?? Number.POSITIVE_INFINITY) <= revision)
      this.#drop();
    this.#forgotten = Math.max(this.#forgotten, revision);
  }

  /** The events after `revision`, or `undefined` when some of them are gone. */
  since(revision: number): readonly StoreEvent[] | undefined {
    if (revision < this.#forgotten) return undefined;
    return this.#events.slice(this.#indexAfter(revision));
  }

  /** What must be undone to be back at `revision`: the state of each key then. `undefined` when that is no longer known. */
  statesAt(revision: number): ReadonlyMap<string, Entry | undefined> | undefined {
    if (revision < this.#forgotten) return undefined;
    const states = new Map<string, Entry | undefined>();
    for (let index = this.#indexAfter(revision); index < this.#events.length; index++) {
      const event = this.#events[index];
      if (event !== undefined && !states.has(event.key)) states.set(event.key, event.previous);
    }
    return states;
  }

  #drop(): void {
    const dropped = this.#events[this.#start];
    if (dropped !== undefined) this.#forgotten = Math.max(this.#forgotten, dropped.revision);
    this.#start++;
    if (this.#start > 1024 && this.#start * 2 > this.#events.length) {
      this.#events = this.#events.slice(this.#start);
      this.#start = 0;
    }
  }

  /** Index of the first event after `revision`. */
  #indexAfter(revision: number): number {
    let low = this.#start;
    let high = this.#events.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#events[middle]?.revision ?? 0) <= revision) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
