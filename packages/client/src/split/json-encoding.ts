import {
  type EncodedBytes,
  type Encoding,
  type FieldSource,
  lazyObject,
  setMember,
  valueAt,
} from '@bowline/apimachinery';
import { JsonContents, type JsonMembers } from './json-contents.ts';
import { JsonCopy } from './json-copy.ts';
import { JsonItem } from './json-item.ts';
import type { JsonLayout } from './json-layout.ts';
import { MemberWalk, valueEnd } from './json-members.ts';
import { dropTreeOf, type JsonPath, pathOf } from './json-path.ts';
import { BACKSLASH, OPEN_ARRAY, OPEN_OBJECT, QUOTE } from './json-tokens.ts';
import { PLACE_NUMBERS } from './member-places.ts';

/** The type fields that an item may lack and its list has. */
export interface TypeFields {
  readonly apiVersion: string;
  readonly kind: string;
}

/**
 * Reads objects whose bytes are JSON. Structure, depth and UTF-8 were checked, and neither the object nor its `metadata` has two members
 * of one name. `apiVersion` and `kind` are filled in where an object lacks them. A copy of a `JsonItem` has its table of contents behind it.
 *
 * | | cost, with a table of contents | without |
 * |---|---|---|
 * | `object` | O(1); what is read of it, `JSON.parse` of that field | one pass over the bytes |
 * | `read` | O(members), and one pass over the values on the way | one pass over the bytes, up to what is looked for |
 * | `copy` | copying, and one pass over the values of which a part is dropped | one pass over the bytes, up to what is dropped |
 */
export class JsonEncoding<T> implements Encoding<T> {
  #type: TypeFields;
  /** Of the objects that are read: nobody else's, and read anew for each. */
  readonly #contents: JsonContents = new JsonContents();
  #form: Form | undefined;
  #forms: WeakMap<JsonLayout, Form> = new WeakMap();

  constructor(type: TypeFields) {
    this.#type = type;
  }

  /** What is filled in. An empty string: nothing. */
  get type(): TypeFields {
    return this.#type;
  }

  set type(type: TypeFields) {
    this.#type = type;
    this.#form = undefined;
    this.#forms = new WeakMap();
  }

  /** Room for the contents of one object, which its item may take over. */
  get contents(): JsonContents {
    return this.#contents;
  }

  /** @param table Where its table of contents ends at `tableEnd`, if it has one. */
  object(bytes: Buffer, start: number, end: number, table: Buffer = bytes, tableEnd: number = end): T {
    const layout = this.#contents.layoutAt(table, tableEnd);
    if (layout !== undefined) {
      const { names, filledIn } = this.#formOf(layout);
      return lazyObject<T>(names, new KnownFields(bytes, start, table, tableEnd, this.#contents), filledIn);
    }
    const places = placesOf(bytes, start);
    const found = this.#contents.layouts.find(bytes, 0, places, 0, places.length / PLACE_NUMBERS);
    const { names, filledIn } = this.#formOf(found);
    return lazyObject<T>(names, new PlacedFields(bytes, places, found.members), filledIn);
  }

  decode(bytes: Buffer, start: number, end: number): T {
    const object = JSON.parse(bytes.toString('utf8', start, this.#jsonEnd(bytes, start, end))) as Record<
      string,
      unknown
    >;
    const filledIn = this.#filledIn((name) => Object.hasOwn(object, name));
    if (filledIn === undefined) return object as T;
    const whole: Record<string, unknown> = { ...filledIn };
    for (const name of Object.keys(object)) setMember(whole, name, object[name]);
    return whole as T;
  }

  /** @see object for `table` */
  read(
    bytes: Buffer,
    start: number,
    end: number,
    path: readonly string[],
    table: Buffer = bytes,
    tableEnd: number = end,
  ): unknown {
    const { length } = path;
    if (length === 0) return this.decode(bytes, start, end);
    const compiled = pathOf(path);
    const contents = this.#contents.read(table, tableEnd) ? this.#contents : undefined;
    let at = start;
    let depth = 0;
    while (bytes[at] === OPEN_OBJECT && depth < length) {
      const inMetadata = depth === 1 && path[0] === 'metadata';
      let found: number;
      if (depth === 0 && contents !== undefined) found = findKnown(bytes, at, contents.top, compiled, depth);
      else if (inMetadata && contents?.hasMetadata) found = findKnown(bytes, at, contents.metadata, compiled, depth);
      else found = find(bytes, at, compiled, depth, depth === 0 || inMetadata);
      if (found === 0) return depth === 0 && length === 1 ? this.#typeField(path[0]) : undefined;
      at = Math.abs(found);
      depth = found < 0 ? length : depth + 1;
    }
    if (depth < length && bytes[at] !== OPEN_ARRAY) return undefined;
    const value = parse(bytes, at, valueEnd(bytes, at));
    return typeof value === 'object' ? valueAt(value, path.slice(depth)) : value;
  }

  room(source: EncodedBytes): number {
    const room = source.end - source.start;
    return source instanceof JsonItem ? room + source.tableEnd - source.tableStart : room;
  }

  copy(source: EncodedBytes, target: Buffer, at: number, drop: readonly (readonly string[])[]): number {
    const { bytes, start, end } = source;
    const isApart = source instanceof JsonItem;
    const contents = this.#contents;
    if (drop.length === 0) {
      const size = bytes.copy(target, at, start, end);
      return isApart ? size + source.table.copy(target, at + size, source.tableStart, source.tableEnd) : size;
    }
    const tree = dropTreeOf(drop);
    const isKnown = isApart ? contents.read(source.table, source.tableEnd) : contents.read(bytes, end);
    if (!isKnown) return new JsonCopy(bytes, start, end, target, at).without(tree);
    const size = new JsonCopy(bytes, start, start + contents.top.size, target, at).knownWithout(tree, contents);
    return contents.write(target, at + size) - at;
  }

  #formOf(layout: JsonLayout): Form {
    if (this.#form?.layout === layout) return this.#form;
    let form = this.#forms.get(layout);
    if (form === undefined) {
      const { members } = layout;
      const filledIn = this.#filledIn((name) => members.has(name));
      form = { layout, names: [...Object.keys(filledIn ?? {}), ...members.keys()], filledIn };
      this.#forms.set(layout, form);
    }
    this.#form = form;
    return form;
  }

  /** Where the JSON ends that has its table of contents behind it, if there is one. */
  #jsonEnd(bytes: Buffer, start: number, end: number): number {
    return this.#contents.read(bytes, end) ? start + this.#contents.top.size : end;
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

/** How objects of one layout look. */
interface Form {
  readonly layout: JsonLayout;
  readonly names: readonly string[];
  readonly filledIn: Partial<TypeFields> | undefined;
}

function placesOf(bytes: Buffer, start: number): number[] {
  const places: number[] = [];
  const walk = new MemberWalk(bytes, start);
  while (walk.next()) places.push(walk.keyFrom, walk.keyTo, walk.valueFrom, walk.valueTo);
  return places;
}

/** The fields of an object with a table of contents. */
class KnownFields implements FieldSource {
  readonly #bytes: Buffer;
  readonly #start: number;
  readonly #table: Buffer;
  readonly #tableEnd: number;
  readonly #contents: JsonContents;

  constructor(bytes: Buffer, start: number, table: Buffer, tableEnd: number, contents: JsonContents) {
    this.#bytes = bytes;
    this.#start = start;
    this.#table = table;
    this.#tableEnd = tableEnd;
    this.#contents = contents;
  }

  read(name: string): unknown {
    const contents = this.#contents;
    contents.read(this.#table, this.#tableEnd);
    const { top } = contents;
    const member = top.layout.members.get(name) ?? 0;
    const from = this.#start + top.valueAt(member);
    return parse(this.#bytes, from, from + (top.lengths[member] as number));
  }
}

/** The fields of an object whose members were walked through. */
class PlacedFields implements FieldSource {
  readonly #bytes: Buffer;
  readonly #places: readonly number[];
  readonly #members: ReadonlyMap<string, number>;

  constructor(bytes: Buffer, places: readonly number[], members: ReadonlyMap<string, number>) {
    this.#bytes = bytes;
    this.#places = places;
    this.#members = members;
  }

  read(name: string): unknown {
    const at = (this.#members.get(name) ?? 0) * PLACE_NUMBERS;
    return parse(this.#bytes, this.#places[at + 2] as number, this.#places[at + 3] as number);
  }
}

/** `find` in an object whose members are known. */
function findKnown(bytes: Buffer, at: number, members: JsonMembers, { names, rests }: JsonPath, depth: number): number {
  const { layout } = members;
  const isLast = depth + 1 === names.length;
  const member = layout.members.get(names[depth]?.text ?? '');
  const here = member === undefined ? 0 : at + members.valueAt(member);
  if (here > 0 && (isLast || isContainer(bytes[here]))) return here;
  const dotted = isLast ? undefined : layout.members.get(rests[depth]?.text ?? '');
  return dotted === undefined ? 0 : -(at + members.valueAt(dotted));
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
