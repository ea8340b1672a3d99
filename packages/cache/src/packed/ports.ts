import type { Clock } from '@bowline/apimachinery';

/** What compression needs of time. */
export type StorageClock = Pick<Clock, 'monotonic' | 'turn' | 'setTimer'>;

/** Where slabs come from. */
export interface SlabAllocator {
  allocate(sizeBytes: number): Buffer;
  /** The storage will never read `bytes` again. Others may: whoever holds an object that is decoded when it is read. */
  retired?(bytes: Buffer): void;
}

/** What a cooler looks after. */
export interface Coolable {
  /** When it was read last, in hours of the cooler. */
  readonly readAt: number;
  /** The bytes to compress, piece by piece; none when it is compressed. */
  pieces(): Buffer[];
  /** Takes the place of its bytes. */
  freeze(pieces: readonly Buffer[]): void;
  /** Lets go of what was decompressed and not read since `hour`. @returns whether there is more. */
  cool(hour: number): boolean;
}

/** Compresses what is not read for long. */
export interface Cooling {
  /** Counts up as time goes by. */
  readonly hour: number;
  /** There is something in `slab` to compress, or to let go of, once it has not been read for long. */
  add(slab: Coolable): void;
  remove(slab: Coolable): void;
}
