import type { Strategy } from './builtins/index.ts';
import type { Codec } from './codec/codec.ts';
import type { Verb } from './http/request-info.ts';
import type { ServerObject } from './object.ts';
import type { TypeSchema } from './schema/index.ts';
import type { Collection } from './store/collection.ts';
import type { Entry } from './store/entry.ts';
import type { TablePrinter } from './table/index.ts';

/** A part of an object with a path of its own. */
export interface Subresource {
  readonly name: string;
  readonly kind: string;
  /** Where they are not the resource's. */
  readonly group?: string | undefined;
  readonly version?: string | undefined;
  readonly verbs: readonly string[];
}

/** Where a resource keeps its replica count. Paths of field names. */
export interface ScalePaths {
  readonly specReplicas: readonly string[];
  readonly statusReplicas: readonly string[];
  /** A selector as text; absent when the object has none, or has it as an object (`selector`). */
  readonly labelSelector?: readonly string[] | undefined;
  /** A selector as an object. */
  readonly selector?: readonly string[] | undefined;
}

/** Is told of changes that were committed, in the turn of the write. May write. */
export interface Hooks {
  created?(entry: Entry): void;
  updated?(entry: Entry, old: Entry): void;
  deleted?(last: Entry): void;
}

/** One resource in one version, as it is served. */
export interface Endpoint {
  readonly group: string;
  readonly version: string;
  /** `apps/v1`, or `v1`. */
  readonly apiVersion: string;
  readonly resource: string;
  readonly singular: string;
  readonly kind: string;
  readonly listKind: string;
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
  /** The verbs that discovery tells, where they are others. */
  readonly announcedVerbs?: readonly string[] | undefined;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly storageVersionHash: string | undefined;
  readonly subresources: readonly Subresource[];
  /** A custom resource. */
  readonly custom: boolean;
  /** Where the objects are; shared by all versions of a resource. Undefined for what is not stored. */
  readonly collection: Collection | undefined;
  readonly codec: Codec;
  readonly schema: TypeSchema;
  readonly scale: ScalePaths | undefined;
  /** The key of the objects in etcd, as messages show it: `/registry/pods`. */
  readonly storagePrefix: string;
  /** How the endpoint, or one of its subresources, is written. */
  strategy(subresource: string): Strategy;
  /** How objects become rows of a table. */
  printer(): TablePrinter;
  /** @throws {Refusal} 400 when objects cannot be selected by the field. */
  checkField(field: string): void;
  /** The value of a field that objects can be selected by. */
  readField(object: ServerObject, field: string): string;
  readonly hooks?: Hooks | undefined;
  /** Said with every answer: the version is deprecated. */
  readonly deprecation?: string | undefined;
  /** Why nothing can be created, when the definition is being deleted. */
  readonly refusesCreate?: boolean | undefined;
}

/** The key of an object in its collection. */
export function storeKey(endpoint: { readonly namespaced: boolean }, namespace: string, name: string): string {
  return endpoint.namespaced ? `${namespace}/${name}` : name;
}

/** Whether an endpoint serves a verb, of itself or of a subresource. */
export function serves(endpoint: Endpoint, subresource: string, verb: Verb | ''): boolean {
  const verbs =
    subresource === '' ? endpoint.verbs : (endpoint.subresources.find((one) => one.name === subresource)?.verbs ?? []);
  return verbs.includes(verb);
}
