import type { Ordering } from './ports.ts';

/**
 * First in, first out: a ring that doubles when it is full, and halves when three quarters are empty.
 *
 * | | cost |
 * |---|---|
 * | push, pop | O(1), amortized |
 * | touch | nothing |
 */
export class Fifo<I> implements Ordering<I> {
  #slots: (I | undefined)[] = new Array(16);
  #head = 0;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(item: I): void {
    if (this.#length === this.#slots.length) this.#resize(this.#length * 2);
    this.#slots[(this.#head + this.#length++) & (this.#slots.length - 1)] = item;
  }

  touch(): void {}

  pop(): I | undefined {
    if (this.#length === 0) return undefined;
    const item = this.#slots[this.#head];
    this.#slots[this.#head] = undefined; // keeps no reference to what was handed out
    this.#head = (this.#head + 1) & (this.#slots.length - 1);
    if (--this.#length < this.#slots.length >> 2 && this.#slots.length > 1024) this.#resize(this.#slots.length >> 1);
    return item;
  }

  /** `size` is a power of two, so that positions wrap with a mask. */
  #resize(size: number): void {
    const slots = new Array<I | undefined>(size);
    for (let i = 0; i < this.#length; i++) slots[i] = this.#slots[(this.#head + i) & (this.#slots.length - 1)];
    this.#slots = slots;
    this.#head = 0;
  }
}
