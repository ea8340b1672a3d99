import type { ServerObject } from '../object.ts';
import { Entry, StoreEvent, withRevision } from './entry.ts';
import { History, type HistoryLimits } from './history.ts';

/** What a collection needs of the store around it. */
export interface Revisions {
  /** The revision of the last write, of whatever resource. */
  readonly current: number;
  /** Takes the next revision. */
  next(): number;
  /** Wall time: milliseconds since the Unix epoch. */
  nowMs(): number;
}

/** Is told of each change, in order, in the turn of the write. Must not write and must not throw. */
export type StoreListener = (event: StoreEvent) => void;

/**
 * The objects of one resource, sorted by key, with their recent past.
 *
 * | | cost |
 * |---|---|
 * | get, replace | O(1) |
 * | insert, delete | O(log n), and moving a part of the key array |
 * | range | O(log n) and the entries returned |
 */
export class Collection {
  readonly #revisions: Revisions;
  readonly #history: History;
  readonly #entries = new Map<string, Entry>();
  /** The keys of `#entries`, sorted. */
  readonly #keys: string[] = [];
  readonly #listeners = new Set<StoreListener>();
  /** The last snapshots of the past that were made, newest last: pages of one list ask for the same. */
  #snapshots: { readonly revision: number; readonly entries: readonly Entry[] }[] = [];

  constructor(revisions: Revisions, limits: HistoryLimits) {
    this.#revisions = revisions;
    this.#history = new History(limits);
    this.#history.compact(revisions.current);
  }

  get size(): number {
    return this.#keys.length;
  }

  /** The revision of the whole store: what lists and watches report. */
  get revision(): number {
    return this.#revisions.current;
  }

  /** The oldest revision from which a watch can start, or a list can be exact. */
  get oldestRevision(): number {
    return this.#history.forgottenRevision;
  }

  get(key: string): Entry | undefined {
    return this.#entries.get(key);
  }

  /** Entries whose key starts with `prefix`, from the first key that is not below `from`. */
  range(prefix: string, from = ''): Entry[] {
    const found: Entry[] = [];
    const start = lowerBound(this.#keys, from > prefix ? from : prefix);
    for (let index = start; index < this.#keys.length; index++) {
      const key = this.#keys[index];
      if (key === undefined || !key.startsWith(prefix)) break;
      const entry = this.#entries.get(key);
      if (entry !== undefined) found.push(entry);
    }
    return found;
  }

  /** As `range`, but as it was at `revision`; `undefined` when that is no longer known. */
  rangeAt(revision: number, prefix: string, from = ''): Entry[] | undefined {
    this.#history.prune(this.#revisions.nowMs());
    const states = this.#history.statesAt(revision);
    if (states === undefined) return undefined;
    if (states.size === 0) return this.range(prefix, from);
    const all = this.#snapshot(revision, states);
    const lowest = from > prefix ? from : prefix;
    const start = lowerBound(all, lowest, (entry) => entry.key);
    const found: Entry[] = [];
    for (let index = start; index < all.length; index++) {
      const entry = all[index];
      if (entry === undefined || !entry.key.startsWith(prefix)) break;
      found.push(entry);
    }
    return found;
  }

  /** Writes an object, which becomes the store's: sets its resource version, tells the listeners. */
  put(key: string, object: ServerObject): Entry {
    const revision = this.#revisions.next();
    object.metadata.resourceVersion = String(revision);
    const previous = this.#entries.get(key);
    const entry = new Entry(key, object, revision);
    this.#entries.set(key, entry);
    if (previous === undefined) this.#keys.splice(lowerBound(this.#keys, key), 0, key);
    this.#record(previous === undefined ? 'added' : 'modified', entry, previous);
    return entry;
  }

  /** Removes an object; the answer is its last state with the revision of the deletion. */
  delete(key: string): Entry | undefined {
    const previous = this.#entries.get(key);
    if (previous === undefined) return undefined;
    const revision = this.#revisions.next();
    this.#entries.delete(key);
    this.#keys.splice(lowerBound(this.#keys, key), 1);
    const entry = withRevision(previous, revision);
    this.#record('deleted', entry, previous);
    return entry;
  }

  /** Changes after `revision`, or `undefined` when some of them are no longer known. */
  since(revision: number): readonly StoreEvent[] | undefined {
    this.#history.prune(this.#revisions.nowMs());
    return this.#history.since(revision);
  }

  /** Forgets the past up to and with `revision`. */
  compact(revision: number): void {
    this.#history.compact(revision);
    this.#snapshots = [];
  }

  /** @returns how to stop listening. */
  listen(listener: StoreListener): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  #record(type: StoreEvent['type'], entry: Entry, previous: Entry | undefined): void {
    const event = new StoreEvent(type, entry, previous, this.#revisions.nowMs());
    this.#history.add(event);
    for (const listener of this.#listeners) listener(event);
  }

  #snapshot(revision: number, states: ReadonlyMap<string, Entry | undefined>): readonly Entry[] {
    const kept = this.#snapshots.find((snapshot) => snapshot.revision === revision);
    if (kept !== undefined) return kept.entries;
    const entries: Entry[] = [];
    for (const key of this.#keys) {
      const entry = states.has(key) ? states.get(key) : this.#entries.get(key);
      if (entry !== undefined) entries.push(entry);
    }
    for (const [key, entry] of states) {
      if (entry !== undefined && !this.#entries.has(key)) entries.push(entry);
    }
    entries.sort((a, b) => (a.key < b.key ? -1 : 1));
    this.#snapshots = [...this.#snapshots.slice(-3), { revision, entries }];
    return entries;
  }
}

function lowerBound(sorted: readonly string[], key: string): number;
function lowerBound<T>(sorted: readonly T[], key: string, keyOf: (element: T) => string): number;
function lowerBound<T>(sorted: readonly T[], key: string, keyOf?: (element: T) => string): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const element = sorted[middle] as T;
    if ((keyOf === undefined ? (element as unknown as string) : keyOf(element)) < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
