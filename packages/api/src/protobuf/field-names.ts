import { startDecoder } from './decode.ts';
import { Fields } from './fields.ts';
import type { MessageType } from './message-type.ts';
import { EMBEDDED, type FieldPlan, type FieldsByNumber, planOf, type StructPlan } from './struct-plan.ts';
import { BYTES, Cursor } from './wire.ts';

/** More sets of fields than servers send are not remembered. */
const MOST_SETS = 1024;

/** The names of a set of fields, and of those with more fields behind them. */
interface NameSet {
  names: readonly string[] | undefined;
  readonly next: (NameSet | undefined)[];
}

/** Tells which fields the decoded object of a message has, without decoding it. */
export class FieldNames {
  readonly #plan: StructPlan;
  readonly #first: readonly string[];
  readonly #root: NameSet = { names: undefined, next: [] };
  #sets = 0;
  /** Where every object has all fields. */
  readonly #all: readonly string[] | undefined;

  /** @param first Names that stand before those of the fields. */
  constructor(type: MessageType, first: readonly string[] = []) {
    this.#plan = planOf(type);
    this.#first = first;
    const { fields, required } = this.#plan;
    if (fields.every((field) => field.isRequired && !field.omitsNull && !field.omitsEmpty))
      this.#all = [...first, ...required.map(({ name }) => name)];
  }

  /** In the order of the object, which is `decodeMessage(type, bytes, from, to)`. The same array for the same fields. */
  of(bytes: Buffer, from: number, to: number): readonly string[] {
    if (this.#all !== undefined) return this.#all;
    const { fields, size, byNumber } = this.#plan;
    const present = new Uint8Array(size);
    this.#mark(byNumber, bytes, from, to, present);
    let set: NameSet | undefined = this.#root;
    for (let index = 0; index < fields.length && set !== undefined; index++) {
      const { slot, isRequired } = fields[index] as FieldPlan;
      if (present[slot] === 1 || (present[slot] === 0 && isRequired)) set = this.#with(set, index);
    }
    if (set?.names !== undefined) return set.names;
    const names = fields.filter(({ slot, isRequired }) => present[slot] === 1 || (present[slot] === 0 && isRequired));
    const all = [...this.#first, ...names.map(({ name }) => name)];
    if (set !== undefined) set.names = all;
    return all;
  }

  #with(set: NameSet, index: number): NameSet | undefined {
    const known = set.next[index];
    if (known !== undefined || this.#sets === MOST_SETS) return known;
    this.#sets++;
    const next: NameSet = { names: undefined, next: [] };
    set.next[index] = next;
    return next;
  }

  /** Marks fields by slot: 1 when they are written, 2 when they are on the wire and left out for being empty. */
  #mark(byNumber: FieldsByNumber, bytes: Buffer, from: number, to: number, present: Uint8Array): void {
    const walk = new Fields(bytes, from, to);
    while (walk.next()) {
      const field = walk.number < byNumber.length ? byNumber[walk.number] : undefined;
      if (field === undefined) continue;
      const { wireType, start, end } = walk;
      if (field.code === EMBEDDED) this.#mark(field.inner as FieldsByNumber, bytes, start, end, present);
      else present[field.slot] = isLeftOut(field, wireType, bytes, start, end) ? 2 : 1;
    }
  }
}

function isLeftOut(field: FieldPlan, wireType: number, bytes: Buffer, start: number, end: number): boolean {
  if (!field.omitsEmpty && !field.omitsNull) return false;
  if ('[{<'.includes(field.field.type.letter)) return false;
  if (wireType === BYTES && field.omitsEmpty) return start === end;
  if (wireType === BYTES) return startDecoder(bytes, false).value(field.type, start, end) === null;
  const cursor = new Cursor(bytes, start);
  switch (field.type.letter) {
    case 'd':
      return cursor.double() === 0;
    case 'l':
      return cursor.int64() === 0;
    default:
      return cursor.uint32() === 0;
  }
}
