import type { JSONSchemaProps } from '@bowline/api/apiextensions/v1';
import type { Condition } from '@bowline/apimachinery';
import {
  type AnySchema,
  type InputOf,
  type Members,
  type ObjectInput,
  type ObjectOutput,
  type OutputOf,
  Schema,
} from './schema.ts';
import { argument, checkArgument, checkBuilderOptions, known } from './schema-rules.ts';

/** Keywords that any schema may have. */
export interface CommonOptions {
  readonly description?: string | undefined;
  readonly title?: string | undefined;
}

export interface StringOptions extends CommonOptions {
  /** In code points. */
  readonly minLength?: number | undefined;
  /** In code points. */
  readonly maxLength?: number | undefined;
  /** RE2, not anchored. */
  readonly pattern?: string | undefined;
  /** `date-time`, `ipv4`, `uri`, `byte` …; the server passes over those it does not know. */
  readonly format?: string | undefined;
}

export interface NumberOptions extends CommonOptions {
  readonly minimum?: number | undefined;
  readonly maximum?: number | undefined;
  /** `minimum` itself is too small. */
  readonly exclusiveMinimum?: boolean | undefined;
  /** `maximum` itself is too large. */
  readonly exclusiveMaximum?: boolean | undefined;
  readonly multipleOf?: number | undefined;
  /** `int32`, `int64`, `double` …: for tools; the server does not check it. */
  readonly format?: string | undefined;
}

export interface ArrayOptions extends CommonOptions {
  readonly minItems?: number | undefined;
  readonly maxItems?: number | undefined;
  /**
   * `set`: no value twice. `map`: items are told apart by `listMapKeys`, so that several managers can own one each.
   *
   * @default atomic: the list is one value
   */
  readonly listType?: 'atomic' | 'set' | 'map' | undefined;
  /** The members that tell items of a list of type map apart. They must be required or have defaults. */
  readonly listMapKeys?: readonly string[] | undefined;
}

export interface ObjectOptions extends CommonOptions {
  readonly minProperties?: number | undefined;
  readonly maxProperties?: number | undefined;
  /**
   * `atomic`: the object is one value, owned by one manager.
   *
   * @default granular
   */
  readonly mapType?: 'atomic' | 'granular' | undefined;
  /** Members without a schema stay. @default false */
  readonly preserveUnknown?: boolean | undefined;
}

/** An object of any kind inside another. */
export interface EmbeddedObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata?: unknown;
  readonly [field: string]: unknown;
}

/** @see k8s.io/apimachinery api/resource `Quantity`, with the pattern that controller-gen gives it */
const quantityPattern =
  '^(\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))(([KMGTPE]i)|[numkMGTPE]|([eE](\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))))?$';

function make<O, I = O>(json: JSONSchemaProps): Schema<O, I> {
  return new Schema(defined(json), 'required');
}

/** Without members that are undefined: a manifest has none. */
function defined<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as T;
}

function string(options: StringOptions = {}): Schema<string> {
  checkBuilderOptions('string', options, known.text);
  return make({ type: 'string', ...options });
}

function integer(options: NumberOptions = {}): Schema<number> {
  checkBuilderOptions('integer', options, known.numeric);
  return make({ type: 'integer', ...options });
}

function number(options: NumberOptions = {}): Schema<number> {
  checkBuilderOptions('number', options, known.numeric);
  return make({ type: 'number', ...options });
}

function boolean(options: CommonOptions = {}): Schema<boolean> {
  checkBuilderOptions('boolean', options, known.common);
  return make({ type: 'boolean', ...options });
}

function enumeration<const V extends string>(values: readonly V[], options: CommonOptions = {}): Schema<V> {
  checkArgument('enum', 'values', values, argument.texts);
  checkBuilderOptions('enum', options, known.common);
  return make({ type: 'string', enum: values, ...options });
}

function object<M extends Members>(members: M, options: ObjectOptions = {}): Schema<ObjectOutput<M>, ObjectInput<M>> {
  checkArgument('object', 'members', members, argument.members);
  checkBuilderOptions('object', options, known.object);
  const { mapType, preserveUnknown, ...rest } = options;
  const entries = Object.entries(members);
  const required = entries.filter(([, { presence }]) => presence === 'required').map(([name]) => name);
  return make({
    type: 'object',
    ...rest,
    properties: Object.fromEntries(entries.map(([name, { json }]) => [name, json])),
    ...(required.length > 0 ? { required } : {}),
    ...(mapType === undefined ? {} : { 'x-kubernetes-map-type': mapType }),
    ...(preserveUnknown ? { 'x-kubernetes-preserve-unknown-fields': true } : {}),
  });
}

function map<S extends AnySchema>(
  values: S,
  options: Omit<ObjectOptions, 'preserveUnknown'> = {},
): Schema<Readonly<Record<string, OutputOf<S>>>, Readonly<Record<string, InputOf<S>>>> {
  checkArgument('map', 'values', values, argument.schema);
  checkBuilderOptions('map', options, known.map);
  const { mapType, ...rest } = options;
  return make({
    type: 'object',
    ...rest,
    additionalProperties: values.json,
    ...(mapType === undefined ? {} : { 'x-kubernetes-map-type': mapType }),
  });
}

function array<S extends AnySchema>(
  items: S,
  options: ArrayOptions = {},
): Schema<readonly OutputOf<S>[], readonly InputOf<S>[]> {
  checkArgument('array', 'items', items, argument.schema);
  checkBuilderOptions('array', options, known.array);
  const { listType, listMapKeys, ...rest } = options;
  return make({
    type: 'array',
    ...rest,
    items: items.json,
    ...(listType === undefined ? {} : { 'x-kubernetes-list-type': listType }),
    ...(listMapKeys === undefined ? {} : { 'x-kubernetes-list-map-keys': listMapKeys }),
  });
}

function intOrString(options: StringOptions = {}): Schema<number | string> {
  checkBuilderOptions('intOrString', options, known.text);
  return make({ 'x-kubernetes-int-or-string': true, ...options });
}

function quantity(options: CommonOptions = {}): Schema<number | string> {
  checkBuilderOptions('quantity', options, known.common);
  return intOrString({ pattern: quantityPattern, ...options }).keywords({
    anyOf: [{ type: 'integer' }, { type: 'string' }],
  });
}

function dateTime(options: CommonOptions = {}): Schema<string> {
  checkBuilderOptions('dateTime', options, known.common);
  return string({ format: 'date-time', ...options });
}

function preserveUnknown<T = unknown>(options: CommonOptions = {}): Schema<T> {
  checkBuilderOptions('preserveUnknown', options, known.common);
  return make({ 'x-kubernetes-preserve-unknown-fields': true, ...options });
}

function embeddedResource<T = EmbeddedObject>(options: CommonOptions = {}): Schema<T> {
  checkBuilderOptions('embeddedResource', options, known.common);
  return make({
    type: 'object',
    'x-kubernetes-embedded-resource': true,
    'x-kubernetes-preserve-unknown-fields': true,
    ...options,
  });
}

function json<T = unknown>(schema: JSONSchemaProps): Schema<T> {
  checkArgument('json', 'schema', schema, argument.json);
  return make({ ...schema });
}

/** @see k8s.io/apimachinery meta/v1 `Condition`, for the limits */
function conditions(options: CommonOptions = {}): Schema<readonly Condition[]> {
  checkBuilderOptions('conditions', options, known.common);
  const condition = object({
    type: string({
      maxLength: 316,
      pattern:
        '^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])$',
    }),
    status: enumeration(['True', 'False', 'Unknown']),
    observedGeneration: integer({ format: 'int64', minimum: 0 }).optional(),
    lastTransitionTime: dateTime(),
    reason: string({ minLength: 1, maxLength: 1024, pattern: '^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$' }),
    message: string({ maxLength: 32768 }),
  });
  return array(condition, { listType: 'map', listMapKeys: ['type'], ...options });
}

/** What `s` offers. */
export interface SchemaBuilder {
  readonly string: typeof string;
  readonly integer: typeof integer;
  readonly number: typeof number;
  readonly boolean: typeof boolean;
  /** One of these texts. */
  readonly enum: typeof enumeration;
  /** Members with a schema each; all others are pruned. */
  readonly object: typeof object;
  /** Any names, values of one schema. */
  readonly map: typeof map;
  readonly array: typeof array;
  /** `80` or `"http"`, `"50%"`. */
  readonly intOrString: typeof intOrString;
  /** `1`, `"500m"`, `"2Gi"`. */
  readonly quantity: typeof quantity;
  /** RFC 3339. */
  readonly dateTime: typeof dateTime;
  /** Anything; nothing in it is pruned. */
  readonly preserveUnknown: typeof preserveUnknown;
  /** A whole object of any kind: apiVersion, kind and metadata are checked. */
  readonly embeddedResource: typeof embeddedResource;
  /** `status.conditions`: one for each type. */
  readonly conditions: typeof conditions;
  /** A schema written as OpenAPI v3, with its type. */
  readonly json: typeof json;
}

/**
 * Builds schemas whose TypeScript types are inferred.
 *
 * @example
 * ```ts
 * import { s } from '@bowline/crd';
 *
 * const spec = s.object({
 *   image: s.string().default('nginx'),
 *   replicas: s.integer({ minimum: 0 }).default(1),
 *   ports: s.array(s.object({ name: s.string(), port: s.intOrString() }), { listType: 'map', listMapKeys: ['name'] }).optional(),
 * });
 * ```
 */
export const s: SchemaBuilder = {
  ...{ string, integer, number, boolean, enum: enumeration, object, map, array },
  ...{ intOrString, quantity, dateTime, preserveUnknown, embeddedResource, conditions, json },
};
