import type { JSONSchemaProps } from '@bowline/api/apiextensions/v1';
import { isJsonObject } from '@bowline/apimachinery';
import { formatCheck } from './formats/index.ts';
import { compareStrings } from './go-text.ts';
import { compilePattern, type Pattern } from './pattern.ts';

/** A schema made ready for walking: members looked up by name, patterns and formats compiled. */
export interface SchemaNode {
  readonly source: JSONSchemaProps;
  /** The types that a value may have; empty when any. Int-or-string is two types. */
  readonly types: readonly string[];
  readonly properties: ReadonlyMap<string, SchemaNode>;
  /** `undefined`: not said. `true`: anything. `false`: nothing. */
  readonly additional: SchemaNode | boolean | undefined;
  readonly items: SchemaNode | undefined;
  readonly allOf: readonly SchemaNode[];
  readonly anyOf: readonly SchemaNode[];
  readonly oneOf: readonly SchemaNode[];
  readonly not: SchemaNode | undefined;
  readonly pattern: Pattern | undefined;
  readonly formatCheck: ((text: string) => boolean) | undefined;
  readonly nullable: boolean;
  /** Unknown members stay (`x-kubernetes-preserve-unknown-fields`). */
  readonly preserves: boolean;
  /** It is a whole object: apiVersion, kind and metadata need no schema (`x-kubernetes-embedded-resource`). */
  readonly embedded: boolean;
  /** It, or a schema below it in the structure, is a list of type set or map. */
  readonly hasKeyedLists: boolean;
  /** It, or a schema below it in the structure, is a whole object. */
  readonly hasEmbedded: boolean;
}

/** How a schema is read. */
export interface CompileOptions {
  /**
   * Int-or-string is two types. The server does not know that when it checks defaults.
   *
   * @default true
   */
  readonly typedIntOrString?: boolean | undefined;
}

/**
 * Compiles a schema. It must be valid as the schema of a CustomResourceDefinition.
 *
 * @throws {Error} when a pattern is not RE2.
 */
export function compileSchema(source: JSONSchemaProps, options: CompileOptions = {}): SchemaNode {
  const { items, additionalProperties } = source;
  const { typedIntOrString = true } = options;
  const compile = (schema: JSONSchemaProps): SchemaNode => compileSchema(schema, options);
  const isIntOrString = typedIntOrString && source['x-kubernetes-int-or-string'] === true;
  const properties = compileMembers(source.properties, compile);
  const additional = isSchema(additionalProperties)
    ? compile(additionalProperties)
    : (additionalProperties ?? undefined);
  const itemNode = isSchema(items) ? compile(items) : undefined;
  const below = [...properties.values(), itemNode, typeof additional === 'object' ? additional : undefined];
  const listType = source['x-kubernetes-list-type'];
  const embedded = source['x-kubernetes-embedded-resource'] === true;
  return {
    source,
    types: isIntOrString ? ['integer', 'string'] : source.type ? [source.type] : [],
    properties,
    additional,
    items: itemNode,
    allOf: source.allOf?.map(compile) ?? [],
    anyOf: source.anyOf?.map(compile) ?? [],
    oneOf: source.oneOf?.map(compile) ?? [],
    not: source.not ? compile(source.not) : undefined,
    pattern: source.pattern ? compilePattern(source.pattern) : undefined,
    formatCheck: source.format ? formatCheck(source.format) : undefined,
    nullable: source.nullable === true,
    preserves: source['x-kubernetes-preserve-unknown-fields'] === true,
    embedded,
    hasKeyedLists: listType === 'set' || listType === 'map' || below.some((node) => node?.hasKeyedLists),
    hasEmbedded: embedded || below.some((node) => node?.hasEmbedded),
  };
}

/** The schema of a member: its own, or the one for all others. */
export function memberNode(node: SchemaNode, name: string): SchemaNode | undefined {
  return node.properties.get(name) ?? (typeof node.additional === 'object' ? node.additional : undefined);
}

/** A list is no schema, though old drafts allow one in `items`. */
export function isSchema(value: unknown): value is JSONSchemaProps {
  return isJsonObject(value);
}

function compileMembers(
  members: Readonly<Record<string, JSONSchemaProps>> | undefined,
  compile: (schema: JSONSchemaProps) => SchemaNode,
): Map<string, SchemaNode> {
  const sorted = Object.entries(members ?? {}).sort(([a], [b]) => compareStrings(a, b));
  return new Map(sorted.map(([name, schema]) => [name, compile(schema)]));
}
