/**
 * The memory of a chunk: it goes when it has been split, and all items that stand in it have been copied elsewhere, which is long before the
 * garbage collector comes by. While somebody holds an item that has not been copied, or its object, it stays.
 */
export class ChunkMemory {
  readonly #free: () => void;
  /** Who splits it, and items. */
  #users = 1;

  /** @param free Nobody reads the chunk any more. */
  constructor(free: () => void) {
    this.#free = free;
  }

  enter(): void {
    this.#users++;
  }

  leave(): void {
    if (--this.#users === 0) this.#free();
  }
}
