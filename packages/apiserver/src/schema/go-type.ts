import type { GroupVersionKind } from '@bowline/apimachinery';
import { fieldFlags, type StructField, structTable, type TableType } from '../data/index.ts';

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
}

export interface GoList {
  readonly kind: 'list';
  readonly go: string;
  readonly element: GoType;
}

export interface GoMap {
  readonly kind: 'map';
  readonly go: string;
  readonly element: GoType;
}

/** A scalar, or a type with a form of its own. `schema` is set for the unions of a CustomResourceDefinition's schema. */
export interface GoScalar {
  readonly kind: Exclude<TableType['k'], 'struct' | 'list' | 'map'>;
  readonly go: string;
  /** What a `schemaOr…` may hold. */
  readonly alternatives?: readonly GoType[];
}

export interface GoField {
  /** JSON name; `''` where embedded. */
  readonly name: string;
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

/** Linked types by index in the table; data that never changes, so one copy serves all servers. */
const linked = new Map<number, GoType>();

/** The Go type of a built-in kind; undefined for kinds that are not built in. The first call takes a few milliseconds. */
export function goType(gvk: GroupVersionKind): GoStruct | undefined {
  const apiVersion = gvk.group === '' ? gvk.version : `${gvk.group}/${gvk.version}`;
  const kinds = structTable().kinds;
  const index = Object.hasOwn(kinds, apiVersion) ? kinds[apiVersion] : undefined;
  const at = index !== undefined && Object.hasOwn(index, gvk.kind) ? index[gvk.kind] : undefined;
  if (at === undefined) return undefined;
  const type = link(at);
  return type.kind === 'struct' ? type : undefined;
}

/** Whether a kind is built in, in that very version. */
export function isBuiltin(gvk: GroupVersionKind): boolean {
  return goType(gvk) !== undefined;
}

function link(at: number): GoType {
  const known = linked.get(at);
  if (known !== undefined) return known;
  const entry = structTable().types[at];
  if (entry === undefined) throw new RangeError(`Cannot link a type: its index must be in the table, got ${at}`);
  const type = entry.k === 'struct' ? new Struct(entry) : other(entry);
  linked.set(at, type);
  return type;
}

function other(entry: TableType): GoType {
  const { k: kind, g: go, e: element, f: fields } = entry;
  if (kind === 'list' || kind === 'map') {
    if (element === undefined) throw new RangeError(`Cannot link a type: ${kind} must have an element, got ${go}`);
    return kind === 'list' ? new List(go, element) : new MapOf(go, element);
  }
  if (kind === 'struct') throw new RangeError('Cannot link a type: its kind must not be struct here, got struct');
  return fields === undefined ? { kind, go } : new Union(kind, go, fields);
}

class List implements GoList {
  readonly kind = 'list';
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
  readonly #fields: readonly StructField[];

  constructor(kind: GoScalar['kind'], go: string, fields: readonly StructField[]) {
    this.kind = kind;
    this.go = go;
    this.#fields = fields;
  }

  get alternatives(): readonly GoType[] {
    return this.#fields.map((field) => link(field[1]));
  }
}

/** Links its fields when they are first asked for: structures may contain themselves. */
class Struct implements GoStruct {
  readonly kind = 'struct';
  readonly go: string;
  readonly #rows: readonly StructField[];
  #fields: readonly GoField[] | undefined;
  #byName: ReadonlyMap<string, GoField> | undefined;
  readonly #embeddedIn = new Map<string, string>();

  constructor(entry: TableType) {
    this.go = entry.g;
    this.#rows = entry.f ?? [];
  }

  get fields(): readonly GoField[] {
    this.#fields ??= this.#rows.map(([name, type, flags, strategies = '', patchMergeKey = '']) => ({
      name,
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
}

/** Go's name of a structure without its package. */
export function nameOf(go: string): string {
  return go.slice(go.lastIndexOf('.') + 1);
}
