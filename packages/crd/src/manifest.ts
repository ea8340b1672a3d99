import type { CustomResourceDefinitionVersion, JSONSchemaProps } from '@bowline/api/apiextensions/v1';
import type { MultiDefinition, SingleDefinition, VersionDefinition } from './define.ts';
import type { CrdManifest } from './definition/index.ts';
import type { SchemaSource, StandardJsonSchema } from './infer.ts';
import { type AnyJsonSchema, readSchema } from './json-schema.ts';
import { isBuilt, isMadeSchema } from './json-schema-rules.ts';
import { pluralOf } from './plural.ts';
import type { Presence } from './schema.ts';

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
        toVersion(name, version, name === storageOf(definition), {
          action: `define ${kind}`,
          field: 'versions' in definition ? `definition.versions.${name}` : 'definition',
        }),
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

function toVersion(
  name: string,
  version: VersionDefinition,
  storage: boolean,
  place: Place,
): CustomResourceDefinitionVersion {
  const { served = true, deprecated, printerColumns, selectableFields } = version;
  const { status = version.status !== undefined, scale } = version.subresources ?? {};
  return {
    name,
    served,
    storage,
    ...(deprecated ? { deprecated: true } : {}),
    ...(typeof deprecated === 'string' ? { deprecationWarning: deprecated } : {}),
    schema: { openAPIV3Schema: rootSchema(version, place) },
    ...(status || scale ? { subresources: { ...(status ? { status: {} } : {}), ...(scale ? { scale } : {}) } } : {}),
    ...(printerColumns ? { additionalPrinterColumns: printerColumns } : {}),
    ...(selectableFields ? { selectableFields } : {}),
  };
}

/** Where a definition stands, for messages. */
interface Place {
  readonly action: string;
  readonly field: string;
}

function rootSchema(
  { spec, status, properties = {}, description, rules }: VersionDefinition,
  { action, field }: Place,
): JSONSchemaProps {
  const main = Object.entries({ spec, status }).flatMap(([name, source]): [string, Member][] =>
    source === undefined ? [] : [[name, toObjectMember(source, { action, field: `${field}.${name}` })]],
  );
  const others = Object.entries(properties).flatMap(([name, source]): [string, Member][] =>
    source === undefined ? [] : [[name, toMember(source, { action, field: `${field}.properties.${name}` })]],
  );
  const members = Object.entries({ ...Object.fromEntries(others), ...Object.fromEntries(main) });
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

/** What a definition says of one member of the objects. */
interface Member {
  readonly json: JSONSchemaProps;
  readonly presence: Presence;
}

/** A schema from wherever it comes, as OpenAPI v3. */
function toMember(source: SchemaSource, place: Place): Member {
  if (isBuilt(source)) return source as Member;
  const isForeign = isStandard(source);
  const json = isForeign ? source['~standard'].jsonSchema.input({ target: 'openapi-3.0' }) : source;
  return { json: readSchema(json as AnyJsonSchema, { ...place, isForeign }), presence: 'required' };
}

/** A schema of objects. The server would take any type, but to a text nobody can ever add a member. */
function toObjectMember(source: SchemaSource, place: Place): Member {
  const member = toMember(source, place);
  const { type, ...json } = member.json;
  const isEmpty = !isMadeSchema(source) && Object.keys(source).length === 0; // Members that nobody wrapped, none of them yet.
  const isOpen = type === undefined && json['x-kubernetes-preserve-unknown-fields'] === true && !isEmpty;
  if (type === 'object' || isOpen) return member;
  const untyped = isEmpty ? 'an empty schema' : 'a schema without a type';
  const got = type === undefined ? untyped : `a schema of type ${type}`;
  const wanted = "an object schema (s.object(…), s.preserveUnknown() or JSON Schema with type: 'object')";
  throw new TypeError(`Cannot ${place.action}: ${place.field} must be ${wanted}, got ${got}`);
}

function isStandard(source: SchemaSource): source is StandardJsonSchema {
  return '~standard' in source;
}

function defined<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as T;
}
