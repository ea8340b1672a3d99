/** Of an item, and of its `metadata`: where they have more members, nobody remembers where those stand. */
export const MOST_MEMBERS = 32;

/** How many numbers tell where a member stands: its key, from and to, without the quotes, and its value. */
export const PLACE_NUMBERS = 4;

/** Where members stand, relative to the object: `PLACE_NUMBERS` for each. */
export type Places = readonly number[] | Int32Array;

/** Where the members of `metadata` are kept until the number of the others is known. */
const METADATA = PLACE_NUMBERS * MOST_MEMBERS;

/**
 * Remembers where the members of an item and of its `metadata` stand, relative to its first byte, while it is scanned.
 *
 * | | cost |
 * |---|---|
 * | n members | O(n), at most 32 + 32; nothing is allocated |
 */
export class MemberPlaces {
  /** First the members of the item, then those of its `metadata`: four numbers each. */
  readonly numbers: Int32Array = new Int32Array(2 * METADATA);
  #top = 0;
  #metadata = 0;

  clear(): void {
    this.#top = 0;
    this.#metadata = 0;
  }

  key(isTop: boolean, from: number, to: number): void {
    const at = isTop ? PLACE_NUMBERS * this.#top++ : METADATA + PLACE_NUMBERS * this.#metadata++;
    if (this.#top > MOST_MEMBERS || this.#metadata > MOST_MEMBERS) return;
    this.numbers[at] = from;
    this.numbers[at + 1] = to;
  }

  /** The value of the last key begins. */
  begin(isTop: boolean, from: number): void {
    this.#set(isTop, 2, from);
  }

  /** The value of the last key has ended. */
  end(isTop: boolean, to: number): void {
    this.#set(isTop, 3, to);
  }

  /** The item has ended. @returns how many members it has; -1 when not all are remembered. */
  finish(): number {
    if (this.#top > MOST_MEMBERS || this.#metadata > MOST_MEMBERS) return -1;
    this.numbers.copyWithin(PLACE_NUMBERS * this.#top, METADATA, METADATA + PLACE_NUMBERS * this.#metadata);
    return this.#top;
  }

  /** How many members `metadata` has. */
  get inMetadata(): number {
    return this.#metadata;
  }

  #set(isTop: boolean, which: number, position: number): void {
    const index = (isTop ? this.#top : this.#metadata) - 1;
    if (index >= 0 && index < MOST_MEMBERS)
      this.numbers[(isTop ? 0 : METADATA) + PLACE_NUMBERS * index + which] = position;
  }
}
