import type { GroupVersionKind } from '@bowline/apimachinery';
import { fieldFlags, type WireField, type WireType, wireTable } from '../data/index.ts';

/** The Go type behind a built-in kind: it decides what the server drops, keeps and fills in when it reads an object. */
export type GoType = GoStruct | GoList | GoMap | GoScalar;

/** A structure. What it embeds is among its fields, marked `inline`. */
export interface GoStruct {
  readonly kind: 'struct';
  /** Go's name: `v1.PodSpec`. */
  readonly go: string;
  /** In the order in which they are written. */
  readonly fields: readonly GoField[];
  /** By JSON name, those of embedded structures included. */
  readonly byName: ReadonlyMap<string, GoField>;
  /** Names of embedded structures on the way to a field that is not the structure's own: `ProbeHandler`. Go's messages name them. */
  readonly embeddedIn: ReadonlyMap<string, string>;
  /** By protobuf field number, embedded structures as such. */
  readonly byNumber: ReadonlyMap<number, GoField>;
}

export interface GoList {
  readonly kind: 'list';
  readonly go: string;
  readonly element: GoType;
  /** In protobuf it is a message with the elements in field 1. */
  readonly wrapped: boolean;
}

export interface GoMap {
  readonly kind: 'map';
  readonly go: string;
  readonly element: GoType;
}

/** A scalar, or a type with a form of its own. `schema` is set for the unions of a CustomResourceDefinition's schema. */
export interface GoScalar {
  readonly kind: Exclude<WireType['k'], 'struct' | 'list' | 'map'>;
  readonly go: string;
  /** What a `schemaOr…` may hold: in fields 1 and 2. */
  readonly alternatives?: readonly GoType[];
}

export interface GoField {
  /** JSON name; `''` where embedded. */
  readonly name: string;
  /** Go's name, as far as the JSON name tells it. */
  readonly goName: string;
  readonly type: GoType;
  readonly pointer: boolean;
  readonly omitEmpty: boolean;
  readonly omitZero: boolean;
  readonly inline: boolean;
  /** Of a strategic merge: `merge`, `replace`, `retainKeys`. */
  readonly patchStrategies: readonly string[];
  /** Which field tells elements apart; `''` where none does. */
  readonly patchMergeKey: string;
}

/** Linked types by index in the wire table; data that never changes, so one copy serves all servers. */
const linked = new Map<number, GoType>();

/** The Go type of a built-in kind; undefined for kinds that are not built in. The first call takes a few milliseconds. */
export function goType(gvk: GroupVersionKind): GoStruct | undefined {
  const apiVersion = gvk.group === '' ? gvk.version : `${gvk.group}/${gvk.version}`;
  const kinds = wireTable().kinds;
  const index = Object.hasOwn(kinds, apiVersion) ? kinds[apiVersion] : undefined;
  const at = index !== undefined && Object.hasOwn(index, gvk.kind) ? index[gvk.kind] : undefined;
  if (at === undefined) return undefined;
  const type = link(at);
  return type.kind === 'struct' ? type : undefined;
}

function link(at: number): GoType {
  const known = linked.get(at);
  if (known !== undefined) return known;
  const wire = wireTable().types[at];
  if (wire === undefined) throw new RangeError(`Cannot link a type: its index must be in the table, got ${at}`);
  const type = wire.k === 'struct' ? new Struct(wire) : other(wire);
  linked.set(at, type);
  return type;
}

function other(wire: WireType): GoType {
  const { k: kind, g: go, e: element, w: wrapped, f: fields } = wire;
  if (kind === 'list' || kind === 'map') {
    if (element === undefined) throw new RangeError(`Cannot link a type: ${kind} must have an element, got ${go}`);
    return kind === 'list' ? new List(go, element, wrapped === true) : new MapOf(go, element);
  }
  if (kind === 'struct') throw new RangeError('Cannot link a type: its kind must not be struct here, got struct');
  return fields === undefined ? { kind, go } : new Union(kind, go, fields);
}

class List implements GoList {
  readonly kind = 'list';
  readonly go: string;
  readonly wrapped: boolean;
  readonly #element: number;

  constructor(go: string, element: number, wrapped: boolean) {
    this.go = go;
    this.#element = element;
    this.wrapped = wrapped;
  }

  get element(): GoType {
    return link(this.#element);
  }
}

class MapOf implements GoMap {
  readonly kind = 'map';
  readonly go: string;
  readonly #element: number;

  constructor(go: string, element: number) {
    this.go = go;
    this.#element = element;
  }

  get element(): GoType {
    return link(this.#element);
  }
}

class Union implements GoScalar {
  readonly kind: GoScalar['kind'];
  readonly go: string;
  readonly #fields: readonly WireField[];

  constructor(kind: GoScalar['kind'], go: string, fields: readonly WireField[]) {
    this.kind = kind;
    this.go = go;
    this.#fields = fields;
  }

  get alternatives(): readonly GoType[] {
    return this.#fields.map((field) => link(field[2]));
  }
}

/** Links its fields when they are first asked for: structures may contain themselves. */
class Struct implements GoStruct {
  readonly kind = 'struct';
  readonly go: string;
  readonly #wire: readonly WireField[];
  #fields: readonly GoField[] | undefined;
  #byName: ReadonlyMap<string, GoField> | undefined;
  readonly #embeddedIn = new Map<string, string>();
  #byNumber: ReadonlyMap<number, GoField> | undefined;

  constructor(wire: WireType) {
    this.go = wire.g;
    this.#wire = wire.f ?? [];
  }

  get fields(): readonly GoField[] {
    this.#fields ??= this.#wire.map(([name, , type, flags, strategies = '', patchMergeKey = '']) => ({
      name,
      goName: name === '' ? nameOf(link(type).go) : name.charAt(0).toUpperCase() + name.slice(1),
      type: link(type),
      pointer: (flags & fieldFlags.pointer) !== 0,
      omitEmpty: (flags & fieldFlags.omitEmpty) !== 0,
      omitZero: (flags & fieldFlags.omitZero) !== 0,
      inline: (flags & fieldFlags.inline) !== 0,
      patchStrategies: strategies === '' ? [] : strategies.split(','),
      patchMergeKey,
    }));
    return this.#fields;
  }

  get byName(): ReadonlyMap<string, GoField> {
    if (this.#byName === undefined) {
      const all = new Map<string, GoField>();
      for (const field of this.fields) {
        if (field.inline && field.type.kind === 'struct') {
          const embedded = nameOf(field.type.go);
          for (const [name, promoted] of field.type.byName) {
            if (all.has(name)) continue;
            all.set(name, promoted);
            const further = field.type.embeddedIn.get(name);
            this.#embeddedIn.set(name, further === undefined ? embedded : `${embedded}.${further}`);
          }
        } else {
          all.set(field.name, field);
        }
      }
      this.#byName = all;
    }
    return this.#byName;
  }

  get embeddedIn(): ReadonlyMap<string, string> {
    return this.byName.size === 0 ? new Map() : this.#embeddedIn;
  }

  get byNumber(): ReadonlyMap<number, GoField> {
    if (this.#byNumber === undefined) {
      const all = new Map<number, GoField>();
      for (const [index, [, number]] of this.#wire.entries()) {
        const field = this.fields[index];
        if (number !== 0 && field !== undefined) all.set(number, field);
      }
      this.#byNumber = all;
    }
    return this.#byNumber;
  }
}

/** Go's name of a structure without its package. */
export function nameOf(go: string): string {
  return go.slice(go.lastIndexOf('.') + 1);
}
