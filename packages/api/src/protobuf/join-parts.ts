import { EMBEDDED, type FieldsByNumber, MAP, MESSAGE, MESSAGES, OTHERS, TEXTS } from './struct-plan.ts';
import { BYTES, Cursor, varintBytes, writeVarint } from './wire.ts';

/**
 * The same message with each of its fields in one place: parts of a message joined, elements of a list or map one behind the other.
 * Nobody writes others, but protobuf allows them.
 */
export function joinParts(byNumber: FieldsByNumber, bytes: Buffer, from: number, to: number): Buffer {
  const parts = new Map<number, Buffer[]>();
  const others: Buffer[] = [];
  const cursor = new Cursor(bytes, from);
  while (cursor.at < to) {
    const start = cursor.at;
    const tag = cursor.uint32();
    const field = byNumber[tag >>> 3];
    const isJoined = (tag & 7) === BYTES && field !== undefined && joinedCodes.includes(field.code);
    if (!isJoined) {
      cursor.skip(tag & 7);
      if (field !== undefined) others.push(bytes.subarray(start, cursor.at));
      continue;
    }
    const length = cursor.uint32();
    cursor.at += length;
    const found = parts.get(field.number) ?? [];
    parts.set(field.number, found);
    found.push(bytes.subarray(cursor.at - length, cursor.at));
  }
  for (const [number, found] of parts) {
    const field = byNumber[number];
    const tag = varint(number * 8 + BYTES);
    if (field?.code === MESSAGE || field?.code === EMBEDDED) {
      const whole = Buffer.concat(found);
      const body = field.inner === undefined ? whole : joinParts(field.inner, whole, 0, whole.length);
      others.push(tag, varint(body.length), body);
    } else for (const element of found) others.push(tag, varint(element.length), element);
  }
  return Buffer.concat(others);
}

/** Fields that `Decoder` wants in one place. */
const joinedCodes: readonly number[] = [MESSAGE, EMBEDDED, MESSAGES, TEXTS, OTHERS, MAP];

function varint(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(varintBytes(value));
  writeVarint(bytes, 0, value);
  return bytes;
}
