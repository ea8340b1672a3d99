import { BowlineError } from '@bowline/apimachinery';

export const VARINT = 0;
export const FIXED64 = 1;
export const BYTES = 2;
export const START_GROUP = 3;
export const END_GROUP = 4;
export const FIXED32 = 5;

/** Seconds since the epoch of Go's time that was never set. */
export const neverSeconds = -62_135_596_800;

/** Bytes that are no protobuf message, or not of the type that they should be. */
export class ProtobufError extends BowlineError {
  /** What the reader that Go generates says of the same bytes: a server answers with it. */
  readonly goMessage: string;

  constructor(message: string, goMessage: string) {
    super(message, { code: 'API_PROTOBUF_INVALID' });
    this.goMessage = goMessage;
  }
}

/** How many bytes a number of up to 32 bits has. */
export function varintBytes(value: number): number {
  return value < 0x80 ? 1 : value < 0x4000 ? 2 : value < 0x200000 ? 3 : value < 0x10000000 ? 4 : 5;
}

/** @returns Behind the number. */
export function writeVarint(target: Buffer, start: number, value: number): number {
  let at = start;
  let rest = value;
  for (; rest >= 0x80; rest >>>= 7) target[at++] = (rest & 0x7f) | 0x80;
  target[at++] = rest;
  return at;
}

/** A place in bytes, from which numbers and lengths are read. */
export class Cursor {
  readonly bytes: Buffer;
  at: number;

  constructor(bytes: Buffer, at: number) {
    this.bytes = bytes;
    this.at = at;
  }

  /** A number of which the lowest 32 bits matter, as unsigned. */
  uint32(): number {
    const { bytes } = this;
    let byte = bytes[this.at++] as number;
    if (byte < 0x80) return byte;
    let value = byte & 0x7f;
    for (let shift = 7; shift < 70; shift += 7) {
      byte = bytes[this.at++] as number;
      if (shift < 32) value |= (byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    return value >>> 0;
  }

  int32(): number {
    return this.uint32() | 0;
  }

  double(): number {
    this.at += 8;
    return this.bytes.readDoubleLE(this.at - 8);
  }

  /** Beyond ±2^53 it is rounded to the next number that there is. */
  int64(): number {
    const { bytes } = this;
    let low = 0;
    let high = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = bytes[this.at++] as number;
      const bits = byte & 0x7f;
      if (shift < 28) low |= bits << shift;
      else if (shift === 28) {
        low |= bits << 28;
        high = bits >>> 4;
      } else high |= bits << (shift - 32);
      if (byte < 0x80) break;
    }
    return (high | 0) * 2 ** 32 + (low >>> 0);
  }

  /** Behind the value of a field. The bytes were checked before. */
  skip(wireType: number): void {
    if (wireType === VARINT) {
      while ((this.bytes[this.at++] as number) >= 0x80);
    } else if (wireType === BYTES) {
      const length = this.uint32();
      this.at += length;
    } else if (wireType === START_GROUP) {
      for (let inner = this.uint32() & 7; inner !== END_GROUP; inner = this.uint32() & 7) this.skip(inner);
    } else this.at += wireType === FIXED64 ? 8 : 4;
  }
}
