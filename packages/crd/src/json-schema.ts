import type { JSONSchemaProps } from '@bowline/api/apiextensions/v1';
import { isJsonObject } from '@bowline/apimachinery';
import { describeValue } from '@bowline/apimachinery/arguments';
import { checkKeywords, isWritten } from './json-schema-rules.ts';
import { keywords } from './keyword-rules.ts';
import { checkNesting } from './nesting.ts';

/** A schema of any JSON Schema dialect, as libraries write it. */
export type AnyJsonSchema = Readonly<Record<string, unknown>>;

type Draft = Record<string, unknown>;

/** Keywords that OpenAPI v3 in a CustomResourceDefinition has, and that mean the same in every dialect. */
const kept = [
  ...['title', 'description', 'type', 'format', 'nullable', 'default', 'example', 'externalDocs', 'enum', 'required'],
  ...['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf', 'minLength', 'maxLength', 'pattern'],
  ...['minItems', 'maxItems', 'minProperties', 'maxProperties', 'uniqueItems'],
];

/**
 * Rewrites a JSON Schema (drafts 4 to 2020-12, OpenAPI 3.0) into the form that a CustomResourceDefinition takes: references are put in
 * place, `const` and null types become `enum` and `nullable`, exclusive limits become flags. What is in that form already stays as it is.
 *
 * Keywords that mean nothing to a CustomResourceDefinition (`$schema`, `examples`, `x-…`) are left out.
 *
 * @throws {TypeError} for what that form cannot say: tuples, recursion, references to elsewhere; and for names that are no keywords.
 */
export function toOpenApi(schema: AnyJsonSchema): JSONSchemaProps {
  return readSchema(schema, { action: 'read schema', field: '', isForeign: false });
}

/** Where a schema comes from. */
export interface Origin {
  /** What messages say cannot be done. */
  readonly action: string;
  /** What messages call it; empty when it has no name. */
  readonly field: string;
  /** A library wrote it, which may pass on notes of its user under any name. */
  readonly isForeign: boolean;
}

/** Does what `toOpenApi` does; messages name the place. */
export function readSchema(schema: AnyJsonSchema, origin: Origin): JSONSchemaProps {
  checkNesting(origin.action, origin.field, schema);
  return convert(schema, { ...origin, root: schema, open: [] }) as JSONSchemaProps;
}

interface Context extends Origin {
  readonly root: AnyJsonSchema;
  /** References that are being put in place. */
  readonly open: readonly string[];
}

function convert(schema: unknown, outer: Context): Draft {
  if (schema === true) return anything();
  if (!isJsonObject(schema)) throw problem(outer, '', `must be an object, got ${describeValue(schema)}`);
  const context = within(schema, outer);
  const { $ref } = schema;
  if (typeof $ref === 'string') {
    const target = convert(resolve($ref, context), { ...context, open: [...context.open, $ref] });
    const { $ref: _, ...rest } = schema;
    return Object.keys(rest).length === 0 ? target : { ...target, ...convertKeywords(rest, context) };
  }
  const result = convertKeywords(schema, context);
  return isSilent(result) ? { ...anything(), ...result } : result;
}

function convertKeywords(schema: AnyJsonSchema, outer: Context): Draft {
  const context = within(schema, outer);
  checkKeywords(schema, context);
  const result: Draft = {};
  for (const [keyword, value] of Object.entries(schema)) {
    if (kept.includes(keyword) || isOfKubernetes(keyword)) result[keyword] = value;
  }
  convertType(result);
  if ('const' in schema) result.enum = [schema.const];
  convertEnum(result);
  convertLimits(result);
  convertBelow(schema, result, context);
  convertAlternatives(schema, result, context);
  if (result.uniqueItems === true) {
    delete result.uniqueItems;
    result['x-kubernetes-list-type'] ??= 'set';
  }
  return result;
}

function isOfKubernetes(keyword: string): boolean {
  return keyword.startsWith('x-kubernetes-') && Object.hasOwn(keywords, keyword);
}

/** What a library wrote may stand in what a user wrote. */
function within(schema: AnyJsonSchema, context: Context): Context {
  return context.isForeign || !isWritten(schema) ? context : { ...context, isForeign: true };
}

function below(context: Context, name: string): Context {
  return { ...context, field: context.field === '' ? name : `${context.field}.${name}` };
}

function problem(context: Context, name: string, text: string): TypeError {
  const { action, field } = name === '' ? context : below(context, name);
  return new TypeError(`Cannot ${action}: ${field === '' ? 'it' : field} ${text}`);
}

function anything(): Draft {
  return { 'x-kubernetes-preserve-unknown-fields': true };
}

/** Says nothing of the value. */
function isSilent(schema: Draft): boolean {
  return Object.keys(schema).every((keyword) => ['title', 'description', 'default', 'nullable'].includes(keyword));
}

function convertType(schema: Draft): void {
  const { type } = schema;
  if (!Array.isArray(type)) return;
  const types = type.filter((each) => each !== 'null');
  if (types.length < type.length) schema.nullable = true;
  delete schema.type;
  if (types.length === 1) [schema.type] = types;
  else if (types.length === 2 && types.includes('integer') && types.includes('string')) {
    schema['x-kubernetes-int-or-string'] = true;
  } else Object.assign(schema, anything());
}

function convertEnum(schema: Draft): void {
  if (!Array.isArray(schema.enum)) return;
  const values = schema.enum.filter((value) => value !== null);
  if (values.length < schema.enum.length) schema.nullable = true;
  schema.enum = values;
  if (schema.type !== undefined) return;
  const types = [...new Set(values.map((value) => typeof value))];
  if (types.length === 1 && types[0] !== 'object') [schema.type] = types;
}

function convertLimits(schema: Draft): void {
  for (const [limit, exclusive, sign] of [
    ['minimum', 'exclusiveMinimum', 1],
    ['maximum', 'exclusiveMaximum', -1],
  ] as const) {
    const bound = schema[exclusive];
    const inclusive = schema[limit];
    if (typeof bound === 'number') {
      delete schema[exclusive];
      const isTighter = typeof inclusive !== 'number' || (bound - inclusive) * sign >= 0;
      if (isTighter) Object.assign(schema, { [limit]: bound, [exclusive]: true });
    } else if (inclusive === -sign * Number.MAX_SAFE_INTEGER) delete schema[limit]; // What a library says of every integer.
  }
}

function convertBelow(schema: AnyJsonSchema, result: Draft, context: Context): void {
  const { properties, items, prefixItems, additionalProperties, not } = schema;
  if (prefixItems !== undefined || Array.isArray(items)) {
    throw problem(context, 'items', 'must be one schema, got a tuple');
  }
  if (items !== undefined) result.items = convert(items, below(context, 'items'));
  if (not !== undefined) result.not = convertKeywords(isJsonObject(not) ? not : {}, below(context, 'not'));
  if (isJsonObject(properties)) {
    result.properties = Object.fromEntries(
      Object.entries(properties).map(([name, member]) => [name, convert(member, below(context, `properties.${name}`))]),
    );
  }
  const isOpen =
    additionalProperties === true ||
    (isJsonObject(additionalProperties) && Object.keys(additionalProperties).length === 0);
  const hasMembers = isJsonObject(properties) && Object.keys(properties).length > 0;
  if (isOpen) Object.assign(result, anything());
  else if (isJsonObject(additionalProperties)) {
    result.additionalProperties = convert(additionalProperties, below(context, 'additionalProperties'));
  } else if (additionalProperties === false && !hasMembers) result.additionalProperties = false;
}

function convertAlternatives(schema: AnyJsonSchema, result: Draft, context: Context): void {
  for (const keyword of ['allOf', 'anyOf', 'oneOf'] as const) {
    const alternatives = schema[keyword];
    if (!Array.isArray(alternatives)) continue;
    const place = (each: unknown): Context => below(context, `${keyword}[${alternatives.indexOf(each)}]`);
    for (const [index, each] of alternatives.entries()) {
      if (isJsonObject(each)) checkKeywords(each, within(each, below(context, `${keyword}[${index}]`)));
    }
    const solid = alternatives.filter((each) => !isNull(each));
    if (solid.length < alternatives.length) result.nullable = true;
    const texts = valuesOf(solid);
    if (solid.length === 1 && keyword !== 'allOf') Object.assign(result, convert(solid[0], place(solid[0])));
    else if (texts) Object.assign(result, { type: texts.type, enum: texts.values });
    else if (!isIntOrString(solid, result)) result[keyword] = solid.map((each) => convertNested(each, place(each)));
  }
}

/** An alternative says nothing of the structure, so it stays silent where it says nothing. */
function convertNested(schema: unknown, context: Context): Draft {
  if (!isJsonObject(schema)) return convert(schema, context);
  const converted = typeof schema.$ref === 'string' ? convert(schema, context) : convertKeywords(schema, context);
  return converted;
}

function isNull(schema: unknown): boolean {
  return isJsonObject(schema) && (schema.type === 'null' || schema.const === null);
}

/** `integer` or `string`, in any order, is a type of its own. */
function isIntOrString(alternatives: readonly unknown[], result: Draft): boolean {
  const types = alternatives.map((each) =>
    isJsonObject(each) && Object.keys(each).length === 1 ? each.type : undefined,
  );
  if (types.length !== 2 || !types.includes('integer') || !types.includes('string')) return false;
  result['x-kubernetes-int-or-string'] = true;
  return true;
}

/** Alternatives that are single values of one type are an enumeration. */
function valuesOf(alternatives: readonly unknown[]): { type: string; values: unknown[] } | undefined {
  const values: unknown[] = [];
  for (const each of alternatives) {
    if (!isJsonObject(each)) return undefined;
    if ('const' in each) values.push(each.const);
    else if (Array.isArray(each.enum)) values.push(...each.enum);
    else return undefined;
  }
  const types = [...new Set(values.map((value) => typeof value))];
  return types.length === 1 && types[0] !== 'object' && types[0] !== undefined ? { type: types[0], values } : undefined;
}

function resolve(reference: string, context: Context): unknown {
  const { root, open } = context;
  if (open.includes(reference)) throw problem(context, '', `must not be recursive, got ${reference}`);
  if (!reference.startsWith('#')) throw problem(context, '$ref', `must be local, got ${reference}`);
  const target = reference
    .slice(1)
    .split('/')
    .filter((part) => part !== '')
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce<unknown>((value, part) => (isJsonObject(value) ? value[part] : undefined), root);
  if (target === undefined) throw problem(context, '$ref', `must lead somewhere, got ${reference}`);
  return target;
}
