const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;
const FIXED32 = 5;

/**
 * Goes from field to field of a protobuf message whose bytes nobody has checked yet. It never reads beyond the message, and ends where the
 * bytes make no sense.
 */
export class FieldWalk {
  readonly #bytes: Uint8Array;
  readonly #to: number;
  #at: number;
  /** Number of the present field. */
  number = 0;
  /** Whether the present field is a string or a message; `start` and `end` are then where it stands. */
  isBytes = false;
  start = 0;
  end = 0;
  /** Whether the walk ended within a field, or at what is none. */
  isBroken = false;

  constructor(bytes: Uint8Array, from: number, to: number) {
    this.#bytes = bytes;
    this.#at = from;
    this.#to = to;
  }

  /** Goes to the next field; false at the end. */
  next(): boolean {
    const at = this.#at;
    const to = this.#to;
    if (at >= to) return false;
    // Most fields are text or messages, with a tag of one byte and a length of one or two.
    const tag = this.#bytes[at] as number;
    let start = at + 2;
    let length = start < to ? (this.#bytes[at + 1] as number) : 0x80;
    if (length >= 0x80 && start < to) length = (length & 0x7f) + 0x80 * (this.#bytes[start++] as number);
    if (tag < 0x80 && (tag & 7) === BYTES && tag > 7 && length < 0x4000 && start + length <= to && start <= to) {
      this.number = tag >>> 3;
      this.isBytes = true;
      this.start = start;
      this.end = start + length;
      this.#at = this.end;
      return true;
    }
    return this.#anyField();
  }

  #anyField(): boolean {
    const tag = this.#varint();
    this.number = Math.floor(tag / 8);
    this.isBytes = tag % 8 === BYTES;
    const length = this.#length(tag % 8);
    this.start = this.#at;
    this.end = this.#at + length;
    if (Number.isNaN(length) || this.number < 1 || this.end > this.#to) {
      this.isBroken = true;
      return false;
    }
    this.#at = this.end;
    return true;
  }

  /** How long the value is that follows; NaN when nobody can tell. */
  #length(wireType: number): number {
    switch (wireType) {
      case VARINT: {
        const from = this.#at;
        const value = this.#varint();
        const length = this.#at - from;
        this.#at = from;
        return value >= 0 ? length : Number.NaN;
      }
      case FIXED64:
        return 8;
      case BYTES:
        return this.#varint();
      case FIXED32:
        return 4;
      default:
        return Number.NaN;
    }
  }

  /** Rounded beyond 2^53; NaN when it does not end. */
  #varint(): number {
    let value = 0;
    for (let factor = 1; this.#at < this.#to && factor < 2 ** 70; factor *= 128) {
      const byte = this.#bytes[this.#at++] as number;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
    return Number.NaN;
  }
}
