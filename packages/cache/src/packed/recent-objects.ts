/** Where objects are decoded from: it knows of each of its places which number its object has here, or had. */
export interface Source {
  /** 0: it never had one. */
  recentOf(place: number): number;
  setRecent(place: number, number: number): void;
}

/** A place in a ring for an object that was decoded. */
interface Recent<T> {
  /** Its number, from 1 on. */
  readonly number: number;
  /** What it is the object of; undefined where there is none. */
  source: Source | undefined;
  place: number;
  object: T | undefined;
  /** Whether it was read since it was last passed over. */
  wasRead: boolean;
  before: Recent<T>;
  after: Recent<T>;
}

/**
 * The objects that were decoded last. One that is read again stays when its turn to go comes, and waits for the next (second chance).
 *
 * | | cost |
 * |---|---|
 * | get, forget | O(1) |
 * | set | O(1) amortised |
 * | forgetAll | O(objects) |
 */
export class RecentObjects<T> {
  readonly #limit: number;
  #size = 0;
  /** By number, less 1. */
  readonly #ring: Recent<T>[] = [];
  /** The same for their sources. In one array, so that it is searched in a microsecond. */
  readonly #sources: (Source | undefined)[] = [];
  readonly #free: Recent<T>[] = [];
  /** The next to go; the one before it came last. */
  #next: Recent<T> | undefined;

  /** @param limit How many objects are held at most; 0 for none. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  get(source: Source, place: number): T | undefined {
    const recent = this.#find(source, place);
    if (recent === undefined) return undefined;
    recent.wasRead = true;
    return recent.object;
  }

  /** Holds the object of a place that has none here. */
  set(source: Source, place: number, object: T): void {
    if (this.#limit === 0) return;
    const recent = this.#size < this.#limit ? this.#add() : this.#reuse();
    recent.source = source;
    recent.place = place;
    recent.object = object;
    recent.wasRead = false;
    source.setRecent(place, recent.number);
    this.#sources[recent.number - 1] = source;
  }

  forget(source: Source, place: number): void {
    const recent = this.#find(source, place);
    if (recent !== undefined) this.#forget(recent);
  }

  /** Forgets the objects of all places of `source`. */
  forgetAll(source: Source): void {
    for (let at = this.#sources.indexOf(source); at >= 0; at = this.#sources.indexOf(source, at + 1)) {
      const recent = this.#ring[at];
      if (recent !== undefined) this.#forget(recent);
    }
  }

  clear(): void {
    for (const recent of this.#ring) this.#empty(recent);
    this.#ring.length = 0;
    this.#sources.length = 0;
    this.#free.length = 0;
    this.#next = undefined;
    this.#size = 0;
  }

  /** A source is not told that an object has gone: it would have to be brought into the processor's caches for that. */
  #find(source: Source, place: number): Recent<T> | undefined {
    const number = source.recentOf(place);
    if (number === 0) return undefined;
    const recent = this.#ring[number - 1];
    return recent?.source === source && recent.place === place ? recent : undefined;
  }

  #forget(recent: Recent<T>): void {
    this.#size--;
    recent.before.after = recent.after;
    recent.after.before = recent.before;
    if (recent === this.#next) this.#next = this.#size === 0 ? undefined : recent.after;
    this.#empty(recent);
    this.#free.push(recent);
  }

  /** @returns an empty place that is the last to go. */
  #add(): Recent<T> {
    this.#size++;
    const recent = this.#free.pop() ?? this.#create();
    const next = this.#next ?? recent;
    recent.after = next;
    recent.before = next === recent ? recent : next.before;
    recent.before.after = recent;
    next.before = recent;
    this.#next = next;
    return recent;
  }

  #create(): Recent<T> {
    const number = this.#ring.length + 1;
    const recent = { number, source: undefined, place: 0, object: undefined, wasRead: false } as Recent<T>;
    this.#ring.push(recent);
    return recent;
  }

  /** Empties the first place whose turn it is to go, which makes it the last. */
  #reuse(): Recent<T> {
    let recent = this.#next as Recent<T>;
    while (recent.wasRead) {
      recent.wasRead = false;
      recent = recent.after;
    }
    this.#empty(recent);
    this.#next = recent.after;
    return recent;
  }

  #empty(recent: Recent<T>): void {
    recent.source = undefined;
    recent.object = undefined;
    this.#sources[recent.number - 1] = undefined;
  }
}
