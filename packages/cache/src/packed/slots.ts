/** The number of a slab, from 1 on, and a place in it, for each slot. */
const WORDS = 2;
const SLAB = 0;
const PLACE = 1;

const fewSlots = 64;

/**
 * Where in which slab that stands which is in a slot: 8 bytes for each, outside of the heap.
 *
 * | | cost |
 * |---|---|
 * | set | O(1) amortised |
 * | everything else | O(1) |
 */
export class Slots {
  #words: Int32Array = new Int32Array(fewSlots * WORDS);

  /** 0 where there is nothing. */
  slabOf(slot: number): number {
    return this.#words[slot * WORDS + SLAB] ?? 0;
  }

  /** Of a slot in which there is something. */
  placeOf(slot: number): number {
    return this.#words[slot * WORDS + PLACE] as number;
  }

  set(slot: number, slab: number, place: number): void {
    const at = slot * WORDS;
    if (at >= this.#words.length) this.#grow(slot);
    this.#words[at + SLAB] = slab;
    this.#words[at + PLACE] = place;
  }

  empty(slot: number): void {
    const at = slot * WORDS;
    if (at < this.#words.length) this.#words[at + SLAB] = 0;
  }

  #grow(slot: number): void {
    const words = new Int32Array(2 * slot * WORDS);
    words.set(this.#words);
    this.#words = words;
  }
}
