import { isUtf8 } from 'node:buffer';
import {
  type CheckPlan,
  checkPlanOf,
  JSON_BYTES,
  MESSAGE,
  NUMBER,
  OTHER,
  ownForms,
  RAW_JSON,
  TEXT,
  TEXT_PAIR,
  wireTypeOf,
} from './check-plan.ts';
import type { Field, MessageType, ValueType } from './message-type.ts';
import { BYTES, END_GROUP, FIXED32, FIXED64, ProtobufError, START_GROUP, VARINT } from './wire.ts';

/** Deeper nesting means nothing to anybody, and would exhaust the stack. */
const maxDepth = 200;

/** Of JSON that travels as bytes: deeper nesting could be decoded, but neither frozen nor written again. */
const maxJsonDepth = 2_000;

/** How `checkMessage` checks. */
export interface CheckOptions {
  /** Go reads text that is not UTF-8, and replaces what is wrong when it writes JSON; so does `decodeMessage`. @default 'utf8' */
  readonly text?: 'utf8' | 'any';
}

/**
 * Checks the structure of a message, so that reading any part of it later cannot fail: lengths, wire types, nesting (also of JSON that
 * it holds), text.
 * Fields that the type does not know are passed over.
 *
 * | | cost |
 * |---|---|
 * | n bytes | O(n), nothing allocated |
 *
 * @returns Whether it holds fields that the type does not know: what is decoded is then not all that was sent.
 * @throws {ProtobufError} code `API_PROTOBUF_INVALID`; the message tells where and what, nothing of the content.
 */
export function checkMessage(
  type: MessageType,
  bytes: Buffer,
  from: number = 0,
  to: number = bytes.length,
  options: CheckOptions = {},
): boolean {
  const walk = new Walk(bytes, options.text !== 'any');
  walk.message(checkPlanOf(type), from, to, 0);
  return walk.sawUnknown;
}

/** Of four bytes. */
const HIGH_BITS = 0x80808080 | 0;

class Walk {
  readonly #bytes: Buffer;
  /** The same bytes, four at a time. */
  readonly #view: DataView;
  readonly #utf8: boolean;
  #at = 0;
  /** Bits 32 to 63 of the number that was read last. */
  #high = 0;
  sawUnknown = false;

  constructor(bytes: Buffer, utf8: boolean) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#utf8 = utf8;
  }

  message(plan: CheckPlan, from: number, to: number, depth: number): void {
    const { type, forms } = plan;
    if (depth > maxDepth)
      throw new ProtobufError(`${type.name} is nested deeper than ${maxDepth} levels`, 'exceeded max depth');
    const bytes = this.#bytes;
    let fieldStart = from;
    while (fieldStart < to) {
      // Nearly all tags and lengths have one or two bytes. Bytes behind `to` are read, but never trusted: `end` tells.
      let at = fieldStart;
      let tag = bytes[at++] as number;
      if (tag >= 0x80) tag = (tag & 0x7f) + ((bytes[at++] as number) << 7);
      const form = tag < forms.length ? (forms[tag] as number) : OTHER;
      let length = bytes[at++] as number;
      if (form === NUMBER && length < 0x80 && at <= to) {
        fieldStart = at;
        continue;
      }
      if (length >= 0x80) length = (length & 0x7f) + ((bytes[at++] as number) << 7);
      const end = at + length;
      if (form <= NUMBER || length >= 0x4000 || !(end <= to)) {
        fieldStart = this.#anyField(type, fieldStart, to, depth);
        continue;
      }
      if (form === TEXT) {
        if (!this.#isAscii(at, end)) this.#text(at, end, type, type.byNumber[tag >>> 3] as Field);
      } else if (form === MESSAGE) this.message(plan.child(tag >>> 3), at, end, depth + 1);
      else if (form === TEXT_PAIR && !this.#isAsciiPair(at, end)) {
        fieldStart = this.#anyField(type, fieldStart, to, depth);
        continue;
      } else if (form === JSON_BYTES) this.#json(at, end, type);
      fieldStart = end;
    }
    if (fieldStart !== to) throw cutOff(`${type.name} ends within a field`);
    this.#at = to;
  }

  #isAscii(from: number, to: number): boolean {
    if (to - from < 4) {
      for (let at = from; at < to; at++) if ((this.#bytes[at] as number) >= 0x80) return false;
      return true;
    }
    const view = this.#view;
    const last = to - 4;
    for (let at = from; at < last; at += 4) if ((view.getInt32(at) & HIGH_BITS) !== 0) return false;
    return (view.getInt32(last) & HIGH_BITS) === 0;
  }

  /** Whether a pair stands there as Go writes it: key and value, both short and ASCII. */
  #isAsciiPair(from: number, to: number): boolean {
    const bytes = this.#bytes;
    const keyEnd = from + 2 + (bytes[from + 1] as number);
    return (
      to - from < 0x80 &&
      bytes[from] === 0x0a &&
      keyEnd + 2 <= to &&
      bytes[keyEnd] === 0x12 &&
      keyEnd + 2 + (bytes[keyEnd + 1] as number) === to &&
      this.#isAscii(from, to)
    );
  }

  /** A field of any form. Returns where it ends. */
  #anyField(type: MessageType, from: number, to: number, depth: number): number {
    const { byNumber } = type;
    this.#at = from;
    const tag = this.#varint(to, type.name);
    const wireType = tag & 7;
    const number = tag >>> 3;
    if (wireType === END_GROUP || number === 0 || this.#high !== 0) throw this.#illegalTag(type, tag);
    const field = number < byNumber.length ? byNumber[number] : undefined;
    if (field === undefined) {
      this.sawUnknown = true;
      this.#unknownValue(wireType, to, type.name);
    } else this.#field(type, field, wireType, to, depth);
    return this.#at;
  }

  #field(owner: MessageType, field: Field, wireType: number, to: number, depth: number): void {
    const type = field.type.letter === '[' ? (field.type.element as ValueType) : field.type;
    const wanted = wireTypeOf(type.letter);
    if (wireType === BYTES && wanted !== BYTES && field.type.letter === '[') {
      this.#packed(owner, field, wanted, to);
      return;
    }
    if (wireType !== wanted)
      throw new ProtobufError(
        `${owner.name}.${field.name} must have wire type ${wanted}, got ${wireType}`,
        `proto: wrong wireType = ${wireType} for field ${goName(field)}`,
      );
    if (wanted === VARINT) {
      this.#varint(to, owner.name);
      return;
    }
    if (wanted === FIXED64) {
      this.#at += 8;
      if (this.#at > to) throw cutOff(`${owner.name}.${field.name} ends beyond its message`);
      return;
    }
    const length = this.#length(to, owner.name);
    const start = this.#at;
    const end = start + length;
    if (end > to) throw cutOff(`${owner.name}.${field.name} ends beyond its message`);
    this.#value(type, start, end, owner, field, depth);
    this.#at = end;
  }

  #value(type: ValueType, from: number, to: number, owner: MessageType, field: Field, depth: number): void {
    switch (type.letter) {
      case 's':
        this.#text(from, to, owner, field);
        return;
      case 'm':
        this.message(checkPlanOf(type.message as MessageType), from, to, depth + 1);
        return;
      case '{':
        this.#entry(type.element as ValueType, from, to, owner, field, depth);
        return;
      case '<':
        this.#wrapped(type.element as ValueType, from, to, owner, field, depth);
        return;
      case 'y':
        return;
      case RAW_JSON:
        this.#json(from, to, owner);
        return;
      case 'e':
      case 'a':
      case 'k':
        this.#union(type, from, to, owner, field, depth);
        return;
      default:
        this.message(checkPlanOf(ownForms[type.letter] as MessageType), from, to, depth + 1);
        return;
    }
  }

  /** One pair of a map: the key in field 1, the value in field 2. */
  #entry(element: ValueType, from: number, to: number, owner: MessageType, field: Field, depth: number): void {
    this.#pairs(from, to, owner, field, (number, start, end) => {
      if (number === 1) this.#text(start, end, owner, field);
      else if (number === 2) this.#value(element, start, end, owner, field, depth + 1);
    });
  }

  #wrapped(element: ValueType, from: number, to: number, owner: MessageType, field: Field, depth: number): void {
    this.#pairs(from, to, owner, field, (number, start, end) => {
      if (number === 1) this.#value(element, start, end, owner, field, depth + 1);
    });
  }

  #union(type: ValueType, from: number, to: number, owner: MessageType, field: Field, depth: number): void {
    const schemaNumber = type.letter === 'e' ? 2 : 1;
    this.#pairs(from, to, owner, field, (number, start, end) => {
      const isSchema = number === schemaNumber || (type.letter === 'a' && number === 2);
      if (isSchema) this.message(checkPlanOf(type.message as MessageType), start, end, depth + 1);
      else if (type.letter === 'k' && number === 2) this.#text(start, end, owner, field);
    });
  }

  /** Fields of a message without a type; those with a length are given to `visit`. */
  #pairs(
    from: number,
    to: number,
    owner: MessageType,
    field: Field,
    visit: (number: number, start: number, end: number) => void,
  ): void {
    let at = from;
    while (at < to) {
      this.#at = at;
      const tag = this.#varint(to, owner.name);
      if ((tag & 7) === BYTES) {
        const length = this.#length(to, owner.name);
        const start = this.#at;
        at = start + length;
        if (at > to) throw cutOff(`${owner.name}.${field.name} ends beyond its message`);
        visit(tag >>> 3, start, at);
      } else {
        this.#unknownValue(tag & 7, to, `${owner.name}.${field.name}`);
        at = this.#at;
      }
    }
    if (at !== to) throw cutOff(`${owner.name}.${field.name} ends within a field`);
    this.#at = to;
  }

  #packed(owner: MessageType, field: Field, wanted: number, to: number): void {
    const length = this.#length(to, owner.name);
    const end = this.#at + length;
    if (end > to || (wanted === FIXED64 && length % 8 !== 0)) {
      throw cutOff(`${owner.name}.${field.name} ends beyond its message`);
    }
    if (wanted === FIXED64) this.#at = end;
    while (this.#at < end) this.#varint(end, owner.name);
  }

  /** Passes over the value of a field that nobody knows, groups with all that they hold. */
  #unknownValue(wireType: number, to: number, where: string): void {
    let depth = 0;
    for (let type = wireType; ; type = this.#varint(to, where) & 7) {
      if (type === VARINT) this.#varint(to, where);
      else if (type === BYTES) {
        const length = this.#length(to, where);
        this.#at += length;
      } else if (type === FIXED64) this.#at += 8;
      else if (type === FIXED32) this.#at += 4;
      else if (type === START_GROUP) depth++;
      else if (type === END_GROUP && depth > 0) depth--;
      else {
        const goMessage = type === END_GROUP ? 'proto: unexpected end of group' : `proto: illegal wireType ${type}`;
        throw new ProtobufError(`${where} holds a field with wire type ${type}`, goMessage);
      }
      if (this.#at > to) throw cutOff(`${where} ends within a field`);
      if (depth === 0) return;
      if (depth > maxDepth)
        throw new ProtobufError(`${where} holds groups of more than ${maxDepth} levels`, 'exceeded max depth');
    }
  }

  #illegalTag(type: MessageType, tag: number): ProtobufError {
    if ((tag & 7) === END_GROUP) {
      const goMessage = `proto: ${type.name}: wiretype end group for non-group`;
      return new ProtobufError(`${type.name} holds the end of a group that has no start`, goMessage);
    }
    const whole = (BigInt(this.#high) << 32n) | BigInt(tag);
    return new ProtobufError(
      `${type.name} holds a field with number ${whole >> 3n}`,
      `proto: ${type.name}: illegal tag ${BigInt.asIntN(32, whole >> 3n)} (wire type ${whole})`,
    );
  }

  #text(from: number, to: number, owner: MessageType, field: Field): void {
    if (!this.#utf8) return;
    const bytes = this.#bytes;
    for (let at = from; at < to; at++) {
      if ((bytes[at] as number) < 0x80) continue;
      if (isUtf8(bytes.subarray(at, to))) return;
      throw new ProtobufError(`${owner.name}.${field.name} is not UTF-8`, 'string field contains invalid UTF-8');
    }
  }

  #json(from: number, to: number, { name }: MessageType): void {
    // Each level has two brackets.
    if (to - from > 2 * maxJsonDepth && jsonDepth(this.#bytes, from, to) > maxJsonDepth)
      throw new ProtobufError(`${name} holds JSON of more than ${maxJsonDepth} levels`, 'exceeded max depth');
  }

  #length(to: number, where: string): number {
    const length = this.#varint(to, where);
    if (this.#high === 0) return length;
    if (this.#high < 2 ** 31) throw cutOff(`${where} ends within a field`);
    throw new ProtobufError(`${where} holds a negative length`, 'proto: negative length found during unmarshaling');
  }

  /** The lowest 32 bits of a number that ends before `to`, as unsigned; the others are in `#high`. */
  #varint(to: number, where: string): number {
    const bytes = this.#bytes;
    let value = 0;
    let high = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      if (this.#at >= to) throw cutOff(`${where} ends within a number`);
      const byte = bytes[this.#at++] as number;
      if (shift < 28) value |= (byte & 0x7f) << shift;
      else if (shift === 28) {
        value |= (byte & 0x7f) << 28;
        high = (byte & 0x7f) >>> 4;
      } else high |= (byte & 0x7f) << (shift - 32);
      if (byte < 0x80) {
        this.#high = high >>> 0;
        return value >>> 0;
      }
    }
    throw new ProtobufError(`${where} holds a number of more than 10 bytes`, 'proto: integer overflow');
  }
}

/** The deepest nesting of JSON; of what is none, some number. */
function jsonDepth(bytes: Buffer, from: number, to: number): number {
  let depth = 0;
  let deepest = 0;
  let isInString = false;
  for (let at = from; at < to; at++) {
    const byte = bytes[at];
    if (isInString && byte === 0x5c) at++;
    else if (byte === 0x22) isInString = !isInString;
    else if (isInString) continue;
    else if (byte === 0x5b || byte === 0x7b) deepest = Math.max(deepest, ++depth);
    else if (byte === 0x5d || byte === 0x7d) depth--;
  }
  return deepest;
}

function cutOff(message: string): ProtobufError {
  return new ProtobufError(message, 'unexpected EOF');
}

/** Go's name of a field, as far as its JSON name tells it. */
function goName({ name, type }: Field): string {
  const embedded = type.message?.name ?? '';
  if (embedded === 'ObjectMeta' || embedded === 'ListMeta' || name === '') return embedded;
  return name.charAt(0).toUpperCase() + name.slice(1);
}
