/** Fewer slots than this are not worth the work of letting some go. */
export const minSlots = 256;
/** How many slots there may be for each that is used: with fewer what is used would move more often. */
export const slotsPerUsed = 8;

/**
 * First in, first out, for items of which one can tell whether they have left, be it as the first or from the middle.
 *
 * | | cost |
 * |---|---|
 * | push, withdraw | O(1), amortized |
 * | first | O(1) |
 */
export class Fifo<I> {
  readonly #isLive: (item: I) => boolean;
  #slots: (I | undefined)[] = [];
  #head = 0;
  /** How many behind the first have left. */
  #withdrawn = 0;

  constructor(isLive: (item: I) => boolean) {
    this.#isLive = isLive;
  }

  get length(): number {
    return this.#slots.length - this.#head - this.#withdrawn;
  }

  get first(): I | undefined {
    return this.#slots[this.#head];
  }

  push(item: I): void {
    this.#slots.push(item);
  }

  /** To be called once an item is no longer live. */
  withdraw(): void {
    this.#withdrawn++;
    while (this.#withdrawn && !this.#isLive(this.first as I)) {
      this.#withdrawn--;
      this.#slots[this.#head++] = undefined; // keeps no reference to what was first
    }
    if (this.#slots.length < minSlots + this.length * slotsPerUsed) return;
    this.#slots = this.#slots.filter((item) => item !== undefined && this.#isLive(item));
    this.#head = 0;
    this.#withdrawn = 0;
  }
}
