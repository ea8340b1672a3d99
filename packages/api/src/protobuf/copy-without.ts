import { Fields } from './fields.ts';
import type { MessageType, ValueType } from './message-type.ts';
import { hasKey } from './read-path.ts';
import { BYTES } from './wire.ts';

/**
 * Copies a message to `at` in `target`, where there is room for all of it, without the fields at some paths of the decoded message:
 * `['status', 'images']`, `['metadata', 'annotations', 'example.com/notes']`. A list on the way means each of its elements. A path that leads
 * to nothing, or into a map's messages or what has a form of its own in JSON, drops nothing. The bytes must have passed `checkMessage`.
 *
 * | | cost |
 * |---|---|
 * | first copy | O(length of the paths); remembered for as long as the array `drop` |
 * | later copies | O(fields of the messages on the way + bytes) |
 *
 * @returns How many bytes were written: at most `to - from`.
 */
export function copyWithout(
  type: MessageType,
  bytes: Buffer,
  from: number,
  to: number,
  target: Buffer,
  at: number,
  drop: readonly (readonly string[])[],
): number {
  const cuts = drop.length === 0 ? [] : cutsOf(type, drop);
  return cuts.length === 0 ? bytes.copy(target, at, from, to) : copyCut(cuts, bytes, from, to, target, at) - at;
}

/** What is cut out of a field: all of it, pairs of a map, or something within its messages. */
interface Cut {
  isWhole: boolean;
  readonly keys: Buffer[];
  readonly within: Cuts;
}

/** By field number; empty when nothing is cut. */
type Cuts = (Cut | undefined)[];

const known = new WeakMap<readonly (readonly string[])[], Map<MessageType, Cuts>>();

function cutsOf(type: MessageType, drop: readonly (readonly string[])[]): Cuts {
  let ofTypes = known.get(drop);
  if (ofTypes === undefined) {
    ofTypes = new Map();
    known.set(drop, ofTypes);
  }
  let cuts = ofTypes.get(type);
  if (cuts === undefined) {
    cuts = [];
    for (const path of drop) addCut(cuts, type, path);
    ofTypes.set(type, cuts);
  }
  return cuts;
}

function addCut(cuts: Cuts, type: MessageType, path: readonly string[]): void {
  for (const { name, number, type: valueType } of type.fields) {
    if (number === 0 || (name !== '' && name !== path[0])) continue;
    const cut = cuts[number] ?? { isWhole: false, keys: [], within: [] };
    const rest = name === '' ? path : path.slice(1);
    const { message } = valueType.letter === '[' ? (valueType.element as ValueType) : valueType;
    if (rest.length === 0) cut.isWhole = true;
    else if (valueType.letter === '{') cut.keys.push(Buffer.from(rest.join('.')));
    else if (message !== undefined && 'm['.includes(valueType.letter)) addCut(cut.within, message, rest);
    if (cut.isWhole || cut.keys.length > 0 || cut.within.length > 0) cuts[number] = cut;
  }
}

/** How much shorter a message becomes. */
function shrinkage(cuts: Cuts, bytes: Buffer, from: number, to: number): number {
  let gone = 0;
  const fields = new Fields(bytes, from, to);
  while (fields.next()) {
    const { number, at, start, end } = fields;
    const cut = number < cuts.length ? cuts[number] : undefined;
    if (cut === undefined) continue;
    if (isCut(cut, bytes, start, end)) gone += end - at;
    else if (cut.within.length > 0) {
      const less = shrinkage(cut.within, bytes, start, end);
      if (less > 0) gone += end - at - varintBytes(number * 8) - varintBytes(end - start - less) - (end - start - less);
    }
  }
  return gone;
}

/** @returns Where the copy ends. */
function copyCut(cuts: Cuts, bytes: Buffer, from: number, end: number, target: Buffer, targetStart: number): number {
  let to = targetStart;
  /** From here on nothing was copied yet. */
  let rest = from;
  const fields = new Fields(bytes, from, end);
  while (fields.next()) {
    const cut = fields.number < cuts.length ? cuts[fields.number] : undefined;
    if (cut === undefined) continue;
    const isWhole = isCut(cut, bytes, fields.start, fields.end);
    const less = isWhole || cut.within.length === 0 ? 0 : shrinkage(cut.within, bytes, fields.start, fields.end);
    if (!isWhole && less === 0) continue;
    to += bytes.copy(target, to, rest, fields.at);
    rest = fields.end;
    if (isWhole) continue;
    to = writeVarint(target, to, fields.number * 8 + BYTES);
    to = writeVarint(target, to, fields.end - fields.start - less);
    to = copyCut(cut.within, bytes, fields.start, fields.end, target, to);
  }
  return to + bytes.copy(target, to, rest, end);
}

function isCut({ isWhole, keys }: Cut, bytes: Buffer, from: number, to: number): boolean {
  return isWhole || keys.some((key) => hasKey(bytes, from, to, key));
}

function varintBytes(value: number): number {
  return value < 0x80 ? 1 : value < 0x4000 ? 2 : value < 0x200000 ? 3 : value < 0x10000000 ? 4 : 5;
}

function writeVarint(target: Buffer, start: number, value: number): number {
  let at = start;
  let rest = value;
  for (; rest >= 0x80; rest >>>= 7) target[at++] = (rest & 0x7f) | 0x80;
  target[at++] = rest;
  return at;
}
