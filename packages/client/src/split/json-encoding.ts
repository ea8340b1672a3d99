import {
  type EncodedBytes,
  type Encoding,
  type FieldSource,
  lazyObject,
  setMember,
  valueAt,
} from '@bowline/apimachinery';
import { JsonCopy } from './json-copy.ts';
import { MemberWalk, valueEnd } from './json-members.ts';
import { dropTreeOf, type JsonPath, pathOf } from './json-path.ts';
import { BACKSLASH, OPEN_ARRAY, OPEN_OBJECT, QUOTE } from './json-tokens.ts';

/** The type fields that an item may lack and its list has. */
export interface TypeFields {
  readonly apiVersion: string;
  readonly kind: string;
}

/**
 * Reads objects whose bytes are JSON. Structure, depth and UTF-8 were checked, and neither the object nor its `metadata` has two members
 * of one name. `apiVersion` and `kind` are filled in where an object lacks them.
 *
 * | | cost |
 * |---|---|
 * | `object` | one pass over the bytes; what is read of it, `JSON.parse` of that field |
 * | `read`, `copy` | one pass over the bytes, up to what is looked for |
 */
export class JsonEncoding<T> implements Encoding<T> {
  #type: TypeFields;
  /** The shape of the object that was made last. */
  #shape: Shape | undefined;
  readonly #shapes: Map<string, Shape> = new Map();

  constructor(type: TypeFields) {
    this.#type = type;
  }

  /** What is filled in. An empty string: nothing. */
  get type(): TypeFields {
    return this.#type;
  }

  set type(type: TypeFields) {
    this.#type = type;
    this.#shape = undefined;
    this.#shapes.clear();
  }

  object(bytes: Buffer, start: number): T {
    const places = placesOf(bytes, start);
    if (this.#shape === undefined || !isOf(this.#shape, bytes, places)) this.#shape = this.#findShape(bytes, places);
    const { names, members, filledIn } = this.#shape;
    return lazyObject<T>(names, new JsonFields(bytes, places, members), filledIn);
  }

  decode(bytes: Buffer, start: number, end: number): T {
    const object = JSON.parse(bytes.toString('utf8', start, end)) as Record<string, unknown>;
    const filledIn = this.#filledIn((name) => Object.hasOwn(object, name));
    if (filledIn === undefined) return object as T;
    const whole: Record<string, unknown> = { ...filledIn };
    for (const name of Object.keys(object)) setMember(whole, name, object[name]);
    return whole as T;
  }

  read(bytes: Buffer, start: number, end: number, path: readonly string[]): unknown {
    const { length } = path;
    if (length === 0) return this.decode(bytes, start, end);
    const compiled = pathOf(path);
    let at = start;
    let depth = 0;
    let isUnique = true;
    while (bytes[at] === OPEN_OBJECT && depth < length) {
      const found = find(bytes, at, compiled, depth, isUnique);
      if (found === 0) return depth === 0 && length === 1 ? this.#typeField(path[0]) : undefined;
      isUnique = depth === 0 && path[0] === 'metadata';
      at = Math.abs(found);
      depth = found < 0 ? length : depth + 1;
    }
    if (depth < length && bytes[at] !== OPEN_ARRAY) return undefined;
    const value = parse(bytes, at, valueEnd(bytes, at));
    return typeof value === 'object' ? valueAt(value, path.slice(depth)) : value;
  }

  room({ start, end }: EncodedBytes): number {
    return end - start;
  }

  copy({ bytes, start, end }: EncodedBytes, target: Buffer, at: number, drop: readonly (readonly string[])[]): number {
    if (drop.length === 0) return bytes.copy(target, at, start, end);
    return new JsonCopy(bytes, start, end, target, at).without(dropTreeOf(drop));
  }

  #findShape(bytes: Buffer, places: readonly number[]): Shape {
    const keys: Buffer[] = [];
    for (let i = 0; i < places.length; i += PLACES) keys.push(Buffer.from(bytes.subarray(places[i], places[i + 1])));
    const id = keys.join('"');
    let shape = this.#shapes.get(id);
    if (shape === undefined) {
      const members = new Map(keys.map((key, index) => [JSON.parse(`"${key}"`) as string, index]));
      const filledIn = this.#filledIn((name) => members.has(name));
      shape = { keys, members, names: [...Object.keys(filledIn ?? {}), ...members.keys()], filledIn };
      if (this.#shapes.size >= MOST_SHAPES) this.#shapes.clear();
      if (id.length <= LONGEST_SHAPE) this.#shapes.set(id, shape);
    }
    return shape;
  }

  #filledIn(has: (name: string) => boolean): Partial<TypeFields> | undefined {
    const { apiVersion, kind } = this.#type;
    const lacksVersion = apiVersion !== '' && !has('apiVersion');
    const lacksKind = kind !== '' && !has('kind');
    return lacksVersion || lacksKind ? { ...(lacksVersion && { apiVersion }), ...(lacksKind && { kind }) } : undefined;
  }

  #typeField(name: string | undefined): string | undefined {
    return name === 'apiVersion' || name === 'kind' ? this.#type[name] || undefined : undefined;
  }
}

/** What objects with the same members in the same order share. */
interface Shape {
  /** As they stand in the bytes. */
  readonly keys: readonly Buffer[];
  readonly names: readonly string[];
  /** Which member has a name. */
  readonly members: ReadonlyMap<string, number>;
  readonly filledIn: Partial<TypeFields> | undefined;
}

/** Objects of one kind have few shapes. */
const MOST_SHAPES = 100;
/** Of all keys together. Longer ones, of which somebody could make many, are not remembered. */
const LONGEST_SHAPE = 4_096;

/** How many numbers tell where a member stands: its key, from and to, and its value. */
const PLACES = 4;

function placesOf(bytes: Buffer, start: number): number[] {
  const places: number[] = [];
  const walk = new MemberWalk(bytes, start);
  while (walk.next()) places.push(walk.keyFrom, walk.keyTo, walk.valueFrom, walk.valueTo);
  return places;
}

function isOf({ keys }: Shape, bytes: Buffer, places: readonly number[]): boolean {
  if (keys.length * PLACES !== places.length) return false;
  for (const [index, key] of keys.entries()) {
    const from = places[index * PLACES] as number;
    const to = places[index * PLACES + 1] as number;
    if (to - from !== key.length) return false;
    for (let k = 0; k < key.length; k++) if (bytes[from + k] !== key[k]) return false;
  }
  return true;
}

/** The fields of one object. */
class JsonFields implements FieldSource {
  readonly #bytes: Buffer;
  readonly #places: readonly number[];
  readonly #members: ReadonlyMap<string, number>;

  constructor(bytes: Buffer, places: readonly number[], members: ReadonlyMap<string, number>) {
    this.#bytes = bytes;
    this.#places = places;
    this.#members = members;
  }

  read(name: string): unknown {
    const at = (this.#members.get(name) ?? 0) * PLACES;
    return parse(this.#bytes, this.#places[at + 2] as number, this.#places[at + 3] as number);
  }
}

/**
 * Where the value stands that a path goes to from the object at `at`; with a minus when that is all of the path. 0: nowhere.
 *
 * @param isUnique No two members of the object have one name.
 */
function find(bytes: Buffer, at: number, { names, rests }: JsonPath, depth: number, isUnique: boolean): number {
  const name = names[depth];
  const rest = rests[depth];
  const isLast = depth + 1 === names.length;
  let here = 0;
  let dotted = 0;
  const walk = new MemberWalk(bytes, at);
  while (name && rest && walk.next()) {
    if (walk.isNamed(name)) {
      here = walk.valueFrom;
      if (isUnique && (isLast || isContainer(bytes[here]))) return here;
    } else if (!isLast && walk.isNamed(rest)) dotted = walk.valueFrom;
  }
  return here > 0 && (isLast || isContainer(bytes[here])) ? here : -dotted;
}

function isContainer(byte: number | undefined): boolean {
  return byte === OPEN_OBJECT || byte === OPEN_ARRAY;
}

function parse(bytes: Buffer, from: number, to: number): unknown {
  if (bytes[from] !== QUOTE) return JSON.parse(bytes.toString('utf8', from, to));
  for (let i = from + 1; i < to; i++) {
    if (bytes[i] === BACKSLASH) return JSON.parse(bytes.toString('utf8', from, to));
  }
  return bytes.toString('utf8', from + 1, to - 1);
}
