import { compareBytes, ObjectMakers, setMember, unread } from '@bowline/apimachinery';
import { Fields, shortKeyEnd } from './fields.ts';
import { joinParts } from './join-parts.ts';
import type { MessageType, ValueType } from './message-type.ts';
import { readOwnForm, zeroOf } from './own-forms.ts';
import {
  BOOL,
  EMBEDDED,
  type FieldPlan,
  type FieldsByNumber,
  LATE,
  MAP,
  MESSAGE,
  MESSAGES,
  NUMBERS,
  OTHERS,
  planOf,
  type StructPlan,
  TEXT,
  TEXTS,
} from './struct-plan.ts';
import { readText } from './text.ts';
import { BYTES, Cursor, VARINT } from './wire.ts';

/**
 * A message as the JSON that Go writes of it, as plain data: fields in Go's order, empty ones left out where Go leaves them out.
 * `apiVersion` and `kind` stand in the envelope, not here. The bytes must have passed `checkMessage`.
 */
export function decodeMessage(
  type: MessageType,
  bytes: Buffer,
  from: number = 0,
  to: number = bytes.length,
): Record<string, unknown> {
  return startDecoder(bytes, false).struct(planOf(type), from, to);
}

/** @param freezes Whether all that is made is frozen. */
export function startDecoder(bytes: Buffer, freezes: boolean): Decoder {
  if (used !== 0) {
    // The call before has failed: nobody had checked its bytes.
    values = [];
    used = 0;
  }
  return new Decoder(bytes, freezes);
}

const mapMakers = new ObjectMakers();

/** Values of the fields of the objects that are being made, by slot, those of inner objects behind those of outer ones. */
let values: unknown[] = [];
/** How many of them are in use: 0 between two calls. */
let used = 0;

/** Makes objects of bytes that were checked. */
export class Decoder {
  readonly bytes: Buffer;
  readonly #freezes: boolean;
  /**
   * Whether `bytes` is one message whose parts were joined. Those within it are joined before they are read: who reads a part in vain at
   * each depth takes twice the time for each.
   */
  readonly #joins: boolean;
  /** Behind what was read last, by those who say so. */
  #at = 0;
  /** Of the pair that was read last. */
  #key = '';

  constructor(bytes: Buffer, freezes: boolean, joins: boolean = false) {
    this.bytes = bytes;
    this.#freezes = freezes;
    this.#joins = joins;
  }

  struct(plan: StructPlan, from: number, to: number = this.bytes.length): Record<string, unknown> {
    if (this.#joins && from > 0) return this.#joined(plan, from, to).struct(plan, 0);
    const base = used;
    used = base + plan.size;
    while (values.length < used) values.push(undefined);
    if (!this.#readFields(plan.byNumber, from, to, values, base)) {
      values.fill(undefined, base, used);
      used = base;
      return this.#joined(plan, from, to).struct(plan, 0);
    }
    for (const field of plan.required) {
      if (values[base + field.slot] === undefined) values[base + field.slot] = this.absent(field);
    }
    if (this.#freezes) for (const { slot } of plan.numberLists) Object.freeze(values[base + slot]);
    const { names } = plan;
    const own = values;
    let count = 0;
    for (let slot = 0; slot < names.length; slot++) if (own[base + slot] !== undefined) count++;
    const out = plan.makers.make(count);
    for (let slot = 0; slot < names.length; slot++) {
      const value = own[base + slot];
      if (value === undefined) continue;
      out[names[slot] as string] = value;
      own[base + slot] = undefined;
    }
    for (let slot = names.length; slot < plan.size; slot++) own[base + slot] = undefined;
    used = base;
    return this.#freezes ? Object.freeze(out) : out;
  }

  /** The value of the one field of a plan; undefined where the object does not have it. */
  only(plan: StructPlan, from: number, to: number = this.bytes.length): unknown {
    const [field] = plan.fields;
    if (field === undefined) return undefined;
    const base = used;
    used = base + plan.size;
    while (values.length < used) values.push(undefined);
    const isWhole = this.#readFields(plan.byNumber, from, to, values, base);
    const value = values[base + field.slot];
    values.fill(undefined, base, used);
    used = base;
    if (!isWhole) return this.#joined(plan, from, to).only(plan, 0);
    if (value === undefined) return field.isRequired ? this.absent(field) : undefined;
    return this.#freezes && field.code === NUMBERS ? Object.freeze(value) : value;
  }

  /** Of a message with each of its fields in one place. */
  #joined({ byNumber }: StructPlan, from: number, to: number): Decoder {
    return new Decoder(joinParts(byNumber, this.bytes, from, to), this.#freezes, true);
  }

  /** What Go writes of a field that is not on the wire and yet not left out. */
  absent(field: FieldPlan): unknown {
    if (field.field.pointer) return null;
    return field.code === MESSAGE ? this.struct(field.child, 0, 0) : zeroOf(field.field.type);
  }

  /** A value of any type whose length stands before it; of a list or map it is one element. */
  value(type: ValueType, start: number, end: number): unknown {
    switch (type.letter) {
      case 's':
        return readText(this.bytes, start, end);
      case 'm':
        return this.struct(planOf(type.message as MessageType), start, end);
      case 'y':
        return this.bytes.toString('base64', start, end);
      default:
        return readOwnForm(this, this.#freezes, type, start, end);
    }
  }

  /**
   * Reads the fields of a message that is ordered as `isOrdered` has it, those that are put off as `unread`.
   *
   * @param out Has room for the slots of the plan from `base` on; what it has in those of embedded structures means nothing.
   */
  fields(plan: StructPlan, from: number, to: number, out: unknown[], base: number): void {
    out.fill(undefined, base);
    this.#readFields(plan.byNumber, from, to, out, base);
    for (const field of plan.required) {
      const slot = base + field.slot;
      if (out[slot] === undefined) out[slot] = field.code === LATE ? unread : this.absent(field);
    }
  }

  /**
   * Reads the fields of a message to their slots in `own`, which begin at `base`.
   * @returns False when a message came in parts, or a list or map with other fields between: they must be joined first.
   */
  #readFields(byNumber: FieldsByNumber, from: number, to: number, own: unknown[], base: number): boolean {
    const { bytes } = this;
    let at = from;
    while (at < to) {
      const fieldStart = at;
      let tag = bytes[at++] as number;
      if (tag >= 0x80) {
        const next = bytes[at++] as number;
        tag = (tag & 0x7f) | ((next & 0x7f) << 7);
        if (next >= 0x80) {
          const cursor = new Cursor(bytes, fieldStart);
          tag = cursor.uint32();
          at = cursor.at;
        }
      }
      const number = tag >>> 3;
      const field = number < byNumber.length ? byNumber[number] : undefined;
      if ((tag & 7) !== BYTES) {
        at = this.#readOther(field, tag & 7, at, own, base);
        continue;
      }
      let length = bytes[at++] as number;
      if (length >= 0x80) {
        const next = bytes[at++] as number;
        length = (length & 0x7f) | (next << 7);
        if (next >= 0x80) {
          const cursor = new Cursor(bytes, at - 2);
          length = cursor.uint32();
          at = cursor.at;
        }
      }
      const end = at + length;
      if (field === undefined) {
        at = end;
        continue;
      }
      const slot = base + field.slot;
      switch (field.code) {
        case TEXT:
          own[slot] = length === 0 && field.omitsEmpty ? undefined : readText(bytes, at, end);
          break;
        case LATE:
          own[slot] = unread;
          break;
        case MESSAGE:
          if (own[slot] !== undefined) return false;
          own[slot] = this.struct(field.child, at, end);
          break;
        case EMBEDDED:
          if (own[slot] !== undefined) return false;
          own[slot] = true;
          if (!this.#readFields(field.inner as FieldsByNumber, at, end, own, base)) return false;
          break;
        case NUMBERS:
          this.#readPacked(field, at, end, own, slot);
          break;
        case MAP:
        case MESSAGES:
        case TEXTS:
        case OTHERS: {
          if (own[slot] !== undefined) return false;
          const tagBytes = tagBytesAt(bytes, fieldStart);
          const count = this.#count(fieldStart, tagBytes, end, to);
          own[slot] =
            field.code === MAP
              ? this.#readMap(field.type, count, tagBytes, at, end)
              : this.#readList(field, count, tagBytes, at, end);
          at = this.#at;
          continue;
        }
        default: {
          const value = this.value(field.type, at, end);
          const isLeftOut = (value === '' && field.omitsEmpty) || (value === null && field.omitsNull);
          own[slot] = isLeftOut ? undefined : value;
        }
      }
      at = end;
    }
    return true;
  }

  /** A field without a length before it, or that nobody knows. Returns where it ends. */
  #readOther(field: FieldPlan | undefined, wireType: number, at: number, own: unknown[], base: number): number {
    const { bytes } = this;
    const cursor = new Cursor(bytes, at);
    if (field === undefined) cursor.skip(wireType);
    else if (field.code === LATE) {
      cursor.skip(wireType);
      own[base + field.slot] = unread;
    } else {
      const slot = base + field.slot;
      // Most numbers are one byte.
      const byte = wireType === VARINT ? (bytes[at] as number) : 0x80;
      if (byte < 0x80 && field.code !== NUMBERS) {
        own[slot] = byte === 0 && field.omitsEmpty ? undefined : field.code === BOOL ? byte !== 0 : byte;
        return at + 1;
      }
      const value = readNumber(field.type, cursor);
      if (field.code !== NUMBERS) own[slot] = field.omitsEmpty && (value === 0 || value === false) ? undefined : value;
      else if (own[slot] === undefined) own[slot] = [value];
      else (own[slot] as unknown[]).push(value);
    }
    return cursor.at;
  }

  #readPacked({ type }: FieldPlan, at: number, end: number, own: unknown[], slot: number): void {
    const list = (own[slot] ?? []) as unknown[];
    for (const cursor = new Cursor(this.bytes, at); cursor.at < end; ) list.push(readNumber(type, cursor));
    own[slot] = list;
  }

  /** How many fields with the same tag follow on each other; the first one ends at `end`. */
  #count(fieldStart: number, tagBytes: number, end: number, to: number): number {
    const { bytes } = this;
    const first = bytes[fieldStart];
    const second = bytes[fieldStart + 1];
    let count = 1;
    let at = end;
    while (at < to && tagBytes > 0 && bytes[at] === first && (tagBytes === 1 || bytes[at + 1] === second)) {
      const length = this.#length(at + tagBytes);
      at = this.#at + length;
      count++;
    }
    return count;
  }

  #length(at: number): number {
    const byte = this.bytes[at] as number;
    this.#at = at + 1;
    if (byte < 0x80) return byte;
    const cursor = new Cursor(this.bytes, at);
    const length = cursor.uint32();
    this.#at = cursor.at;
    return length;
  }

  /** @param start Where the first of `count` elements stands, `end` behind it. */
  #readList(field: FieldPlan, count: number, tagBytes: number, start: number, end: number): unknown[] {
    const list = new Array<unknown>(count);
    let from = start;
    let to = end;
    for (let index = 0; index < count; index++) {
      if (index > 0) {
        const length = this.#length(to + tagBytes);
        from = this.#at;
        to = from + length;
      }
      if (field.code === MESSAGES) list[index] = this.struct(field.child, from, to);
      else if (field.code === TEXTS) list[index] = readText(this.bytes, from, to);
      else list[index] = this.value(field.type, from, to);
    }
    this.#at = to;
    return this.#freezes ? (Object.freeze(list) as unknown[]) : list;
  }

  /** Pairs in the order of their keys' bytes, as Go writes them. */
  #readMap(type: ValueType, count: number, tagBytes: number, start: number, end: number): Record<string, unknown> {
    let out = mapMakers.make(count);
    let isSorted = true;
    let before = '';
    let to = end;
    for (let index = 0, from = start; index < count; index++) {
      if (index > 0) {
        const length = this.#length(to + tagBytes);
        from = this.#at;
        to = from + length;
      }
      const value = this.readPair(type, from, to);
      const key = this.#key;
      isSorted &&= compareBytes(before, key) <= 0;
      setMember(out, key, value);
      before = key;
    }
    if (!isSorted) out = sorted(out);
    this.#at = to;
    return this.#freezes ? Object.freeze(out) : out;
  }

  /** Reads a pair of a map: its key to `#key`, and returns its value. */
  readPair(type: ValueType, from: number, to: number): unknown {
    const { bytes } = this;
    const keyEnd = shortKeyEnd(bytes, from, to);
    if (keyEnd > 0) {
      // The value may hold maps, too.
      const own = this.value(type, keyEnd + 2, to);
      this.#key = readText(bytes, from + 2, keyEnd);
      return own;
    }
    let key = '';
    let value: unknown;
    const fields = new Fields(bytes, from, to);
    while (fields.next()) {
      const { number, start, end } = fields;
      if (fields.wireType !== BYTES) continue;
      if (number === 1) key = readText(bytes, start, end);
      else if (number === 2) value = this.value(type, start, end);
    }
    this.#key = key;
    return value === undefined ? this.#absentPairValue(type) : value;
  }

  /** How Go writes the value of a pair that has none on the wire: it makes lists and bytes for it that are empty, not absent. */
  #absentPairValue(type: ValueType): unknown {
    if (type.letter === 'm') return this.struct(planOf(type.message as MessageType), 0, 0);
    if (type.letter === 'y') return '';
    if (type.letter !== '<') return zeroOf(type);
    return this.#freezes ? Object.freeze([]) : [];
  }
}

function readNumber(type: ValueType, cursor: Cursor): unknown {
  switch (type.letter) {
    case 'b':
      return cursor.uint32() !== 0;
    case 'i':
      return cursor.int32();
    case 'l':
      return cursor.int64();
    default:
      return cursor.double();
  }
}

/** How many bytes a tag has: 1 or 2; 0 for one that is spelled as Go does not. */
function tagBytesAt(bytes: Buffer, at: number): number {
  if ((bytes[at] as number) < 0x80) return 1;
  return (bytes[at + 1] as number) < 0x80 ? 2 : 0;
}

function sorted(map: Record<string, unknown>): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  for (const key of Object.keys(map).sort(compareBytes)) setMember(out, key, map[key]);
  return out;
}
