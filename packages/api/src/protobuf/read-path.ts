import { valueAt } from '@bowline/apimachinery';
import { decodeMessage, startDecoder } from './decode.ts';
import { Fields, shortKeyEnd } from './fields.ts';
import type { MessageType } from './message-type.ts';
import { EMBEDDED, type FieldPlan, type FieldsByNumber, MAP, MESSAGE, StructPlan, TEXT } from './struct-plan.ts';
import { readText } from './text.ts';
import { BYTES } from './wire.ts';

/**
 * What stands at a path in the decoded message, as `valueAt(decodeMessage(type, bytes, from, to), path)`, without decoding the rest: messages
 * and maps on the way are only walked. The bytes must have passed `checkMessage`.
 *
 * | | cost |
 * |---|---|
 * | first read of a path | O(its length); remembered for as long as the array `path` |
 * | later reads | O(fields of the messages on the way), and decoding what is found |
 */
export function readPath(type: MessageType, bytes: Buffer, from: number, to: number, path: readonly string[]): unknown {
  if (path.length === 0) return decodeMessage(type, bytes, from, to);
  return routeOf(type, path).read(bytes, from, to);
}

/** How a path leads through a type. */
class Route {
  /** For each message on the way the plan of the field that leads on. */
  readonly #hops: readonly StructPlan[];
  readonly #last: StructPlan;
  readonly #field: FieldPlan | undefined;
  /** Behind the last field. */
  readonly #rest: readonly string[];
  /** What `rest` can mean where the last field is a map: a whole key, or one before the rest of the way. */
  readonly #wholeKey: Buffer | undefined;
  readonly #firstKey: Buffer | undefined;

  constructor(type: MessageType, path: readonly string[]) {
    const hops: StructPlan[] = [];
    let plan = fieldPlan(type, path[0] as string);
    let depth = 1;
    for (; depth < path.length && plan.fields[0]?.code === MESSAGE; depth++) {
      hops.push(plan);
      plan = fieldPlan(plan.fields[0].type.message as MessageType, path[depth] as string);
    }
    this.#hops = hops;
    this.#last = plan;
    this.#field = plan.fields[0];
    this.#rest = path.slice(depth);
    if (this.#field?.code === MAP && depth < path.length) {
      this.#wholeKey = Buffer.from(this.#rest.join('.'));
      if (this.#rest.length > 1 && this.#field.type.letter !== 's') this.#firstKey = Buffer.from(path[depth] as string);
    }
  }

  read(allBytes: Buffer, from: number, to: number): unknown {
    const field = this.#field;
    if (field === undefined) return undefined;
    let bytes = allBytes;
    let start = from;
    let end = to;
    for (const plan of this.#hops) {
      const found = new Found();
      find(plan.byNumber, bytes, start, end, found);
      if (found.parts !== undefined) {
        bytes = Buffer.concat(found.parts);
        start = 0;
        end = bytes.length;
      } else if (found.start >= 0) ({ start, end } = found);
      else if (plan.required.length > 0 && !plan.fields[0]?.field.pointer) end = start;
      else return undefined;
    }
    if (this.#wholeKey !== undefined) return this.#inMap(field, this.#wholeKey, bytes, start, end);
    if (field.code !== TEXT) return valueAt(startDecoder(bytes, false).only(this.#last, start, end), this.#rest);
    if (this.#rest.length > 0) return undefined;
    const found = new Found();
    find(this.#last.byNumber, bytes, start, end, found);
    if (found.start < 0) return field.isRequired && !field.field.pointer ? '' : undefined;
    return found.start === found.end && field.omitsEmpty ? undefined : readText(bytes, found.start, found.end);
  }

  #inMap(field: FieldPlan, wholeKey: Buffer, bytes: Buffer, from: number, to: number): unknown {
    const { byNumber } = this.#last;
    const decoder = startDecoder(bytes, false);
    if (this.#firstKey !== undefined) {
      const first = new Found();
      findPair(byNumber, bytes, from, to, this.#firstKey, first);
      const value = first.start < 0 ? undefined : decoder.readPair(field.type, first.start, first.end);
      if (typeof value === 'object' && value !== null) return valueAt(value, this.#rest.slice(1));
    }
    const whole = new Found();
    findPair(byNumber, bytes, from, to, wholeKey, whole);
    return whole.start < 0 ? undefined : valueAt(decoder.readPair(field.type, whole.start, whole.end), []);
  }
}

/** Where the last field stands that was looked for; all of them when it is a message in parts. */
class Found {
  start = -1;
  end = -1;
  parts: Buffer[] | undefined;

  add(bytes: Buffer, start: number, end: number, code: number): void {
    if (code === MESSAGE && this.start >= 0) {
      this.parts ??= [bytes.subarray(this.start, this.end)];
      this.parts.push(bytes.subarray(start, end));
    }
    this.start = start;
    this.end = end;
  }
}

/** Looks for the field of a plan of one field. */
function find(byNumber: FieldsByNumber, bytes: Buffer, from: number, to: number, found: Found): void {
  const fields = new Fields(bytes, from, to);
  while (fields.next()) {
    const { number, start, end } = fields;
    const field = number < byNumber.length ? byNumber[number] : undefined;
    if (field === undefined || fields.wireType !== BYTES) continue;
    if (field.code === EMBEDDED) find(field.inner as FieldsByNumber, bytes, start, end, found);
    else found.add(bytes, start, end, field.code);
  }
}

/** Looks for the pair with that key in the map of a plan of one field. */
function findPair(byNumber: FieldsByNumber, bytes: Buffer, from: number, to: number, key: Buffer, found: Found): void {
  const fields = new Fields(bytes, from, to);
  while (fields.next()) {
    const { number, start, end } = fields;
    const field = number < byNumber.length ? byNumber[number] : undefined;
    if (field === undefined || fields.wireType !== BYTES) continue;
    if (field.code === EMBEDDED) findPair(field.inner as FieldsByNumber, bytes, start, end, key, found);
    else if (hasKey(bytes, start, end, key)) found.add(bytes, start, end, MAP);
  }
}

/** Whether that is the key of the pair. */
export function hasKey(bytes: Buffer, from: number, to: number, key: Buffer): boolean {
  const keyEnd = shortKeyEnd(bytes, from, to);
  if (keyEnd > 0) return keyEnd - from - 2 === key.length && isSame(bytes, from + 2, key);
  const fields = new Fields(bytes, from, to);
  let start = from;
  let end = from;
  while (fields.next()) if (fields.number === 1 && fields.wireType === BYTES) ({ start, end } = fields);
  return end - start === key.length && isSame(bytes, start, key);
}

function isSame(bytes: Buffer, at: number, key: Buffer): boolean {
  // Keys that differ do so near their ends more often than near their beginnings.
  for (let index = key.length - 1; index >= 0; index--) if (bytes[at + index] !== key[index]) return false;
  return true;
}

const fieldPlans = new WeakMap<MessageType, Map<string, StructPlan>>();
const routes = new WeakMap<readonly string[], Map<MessageType, Route>>();

/** The plan of one field. */
export function fieldPlan(type: MessageType, name: string): StructPlan {
  let plans = fieldPlans.get(type);
  if (plans === undefined) {
    plans = new Map();
    fieldPlans.set(type, plans);
  }
  let plan = plans.get(name);
  if (plan === undefined) {
    plan = new StructPlan(type, { only: name });
    // Names that there are not may be without end.
    if (plan.fields.length > 0) plans.set(name, plan);
  }
  return plan;
}

function routeOf(type: MessageType, path: readonly string[]): Route {
  let known = routes.get(path);
  if (known === undefined) {
    known = new Map();
    routes.set(path, known);
  }
  let route = known.get(type);
  if (route === undefined) {
    route = new Route(type, path);
    known.set(type, route);
  }
  return route;
}
