import { BYTES, Cursor, VARINT } from './wire.ts';

/** Goes from field to field of a message that was checked. */
export class Fields {
  #bytes: Buffer;
  #to: number;
  number = 0;
  wireType = 0;
  /** Where the field begins: its tag. */
  at = 0;
  /** Where its value begins; its length, if it has one, stands before. */
  start = 0;
  /** Where it ends, and the next one begins. */
  end: number;

  constructor(bytes: Buffer, from: number, to: number) {
    this.#bytes = bytes;
    this.#to = to;
    this.end = from;
  }

  /** Begins another message: who copies one after the other need not make one of these for each. */
  begin(bytes: Buffer, from: number, to: number): void {
    this.#bytes = bytes;
    this.#to = to;
    this.end = from;
  }

  /** False behind the last field. */
  next(): boolean {
    let at = this.end;
    if (at >= this.#to) return false;
    const bytes = this.#bytes;
    this.at = at;
    // Nearly all tags and lengths have one or two bytes.
    let tag = bytes[at++] as number;
    if (tag >= 0x80) {
      const more = bytes[at++] as number;
      tag = (tag & 0x7f) | ((more & 0x7f) << 7);
      if (more >= 0x80) return this.#unusual();
    }
    const wireType = tag & 7;
    if (wireType === BYTES) {
      let length = bytes[at++] as number;
      if (length >= 0x80) {
        const more = bytes[at++] as number;
        length = (length & 0x7f) | (more << 7);
        if (more >= 0x80) return this.#unusual();
      }
      this.start = at;
      at += length;
    } else if (wireType === VARINT) {
      this.start = at;
      while ((bytes[at++] as number) >= 0x80);
    } else return this.#unusual();
    this.number = tag >>> 3;
    this.wireType = wireType;
    this.end = at;
    return true;
  }

  #unusual(): boolean {
    const cursor = new Cursor(this.#bytes, this.at);
    const tag = cursor.uint32();
    this.number = tag >>> 3;
    this.wireType = tag & 7;
    this.start = cursor.at;
    cursor.skip(this.wireType);
    this.end = cursor.at;
    if (this.wireType === BYTES) {
      cursor.at = this.start;
      cursor.uint32();
      this.start = cursor.at;
    }
    return true;
  }
}

/** Where the key of a pair of a map ends that stands as Go writes it, key and value, both short; 0 for others. */
export function shortKeyEnd(bytes: Buffer, from: number, to: number): number {
  const keyEnd = from + 2 + (bytes[from + 1] as number);
  const isShort =
    bytes[from] === 0x0a &&
    to - from < 0x80 &&
    bytes[keyEnd] === 0x12 &&
    keyEnd + 2 + (bytes[keyEnd + 1] as number) === to;
  return isShort ? keyEnd : 0;
}
