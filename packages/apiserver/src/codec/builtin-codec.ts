import type { GroupVersionKind } from '@bowline/apimachinery';
import type { Defaulter } from '../builtins/registry.ts';
import type { FieldValidation } from '../http/query-options.ts';
import type { JsonObject, Metadata, ServerObject } from '../object.ts';
import { emptyBuiltin, readBuiltin, storedBuiltin } from '../schema/index.ts';
import type { Entry } from '../store/entry.ts';
import type { Codec, Decoded, ParsedObject, View } from './codec.ts';

/** Changes the version of an object. The result shares what it can with it. */
export interface Conversion {
  fromStored(object: ServerObject): ServerObject;
  toStored(object: ServerObject): ServerObject;
}

/** The form of a built-in kind in one version. */
export class BuiltinCodec implements Codec {
  readonly #gvk: GroupVersionKind;
  readonly #apiVersion: string;
  readonly #defaulter: Defaulter | undefined;
  readonly #conversion: Conversion | undefined;
  /** Converted entries; what is stored in this version needs none. */
  readonly #views = new WeakMap<Entry, View>();
  /** The length of `{"kind":"…","apiVersion":"…",`, which items of lists do without. */
  readonly #headLength: number;

  constructor(
    gvk: GroupVersionKind,
    rules: { readonly defaulter: Defaulter | undefined; readonly conversion?: Conversion | undefined },
  ) {
    this.#gvk = gvk;
    this.#apiVersion = gvk.group === '' ? gvk.version : `${gvk.group}/${gvk.version}`;
    this.#defaulter = rules.defaulter;
    this.#conversion = rules.conversion;
    this.#headLength = JSON.stringify({ kind: gvk.kind, apiVersion: this.#apiVersion }).length;
  }

  decode({ value, duplicates, from }: ParsedObject, validation: FieldValidation): Decoded {
    const { object, strictErrors } = readBuiltin(this.#gvk, value, { duplicates, from });
    const typed = object as ServerObject;
    typed.metadata ??= {};
    this.#defaulter?.(typed);
    const conversion = this.#conversion;
    return {
      // What has another form is given its full meaning at once, as the real server does.
      object: conversion === undefined ? typed : conversion.fromStored(conversion.toStored(typed)),
      strictErrors: validation === 'Ignore' ? [] : strictErrors,
    };
  }

  view(entry: Entry): View {
    if (this.#conversion === undefined) return entry;
    let view = this.#views.get(entry);
    if (view === undefined) {
      const object = this.#conversion.fromStored(entry.object);
      view = { object, json: JSON.stringify(object) };
      this.#views.set(entry, view);
    }
    return view;
  }

  fromStored(object: ServerObject): ServerObject {
    return this.#conversion?.fromStored(object) ?? object;
  }

  toStored(object: ServerObject): ServerObject {
    const stored = storedBuiltin(this.#gvk, object) as ServerObject;
    // The real server fills in defaults whenever it reads what is stored: what the strategy took away or added counts too.
    this.#defaulter?.(stored);
    stored.metadata = inOrder(stored.metadata);
    return this.#conversion?.toStored(stored) ?? stored;
  }

  listItem({ json }: View): string {
    return `{${json.slice(this.#headLength)}`;
  }

  empty(metadata: JsonObject): JsonObject {
    return { ...emptyBuiltin(this.#gvk), metadata };
  }
}

/** The fields of metadata in the order in which the real server writes them. The resource version has its place before it is known. */
const metadataOrder = [
  'name',
  'generateName',
  'namespace',
  'selfLink',
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'labels',
  'annotations',
  'ownerReferences',
  'finalizers',
  'managedFields',
] as const;

function inOrder(metadata: Metadata): Metadata {
  const ordered: JsonObject = {};
  for (const field of metadataOrder) {
    if (metadata[field] !== undefined) ordered[field] = metadata[field];
    else if (field === 'resourceVersion') ordered[field] = '';
  }
  return ordered;
}
