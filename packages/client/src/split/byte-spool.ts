import { ownBytes } from './own-bytes.ts';

/** Bytes that stand side by side. */
export interface ByteWindow {
  readonly bytes: Buffer;
  /** Position of the first byte. */
  readonly base: number;
}

/** First try of how many bytes behind a chunk's border are needed to end a token that began before it. */
export const SHORT_TOKEN_BYTES = 128;

/** So many bytes of several chunks are put together in a place that is used again and again: allocating it costs more than the copy. */
const JOINED_BYTES = 65_536;

/**
 * Keeps as much of a stream of chunks as is still needed, and gives out pieces of it by their absolute position.
 * A chunk that is a small part of a large buffer is copied, so that it does not keep that buffer.
 */
export class ByteSpool {
  readonly #chunks: Buffer[] = [];
  #scratch: Buffer | undefined;
  /** Position of the first byte that is kept. */
  #start = 0;
  #end = 0;

  /** Position behind the last byte that came. */
  get end(): number {
    return this.#end;
  }

  append(chunk: Uint8Array): void {
    this.#chunks.push(ownBytes(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)));
    this.#end += chunk.length;
  }

  /** Bytes in one piece, good until the next call, that begin at `at` or before and, where there are so many, reach at least that far into the last chunk. */
  window(at: number, reachBytes: number): ByteWindow {
    const last = this.#chunks.at(-1) ?? Buffer.alloc(0);
    const lastStart = this.#end - last.length;
    if (at >= lastStart) return { bytes: last, base: lastStart };
    const end = Math.min(this.#end, lastStart + reachBytes);
    return { bytes: this.#joined(at, end), base: at };
  }

  /** Bytes of several chunks, until the next ones are asked for. */
  #joined(from: number, to: number): Buffer {
    const length = to - from;
    if (length > JOINED_BYTES) return this.copy(from, to);
    this.#scratch ??= Buffer.allocUnsafeSlow(JOINED_BYTES);
    this.#copyTo(this.#scratch, 0, from, to);
    return this.#scratch.subarray(0, length);
  }

  /** A copy in a buffer of exactly that size. */
  copy(from: number, to: number): Buffer {
    const copy = Buffer.allocUnsafeSlow(to - from);
    this.#copyTo(copy, 0, from, to);
    return copy;
  }

  /** Bytes in one piece: those that came, where all of them came at once, or a copy. */
  piece(from: number, to: number): ByteWindow {
    const last = this.#chunks.at(-1);
    const lastStart = this.#end - (last?.length ?? 0);
    return last !== undefined && from >= lastStart
      ? { bytes: last, base: lastStart }
      : { bytes: this.copy(from, to), base: from };
  }

  #copyTo(target: Buffer, at: number, from: number, to: number): void {
    let index = this.#chunks.length;
    let start = this.#end;
    while (index > 0 && start > from) {
      const chunk = this.#chunks[--index] as Buffer;
      start -= chunk.length;
      if (start < to) {
        const first = Math.max(from - start, 0);
        chunk.copy(target, at + start + first - from, first, to - start);
      }
    }
  }

  /** Bytes before `position` are no longer needed. To be called after each chunk. */
  forget(position: number): void {
    let drop = 0;
    for (const chunk of this.#chunks) {
      if (this.#start + chunk.length > position) break;
      this.#start += chunk.length;
      drop++;
    }
    if (drop > 0) this.#chunks.splice(0, drop);
  }
}
