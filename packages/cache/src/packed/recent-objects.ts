interface Recent<T> {
  readonly object: T;
  /** Whether it was read since it was last passed over. */
  wasRead: boolean;
}

/**
 * The objects that were decoded last. One that is read again stays when its turn to go comes, and waits for the next (second chance).
 *
 * | | cost |
 * |---|---|
 * | get, forget | O(1) |
 * | set | O(1) amortised |
 */
export class RecentObjects<I extends object, T> {
  readonly #limit: number;
  /** The next to go first. */
  readonly #recent = new Map<I, Recent<T>>();

  /** @param limit How many objects are held at most; 0 for none. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  get(item: I): T | undefined {
    const recent = this.#recent.get(item);
    if (recent === undefined) return undefined;
    recent.wasRead = true;
    return recent.object;
  }

  /** Holds the object of `item`, which has none here. */
  set(item: I, object: T): void {
    if (this.#limit === 0) return;
    if (this.#recent.size === this.#limit) this.#makeRoom();
    this.#recent.set(item, { object, wasRead: false });
  }

  forget(item: I): void {
    this.#recent.delete(item);
  }

  forgetAll(isGone: (item: I) => boolean): void {
    for (const item of this.#recent.keys()) if (isGone(item)) this.#recent.delete(item);
  }

  clear(): void {
    this.#recent.clear();
  }

  #makeRoom(): void {
    for (const [item, recent] of this.#recent) {
      this.#recent.delete(item);
      if (!recent.wasRead) return;
      recent.wasRead = false;
      this.#recent.set(item, recent);
    }
  }
}
