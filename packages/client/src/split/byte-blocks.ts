/** Small enough that an item which somebody holds on to does not keep much alive. */
const BLOCK_BYTES = 131_072;

/** Room for the bytes of items, many in one buffer: a buffer of its own costs as much as scanning an item does. */
export class ByteBlocks {
  readonly #blockBytes: number;
  #block: Buffer = Buffer.alloc(0);
  /** Where the next item goes. */
  #used = 0;
  /** Where the room begins that was given last. */
  start = 0;

  /** @param blockBytes How large a buffer is that many share. */
  constructor(blockBytes: number = BLOCK_BYTES) {
    this.#blockBytes = blockBytes;
  }

  /** A buffer with room for `length` bytes from `start` on. */
  take(length: number): Buffer {
    if (length > this.#blockBytes / 4) {
      this.start = 0;
      return Buffer.allocUnsafeSlow(length);
    }
    if (this.#used + length > this.#block.length) {
      this.#block = Buffer.allocUnsafeSlow(this.#blockBytes);
      this.#used = 0;
    }
    this.start = this.#used;
    this.#used += length;
    return this.#block;
  }
}
