import type { CustomResourceDefinitionVersion, JSONSchemaProps } from '@bowline/api/apiextensions/v1';
import { isJsonObject } from '@bowline/apimachinery';
import type { MultiDefinition, SingleDefinition, VersionDefinition } from './define.ts';
import type { CrdManifest } from './definition/index.ts';
import type { SchemaSource, StandardJsonSchema } from './infer.ts';
import { toOpenApi } from './json-schema.ts';
import { pluralOf } from './plural.ts';
import { type Presence, Schema } from './schema.ts';

const typeMeta = { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition' } as const;

/** The CustomResourceDefinition that a definition stands for. */
export function toManifest(definition: SingleDefinition | MultiDefinition): CrdManifest & typeof typeMeta {
  const { group, kind, plural = pluralOf(kind), scope = 'Namespaced', labels, annotations } = definition;
  const { shortNames, categories } = definition;
  return {
    ...typeMeta,
    metadata: { name: `${plural}.${group}`, ...defined({ labels, annotations }) },
    spec: {
      group,
      names: {
        kind,
        listKind: definition.listKind ?? `${kind}List`,
        plural,
        singular: definition.singular ?? kind.toLowerCase(),
        ...defined({ shortNames, categories }),
      },
      scope,
      versions: versionsOf(definition).map(([name, version]) =>
        toVersion(name, version, name === storageOf(definition)),
      ),
      ...('versions' in definition && definition.conversion ? { conversion: definition.conversion } : {}),
    },
  };
}

/** The versions by name; one or several. */
export function versionsOf(definition: SingleDefinition | MultiDefinition): [string, VersionDefinition][] {
  return 'versions' in definition ? Object.entries(definition.versions) : [[definition.version, definition]];
}

/** The version in which objects are stored. */
export function storageOf(definition: SingleDefinition | MultiDefinition): string {
  return 'versions' in definition ? definition.storage : definition.version;
}

function toVersion(name: string, version: VersionDefinition, storage: boolean): CustomResourceDefinitionVersion {
  const { served = true, deprecated, printerColumns, selectableFields } = version;
  const { status = version.status !== undefined, scale } = version.subresources ?? {};
  return {
    name,
    served,
    storage,
    ...(deprecated ? { deprecated: true } : {}),
    ...(typeof deprecated === 'string' ? { deprecationWarning: deprecated } : {}),
    schema: { openAPIV3Schema: rootSchema(version) },
    ...(status || scale ? { subresources: { ...(status ? { status: {} } : {}), ...(scale ? { scale } : {}) } } : {}),
    ...(printerColumns ? { additionalPrinterColumns: printerColumns } : {}),
    ...(selectableFields ? { selectableFields } : {}),
  };
}

function rootSchema({ spec, status, properties = {}, description, rules }: VersionDefinition): JSONSchemaProps {
  const members = Object.entries({ ...properties, spec, status }).flatMap(([name, source]) =>
    source === undefined ? [] : [[name, toSchema(source)] as const],
  );
  const required = members
    .filter(([name, { presence }]) => name !== 'status' && presence === 'required')
    .map(([name]) => name);
  return {
    type: 'object',
    ...(description === undefined ? {} : { description }),
    ...(required.length > 0 ? { required } : {}),
    properties: Object.fromEntries(members.map(([name, { json }]) => [name, json])),
    ...(rules ? { 'x-kubernetes-validations': rules } : {}),
  };
}

/** A schema from wherever it comes, as OpenAPI v3. */
function toSchema(source: SchemaSource): { json: JSONSchemaProps; presence: Presence } {
  if (isBuilt(source)) return { json: source.json, presence: source.presence };
  const json = isStandard(source) ? source['~standard'].jsonSchema.input({ target: 'openapi-3.0' }) : source;
  return { json: toOpenApi(json as Readonly<Record<string, unknown>>), presence: 'required' };
}

/** By form, so that a second installed copy of this package works too. */
function isBuilt(source: SchemaSource): source is Schema<unknown, unknown, Presence> {
  return source instanceof Schema || ('presence' in source && 'json' in source && isJsonObject(source.json));
}

function isStandard(source: SchemaSource): source is StandardJsonSchema {
  return '~standard' in source;
}

function defined<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as T;
}
