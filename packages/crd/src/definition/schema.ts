import type { JSONSchemaProps } from '@bowline/api/apiextensions/v1';
import { at, child, type FieldError, forbidden, invalid, notSupported } from '../field-error.ts';
import { isSchema } from '../schema-node.ts';
import { defaultErrors } from './defaults.ts';
import { schemaFields, showSchema } from './internal.ts';
import { listErrors } from './lists.ts';
import { ruleErrors } from './rules.ts';
import { isSet, members, structuralErrors } from './structural.ts';

/** Where a schema stands and what holds there. */
export interface SchemaContext {
  /** The path of `openAPIV3Schema`. */
  readonly path: string;
  /** Some version has the status subresource: then the root may say only what is not lost when status is taken out of it. */
  readonly hasStatusSubresource: boolean;
  /** What an earlier version of the definition got away with. */
  readonly tolerate?: Tolerance | undefined;
}

/** Rules that do not apply to an update because the old definition broke them already. */
export interface Tolerance {
  readonly types: boolean;
  readonly structure: boolean;
  readonly unprunedDefaults: boolean;
  readonly setItems: boolean;
  readonly mapKeys: boolean;
}

export const noTolerance: Tolerance = {
  ...{ types: false, structure: false, unprunedDefaults: false },
  ...{ setItems: false, mapKeys: false },
};

const types = ['array', 'boolean', 'integer', 'number', 'object', 'string'];

const allowedAtRoot = [
  ...['Description', 'Type', 'Format', 'Title', 'Maximum', 'ExclusiveMaximum', 'Minimum', 'ExclusiveMinimum'],
  ...['MaxLength', 'MinLength', 'Pattern', 'MaxItems', 'MinItems', 'UniqueItems', 'MultipleOf', 'Required', 'Items'],
  ...['Properties', 'ExternalDocs', 'Example', 'XPreserveUnknownFields', 'XValidations'],
];

/**
 * What is wrong with the schema of a version, without its CEL expressions.
 *
 * @see apiextensions-apiserver apis/apiextensions/validation/validation.go `validateCustomResourceDefinitionValidation`
 */
export function schemaErrors(schema: JSONSchemaProps, context: SchemaContext): FieldError[] {
  const { path, hasStatusSubresource, tolerate = noTolerance } = context;
  const errors = hasStatusSubresource ? statusErrors(schema, path) : [];
  if (schema.nullable) errors.push(forbidden(child(path, 'nullable'), 'nullable cannot be true at the root'));
  const unsupported = tolerate.structure ? undefined : unsupportedKeyword(schema);
  if (!tolerate.structure && unsupported === undefined) {
    const structural = structuralErrors(schema, path);
    errors.push(...(structural.length > 0 ? structural : defaultErrors(schema, path, !tolerate.unprunedDefaults)));
  }
  errors.push(...nodeErrors(schema, path, { tolerate, isRoot: true, insideMeta: false, defaultsForbidden: undefined }));
  if (errors.length === 0 && unsupported !== undefined) errors.push(invalid(path, '', unsupported));
  return errors;
}

function statusErrors(schema: JSONSchemaProps, path: string): FieldError[] {
  for (const [name, read] of schemaFields) {
    const value = read(schema);
    if (value === '' || value === false || value === null) continue;
    if (name === 'Type' && value !== 'object') {
      const rule =
        'only "object" is allowed as the type at the root of the schema if the status subresource is enabled';
      return [invalid(child(path, 'type'), value, rule)];
    }
    if (!allowedAtRoot.includes(name)) {
      const rule = `only [${allowedAtRoot.join(' ')}] fields are allowed at the root of the schema if the status subresource is enabled`;
      return [invalid(path, showSchema(schema), rule)];
    }
  }
  return [];
}

interface NodeContext {
  readonly tolerate: Tolerance;
  readonly isRoot: boolean;
  /** Inside metadata, apiVersion or kind of a whole object. */
  readonly insideMeta: boolean;
  /** Why defaults may not stand here. */
  readonly defaultsForbidden: string | undefined;
}

/** The rules of one schema and of all below it. @see `ValidateCustomResourceDefinitionOpenAPISchema` */
function nodeErrors(schema: JSONSchemaProps, path: string, context: NodeContext): FieldError[] {
  const { tolerate, isRoot, insideMeta } = context;
  const errors = keywordErrors(schema, path, context);
  const below: NodeContext = { ...context, isRoot: false };
  const descend = (each: JSONSchemaProps, place: string, inner = below): void => {
    errors.push(...nodeErrors(each, place, inner));
  };
  if (schema.uniqueItems) {
    const rule = 'uniqueItems cannot be set to true since the runtime complexity becomes quadratic';
    errors.push(forbidden(child(path, 'uniqueItems'), rule));
  }
  const { additionalProperties, items } = schema;
  if (additionalProperties !== undefined) {
    const place = child(path, 'additionalProperties');
    if (members(schema.properties).length > 0 && additionalProperties !== true) {
      errors.push(forbidden(place, 'additionalProperties and properties are mutual exclusive'));
    }
    const reason = 'inside additionalProperties applying to object metadata';
    if (isSchema(additionalProperties)) {
      descend(additionalProperties, place, insideMeta ? { ...below, defaultsForbidden: reason } : below);
    }
  }
  const isObject = isRoot || schema['x-kubernetes-embedded-resource'] === true;
  for (const [name, member] of members(schema.properties)) {
    const isMeta = isObject && ['metadata', 'kind', 'apiVersion'].includes(name);
    const defaultsForbidden = isMeta && isRoot ? `in top-level ${name}` : context.defaultsForbidden;
    descend(member, at(child(path, 'properties'), name), {
      ...{ ...below, insideMeta: insideMeta || isMeta, defaultsForbidden },
    });
  }
  if (schema.not) descend(schema.not, child(path, 'not'));
  for (const keyword of ['allOf', 'oneOf', 'anyOf'] as const) {
    for (const [index, each] of (schema[keyword] ?? []).entries()) descend(each, at(child(path, keyword), index));
  }
  for (const [name, each] of members(schema.definitions)) descend(each, at(child(path, 'definitions'), name));
  if (isSchema(items)) descend(items, child(path, 'items'));
  else for (const [index, each] of (items ?? []).entries()) descend(each, at(child(path, 'items'), index));
  for (const [name, each] of Object.entries(schema.dependencies ?? {})) {
    if (isSchema(each)) descend(each, at(child(path, 'dependencies'), name));
  }
  if (schema['x-kubernetes-preserve-unknown-fields'] === false) {
    errors.push(invalid(child(path, 'x-kubernetes-preserve-unknown-fields'), false, 'must be true or undefined'));
  }
  return [...errors, ...listErrors(schema, path, tolerate), ...ruleErrors(schema, path)];
}

function keywordErrors(schema: JSONSchemaProps, path: string, context: NodeContext): FieldError[] {
  const { type = '' } = schema;
  const errors: FieldError[] = [];
  const refuse = (keyword: string, rule = `${keyword} is not supported`): void => {
    errors.push(forbidden(child(path, keyword), rule));
  };
  if (!context.tolerate.types && type !== '' && !types.includes(type)) {
    errors.push(notSupported(child(path, 'type'), type, types));
  }
  if (schema.default !== undefined && schema.default !== null && context.defaultsForbidden !== undefined) {
    refuse('default', `must not be set ${context.defaultsForbidden}`);
  }
  if (schema.id) refuse('id');
  if (schema.additionalItems !== undefined) refuse('additionalItems');
  if (members(schema.patternProperties).length > 0) refuse('patternProperties');
  if (members(schema.definitions).length > 0) refuse('definitions');
  if (schema.dependencies !== undefined) refuse('dependencies');
  if (schema.$ref !== undefined) refuse('$ref');
  if (type === 'null') refuse('type', 'type cannot be set to null, use nullable as an alternative');
  if (Array.isArray(schema.items) && schema.items.length > 0) {
    refuse('items', 'items must be a schema object and not an array');
  }
  if (context.insideMeta && schema['x-kubernetes-embedded-resource']) {
    refuse('x-kubernetes-embedded-resource', 'must not be used inside of resource meta');
  }
  return errors;
}

/** Why a schema cannot be made structural at all; most of it is also said, more clearly, by the rules above. */
function unsupportedKeyword(schema: JSONSchemaProps): string | undefined {
  const keywords = [
    'id',
    '$schema',
    '$ref',
    'patternProperties',
    'dependencies',
    'additionalItems',
    'definitions',
  ] as const;
  for (const keyword of keywords) {
    const value = schema[keyword];
    const isSaid = keyword === 'additionalItems' ? value !== undefined : isSet(value) && !isEmptyObject(value);
    if (isSaid) return `OpenAPIV3Schema '${keyword === '$schema' ? 'schema' : keyword}' is not supported`;
  }
  if (Array.isArray(schema.items) && schema.items.length > 0) {
    return "OpenAPIV3Schema 'items' must be a schema, but is an array";
  }
  if (schema['x-kubernetes-preserve-unknown-fields'] === false) {
    return "internal error: 'x-kubernetes-preserve-unknown-fields' must be true or undefined";
  }
  const below = [schema.not, schema.items, schema.additionalProperties, ...Object.values(schema.properties ?? {})];
  below.push(...(schema.allOf ?? []), ...(schema.anyOf ?? []), ...(schema.oneOf ?? []));
  for (const each of below) {
    const found = isSchema(each) ? unsupportedKeyword(each) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

function isEmptyObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}
