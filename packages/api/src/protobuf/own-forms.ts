import { deepFreeze } from '@bowline/apimachinery';
import type { Decoder } from './decode.ts';
import type { ValueType } from './message-type.ts';
import { readText } from './text.ts';
import { formatMicroTime, formatTime } from './time-text.ts';
import { Cursor, neverSeconds } from './wire.ts';

/** A value whose JSON is of another form than its message: a time, a quantity, raw JSON … */
export function readOwnForm(decoder: Decoder, freezes: boolean, type: ValueType, start: number, end: number): unknown {
  const cursor = new Cursor(decoder.bytes, start);
  switch (type.letter) {
    case 't':
    case 'u':
      return readTime(type.letter === 'u', cursor, end);
    case 'q':
      return readLastText(cursor, end) ?? '0';
    case 'n':
      return readIntOrString(cursor, end);
    case 'f':
    case 'r': {
      const value = readJson(readLastText(cursor, end));
      return freezes ? deepFreeze(value) : value;
    }
    default: {
      const value =
        type.letter === '<'
          ? readElements(decoder, type.element as ValueType, 1, cursor, end)
          : readUnion(decoder, type, cursor, end);
      return freezes && Array.isArray(value) ? (Object.freeze(value) as unknown) : value;
    }
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
  if (seconds === neverSeconds && (!micro || micros === 0)) return null;
  return micro ? formatMicroTime(seconds, micros) : formatTime(seconds);
}

/** Field 1, where it is text. */
function readLastText(cursor: Cursor, to: number): string | undefined {
  const { bytes } = cursor;
  let text: string | undefined;
  while (cursor.at < to) {
    const tag = cursor.uint32();
    if (tag !== 0x0a) cursor.skip(tag & 7);
    else {
      const length = cursor.uint32();
      cursor.at += length;
      text = readText(bytes, cursor.at - length, cursor.at);
    }
  }
  return text;
}

function readIntOrString(cursor: Cursor, to: number): number | string {
  const { bytes } = cursor;
  let isString = false;
  let number = 0;
  let text = '';
  while (cursor.at < to) {
    const tag = cursor.uint32();
    if (tag === 0x08) isString = cursor.uint32() !== 0;
    else if (tag === 0x10) number = cursor.int32();
    else if (tag === 0x1a) {
      const length = cursor.uint32();
      cursor.at += length;
      text = readText(bytes, cursor.at - length, cursor.at);
    } else cursor.skip(tag & 7);
  }
  return isString ? text : number;
}

/** JSON that travels as bytes; what is no JSON counts as absent. */
function readJson(text: string | undefined): unknown {
  if (text === undefined || text === '') return null;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}

/** What stands in all fields with that number. */
function readElements(decoder: Decoder, type: ValueType, number: number, cursor: Cursor, to: number): unknown[] {
  const list: unknown[] = [];
  while (cursor.at < to) {
    const tag = cursor.uint32();
    if (tag !== number * 8 + 2) cursor.skip(tag & 7);
    else {
      const length = cursor.uint32();
      cursor.at += length;
      list.push(decoder.value(type, cursor.at - length, cursor.at));
    }
  }
  return list;
}

/** The unions of a CustomResourceDefinition's schema: a schema, or something simpler. */
function readUnion(decoder: Decoder, type: ValueType, cursor: Cursor, to: number): unknown {
  const from = cursor.at;
  const schema: ValueType = { letter: 'm', message: type.message, element: undefined };
  if (type.letter === 'e') {
    let allows = false;
    while (cursor.at < to) {
      const tag = cursor.uint32();
      if (tag === 0x08) allows = cursor.uint32() !== 0;
      else cursor.skip(tag & 7);
    }
    return readElements(decoder, schema, 2, new Cursor(cursor.bytes, from), to).at(-1) ?? allows;
  }
  const element: ValueType = type.letter === 'k' ? { letter: 's', message: undefined, element: undefined } : schema;
  const more = readElements(decoder, element, 2, cursor, to);
  if (more.length > 0) return more;
  return readElements(decoder, schema, 1, new Cursor(cursor.bytes, from), to).at(-1) ?? null;
}

/** How Go writes a value that was never set, where it is no structure. */
export function zeroOf(type: ValueType): unknown {
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
    default:
      return null;
  }
}
