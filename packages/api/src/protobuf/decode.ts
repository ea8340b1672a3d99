import { compareBytes, setMember } from '@bowline/apimachinery';
import type { Field, MessageType, ValueType } from './message-type.ts';
import { BYTES, Cursor, neverSeconds } from './wire.ts';

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
  const out: Record<string, unknown> = {};
  write(type, readFields(type, new Cursor(bytes, from), to, undefined), out);
  return out;
}

/** Values by the place of their field; embedded structures as such a list of their own. */
type Values = unknown[];

function readFields(type: MessageType, cursor: Cursor, to: number, before: Values | undefined): Values {
  const values: Values = before ?? new Array(type.fields.length);
  const { byNumber } = type;
  while (cursor.at < to) {
    const tag = cursor.uint32();
    const number = tag >>> 3;
    const field = number < byNumber.length ? byNumber[number] : undefined;
    if (field === undefined) cursor.skip(tag & 7);
    else values[field.index] = readField(field, tag & 7, cursor, values[field.index]);
  }
  return values;
}

/** @param before What an earlier occurrence of the field gave: lists and maps go on, messages are merged, others are replaced. */
function readField(field: Field, wireType: number, cursor: Cursor, before: unknown): unknown {
  const { type } = field;
  switch (type.letter) {
    case '[': {
      const list = (before ?? []) as unknown[];
      const element = type.element as ValueType;
      if (wireType === BYTES && 'bild'.includes(element.letter)) {
        const length = cursor.uint32();
        for (const end = cursor.at + length; cursor.at < end; ) list.push(readValue(element, cursor));
      } else list.push(readValue(element, cursor));
      return list;
    }
    case '{': {
      const map = (before ?? new Pairs()) as Pairs;
      readEntry(type.element as ValueType, cursor, map);
      return map;
    }
    case 'm': {
      const length = cursor.uint32();
      return readFields(type.message as MessageType, cursor, cursor.at + length, before as Values | undefined);
    }
    default:
      return readValue(type, cursor);
  }
}

/** A value in its final form. */
function readValue(type: ValueType, cursor: Cursor): unknown {
  switch (type.letter) {
    case 's':
      return readString(cursor);
    case 'b':
      return cursor.uint32() !== 0;
    case 'i':
      return cursor.int32();
    case 'l':
      return cursor.int64();
    case 'd': {
      const value = cursor.bytes.readDoubleLE(cursor.at);
      cursor.at += 8;
      return value;
    }
    case 'y': {
      const length = cursor.uint32();
      cursor.at += length;
      return cursor.bytes.toString('base64', cursor.at - length, cursor.at);
    }
    case 'm': {
      const length = cursor.uint32();
      const out: Record<string, unknown> = {};
      write(
        type.message as MessageType,
        readFields(type.message as MessageType, cursor, cursor.at + length, undefined),
        out,
      );
      return out;
    }
    default: {
      const length = cursor.uint32();
      const to = cursor.at + length;
      const value = readOwnForm(type, cursor, to);
      cursor.at = to;
      return value;
    }
  }
}

function readString(cursor: Cursor): string {
  const length = cursor.uint32();
  const start = cursor.at;
  cursor.at = start + length;
  return cursor.bytes.toString('utf8', start, cursor.at);
}

/** Pairs of a map as they come; Go writes them sorted by key, as bytes sort. */
class Pairs {
  readonly keys: string[] = [];
  readonly values: unknown[] = [];

  toObject(): Record<string, unknown> {
    const out: Record<string, unknown> = {};
    const { keys, values } = this;
    let sorted = true;
    for (let index = 1; index < keys.length; index++) {
      if (compareBytes(keys[index - 1] as string, keys[index] as string) > 0) {
        sorted = false;
        break;
      }
    }
    if (sorted) for (let index = 0; index < keys.length; index++) setMember(out, keys[index] as string, values[index]);
    else {
      const entries = new Map(keys.map((key, index) => [key, values[index]]));
      for (const key of [...entries.keys()].sort(compareBytes)) setMember(out, key, entries.get(key));
    }
    return out;
  }
}

function readEntry(element: ValueType, cursor: Cursor, map: Pairs): void {
  const length = cursor.uint32();
  const to = cursor.at + length;
  let key = '';
  let value: unknown;
  while (cursor.at < to) {
    const tag = cursor.uint32();
    if (tag === 0x0a) key = readString(cursor);
    else if (tag >>> 3 === 2) value = readValue(element, cursor);
    else cursor.skip(tag & 7);
  }
  map.keys.push(key);
  map.values.push(value === undefined ? zeroOfMap(element) : value);
}

function readOwnForm(type: ValueType, cursor: Cursor, to: number): unknown {
  switch (type.letter) {
    case 't':
    case 'u':
      return readTime(type.letter === 'u', cursor, to);
    case 'q': {
      let text = '0';
      while (cursor.at < to) {
        const tag = cursor.uint32();
        if (tag === 0x0a) text = readString(cursor);
        else cursor.skip(tag & 7);
      }
      return text;
    }
    case 'n':
      return readIntOrString(cursor, to);
    case '<': {
      const list: unknown[] = [];
      while (cursor.at < to) {
        const tag = cursor.uint32();
        if (tag >>> 3 === 1) list.push(readValue(type.element as ValueType, cursor));
        else cursor.skip(tag & 7);
      }
      return list;
    }
    case 'f':
    case 'r':
      return readJson(cursor, to);
    default:
      return readUnion(type, cursor, to);
  }
}

/** RFC 3339 in UTC; null for a time that was never set. */
function readTime(micro: boolean, cursor: Cursor, to: number): string | null {
  if (cursor.at === to) return null;
  let seconds = 0;
  let nanos = 0;
  while (cursor.at < to) {
    const tag = cursor.uint32();
    if (tag === 0x08) seconds = cursor.int64();
    else if (tag === 0x10) nanos = cursor.int32();
    else cursor.skip(tag & 7);
  }
  const micros = Math.floor(nanos / 1000);
  const date = new Date(seconds * 1000);
  if (Number.isNaN(date.getTime()) || (seconds === neverSeconds && (!micro || micros === 0))) return null;
  // Go writes years beyond 9999 as they are.
  const text = date.toISOString().slice(0, -5).replace(/^\+0*/, '');
  return micro ? `${text}.${String(micros).padStart(6, '0')}Z` : `${text}Z`;
}

function readIntOrString(cursor: Cursor, to: number): number | string {
  let isString = false;
  let number = 0;
  let text = '';
  while (cursor.at < to) {
    const tag = cursor.uint32();
    if (tag === 0x08) isString = cursor.uint32() !== 0;
    else if (tag === 0x10) number = cursor.int32();
    else if (tag === 0x1a) text = readString(cursor);
    else cursor.skip(tag & 7);
  }
  return isString ? text : number;
}

/** JSON that travels as bytes; what is no JSON counts as absent. */
function readJson(cursor: Cursor, to: number): unknown {
  let text = '';
  while (cursor.at < to) {
    const tag = cursor.uint32();
    if (tag === 0x0a) text = readString(cursor);
    else cursor.skip(tag & 7);
  }
  if (text === '') return null;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}

/** The unions of a CustomResourceDefinition's schema: a schema, or something simpler. */
function readUnion(type: ValueType, cursor: Cursor, to: number): unknown {
  const message: ValueType = { letter: 'm', message: type.message, element: undefined };
  const schemaNumber = type.letter === 'e' ? 2 : 1;
  let schema: unknown = null;
  let allows = false;
  const more: unknown[] = [];
  while (cursor.at < to) {
    const tag = cursor.uint32();
    const number = tag >>> 3;
    if (number === schemaNumber) schema = readValue(message, cursor);
    else if (number === 1) allows = cursor.uint32() !== 0;
    else if (number === 2) more.push(type.letter === 'k' ? readString(cursor) : readValue(message, cursor));
    else cursor.skip(tag & 7);
  }
  if (more.length > 0) return more;
  return schema === null && type.letter === 'e' ? allows : schema;
}

/** Writes the fields of a structure in their order. */
function write(type: MessageType, values: Values, out: Record<string, unknown>): void {
  for (const field of type.fields) {
    const value = values[field.index];
    if (field.name === '') write(field.type.message as MessageType, (value ?? []) as Values, out);
    else if (value === undefined) {
      if (field.pointer ? field.omitEmpty : field.omitZero || (field.omitEmpty && canBeEmpty(field.type.letter)))
        continue;
      out[field.name] = field.pointer ? null : zero(field.type);
    } else if (
      !field.pointer &&
      ((field.omitEmpty && canBeEmpty(field.type.letter) && isEmpty(value)) || (field.omitZero && value === null))
    )
      continue;
    else out[field.name] = final(field.type, value);
  }
}

/** The final form of what `readField` gave. */
function final(type: ValueType, value: unknown): unknown {
  if (type.letter === '{') return (value as Pairs).toObject();
  if (type.letter !== 'm') return value;
  const out: Record<string, unknown> = {};
  write(type.message as MessageType, value as Values, out);
  return out;
}

/** What `omitempty` leaves out. Maps and lists that are on the wire are not empty. */
function isEmpty(value: unknown): boolean {
  return value === '' || value === 0 || value === false;
}

/** Structures and types with a form of their own are never empty for Go. */
function canBeEmpty(letter: string): boolean {
  return 'sbildy[{<'.includes(letter);
}

/** How Go writes the value of a pair that has none on the wire: it makes lists and bytes for it that are empty, not absent. */
function zeroOfMap(element: ValueType): unknown {
  if (element.letter === 'y') return '';
  return element.letter === '<' ? [] : zero(element);
}

/** How Go writes a value that was never set. */
function zero(type: ValueType): unknown {
  switch (type.letter) {
    case 's':
      return '';
    case 'b':
    case 'e':
      return false;
    case 'i':
    case 'l':
    case 'd':
    case 'n':
      return 0;
    case 'q':
      return '0';
    case 'm': {
      const out: Record<string, unknown> = {};
      write(type.message as MessageType, [], out);
      return out;
    }
    default:
      return null;
  }
}
