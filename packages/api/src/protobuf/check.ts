import { isUtf8 } from 'node:buffer';
import type { Field, MessageType, ValueType } from './message-type.ts';
import { BYTES, FIXED32, FIXED64, ProtobufError, VARINT } from './wire.ts';

/** Deeper nesting means nothing to anybody, and would exhaust the stack. */
const maxDepth = 200;

/**
 * Checks the structure of a message, so that reading any part of it later cannot fail: lengths, wire types, nesting, text.
 * Fields that the type does not know are passed over.
 *
 * | | cost |
 * |---|---|
 * | n bytes | O(n), nothing allocated |
 *
 * @returns Whether it holds fields that the type does not know: what is decoded is then not all that was sent.
 * @throws {ProtobufError} code `API_PROTOBUF_INVALID`; the message tells where and what, nothing of the content.
 */
export function checkMessage(type: MessageType, bytes: Buffer, from: number = 0, to: number = bytes.length): boolean {
  const walk = new Walk(bytes);
  walk.message(type, from, to, 0);
  return walk.sawUnknown;
}

class Walk {
  readonly #bytes: Buffer;
  #at = 0;
  sawUnknown = false;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  message(type: MessageType, from: number, to: number, depth: number): void {
    if (depth > maxDepth) throw new ProtobufError(`${type.name} is nested deeper than ${maxDepth} levels`);
    const { byNumber } = type;
    this.#at = from;
    while (this.#at < to) {
      const tag = this.#varint(to, type.name);
      const wireType = tag & 7;
      const number = tag >>> 3;
      const field = number < byNumber.length ? byNumber[number] : undefined;
      if (field === undefined) this.#unknown(type, number, wireType, to);
      else this.#field(type, field, wireType, to, depth);
    }
    if (this.#at !== to) throw new ProtobufError(`${type.name} ends within a field`);
  }

  #field(owner: MessageType, field: Field, wireType: number, to: number, depth: number): void {
    const type = field.type.letter === '[' ? (field.type.element as ValueType) : field.type;
    const wanted = wireTypeOf(type.letter);
    if (wireType === BYTES && wanted !== BYTES && field.type.letter === '[') {
      this.#packed(owner, field, wanted, to);
      return;
    }
    if (wireType !== wanted)
      throw new ProtobufError(`${owner.name}.${field.name} must have wire type ${wanted}, got ${wireType}`);
    if (wanted === VARINT) {
      this.#varint(to, owner.name);
      return;
    }
    if (wanted === FIXED64) {
      this.#at += 8;
      if (this.#at > to) throw new ProtobufError(`${owner.name}.${field.name} ends beyond its message`);
      return;
    }
    const length = this.#varint(to, owner.name);
    const start = this.#at;
    const end = start + length;
    if (end > to) throw new ProtobufError(`${owner.name}.${field.name} ends beyond its message`);
    this.#value(type, start, end, owner, field, depth);
    this.#at = end;
  }

  #value(type: ValueType, from: number, to: number, owner: MessageType, field: Field, depth: number): void {
    switch (type.letter) {
      case 's':
        this.#text(from, to, owner, field);
        return;
      case 'm':
        this.message(type.message as MessageType, from, to, depth + 1);
        return;
      case '{':
        this.#entry(type.element as ValueType, from, to, owner, field, depth);
        return;
      case '<':
        this.#wrapped(type.element as ValueType, from, to, owner, field, depth);
        return;
      case 'y':
        return;
      case 'e':
      case 'a':
      case 'k':
        this.#union(type, from, to, owner, field, depth);
        return;
      default:
        this.#scalars(from, to, owner, field);
        return;
    }
  }

  /** A message of numbers and text: a time, a quantity, JSON as bytes. */
  #scalars(from: number, to: number, owner: MessageType, field: Field): void {
    this.#at = from;
    while (this.#at < to) this.#unknownValue(this.#varint(to, owner.name) & 7, to, `${owner.name}.${field.name}`);
    if (this.#at !== to) throw new ProtobufError(`${owner.name}.${field.name} ends within a field`);
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
      if (isSchema) this.message(type.message as MessageType, start, end, depth + 1);
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
        const length = this.#varint(to, owner.name);
        const start = this.#at;
        at = start + length;
        if (at > to) throw new ProtobufError(`${owner.name}.${field.name} ends beyond its message`);
        visit(tag >>> 3, start, at);
      } else {
        this.#unknownValue(tag & 7, to, `${owner.name}.${field.name}`);
        at = this.#at;
      }
    }
    if (at !== to) throw new ProtobufError(`${owner.name}.${field.name} ends within a field`);
    this.#at = to;
  }

  #packed(owner: MessageType, field: Field, wanted: number, to: number): void {
    const length = this.#varint(to, owner.name);
    const end = this.#at + length;
    if (end > to || (wanted === FIXED64 && length % 8 !== 0)) {
      throw new ProtobufError(`${owner.name}.${field.name} ends beyond its message`);
    }
    if (wanted === FIXED64) this.#at = end;
    while (this.#at < end) this.#varint(end, owner.name);
  }

  #unknown(type: MessageType, number: number, wireType: number, to: number): void {
    if (number === 0) throw new ProtobufError(`${type.name} holds a field with number 0`);
    this.sawUnknown = true;
    this.#unknownValue(wireType, to, type.name);
  }

  #unknownValue(wireType: number, to: number, where: string): void {
    if (wireType === VARINT) this.#varint(to, where);
    else if (wireType === BYTES) {
      const length = this.#varint(to, where);
      this.#at += length;
    } else if (wireType === FIXED64) this.#at += 8;
    else if (wireType === FIXED32) this.#at += 4;
    else throw new ProtobufError(`${where} holds a field with wire type ${wireType}`);
    if (this.#at > to) throw new ProtobufError(`${where} ends within a field`);
  }

  #text(from: number, to: number, owner: MessageType, field: Field): void {
    const bytes = this.#bytes;
    for (let at = from; at < to; at++) {
      if ((bytes[at] as number) < 0x80) continue;
      if (isUtf8(bytes.subarray(at, to))) return;
      throw new ProtobufError(`${owner.name}.${field.name} is not UTF-8`);
    }
  }

  /** The lowest 32 bits of a number that ends before `to`, as unsigned. */
  #varint(to: number, where: string): number {
    const bytes = this.#bytes;
    let value = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      if (this.#at >= to) throw new ProtobufError(`${where} ends within a number`);
      const byte = bytes[this.#at++] as number;
      if (shift < 32) value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value >>> 0;
    }
    throw new ProtobufError(`${where} holds a number of more than 10 bytes`);
  }
}

/** How a value of that letter stands on the wire when it is alone. */
export function wireTypeOf(letter: string): number {
  switch (letter) {
    case 'b':
    case 'i':
    case 'l':
      return VARINT;
    case 'd':
      return FIXED64;
    default:
      return BYTES;
  }
}
