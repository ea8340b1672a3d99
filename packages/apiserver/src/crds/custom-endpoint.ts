import { createHash } from 'node:crypto';
import type { CustomResourceDefinitionVersion, JSONSchemaProps } from '@bowline/api/apiextensions/v1';
import { CrdError, StructuralSchema } from '@bowline/crd';
import type { Strategy } from '../builtins/index.ts';
import type { OpenApiSchema } from '../data/index.ts';
import type { Endpoint, Hooks, ScalePaths, Subresource } from '../endpoint.ts';
import { badRequest } from '../errors.ts';
import { compareVersions } from '../meta/versions.ts';
import type { ServerObject } from '../object.ts';
import { type CustomResourceVersion, crdSchema, type TypeSchema } from '../schema/index.ts';
import type { Collection } from '../store/collection.ts';
import { customPrinter, type JsonPath, parseJsonPath, type TablePrinter } from '../table/index.ts';
import { type CompiledSchemas, CustomCodec } from './custom-codec.ts';
import { type CustomRules, CustomStrategy } from './custom-strategy.ts';
import { type Definition, storageVersionOf } from './definition.ts';

const verbs = ['delete', 'deletecollection', 'get', 'list', 'patch', 'create', 'update', 'watch'];
const terminatingVerbs = ['delete', 'deletecollection', 'get', 'list', 'watch'];
const subresourceVerbs = ['get', 'patch', 'update'];

/** What all versions of a definition have in common. */
export interface CustomParts {
  readonly definition: Definition;
  readonly schemas: CompiledSchemas;
  readonly collection: Collection;
  readonly hooks: Hooks;
  /** Whether the definition is being deleted. */
  terminating(): boolean;
}

/** Compiles the schemas of a definition when they are first needed. */
export function compiledSchemas(definition: Definition): CompiledSchemas {
  const { spec, status } = definition;
  const compiled = new Map<string, StructuralSchema | undefined>();
  return {
    group: spec.group,
    kind: status.acceptedNames?.kind ?? '',
    storageVersion: storageVersionOf(definition)?.name ?? '',
    of(version) {
      if (compiled.has(version)) return compiled.get(version);
      const source = spec.versions.find(({ name }) => name === version)?.schema?.openAPIV3Schema;
      const schema = spec.preserveUnknownFields === true || source === undefined ? undefined : compile(source);
      compiled.set(version, schema);
      return schema;
    },
  };
}

/** What was stored before its rules were may break them; then nothing is known of its form. */
function compile(source: JSONSchemaProps): StructuralSchema | undefined {
  try {
    return StructuralSchema.from(source);
  } catch (error) {
    if (error instanceof CrdError) return undefined;
    throw error;
  }
}

/** The path of field names in a JSON path: `.spec.replicas`. */
function fieldsOf(path: string): readonly string[] {
  return path.replace(/^\./, '').split('.');
}

/** A custom resource in one version. */
export class CustomEndpoint implements Endpoint {
  readonly group: string;
  readonly version: string;
  readonly apiVersion: string;
  readonly resource: string;
  readonly singular: string;
  readonly kind: string;
  readonly listKind: string;
  readonly namespaced: boolean;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly storageVersionHash: string | undefined;
  readonly subresources: readonly Subresource[];
  readonly custom = true;
  readonly collection: Collection;
  readonly codec: CustomCodec;
  readonly scale: ScalePaths | undefined;
  readonly storagePrefix: string;
  readonly hooks: Hooks;
  readonly deprecation: string | undefined;
  readonly #parts: CustomParts;
  readonly #of: CustomResourceDefinitionVersion;
  readonly #strategies = new Map<string, CustomStrategy>();
  readonly #selectable: ReadonlyMap<string, JsonPath>;
  #schema: TypeSchema | undefined;
  #printer: TablePrinter | undefined;

  constructor(of: CustomResourceDefinitionVersion, parts: CustomParts) {
    const { definition, schemas } = parts;
    const { spec, status } = definition;
    const { plural, singular, kind, listKind, shortNames, categories } = status.acceptedNames ?? {
      plural: '',
      kind: '',
    };
    this.group = spec.group;
    this.version = of.name;
    this.apiVersion = `${spec.group}/${of.name}`;
    this.resource = plural;
    this.singular = singular ?? '';
    this.kind = kind;
    this.listKind = listKind ?? `${kind}List`;
    this.namespaced = spec.scope === 'Namespaced';
    this.shortNames = shortNames ?? [];
    this.categories = categories ?? [];
    const storage = storageVersionOf(definition);
    this.storageVersionHash = storage?.served ? hashOf(spec.group, storage.name, kind) : undefined;
    this.subresources = subresourcesOf(of, kind);
    this.collection = parts.collection;
    this.codec = new CustomCodec(of.name, schemas);
    this.scale = scaleOf(of);
    this.storagePrefix = `/registry/${spec.group}/${plural}`;
    this.hooks = parts.hooks;
    this.deprecation = of.deprecated ? (of.deprecationWarning ?? deprecationOf(definition, of.name, kind)) : undefined;
    this.#parts = parts;
    this.#of = of;
    this.#selectable = new Map(
      (of.selectableFields ?? []).map(({ jsonPath }) => [jsonPath.replace(/^\./, ''), parseJsonPath(jsonPath)]),
    );
  }

  get verbs(): readonly string[] {
    return verbs;
  }

  /** What discovery tells: objects of a definition that is being deleted are only read and removed. */
  get announcedVerbs(): readonly string[] {
    return this.#parts.terminating() ? terminatingVerbs : verbs;
  }

  get refusesCreate(): boolean {
    return this.#parts.terminating();
  }

  get schema(): TypeSchema {
    this.#schema ??= crdSchema(this.#of.schema?.openAPIV3Schema as OpenApiSchema | undefined, {
      preserveUnknownFields: this.#parts.definition.spec.preserveUnknownFields,
    });
    return this.#schema;
  }

  strategy(subresource: string): Strategy {
    let strategy = this.#strategies.get(subresource);
    if (strategy === undefined) {
      const { apiVersion, kind, namespaced } = this;
      const source = this.#of.schema?.openAPIV3Schema;
      const rules: CustomRules = {
        apiVersion,
        kind,
        namespaced,
        hasStatus: this.#of.subresources?.status !== undefined,
        scale: this.#of.subresources?.scale,
        schema: this.#parts.schemas.of(this.version),
        hasRules: source !== undefined && JSON.stringify(source).includes('"x-kubernetes-validations"'),
      };
      strategy = new CustomStrategy(rules, subresource);
      this.#strategies.set(subresource, strategy);
    }
    return strategy;
  }

  printer(): TablePrinter {
    this.#printer ??= customPrinter(this.#of.additionalPrinterColumns);
    return this.#printer;
  }

  checkField(field: string): void {
    if (field === 'metadata.name' || (field === 'metadata.namespace' && this.namespaced)) return;
    if (!this.#selectable.has(field)) throw badRequest(`field label not supported: ${field}`);
  }

  readField(object: ServerObject, field: string): string {
    if (field === 'metadata.name') return object.metadata.name ?? '';
    if (field === 'metadata.namespace') return object.metadata.namespace ?? '';
    const [value] = this.#selectable.get(field)?.find(object) ?? [];
    return value === undefined || value === null ? '' : String(value);
  }

  /** What the OpenAPI document says of it. */
  get openApi(): CustomResourceVersion {
    const { resource, kind, listKind, namespaced } = this;
    return {
      resource,
      kind,
      listKind,
      namespaced,
      schema: this.#of.schema?.openAPIV3Schema as OpenApiSchema | undefined,
      status: this.#of.subresources?.status !== undefined,
      scale: this.#of.subresources?.scale !== undefined,
      selectableFields: (this.#of.selectableFields ?? []).map(({ jsonPath }) => jsonPath),
    };
  }
}

function subresourcesOf({ subresources }: CustomResourceDefinitionVersion, kind: string): Subresource[] {
  const found: Subresource[] = [];
  if (subresources?.status !== undefined) found.push({ name: 'status', kind, verbs: subresourceVerbs });
  if (subresources?.scale !== undefined) {
    found.push({ name: 'scale', kind: 'Scale', group: 'autoscaling', version: 'v1', verbs: subresourceVerbs });
  }
  return found;
}

function scaleOf({ subresources }: CustomResourceDefinitionVersion): ScalePaths | undefined {
  const scale = subresources?.scale;
  if (scale === undefined) return undefined;
  const { specReplicasPath, statusReplicasPath, labelSelectorPath = '' } = scale;
  return {
    specReplicas: fieldsOf(specReplicasPath),
    statusReplicas: fieldsOf(statusReplicasPath),
    labelSelector: labelSelectorPath === '' ? undefined : fieldsOf(labelSelectorPath),
  };
}

/** @see k8s.io/apiserver pkg/endpoints/discovery/storageversionhash.go */
function hashOf(group: string, version: string, kind: string): string {
  return createHash('sha256').update(`${group}/${version}/${kind}`).digest().subarray(0, 8).toString('base64');
}

/** @see k8s.io/apiextensions-apiserver pkg/apiserver/customresource_handler.go */
function deprecationOf({ spec }: Definition, version: string, kind: string): string {
  const { group, versions } = spec;
  const [better] = versions
    .filter(({ name, served, deprecated }) => served && !deprecated && compareVersions(version, name) < 0)
    .map(({ name }) => name)
    .sort((a, b) => compareVersions(b, a));
  const use = better === undefined ? '' : `; use ${group}/${better} ${kind}`;
  return `${group}/${version} ${kind} is deprecated${use}`;
}
