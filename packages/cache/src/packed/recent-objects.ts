/** What remembers under which number its object is held. */
export interface Remembering {
  /** -1 when it is not held. */
  recent: number;
}

/** How many it has room for at first. */
const firstRoom = 64;

/**
 * The objects that were decoded last. Those that are read again stay longer (second chance, "clock").
 *
 * | | cost |
 * |---|---|
 * | get, forget | O(1) |
 * | set | O(1) amortised |
 */
export class RecentObjects<I extends Remembering, T> {
  readonly #limit: number;
  #items: (I | undefined)[] = [];
  #objects: (T | undefined)[] = [];
  /** By number: whether it was read since the hand came by. */
  #wasRead = new Uint8Array(0);
  #hand = 0;

  /** @param limit How many objects are held at most; 0 for none. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  get(item: I): T | undefined {
    const number = item.recent;
    if (number < 0) return undefined;
    this.#wasRead[number] = 1;
    return this.#objects[number];
  }

  /** Holds the object of `item`, which has none here, instead of one that was not read lately. */
  set(item: I, object: T): void {
    if (this.#limit === 0) return;
    const number = this.#free();
    const before = this.#items[number];
    if (before !== undefined) before.recent = -1;
    this.#items[number] = item;
    this.#objects[number] = object;
    item.recent = number;
  }

  forget(item: I): void {
    const number = item.recent;
    if (number < 0) return;
    item.recent = -1;
    this.#items[number] = undefined;
    this.#objects[number] = undefined;
    this.#wasRead[number] = 0;
  }

  forgetAll(isGone: (item: I) => boolean): void {
    for (const item of this.#items) if (item !== undefined && isGone(item)) this.forget(item);
  }

  clear(): void {
    for (const item of this.#items) if (item !== undefined) item.recent = -1;
    this.#items = [];
    this.#objects = [];
    this.#wasRead = new Uint8Array(0);
    this.#hand = 0;
  }

  #free(): number {
    if (this.#hand === this.#items.length) {
      if (this.#items.length < this.#limit) this.#grow();
      else this.#hand = 0;
    }
    for (;;) {
      const number = this.#hand;
      if (this.#wasRead[number] === 0) {
        this.#hand = number + 1;
        return number;
      }
      this.#wasRead[number] = 0;
      this.#hand = (number + 1) % this.#items.length;
    }
  }

  /** The hand stands at the end, and goes on into the new room. */
  #grow(): void {
    const room = Math.min(this.#limit, Math.max(firstRoom, this.#items.length * 2));
    const wasRead = new Uint8Array(room);
    wasRead.set(this.#wasRead);
    this.#wasRead = wasRead;
    while (this.#items.length < room) {
      this.#items.push(undefined);
      this.#objects.push(undefined);
    }
  }
}
