import { Fields } from './fields.ts';
import type { MessageType, ValueType } from './message-type.ts';
import { hasKey } from './read-path.ts';
import { BYTES, writeVarint } from './wire.ts';

/**
 * Copies a message to `at` in `target`, where there is room for all of it, without the fields at some paths of the decoded message:
 * `['status', 'images']`, `['metadata', 'annotations', 'example.com/notes']`. A list on the way means each of its elements. A path that leads
 * to nothing, or into raw JSON, drops nothing. The bytes must have passed `checkMessage`.
 *
 * | | cost |
 * |---|---|
 * | first copy | O(length of the paths); remembered for as long as the array `drop` |
 * | later copies | O(fields of the messages on the way + bytes) |
 *
 * @returns How many bytes the copy has: at most `to - from`. Behind it, the rest of that room may hold anything.
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
  const cuts = drop.length === 0 ? nothing : cutsOf(type, drop);
  return cuts.length === 0 ? bytes.copy(target, at, from, to) : copyCut(cuts, bytes, from, to, target, at, 0) - at;
}

/** What is cut out of a field: all of it, pairs of a map, something within its messages, or within the messages of some pairs. */
interface Cut {
  isWhole: boolean;
  readonly keys: Buffer[];
  readonly within: Cuts;
  readonly pairs: { readonly key: Buffer; readonly within: Cuts }[];
}

/** By field number; empty when nothing is cut. */
type Cuts = (Cut | undefined)[];

const nothing: Cuts = [];

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
    cutField(cuts, number, valueType, name === '' ? path : path.slice(1));
  }
}

function cutField(cuts: Cuts, number: number, type: ValueType, rest: readonly string[]): void {
  const cut = cuts[number] ?? { isWhole: false, keys: [], within: [], pairs: [] };
  if (rest.length === 0) cut.isWhole = true;
  else cutWithin(cut, type, rest);
  if (cut.isWhole || cut.keys.length > 0 || cut.within.length > 0 || cut.pairs.length > 0) cuts[number] = cut;
}

function cutWithin(cut: Cut, type: ValueType, rest: readonly string[]): void {
  const schema: ValueType = { letter: 'm', message: type.message, element: undefined };
  switch (type.letter) {
    case 'm':
      addCut(cut.within, type.message as MessageType, rest);
      return;
    case '[':
      cutWithin(cut, type.element as ValueType, rest);
      return;
    case '{': {
      const [key = '', ...deeper] = rest;
      cut.keys.push(Buffer.from(rest.join('.')));
      const within: Cuts = [];
      if (deeper.length > 0) cutField(within, 2, type.element as ValueType, deeper);
      if (within.length > 0) cut.pairs.push({ key: Buffer.from(key), within });
      return;
    }
    // Schemas stand in field 1, or in field 2 where that says whether there may be anything; lists of them in field 2.
    case 'e':
      cutField(cut.within, 2, schema, rest);
      return;
    case 'a':
      cutField(cut.within, 2, schema, rest);
      cutField(cut.within, 1, schema, rest);
      return;
    case 'k':
      cutField(cut.within, 1, schema, rest);
      return;
    default:
  }
}

/** One for each level, used again and again: every object that comes is copied. */
const fieldsByLevel: Fields[] = [];

const noBytes = Buffer.alloc(0);

/** @returns Where the copy ends. */
function copyCut(
  cuts: Cuts,
  bytes: Buffer,
  from: number,
  end: number,
  target: Buffer,
  targetStart: number,
  level: number,
): number {
  let to = targetStart;
  /** From here on nothing was copied yet. */
  let rest = from;
  fieldsByLevel[level] ??= new Fields(noBytes, 0, 0);
  const fields = fieldsByLevel[level];
  fields.begin(bytes, from, end);
  while (fields.next()) {
    const cut = fields.number < cuts.length ? cuts[fields.number] : undefined;
    if (cut === undefined) continue;
    const isWhole = isCut(cut, bytes, fields.start, fields.end);
    const within = isWhole ? nothing : withinOf(cut, bytes, fields.start, fields.end);
    if (!isWhole && within.length === 0) continue;
    if (rest < fields.at) to += bytes.copy(target, to, rest, fields.at);
    rest = fields.end;
    if (!isWhole) to = copyField(within, bytes, fields, target, to, level);
  }
  fields.begin(noBytes, 0, 0); // keeps none alive
  return rest < end ? to + bytes.copy(target, to, rest, end) : to;
}

/** Copies a field of which something may be cut. @returns Where the copy ends. */
function copyField(
  within: Cuts,
  bytes: Buffer,
  { number, at, start, end }: Fields,
  target: Buffer,
  to: number,
  level: number,
): number {
  const inner = to + start - at;
  const innerEnd = copyCut(within, bytes, start, end, target, inner, level + 1);
  const length = innerEnd - inner;
  if (length === end - start) {
    for (let from = at; from < start; from++) target[to + from - at] = bytes[from] as number;
    return innerEnd;
  }
  const written = writeVarint(target, writeVarint(target, to, number * 8 + BYTES), length);
  // The length of what became shorter may be shorter, too.
  if (written < inner) target.copyWithin(written, inner, innerEnd);
  return written + length;
}

function withinOf({ within, pairs }: Cut, bytes: Buffer, from: number, to: number): Cuts {
  for (const pair of pairs) if (hasKey(bytes, from, to, pair.key)) return pair.within;
  return within;
}

function isCut({ isWhole, keys }: Cut, bytes: Buffer, from: number, to: number): boolean {
  if (isWhole) return true;
  for (const key of keys) if (hasKey(bytes, from, to, key)) return true;
  return false;
}
