/** A place in a ring for an object that was decoded. */
export interface Recent<I, T> {
  /** Its number. */
  readonly at: number;
  /** What it is the object of; undefined where there is none. */
  item: I | undefined;
  object: T | undefined;
  /** Whether it was read since it was last passed over. */
  wasRead: boolean;
  before: Recent<I, T>;
  after: Recent<I, T>;
}

/** What knows itself where its object is held, so that nobody has to look for it. */
export interface Decodable<I, T> {
  /** Undefined: nowhere. */
  recent: Recent<I, T> | undefined;
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
export class RecentObjects<I extends Decodable<I, T>, T> {
  readonly #limit: number;
  #size = 0;
  readonly #places: Recent<I, T>[] = [];
  /** By place: where its object reads from. In one array, so that it is searched in a microsecond. */
  readonly #sources: unknown[] = [];
  readonly #free: Recent<I, T>[] = [];
  /** The next to go; the one before it came last. */
  #next: Recent<I, T> | undefined;

  /** @param limit How many objects are held at most; 0 for none. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  get({ recent }: I): T | undefined {
    if (recent === undefined) return undefined;
    recent.wasRead = true;
    return recent.object;
  }

  /** Holds the object of `item`, which has none here and reads from `source`. */
  set(item: I, object: T, source: unknown): void {
    if (this.#limit === 0) return;
    const recent = this.#size < this.#limit ? this.#add() : this.#reuse();
    recent.item = item;
    recent.object = object;
    recent.wasRead = false;
    item.recent = recent;
    this.#sources[recent.at] = source;
  }

  forget({ recent }: I): void {
    if (recent === undefined) return;
    this.#size--;
    recent.before.after = recent.after;
    recent.after.before = recent.before;
    if (recent === this.#next) this.#next = this.#size === 0 ? undefined : recent.after;
    this.#empty(recent);
    this.#free.push(recent);
  }

  /** Forgets the objects that read from `source`. */
  forgetAll(source: unknown): void {
    for (let at = this.#sources.indexOf(source); at >= 0; at = this.#sources.indexOf(source, at + 1)) {
      const item = this.#places[at]?.item;
      if (item !== undefined) this.forget(item);
    }
  }

  clear(): void {
    for (const recent of this.#places) this.#empty(recent);
    this.#places.length = 0;
    this.#sources.length = 0;
    this.#free.length = 0;
    this.#next = undefined;
    this.#size = 0;
  }

  /** @returns an empty place that is the last to go. */
  #add(): Recent<I, T> {
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

  #create(): Recent<I, T> {
    const recent = { at: this.#places.length, item: undefined, object: undefined, wasRead: false } as Recent<I, T>;
    this.#places.push(recent);
    return recent;
  }

  /** Empties the first place whose turn it is to go, which makes it the last. */
  #reuse(): Recent<I, T> {
    let recent = this.#next as Recent<I, T>;
    while (recent.wasRead) {
      recent.wasRead = false;
      recent = recent.after;
    }
    this.#empty(recent);
    this.#next = recent.after;
    return recent;
  }

  #empty(recent: Recent<I, T>): void {
    if (recent.item !== undefined) recent.item.recent = undefined;
    recent.item = undefined;
    recent.object = undefined;
    this.#sources[recent.at] = undefined;
  }
}
