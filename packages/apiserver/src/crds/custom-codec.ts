import { clone, setMember } from '@bowline/apimachinery';
import type { StructuralSchema } from '@bowline/crd';
import type { Codec, Decoded, ParsedObject, View } from '../codec/codec.ts';
import { duplicateErrors } from '../http/json-text.ts';
import type { FieldValidation } from '../http/query-options.ts';
import { isObject, type JsonObject, type Metadata, type ServerObject } from '../object.ts';
import { DecodeError, readBuiltin } from '../schema/index.ts';
import type { Entry } from '../store/entry.ts';

/** The schemas of a definition, compiled, by version. */
export interface CompiledSchemas {
  readonly group: string;
  readonly kind: string;
  readonly storageVersion: string;
  /** Undefined where a version has none: then everything is kept. */
  of(version: string): StructuralSchema | undefined;
}

/** A built-in kind that is little more than its metadata. */
const carrier = { group: '', version: 'v1', kind: 'ConfigMap' };

/** Metadata as the server keeps it, and what it does not know of it. */
function readMetadata(value: unknown): { readonly metadata: Metadata; readonly unknown: readonly string[] } {
  try {
    const { object, strictErrors } = readBuiltin(carrier, { metadata: value });
    return { metadata: object.metadata as Metadata, unknown: strictErrors };
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    // The real server reads the metadata alone.
    const message = error.message
      .replace(/Go struct field ConfigMap\.metadata of/, 'Go value of')
      .replace(/(Go struct field \w+)\.metadata\./, '$1.');
    throw new DecodeError(message, error);
  }
}

/** The form of custom resources in one version of their definition. */
export class CustomCodec implements Codec {
  readonly #version: string;
  readonly #schemas: CompiledSchemas;
  readonly #apiVersion: string;
  readonly #views = new WeakMap<Entry, View>();
  /** Stored objects that this codec has made itself: they need no second look. */
  readonly #own = new WeakSet<ServerObject>();

  constructor(version: string, schemas: CompiledSchemas) {
    this.#version = version;
    this.#schemas = schemas;
    this.#apiVersion = `${schemas.group}/${version}`;
  }

  /** What does not say that it is of this kind is left alone: it is refused later, in other words. */
  decode({ value, duplicates }: ParsedObject, validation: FieldValidation): Decoded {
    const object = clone(value) as ServerObject;
    const strictErrors = duplicateErrors(value, duplicates);
    const { metadata, unknown } =
      object.metadata === undefined ? { metadata: {}, unknown: [] } : readMetadata(object.metadata);
    strictErrors.push(...unknown);
    const [group, version] = splitVersion(object.apiVersion);
    if (group === this.#schemas.group && object.kind === this.#schemas.kind) {
      const schema = this.#schemas.of(version);
      const paths = shape(object, schema);
      strictErrors.push(...paths.map((path) => `unknown field ${JSON.stringify(path)}`));
      schema?.default(object);
    }
    object.metadata = metadata;
    return { object, strictErrors: validation === 'Ignore' ? [] : strictErrors };
  }

  view(entry: Entry): View {
    if (this.#own.has(entry.object)) return entry;
    let view = this.#views.get(entry);
    if (view === undefined) {
      const object = this.fromStored(entry.object);
      view = { object, json: JSON.stringify(object) };
      this.#views.set(entry, view);
    }
    return view;
  }

  fromStored(stored: ServerObject): ServerObject {
    const [, version] = splitVersion(stored.apiVersion);
    const { metadata, ...rest } = stored;
    const object = clone(rest) as ServerObject;
    const schema = this.#schemas.of(version);
    shape(object, schema);
    schema?.default(object);
    if (version !== this.#version) {
      object.apiVersion = this.#apiVersion;
      shape(object, this.#schemas.of(this.#version));
    }
    return sorted({ ...object, metadata }) as ServerObject;
  }

  toStored(object: ServerObject): ServerObject {
    const { storageVersion, group } = this.#schemas;
    const same = storageVersion === this.#version;
    const { metadata, ...rest } = object;
    let body: JsonObject = rest;
    if (!same) {
      body = clone(rest) as JsonObject;
      body.apiVersion = `${group}/${storageVersion}`;
      shape(body as ServerObject, this.#schemas.of(storageVersion));
    }
    const stored = sorted({ ...body, metadata }) as ServerObject;
    if (same) this.#own.add(stored);
    return stored;
  }

  listItem({ json }: View): string {
    return json;
  }

  empty(metadata: JsonObject): JsonObject {
    return { apiVersion: this.#apiVersion, kind: this.#schemas.kind, metadata };
  }
}

/** Makes an object fit its schema, its own metadata excepted. @returns the paths of what had no place. @throws {DecodeError} */
function shape(object: ServerObject, schema: StructuralSchema | undefined): string[] {
  if (schema === undefined) return [];
  const paths = schema.prune(object);
  const { error, unknown } = schema.coerceEmbedded(object);
  if (error !== undefined) throw new DecodeError(`${error.field}: ${error.message}`);
  return [...paths, ...unknown];
}

function splitVersion(apiVersion: unknown): [string, string] {
  const [group = '', version = ''] = typeof apiVersion === 'string' ? apiVersion.split('/') : [];
  return version === '' ? ['', group] : [group, version];
}

/** A copy with sorted members, as the real server writes objects without a type of its own. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isObject(value)) return value;
  const copy: JsonObject = {};
  for (const name of Object.keys(value).sort()) {
    setMember(copy, name, sorted(value[name]));
  }
  return copy;
}
