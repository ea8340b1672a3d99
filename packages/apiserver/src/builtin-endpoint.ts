import type { GroupVersionKind } from '@bowline/apimachinery';
import {
  BuiltinStrategy,
  checkBuiltinField,
  defaulterOf,
  fieldReaderOf,
  type Strategy,
  validatorOf,
} from './builtins/index.ts';
import { BuiltinCodec, type Conversion } from './codec/builtin-codec.ts';
import type { BuiltinResource } from './data/index.ts';
import type { Endpoint, Hooks, ScalePaths, Subresource } from './endpoint.ts';
import { qualified } from './errors.ts';
import type { ServerObject } from './object.ts';
import { builtinSchema, emptyBuiltin, type TypeSchema } from './schema/index.ts';
import type { Collection } from './store/collection.ts';
import { builtinPrinter, type TablePrinter } from './table/index.ts';

/** Where the real server keeps resources whose place is not their name. @see k8s.io/kubernetes pkg/registry: the storage of each */
const storageNames: Readonly<Record<string, string>> = {
  endpoints: 'services/endpoints',
  ingresses: 'ingress',
  nodes: 'minions',
  replicationcontrollers: 'controllers',
  services: 'services/specs',
  customresourcedefinitions: 'apiextensions.k8s.io/customresourcedefinitions',
  apiservices: 'apiregistration.k8s.io/apiservices',
};

/** What the real server says with every answer about an old kind. */
const deprecations: Readonly<Record<string, string>> = {
  'v1 ComponentStatus': 'v1 ComponentStatus is deprecated in v1.19+',
  'v1 Endpoints': 'v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice',
};

const replicas: ScalePaths = {
  specReplicas: ['spec', 'replicas'],
  statusReplicas: ['status', 'replicas'],
  selector: ['spec', 'selector'],
};

/** Where a built-in resource gets its objects, and who follows their changes. */
export interface BuiltinParts {
  readonly collection: Collection | undefined;
  readonly conversion: Conversion | undefined;
  readonly hooks: Hooks | undefined;
  /** Replaces the strategy of the table, for resources that need one of their own. */
  readonly strategy?: ((subresource: string) => Strategy) | undefined;
}

/** A built-in resource in one version. Its tables are unpacked when they are first needed. */
export class BuiltinEndpoint implements Endpoint {
  readonly group: string;
  readonly version: string;
  readonly apiVersion: string;
  readonly resource: string;
  readonly singular: string;
  readonly kind: string;
  readonly listKind: string;
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly storageVersionHash: string | undefined;
  readonly subresources: readonly Subresource[];
  readonly custom = false;
  readonly collection: Collection | undefined;
  readonly codec: BuiltinCodec;
  readonly scale: ScalePaths | undefined;
  readonly storagePrefix: string;
  readonly hooks: Hooks | undefined;
  readonly deprecation: string | undefined;
  readonly #parts: BuiltinParts;
  readonly #strategies = new Map<string, Strategy>();
  readonly #read: (object: ServerObject, field: string) => string;
  #schema: TypeSchema | undefined;
  #printer: TablePrinter | undefined;

  constructor(
    groupVersion: { readonly group: string; readonly version: string },
    of: BuiltinResource,
    parts: BuiltinParts,
  ) {
    const { group, version } = groupVersion;
    this.group = group;
    this.version = version;
    this.apiVersion = group === '' ? version : `${group}/${version}`;
    this.resource = of.resource;
    this.singular = of.singular;
    this.kind = of.kind;
    this.listKind = `${of.kind}List`;
    this.namespaced = of.namespaced;
    this.verbs = of.verbs;
    this.shortNames = of.shortNames ?? [];
    this.categories = of.categories ?? [];
    this.storageVersionHash = of.storageVersionHash;
    this.subresources = of.subresources ?? [];
    this.collection = parts.collection;
    this.hooks = parts.hooks;
    this.deprecation = deprecations[`${this.apiVersion} ${of.kind}`];
    this.#parts = parts;
    this.codec = new BuiltinCodec(this.#gvk, {
      defaulter: defaulterOf(this.apiVersion, this.kind),
      conversion: parts.conversion,
    });
    this.scale = this.subresources.some((one) => one.name === 'scale') ? replicas : undefined;
    this.storagePrefix = `/registry/${storageNames[of.resource] ?? of.resource}`;
    this.#read = fieldReaderOf(this.apiVersion, this.kind);
  }

  get #gvk(): GroupVersionKind {
    return { group: this.group, version: this.version, kind: this.kind };
  }

  get schema(): TypeSchema {
    this.#schema ??= builtinSchema(this.#gvk);
    if (this.#schema === undefined) throw new Error(`The tables do not hold ${this.apiVersion} ${this.kind}`);
    return this.#schema;
  }

  strategy(subresource: string): Strategy {
    let strategy = this.#strategies.get(subresource);
    if (strategy === undefined) {
      strategy =
        this.#parts.strategy?.(subresource) ??
        new BuiltinStrategy(
          {
            resource: qualified(this),
            namespaced: this.namespaced,
            validate: validatorOf(this.apiVersion, this.kind),
            emptyStatus: () => emptyBuiltin(this.#gvk).status,
          },
          subresource,
        );
      this.#strategies.set(subresource, strategy);
    }
    return strategy;
  }

  printer(): TablePrinter {
    this.#printer ??= builtinPrinter(this.group, this.version, this.resource);
    return this.#printer;
  }

  checkField(field: string): void {
    checkBuiltinField(this.apiVersion, this.kind, field);
  }

  readField(object: ServerObject, field: string): string {
    return this.#read(object, field);
  }
}
