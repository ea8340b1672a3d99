import { RAW_JSON, wireTypeOf } from './check-plan.ts';
import { partsOf } from './check-tables.ts';
import type { MessageType, ValueType } from './message-type.ts';
import { BYTES, FIXED64, varintBytes, writeVarint } from './wire.ts';

/** A whole number from 0 to `below - 1`. */
export type Dice = (below: number) => number;

export function pick<E>(from: readonly E[], dice: Dice): E {
  return from[dice(from.length)] as E;
}

const words = ['', 'a', 'web', 'example.com/notes', 'x'.repeat(15), 'y'.repeat(16), 'z'.repeat(33), 'é', '中文', '🎉'];
const longWords = ['long '.repeat(40), 'longer '.repeat(2_500)];

/** A message as Go might write it, with some of its fields, most of which hold little. */
export function randomMessage(type: MessageType, dice: Dice, depth: number = 0): Buffer {
  return randomFields({ letter: 'm', message: type, element: undefined }, dice, depth);
}

function randomFields(owner: ValueType, dice: Dice, depth: number): Buffer {
  const fields: Buffer[] = [];
  for (const { number, type, many } of partsOf(owner)) {
    const times = dice(depth + 2) > 0 ? 0 : many ? 1 + dice(2) : 1;
    for (let time = 0; time < times; time++) fields.push(fieldOf(number, type, dice, depth));
  }
  return Buffer.concat(fields);
}

function fieldOf(number: number, type: ValueType, dice: Dice, depth: number): Buffer {
  const wireType = wireTypeOf(type.letter);
  const tag = varint(number * 8 + wireType);
  if (wireType === FIXED64) return Buffer.concat([tag, Buffer.alloc(8, dice(256))]);
  if (wireType !== BYTES) return Buffer.concat([tag, pick(numbers, dice)]);
  const value = contentOf(type, dice, depth);
  return Buffer.concat([tag, varint(value.length), value]);
}

const numbers = ['00', '01', '7f', '8001', 'ffffffff0f', 'ffffffffffffffffff01'].map((hex) => Buffer.from(hex, 'hex'));

function contentOf(type: ValueType, dice: Dice, depth: number): Buffer {
  switch (type.letter) {
    case 's':
      return Buffer.from(pick(dice(50) === 0 ? longWords : words, dice));
    case 'y':
      return Buffer.alloc(dice(40), 0xff);
    case RAW_JSON:
      return Buffer.from('{"f:a":'.repeat(dice(4)) + '[]'.repeat(dice(100) === 0 ? 1_900 : 1));
    default:
      return depth > 12 ? Buffer.alloc(0) : randomFields(type, dice, depth + 1);
  }
}

export function varint(value: number): Buffer {
  const bytes = Buffer.alloc(varintBytes(value));
  writeVarint(bytes, 0, value);
  return bytes;
}

/** Numbers that take more bytes than they need or never end, wire types, groups, broken text. */
const oddities = [
  '8000',
  '808000',
  '80808000',
  '8080808080808080808000',
  'ffffffffffffffffffff01',
  '00',
  '07',
  '0b0c',
  '0b0b0c0c',
  '0c',
  '0f',
  '1f00',
  'ff',
  'c080',
  'eda080',
  'f4908080',
  'e4b8ad',
].map((hex) => Buffer.from(hex, 'hex'));

/** Bytes with one to three changes: replaced, put in, taken out, said twice, cut off. */
export function mutated(bytes: Buffer, dice: Dice): Buffer {
  let result = bytes;
  for (let changes = 1 + dice(3); changes > 0; changes--) {
    const at = dice(result.length + 1);
    const to = Math.min(result.length, at + 1 + dice(3));
    const before = result.subarray(0, at);
    switch (dice(6)) {
      case 0:
        result = before;
        break;
      case 1:
        result = Buffer.concat([before, result.subarray(to)]);
        break;
      case 2:
        result = Buffer.concat([result.subarray(0, to), result.subarray(at)]);
        break;
      case 3:
        result = Buffer.concat([before, pick(oddities, dice), result.subarray(at)]);
        break;
      case 4:
        result = Buffer.concat([before, pick(oddities, dice), result.subarray(to)]);
        break;
      default:
        result = Buffer.concat([before, Buffer.of((result[at] ?? 0) ^ (1 << dice(8))), result.subarray(at + 1)]);
    }
  }
  return result;
}
