/** An object that was decoded, in a ring of such. */
export interface Recent<I, T> {
  /** What it is the object of. */
  item: I;
  object: T;
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
 */
export class RecentObjects<I extends Decodable<I, T>, T> {
  readonly #limit: number;
  #size = 0;
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

  /** Holds the object of `item`, which has none here. */
  set(item: I, object: T): void {
    if (this.#limit === 0) return;
    if (this.#size < this.#limit) this.#add(item, object);
    else this.#replace(item, object);
  }

  forget(item: I): void {
    const { recent } = item;
    if (recent === undefined) return;
    item.recent = undefined;
    this.#size--;
    recent.before.after = recent.after;
    recent.after.before = recent.before;
    if (recent === this.#next) this.#next = this.#size === 0 ? undefined : recent.after;
  }

  forgetAll(isGone: (item: I) => boolean): void {
    let recent = this.#next;
    for (let left = this.#size; left > 0 && recent !== undefined; left--) {
      const { item, after } = recent;
      if (isGone(item)) this.forget(item);
      recent = after;
    }
  }

  clear(): void {
    this.forgetAll(() => true);
  }

  #add(item: I, object: T): void {
    const next = this.#next;
    const recent = { item, object, wasRead: false } as Recent<I, T>;
    recent.after = next ?? recent;
    recent.before = next?.before ?? recent;
    recent.before.after = recent;
    recent.after.before = recent;
    item.recent = recent;
    this.#next ??= recent;
    this.#size++;
  }

  /** Puts it where the first one stands whose turn it is to go, which makes it the last. */
  #replace(item: I, object: T): void {
    let recent = this.#next as Recent<I, T>;
    while (recent.wasRead) {
      recent.wasRead = false;
      recent = recent.after;
    }
    recent.item.recent = undefined;
    recent.item = item;
    recent.object = object;
    item.recent = recent;
    this.#next = recent.after;
  }
}
