import type {
  CustomResourceColumnDefinition,
  CustomResourceDefinition,
  CustomResourceDefinitionVersion,
  CustomResourceSubresources,
  JSONSchemaProps,
  SelectableField,
} from '@bowline/api/apiextensions/v1';
import { type Draft, equal, isJsonObject } from '@bowline/apimachinery';
import { GoStruct } from '../go-text.ts';

/** A CustomResourceDefinition, with or without what the server adds. */
export type CrdManifest = Draft<CustomResourceDefinition>;
export type CrdSpec = CrdManifest['spec'];

/**
 * A definition in the form that the server validates: what all versions have in common stands once, at the top. Paths in errors show it:
 * `spec.validation.openAPIV3Schema`, not `spec.versions[0].schema.openAPIV3Schema`.
 *
 * @see apiextensions-apiserver apis/apiextensions/v1/conversion.go
 */
export interface InternalSpec {
  readonly spec: CrdSpec;
  readonly versions: readonly CustomResourceDefinitionVersion[];
  readonly validation: CustomResourceDefinitionVersion['schema'];
  readonly subresources: CustomResourceSubresources | undefined;
  readonly columns: readonly CustomResourceColumnDefinition[];
  readonly selectableFields: readonly SelectableField[];
}

export function toInternal(spec: CrdSpec): InternalSpec {
  const versions = spec.versions ?? [];
  const shared = <K extends keyof CustomResourceDefinitionVersion>(key: K): boolean =>
    versions.every((version) => equal(version[key] ?? null, versions[0]?.[key] ?? null));
  const moved = (['schema', 'subresources', 'additionalPrinterColumns', 'selectableFields'] as const).filter(shared);
  const [first] = versions;
  const top = <K extends (typeof moved)[number]>(key: K): CustomResourceDefinitionVersion[K] | undefined =>
    moved.includes(key) ? first?.[key] : undefined;
  return {
    spec,
    versions: versions.map((version) => withoutKeys(version, moved)),
    validation: top('schema') ?? undefined,
    subresources: top('subresources') ?? undefined,
    columns: top('additionalPrinterColumns') ?? [],
    selectableFields: top('selectableFields') ?? [],
  };
}

function withoutKeys(
  version: CustomResourceDefinitionVersion,
  keys: readonly string[],
): CustomResourceDefinitionVersion {
  return Object.fromEntries(
    Object.entries(version).filter(([key]) => !keys.includes(key)),
  ) as unknown as CustomResourceDefinitionVersion;
}

/** As the server shows versions in messages: its own structs, with every field. */
export function showVersions(versions: readonly CustomResourceDefinitionVersion[]): readonly GoStruct[] {
  return versions.map(
    (version) =>
      new GoStruct({
        Name: version.name ?? '',
        Served: version.served ?? false,
        Storage: version.storage ?? false,
        Deprecated: version.deprecated ?? false,
        DeprecationWarning: version.deprecationWarning ?? null,
        Schema: version.schema ? new GoStruct({ OpenAPIV3Schema: showSchema(version.schema.openAPIV3Schema) }) : null,
        Subresources: showSubresources(version.subresources),
        AdditionalPrinterColumns: version.additionalPrinterColumns?.map(showColumn) ?? null,
        SelectableFields: version.selectableFields?.map(({ jsonPath }) => new GoStruct({ JSONPath: jsonPath })) ?? null,
      }),
  );
}

function showSubresources(subresources: CustomResourceSubresources | undefined): GoStruct | null {
  if (!subresources) return null;
  const { scale, status } = subresources;
  return new GoStruct({
    Status: status ? {} : null,
    Scale: scale
      ? new GoStruct({
          SpecReplicasPath: scale.specReplicasPath,
          StatusReplicasPath: scale.statusReplicasPath,
          LabelSelectorPath: scale.labelSelectorPath ?? null,
        })
      : null,
  });
}

function showColumn(column: CustomResourceColumnDefinition): GoStruct {
  return new GoStruct({
    Name: column.name ?? '',
    Type: column.type ?? '',
    Format: column.format ?? '',
    Description: column.description ?? '',
    Priority: column.priority ?? 0,
    JSONPath: column.jsonPath ?? '',
  });
}

/** As the server shows a schema in messages: its own struct, with every field. */
export function showSchema(schema: JSONSchemaProps | undefined): GoStruct | null {
  if (!schema) return null;
  return new GoStruct(Object.fromEntries(schemaFields.map(([name, read]) => [name, read(schema)])));
}

/** The fields of a schema in the server's order, and how each is read. Nothing is `""`, `false` or `null`. */
export const schemaFields: readonly (readonly [string, (schema: JSONSchemaProps) => unknown])[] = [
  ['ID', (s) => s.id ?? ''],
  ['Schema', (s) => s.$schema ?? ''],
  ['Ref', (s) => s.$ref ?? null],
  ['Description', (s) => s.description ?? ''],
  ['Type', (s) => s.type ?? ''],
  ['Nullable', (s) => s.nullable ?? false],
  ['Format', (s) => s.format ?? ''],
  ['Title', (s) => s.title ?? ''],
  ['Default', (s) => s.default ?? null],
  ['Maximum', (s) => s.maximum ?? null],
  ['ExclusiveMaximum', (s) => s.exclusiveMaximum ?? false],
  ['Minimum', (s) => s.minimum ?? null],
  ['ExclusiveMinimum', (s) => s.exclusiveMinimum ?? false],
  ['MaxLength', (s) => s.maxLength ?? null],
  ['MinLength', (s) => s.minLength ?? null],
  ['Pattern', (s) => s.pattern ?? ''],
  ['MaxItems', (s) => s.maxItems ?? null],
  ['MinItems', (s) => s.minItems ?? null],
  ['UniqueItems', (s) => s.uniqueItems ?? false],
  ['MultipleOf', (s) => s.multipleOf ?? null],
  ['Enum', (s) => s.enum ?? null],
  ['MaxProperties', (s) => s.maxProperties ?? null],
  ['MinProperties', (s) => s.minProperties ?? null],
  ['Required', (s) => s.required ?? null],
  ['Items', (s) => showItems(s.items)],
  ['AllOf', (s) => s.allOf?.map(showSchema) ?? null],
  ['OneOf', (s) => s.oneOf?.map(showSchema) ?? null],
  ['AnyOf', (s) => s.anyOf?.map(showSchema) ?? null],
  ['Not', (s) => showSchema(s.not)],
  ['Properties', (s) => showMembers(s.properties)],
  ['AdditionalProperties', (s) => showSchemaOrBool(s.additionalProperties)],
  ['PatternProperties', (s) => showMembers(s.patternProperties)],
  ['Dependencies', (s) => showDependencies(s.dependencies)],
  ['AdditionalItems', (s) => showSchemaOrBool(s.additionalItems)],
  ['Definitions', (s) => showMembers(s.definitions)],
  ['ExternalDocs', (s) => showExternalDocs(s.externalDocs)],
  ['Example', (s) => s.example ?? null],
  ['XPreserveUnknownFields', (s) => s['x-kubernetes-preserve-unknown-fields'] ?? null],
  ['XEmbeddedResource', (s) => s['x-kubernetes-embedded-resource'] ?? false],
  ['XIntOrString', (s) => s['x-kubernetes-int-or-string'] ?? false],
  ['XListMapKeys', (s) => s['x-kubernetes-list-map-keys'] ?? null],
  ['XListType', (s) => s['x-kubernetes-list-type'] ?? null],
  ['XMapType', (s) => s['x-kubernetes-map-type'] ?? null],
  ['XValidations', (s) => showRules(s['x-kubernetes-validations'])],
];

function showItems(items: JSONSchemaProps['items']): GoStruct | null {
  if (!items) return null;
  if (Array.isArray(items)) return new GoStruct({ Schema: null, JSONSchemas: items.map(showSchema) });
  return new GoStruct({ Schema: showSchema(items as JSONSchemaProps), JSONSchemas: null });
}

function showSchemaOrBool(value: JSONSchemaProps | boolean | undefined): GoStruct | null {
  if (value === undefined) return null;
  if (typeof value === 'boolean') return new GoStruct({ Allows: value, Schema: null });
  return new GoStruct({ Allows: true, Schema: showSchema(value) });
}

function showMembers(members: Readonly<Record<string, JSONSchemaProps>> | undefined): Record<string, unknown> | null {
  if (!members) return null;
  return Object.fromEntries(Object.entries(members).map(([name, schema]) => [name, showSchema(schema)]));
}

function showDependencies(dependencies: JSONSchemaProps['dependencies']): Record<string, unknown> | null {
  if (!dependencies) return null;
  return Object.fromEntries(
    Object.entries(dependencies).map(([name, value]) => [
      name,
      isJsonObject(value)
        ? new GoStruct({ Schema: showSchema(value), Property: null })
        : new GoStruct({ Schema: null, Property: value }),
    ]),
  );
}

function showExternalDocs(docs: JSONSchemaProps['externalDocs']): GoStruct | null {
  return docs ? new GoStruct({ Description: docs.description ?? '', URL: docs.url ?? '' }) : null;
}

function showRules(rules: JSONSchemaProps['x-kubernetes-validations']): readonly GoStruct[] | null {
  if (!rules) return null;
  return rules.map(
    (rule) =>
      new GoStruct({
        Rule: rule.rule ?? '',
        Message: rule.message ?? '',
        MessageExpression: rule.messageExpression ?? '',
        Reason: rule.reason ?? null,
        FieldPath: rule.fieldPath ?? '',
        OptionalOldSelf: rule.optionalOldSelf ?? null,
      }),
  );
}
