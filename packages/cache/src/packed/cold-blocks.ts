import zlib from 'node:zlib';
import { pageBuffer } from './pages.ts';

/** Bytes of a slab from a position on. */
export interface Stretch {
  readonly bytes: Buffer;
  /** The position in the slab at which `bytes` begins. */
  readonly from: number;
}

interface Block {
  /** Where it begins in the slab, and before which position it ends. */
  readonly from: number;
  readonly to: number;
  /** The same of its compressed form. */
  readonly start: number;
  readonly end: number;
  /** While it is warm. */
  stretch: Stretch | undefined;
  readAt: number;
}

/** Whether this Node can compress at all: 22.15 or later. */
export function canCompress(): boolean {
  return typeof zlib.zstdCompressSync === 'function';
}

/** A block of a slab, in the fastest way that zstd knows. */
export function compress(bytes: Buffer): Buffer {
  const params = { [zlib.constants.ZSTD_c_compressionLevel]: 1 };
  return zlib.zstdCompressSync(bytes, { params, chunkSize: Math.max(bytes.length, 1_024) });
}

/** The bytes of a slab, compressed in blocks, each of which is decompressed when it is read. */
export class ColdBlocks {
  readonly #compressed: Buffer;
  readonly #blocks: readonly Block[];
  #warmBytes = 0;

  /** @param cuts Positions at which blocks begin, the end behind them. */
  constructor(cuts: readonly number[], pieces: readonly Buffer[]) {
    this.#compressed = pageBuffer(pieces.reduce((sum, { length }) => sum + length, 0));
    let start = 0;
    this.#blocks = pieces.map((piece, index) => {
      const end = start + piece.copy(this.#compressed, start);
      const block: Block = {
        from: cuts[index] ?? 0,
        to: cuts[index + 1] ?? 0,
        start,
        end,
        stretch: undefined,
        readAt: 0,
      };
      start = end;
      return block;
    });
  }

  /** Compressed bytes and those of warm blocks. */
  get sizeBytes(): number {
    return this.#compressed.length + this.#warmBytes;
  }

  /** The block in which `position` lies. */
  at(position: number, hour: number): Stretch {
    const block = this.#find(position);
    block.readAt = hour;
    block.stretch ??= this.#warm(block);
    return block.stretch;
  }

  /** How many bytes are decompressed by reading at `position`: 0 when that has been done. */
  missingAt(position: number): number {
    const block = this.#find(position);
    return block.stretch ? 0 : block.to - block.from;
  }

  /** The block in which `position` lies was read in another way. */
  touch(position: number, hour: number): void {
    this.#find(position).readAt = hour;
  }

  /** Lets go of warm blocks that were not read since `hour`. @returns their bytes. */
  cool(hour: number): Buffer[] {
    const cooled: Buffer[] = [];
    for (const block of this.#blocks) {
      if (block.stretch === undefined || block.readAt > hour) continue;
      cooled.push(block.stretch.bytes);
      this.#warmBytes -= block.stretch.bytes.length;
      block.stretch = undefined;
    }
    return cooled;
  }

  get isWarm(): boolean {
    return this.#warmBytes > 0;
  }

  #find(position: number): Block {
    const block = this.#blocks.find(({ to }) => position < to) ?? this.#blocks.at(-1);
    if (block === undefined) throw new Error('Cannot read slab: it is empty');
    return block;
  }

  #warm({ from, to, start, end }: Block): Stretch {
    const bytes = zlib.zstdDecompressSync(this.#compressed.subarray(start, end), {
      chunkSize: Math.max(to - from, 1_024),
    });
    this.#warmBytes += bytes.length;
    return { bytes, from };
  }
}
