import { compareBytes } from '@bowline/apimachinery';
import { wireTypeOf } from './check-plan.ts';
import type { Field, MessageType, ValueType } from './message-type.ts';
import { BYTES, neverSeconds, VARINT, varintBytes, writeVarint } from './wire.ts';

/**
 * An object as a protobuf message, as Go writes it: fields in the order of their numbers, values that are no pointers also when they are empty,
 * maps sorted by key. What the type does not know is left out.
 *
 * @throws {TypeError} when a value is of another type than its field; the message names the field.
 */
export function encodeMessage(type: MessageType, object: object): Buffer {
  const writer = new BackWriter();
  writeMessage(writer, type, object as Record<string, unknown>, type.name);
  return writer.finish();
}

/** Writes from the end to the beginning: the length of what is nested is then known when it is needed. */
class BackWriter {
  #bytes: Buffer = Buffer.allocUnsafe(1024);
  /** Where the first byte stands. */
  #at = 1024;

  /** How many bytes there are. */
  get length(): number {
    return this.#bytes.length - this.#at;
  }

  finish(): Buffer {
    return Buffer.from(this.#bytes.subarray(this.#at));
  }

  #reserve(count: number): void {
    if (this.#at >= count) return;
    const length = this.length;
    const larger = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, length + count));
    this.#bytes.copy(larger, larger.length - length, this.#at);
    this.#bytes = larger;
    this.#at = larger.length - length;
  }

  tag(number: number, wireType: number): void {
    this.uint32(((number << 3) | wireType) >>> 0);
  }

  uint32(value: number): void {
    this.#reserve(5);
    this.#at -= varintBytes(value);
    writeVarint(this.#bytes, this.#at, value);
  }

  int64(value: number): void {
    if (value >= 0 && value <= 0xffff_ffff) {
      this.uint32(value);
      return;
    }
    this.#reserve(10);
    const digits: number[] = [];
    for (let rest = BigInt.asUintN(64, BigInt(value)); ; rest >>= 7n) {
      if (rest < 0x80n) {
        digits.push(Number(rest));
        break;
      }
      digits.push(Number(rest & 0x7fn) | 0x80);
    }
    this.#at -= digits.length;
    this.#bytes.set(digits, this.#at);
  }

  double(value: number): void {
    this.#reserve(8);
    this.#at -= 8;
    this.#bytes.writeDoubleLE(value, this.#at);
  }

  text(value: string): void {
    const length = Buffer.byteLength(value);
    this.#reserve(length);
    this.#at -= length;
    this.#bytes.write(value, this.#at, 'utf8');
    this.uint32(length);
  }

  raw(value: Buffer): void {
    this.#reserve(value.length);
    this.#at -= value.length;
    value.copy(this.#bytes, this.#at);
    this.uint32(value.length);
  }

  /** What `body` writes, with its length before it. */
  sized(body: () => void): void {
    const before = this.length;
    body();
    this.uint32(this.length - before);
  }
}

function writeMessage(writer: BackWriter, type: MessageType, object: Record<string, unknown>, path: string): void {
  const { byNumber } = type;
  for (let number = byNumber.length - 1; number > 0; number--) {
    const field = byNumber[number];
    if (field !== undefined) writeField(writer, field, object, path);
  }
}

function writeField(writer: BackWriter, field: Field, object: Record<string, unknown>, path: string): void {
  const { type, number } = field;
  // An embedded structure has its fields beside the others.
  const value = field.name === '' ? object : Object.hasOwn(object, field.name) ? object[field.name] : undefined;
  const where = field.name === '' ? path : `${path}.${field.name}`;
  if (type.letter === '[') {
    const list = value ?? [];
    if (!Array.isArray(list)) throw wrong(where, 'a list', value);
    for (let index = list.length - 1; index >= 0; index--) {
      writeTagged(writer, number, type.element as ValueType, list[index], `${where}[${index}]`);
    }
  } else if (type.letter === '{') {
    const map = recordAt(value ?? {}, where);
    for (const key of Object.keys(map).sort((a, b) => compareBytes(b, a))) {
      writer.sized(() => {
        const element = type.element as ValueType;
        const isAbsent = element.letter === 'y' && (map[key] === undefined || map[key] === null);
        if (!isAbsent) writeTagged(writer, 2, element, map[key], `${where}.${key}`);
        writer.text(key);
        writer.tag(1, BYTES);
      });
      writer.tag(number, BYTES);
    }
  } else if (value === undefined || value === null) {
    if (!field.pointer && !'yf<'.includes(type.letter)) writeTagged(writer, number, type, undefined, where);
  } else writeTagged(writer, number, type, value, where);
}

function writeTagged(writer: BackWriter, number: number, type: ValueType, value: unknown, where: string): void {
  writeValue(writer, type, value, where);
  writer.tag(number, wireTypeOf(type.letter));
}

/** @param value Undefined and null stand for Go's zero. */
function writeValue(writer: BackWriter, type: ValueType, value: unknown, where: string): void {
  switch (type.letter) {
    case 's':
      writer.text(stringAt(value, where));
      return;
    case 'b':
      if (value !== undefined && value !== null && typeof value !== 'boolean') throw wrong(where, 'a boolean', value);
      writer.uint32(value === true ? 1 : 0);
      return;
    case 'i':
    case 'l': {
      const number = numberAt(value, where);
      if (!Number.isInteger(number)) throw wrong(where, 'an integer', value);
      writer.int64(number);
      return;
    }
    case 'd':
      writer.double(numberAt(value, where));
      return;
    case 'y':
      writer.raw(Buffer.from(stringAt(value, where), 'base64'));
      return;
    case 'm':
      writer.sized(() => writeMessage(writer, type.message as MessageType, recordAt(value ?? {}, where), where));
      return;
    default:
      writer.sized(() => writeOwnForm(writer, type, value, where));
      return;
  }
}

function writeOwnForm(writer: BackWriter, type: ValueType, value: unknown, where: string): void {
  const message: ValueType = { letter: 'm', message: type.message, element: undefined };
  switch (type.letter) {
    case 't':
    case 'u':
      writeTime(writer, value, type.letter === 'u', where);
      return;
    case 'q':
      writer.text(value === undefined || value === null ? '0' : String(value));
      writer.tag(1, BYTES);
      return;
    case 'n': {
      const isString = typeof value === 'string';
      writer.text(isString ? value : '');
      writer.tag(3, BYTES);
      writer.int64(isString ? 0 : numberAt(value, where));
      writer.tag(2, VARINT);
      writer.uint32(isString ? 1 : 0);
      writer.tag(1, VARINT);
      return;
    }
    case 'f':
    case 'r':
      if (value === undefined || value === null) return;
      writer.text(JSON.stringify(value));
      writer.tag(1, BYTES);
      return;
    case '<': {
      if (!Array.isArray(value ?? [])) throw wrong(where, 'a list', value);
      const list = (value ?? []) as unknown[];
      for (let index = list.length - 1; index >= 0; index--) {
        writeTagged(writer, 1, type.element as ValueType, list[index], `${where}[${index}]`);
      }
      return;
    }
    case 'e':
      if (typeof value === 'object' && value !== null) writeTagged(writer, 2, message, value, where);
      writer.uint32(value === false || value === undefined || value === null ? 0 : 1);
      writer.tag(1, VARINT);
      return;
    default: {
      if (!Array.isArray(value)) {
        if (value !== undefined && value !== null) writeTagged(writer, 1, message, value, where);
        return;
      }
      const element: ValueType =
        type.letter === 'k' ? { letter: 's', message: undefined, element: undefined } : message;
      for (let index = value.length - 1; index >= 0; index--)
        writeTagged(writer, 2, element, value[index], `${where}[${index}]`);
    }
  }
}

/** Go keeps whole seconds of a Time, and six digits of a MicroTime. */
function writeTime(writer: BackWriter, value: unknown, micro: boolean, where: string): void {
  if (value === undefined || value === null) return;
  const text = stringAt(value, where);
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) throw wrong(where, 'a time as RFC 3339', value);
  const seconds = Math.floor(ms / 1000);
  const fraction = micro ? (/\.(\d+)/.exec(text)?.[1] ?? '') : '';
  const nanos = Number(fraction.slice(0, 6).padEnd(6, '0')) * 1000;
  if (seconds === neverSeconds && nanos === 0) return;
  writer.int64(nanos);
  writer.tag(2, VARINT);
  writer.int64(seconds);
  writer.tag(1, VARINT);
}

function stringAt(value: unknown, where: string): string {
  if (value === undefined || value === null) return '';
  if (typeof value !== 'string') throw wrong(where, 'a string', value);
  return value;
}

function numberAt(value: unknown, where: string): number {
  if (value === undefined || value === null) return 0;
  if (typeof value !== 'number') throw wrong(where, 'a number', value);
  return value;
}

function recordAt(value: unknown, where: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrong(where, 'an object', value);
  return value as Record<string, unknown>;
}

function wrong(where: string, rule: string, value: unknown): TypeError {
  return new TypeError(
    `Cannot encode an object: ${where} must be ${rule}, got ${Array.isArray(value) ? 'a list' : typeof value}`,
  );
}
