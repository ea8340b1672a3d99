import type { Ordering } from './ports.ts';

/**
 * First in, first out: a ring that doubles when it is full, and halves when three quarters are empty.
 *
 * Subclasses may let go of items in the middle: such an item is no longer `isLive`, `withdraw` counts it, and the ring forgets it once it is first.
 *
 * | | cost |
 * |---|---|
 * | push, pop, withdraw | O(1), amortized |
 * | first | O(1) |
 * | touch | nothing |
 */
export class Fifo<I> implements Ordering<I> {
  #slots: (I | undefined)[] = new Array(16);
  #head = 0;
  #used = 0;
  #withdrawn = 0;

  get length(): number {
    return this.#used - this.#withdrawn;
  }

  get first(): I | undefined {
    return this.#slots[this.#head];
  }

  push(item: I): void {
    const size = this.#slots.length;
    if (this.#used === size) this.#resize(this.length > size >> 1 ? size * 2 : size);
    this.#slots[(this.#head + this.#used++) & (this.#slots.length - 1)] = item;
  }

  touch(): void {}

  pop(): I | undefined {
    const item = this.first;
    if (item !== undefined) {
      this.#shift();
      this.#sweep();
    }
    return item;
  }

  /** To be called once an item is no longer live. */
  withdraw(): void {
    this.#withdrawn++;
    this.#sweep();
  }

  protected isLive(_item: I): boolean {
    return true;
  }

  /** Keeps what is first live. */
  #sweep(): void {
    while (this.#withdrawn && !this.isLive(this.first as I)) {
      this.#withdrawn--;
      this.#shift();
    }
  }

  #shift(): void {
    const size = this.#slots.length;
    this.#slots[this.#head] = undefined; // keeps no reference to what was handed out
    this.#head = (this.#head + 1) & (size - 1);
    if (--this.#used < size >> 2 && size > 1024) this.#resize(size >> 1);
  }

  /** `size` is a power of two, so that positions wrap with a mask. */
  #resize(size: number): void {
    const slots = new Array<I | undefined>(size);
    let used = 0;
    for (let i = 0; i < this.#used; i++) {
      const item = this.#slots[(this.#head + i) & (this.#slots.length - 1)] as I;
      if (this.isLive(item)) slots[used++] = item;
    }
    this.#slots = slots;
    this.#head = 0;
    this.#used = used;
    this.#withdrawn = 0;
  }
}
