/** What has happened to an object. */
export type EventType = 'added' | 'modified' | 'deleted';

/** By length. */
const types: ReadonlyMap<number, { readonly word: Buffer; readonly type: EventType }> = new Map(
  (['added', 'modified', 'deleted'] as const).map((type) => [
    type.length,
    { word: Buffer.from(type.toUpperCase()), type },
  ]),
);

/** Field 1 and field 2 with a length. */
const FIRST = 0x0a;
const SECOND = 0x12;

/** What Go, and the embedded server, write behind an object: that it is not encoded, and nothing of its type. */
const tails: readonly Buffer[] = ['', '1a00', '1a002200'].map((hex) => Buffer.from(hex, 'hex'));

/**
 * Finds the objects in the events of a watch that are written as Go writes them: type, then object, all of one kind. Everything else is left to
 * who knows what else protobuf allows.
 */
export class UsualEvents {
  /** What stands before each object: `k8s` and a zero byte, its type, and the tag of the object itself. */
  readonly #head: Buffer;
  #at = 0;
  /** Where the object stands that was found last. */
  from = 0;
  to = 0;

  constructor(apiVersion: string, kind: string) {
    const type = Buffer.concat([field(FIRST, Buffer.from(apiVersion)), field(SECOND, Buffer.from(kind))]);
    this.#head = Buffer.concat([Buffer.from('k8s\0'), field(FIRST, type), Buffer.of(SECOND)]);
  }

  /** The type of an event whose object then stands from `from` to `to`; undefined for one that is written otherwise. */
  find(bytes: Buffer, start: number, end: number): EventType | undefined {
    const length = bytes[start + 1] as number;
    const type = types.get(length);
    if (type === undefined || bytes[start] !== FIRST || !standsAt(bytes, start + 2, type.word)) return undefined;
    this.#at = start + 2 + length;
    if (!this.#reaches(bytes, SECOND, end) || !this.#reaches(bytes, FIRST, end)) return undefined;
    if (!standsAt(bytes, this.#at, this.#head)) return undefined;
    this.#at += this.#head.length;
    const to = this.#length(bytes) + this.#at;
    const tail = to <= end ? tails[(end - to) / 2] : undefined;
    if (tail === undefined || !standsAt(bytes, to, tail)) return undefined;
    this.from = this.#at;
    this.to = to;
    return type.type;
  }

  /** Whether a field with that tag follows that ends at `end`. */
  #reaches(bytes: Buffer, tag: number, end: number): boolean {
    if (bytes[this.#at++] !== tag) return false;
    const length = this.#length(bytes);
    return this.#at + length === end;
  }

  /** NaN when it is too long, or beyond all bytes. */
  #length(bytes: Buffer): number {
    let length = 0;
    for (let factor = 1; factor < 2 ** 28; factor *= 128) {
      const byte = bytes[this.#at++] as number;
      length += (byte & 0x7f) * factor;
      if (byte < 0x80) return length;
    }
    return Number.NaN;
  }
}

function field(tag: number, value: Buffer): Buffer {
  const { length } = value;
  const lengthBytes = length < 0x80 ? [length] : [(length & 0x7f) | 0x80, length >>> 7];
  return Buffer.concat([Buffer.of(tag, ...lengthBytes), value]);
}

function standsAt(bytes: Buffer, at: number, expected: Buffer): boolean {
  for (let index = 0; index < expected.length; index++) if (bytes[at + index] !== expected[index]) return false;
  return true;
}
