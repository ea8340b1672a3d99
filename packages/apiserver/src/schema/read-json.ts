import { BowlineError, compareBytes, type GroupVersionKind, isJsonObject } from '@bowline/apimachinery';
import { readBase64 } from './base64.ts';
import type { DuplicateField } from './duplicates.ts';
import { type FieldValues, sortedMap, writeStruct, zero } from './go-object.ts';
import { canonicalTime, GoTimeError } from './go-time.ts';
import { type GoList, type GoMap, type GoStruct, type GoType, goType, nameOf } from './go-type.ts';
import { canonicalQuantity, QuantityError } from './quantity.ts';

/** The body of a request cannot be read as what it should be. The message is the server's, without the frame that names the kind. */
export class DecodeError extends BowlineError {
  override readonly name: string = 'DecodeError';

  constructor(message: string, cause?: unknown) {
    super(message, { code: 'APISERVER_DECODE_FAILED', cause });
  }
}

/** A built-in object as the server reads it. */
export interface ReadObject {
  /** In the form in which the server writes it: fields in order, empty ones dropped, values canonical. */
  readonly object: Record<string, unknown>;
  /** What a strict reader objects to: `unknown field "spec.foo"`, `duplicate field "data.a"`. At most 100, in the order of the document. */
  readonly strictErrors: readonly string[];
}

export interface ReadOptions {
  /** Duplicate members of the parsed document. @default none */
  readonly duplicates?: ReadonlyMap<object, readonly DuplicateField[]> | undefined;
  /**
   * Where the value comes from: a document that was parsed, or an object that was merged with a patch. The real server reads the latter
   * by other code: it stops at the first wrong value in the order of the type, in other words, and sorts unknown fields.
   *
   * @default 'document'
   */
  readonly from?: 'document' | 'merge' | undefined;
}

/** @see sigs.k8s.io/json kubernetes_patch.go `saveStrictError` */
const maxStrictErrors = 100;

/**
 * Reads parsed JSON (or YAML) as a built-in kind: unknown fields go, `null` is the same as absent, quantities and times take their
 * canonical form, what must be written is filled in empty. The value is not changed.
 *
 * `metadata.managedFields: []` stays, because an update that carries it resets what is tracked.
 *
 * @throws {RangeError} when the kind is not built in.
 * @throws {DecodeError} code `APISERVER_DECODE_FAILED` when a value has the wrong type.
 */
export function readBuiltin(gvk: GroupVersionKind, value: unknown, options: ReadOptions = {}): ReadObject {
  const type = goType(gvk);
  if (type === undefined)
    throw new RangeError(
      `Cannot read an object: its kind must be built in, got ${gvk.kind} (${gvk.group}/${gvk.version})`,
    );
  const reader = new Reader(options.duplicates ?? new Map(), options.from === 'merge');
  const apiVersion = gvk.group === '' ? gvk.version : `${gvk.group}/${gvk.version}`;
  // The kind is known already, whatever the document says.
  const object: Record<string, unknown> = { kind: '', apiVersion: '', ...reader.root(type, value) };
  object.kind = gvk.kind;
  object.apiVersion = apiVersion;
  keepReset(value, object);
  return {
    object,
    strictErrors: options.from === 'merge' ? reader.strictErrors.sort(compareBytes) : reader.strictErrors,
  };
}

/** An object of a built-in kind of which nothing was set, as the server writes it. @throws {RangeError} when the kind is not built in. */
export function emptyBuiltin(gvk: GroupVersionKind): Record<string, unknown> {
  return readBuiltin(gvk, {}).object;
}

function keepReset(value: unknown, object: Record<string, unknown>): void {
  const metadata = isJsonObject(value) ? value.metadata : undefined;
  const managed = isJsonObject(metadata) ? metadata.managedFields : undefined;
  const own = object.metadata;
  if (Array.isArray(managed) && managed.length === 0 && typeof own === 'object' && own !== null) {
    (own as Record<string, unknown>).managedFields = [];
  }
}

/** Where a value stands, for messages. */
interface Place {
  /** Name of the structure that holds it. */
  readonly struct: string;
  /** Names of the fields on the way, without indexes and map keys. */
  readonly fields: string;
  /** The full path. */
  readonly path: string;
}

class Reader {
  readonly strictErrors: string[] = [];
  readonly #seen = new Set<string>();
  readonly #duplicates: ReadonlyMap<object, readonly DuplicateField[]>;
  /** The first wrong type; reading goes on, as a later value may be worse. */
  #wrongType: string | undefined;
  /** Inside a type that reads itself, nothing is strict. */
  #lenient = false;

  /** The value was merged, see {@link ReadOptions.from}. */
  readonly #merged: boolean;

  constructor(duplicates: ReadonlyMap<object, readonly DuplicateField[]>, merged: boolean) {
    this.#duplicates = duplicates;
    this.#merged = merged;
  }

  root(type: GoStruct, value: unknown): Record<string, unknown> {
    const read = this.#struct(type, value, { struct: '', fields: '', path: '' });
    if (this.#wrongType !== undefined) throw new DecodeError(this.#wrongType);
    return read ?? writeStruct(type, new Map());
  }

  /** Undefined: not set, because it is null or of the wrong type. */
  #value(type: GoType, value: unknown, place: Place): unknown {
    if (value === undefined) return undefined;
    switch (type.kind) {
      case 'struct':
        return this.#struct(type, value, place);
      case 'list':
        return this.#list(type, value, place);
      case 'map':
        return this.#map(type, value, place);
      case 'rawExtension':
      case 'json':
      case 'fieldsV1':
        return value;
      default:
        return value === null ? undefined : this.#scalar(type, value, place);
    }
  }

  #struct(type: GoStruct, value: unknown, place: Place): Record<string, unknown> | undefined {
    if (value === null) return undefined;
    if (!isJsonObject(value)) return this.#wrong(value, type, place);
    const set: FieldValues = new Map();
    const struct = nameOf(type.go);
    const duplicates = this.#duplicates.get(value) ?? [];
    let position = 0;
    for (const [name, member] of this.#merged ? inOrder(type, value) : Object.entries(value)) {
      const field = type.byName.get(name);
      const path = place.path === '' ? name : `${place.path}.${name}`;
      if (field === undefined) {
        this.#strict('unknown', path);
      } else {
        const embedded = type.embeddedIn.get(name);
        const fields = [place.fields, embedded, name].filter((part) => part !== undefined && part !== '').join('.');
        const at = { struct, fields, path };
        // A pointer that is null is not set; what it points to would be.
        const read = field.pointer && member === null ? undefined : this.#value(field.type, member, at);
        if (read !== undefined) set.set(field, read);
      }
      position++;
      this.#duplicated(duplicates, position, place.path, (of) => type.byName.has(of));
    }
    return writeStruct(type, set);
  }

  #list(type: GoList, value: unknown, place: Place): unknown {
    if (value === null) return undefined;
    if (!Array.isArray(value)) return this.#wrong(value, type, place);
    const { element } = type;
    return value.map((one: unknown, index) => {
      const read = this.#value(element, one, { ...place, path: `${place.path}[${index}]` });
      return read === undefined ? zero(element) : read;
    });
  }

  #map(type: GoMap, value: unknown, place: Place): unknown {
    if (value === null) return undefined;
    if (!isJsonObject(value)) return this.#wrong(value, type, place);
    const { element } = type;
    const duplicates = this.#duplicates.get(value) ?? [];
    const entries: [string, unknown][] = [];
    for (const [key, one] of Object.entries(value)) {
      const read = this.#value(element, one, { ...place, path: `${place.path}.${key}` });
      entries.push([key, read === undefined ? zero(element) : read]);
      this.#duplicated(duplicates, entries.length, place.path, () => true);
    }
    return sortedMap(entries);
  }

  #scalar(type: Extract<GoType, { alternatives?: unknown }>, value: unknown, place: Place): unknown {
    switch (type.kind) {
      case 'string':
        return typeof value === 'string' ? value : this.#wrong(value, type, place);
      case 'bool':
        return typeof value === 'boolean' ? value : this.#wrong(value, type, place);
      case 'int32':
        return this.#integer(value, type, 2 ** 31, place);
      case 'int64':
        return this.#integer(value, type, 2 ** 63, place);
      case 'float64':
        return typeof value === 'number' ? value : this.#wrong(value, type, place);
      case 'intOrString':
        return this.#intOrString(value, place);
      case 'bytes':
        return this.#bytes(type, value, place);
      case 'time':
        return this.#time(value, 'seconds', place);
      case 'microTime':
        return this.#time(value, 'micros', place);
      case 'quantity':
        return this.#quantity(value);
      default:
        return this.#union(type.kind, type.alternatives ?? [], value, place);
    }
  }

  #integer(value: unknown, type: GoType, limit: number, place: Place): unknown {
    if (typeof value !== 'number') return this.#wrong(value, type, place);
    if (Number.isInteger(value)) {
      if (value >= -limit && value < limit) return value;
      // What was merged is converted, and conversion wraps around.
      if (this.#merged && limit === 2 ** 31) return Number(BigInt.asIntN(32, BigInt(value)));
    }
    return this.#wrong(value, type, place, `number ${value}`);
  }

  #intOrString(value: unknown, place: Place): unknown {
    if (typeof value === 'string') return value;
    const limit = 2 ** 31;
    if (typeof value !== 'number') return this.#fatal(this.#typeError(value, 'int32', place));
    if (Number.isInteger(value) && value >= -limit && value < limit) return value;
    return this.#fatal(this.#typeError(value, 'int32', place, `number ${value}`));
  }

  #bytes(type: GoType, value: unknown, place: Place): unknown {
    if (typeof value !== 'string') return this.#wrong(value, type, place);
    const read = readBase64(value);
    if ('base64' in read) return read.base64;
    const words = `illegal base64 data at input byte ${read.illegalAt}`;
    if (this.#merged) return this.#fatal(`error decoding from json: ${words}`);
    this.#wrongType ??= words;
    return undefined;
  }

  #time(value: unknown, precision: 'seconds' | 'micros', place: Place): unknown {
    if (typeof value !== 'string') return this.#fatal(this.#typeError(value, 'string', place));
    try {
      // A pointer to a time that was never set is set.
      return canonicalTime(value, precision) ?? null;
    } catch (error) {
      if (error instanceof GoTimeError) return this.#fatal(error.message, error);
      throw error;
    }
  }

  #quantity(value: unknown): unknown {
    const text =
      typeof value === 'string' ? value.trim() : typeof value === 'number' ? String(value) : JSON.stringify(value);
    try {
      return canonicalQuantity(text);
    } catch (error) {
      if (error instanceof QuantityError) return this.#fatal(error.message, error);
      throw error;
    }
  }

  /** The parts of a CustomResourceDefinition's schema that may have two forms. */
  #union(kind: GoType['kind'], alternatives: readonly GoType[], value: unknown, place: Place): unknown {
    const schema = alternatives.find((one) => one.kind === 'struct');
    const list = alternatives.find((one) => one.kind === 'list');
    const lenient = this.#lenient;
    this.#lenient = true;
    try {
      if (isJsonObject(value) && schema !== undefined) return this.#value(schema, value, place);
      if (Array.isArray(value) && list !== undefined) return this.#value(list, value, place);
    } finally {
      this.#lenient = lenient;
    }
    if (kind === 'schemaOrBool') {
      if (typeof value === 'boolean') return value;
      return this.#fatal('boolean or JSON schema expected');
    }
    return undefined;
  }

  #duplicated(
    duplicates: readonly DuplicateField[],
    position: number,
    path: string,
    known: (name: string) => boolean,
  ): void {
    for (const { name, after } of duplicates) {
      if (after === position && known(name)) this.#strict('duplicate', path === '' ? name : `${path}.${name}`);
    }
  }

  #strict(what: 'unknown' | 'duplicate', path: string): void {
    if (this.#lenient || this.strictErrors.length >= maxStrictErrors) return;
    const message = `${what} field ${JSON.stringify(path)}`;
    if (this.#seen.has(message)) return;
    this.#seen.add(message);
    this.strictErrors.push(message);
  }

  #wrong(value: unknown, type: GoType, place: Place, what?: string): undefined {
    if (this.#merged) return this.#fatal(mergedError(value, type));
    this.#wrongType ??= this.#typeError(value, type.go, place, what);
    return undefined;
  }

  #typeError(value: unknown, go: string, place: Place, what: string = jsonKind(value)): string {
    const into = place.fields === '' || this.#merged ? 'Go value' : `Go struct field ${place.struct}.${place.fields}`;
    return `json: cannot unmarshal ${what} into ${into} of type ${go}`;
  }

  #fatal(message: string, cause?: unknown): never {
    throw new DecodeError(message, cause);
  }
}

/** The members of an object in the order of its type, unknown ones last. */
function inOrder(type: GoStruct, value: Readonly<Record<string, unknown>>): [string, unknown][] {
  const known = [...type.byName.keys()].filter((name) => Object.hasOwn(value, name));
  const unknown = Object.keys(value).filter((name) => !type.byName.has(name));
  return [...known, ...unknown].map((name) => [name, value[name]]);
}

/** @see k8s.io/apimachinery pkg/runtime/converter.go `fromUnstructured` */
function mergedError(value: unknown, type: GoType): string {
  const integer = typeof value === 'number' && Number.isInteger(value);
  const kind = integer
    ? 'int64'
    : typeof value === 'number'
      ? 'float64'
      : Array.isArray(value)
        ? 'slice'
        : mergedKind(value);
  switch (type.kind) {
    case 'struct':
      return `cannot restore struct from: ${kind}`;
    case 'map':
      return `cannot restore map from ${kind}`;
    case 'list':
    case 'bytes':
      return `cannot restore slice from ${kind}`;
    case 'string':
      if (integer) return `cannot convert int64 to ${type.go}`;
      break;
    case 'int32':
    case 'int64':
      if (typeof value === 'number') return `cannot convert float64 to ${type.go}`;
  }
  return `unrecognized type: ${type.kind}`;
}

function mergedKind(value: unknown): string {
  return typeof value === 'boolean' ? 'bool' : typeof value === 'string' ? 'string' : 'map';
}

function jsonKind(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'boolean') return 'bool';
  return typeof value === 'number' || typeof value === 'string' ? typeof value : 'object';
}
