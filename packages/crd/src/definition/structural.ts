import type { JSONSchemaProps } from '@bowline/api/apiextensions/v1';
import { equal } from '@bowline/apimachinery';
import { at, child, type FieldError, fieldErrorText, forbidden, invalid, required } from '../field-error.ts';
import { compareStrings } from '../go-text.ts';
import { patternProblem } from '../pattern.ts';
import { isSchema } from '../schema-node.ts';

type Level = 'root' | 'items' | 'field';

/** What a schema without a type is told. */
const untyped: Readonly<Record<Level, string>> = {
  root: 'must not be empty at the root',
  items: 'must not be empty for specified array items',
  field: 'must not be empty for specified object fields',
};

/**
 * What makes a schema not structural, in the server's order: by text.
 *
 * @see apiextensions-apiserver schema/validation.go
 */
export function structuralErrors(schema: JSONSchemaProps, path: string): FieldError[] {
  const errors = [...invariants(schema, 'root', path), ...incompleteness(schema, schema, path, path)];
  return errors.sort((a, b) => compareStrings(fieldErrorText(a), fieldErrorText(b)));
}

/** The members of a schema, sorted by name. */
export function members(schemas: Readonly<Record<string, JSONSchemaProps>> | undefined): [string, JSONSchemaProps][] {
  return Object.entries(schemas ?? {}).sort(([a], [b]) => compareStrings(a, b));
}

/** Whether a keyword says anything: zero values do not, except numbers. */
export function isSet(value: unknown): boolean {
  if (value === undefined || value === null || value === false || value === '') return false;
  return !(Array.isArray(value) && value.length === 0);
}

function invariants(schema: JSONSchemaProps, level: Level, path: string): FieldError[] {
  const { items, additionalProperties, type } = schema;
  const errors: FieldError[] = [];
  if (type === 'array' && !items) errors.push(required(child(path, 'items'), 'must be specified'));
  if (isSchema(items)) errors.push(...invariants(items, 'items', child(path, 'items')));
  for (const [name, member] of members(schema.properties)) {
    errors.push(...invariants(member, 'field', at(child(path, 'properties'), name)));
  }
  if (additionalProperties !== undefined) {
    const place = child(path, 'additionalProperties');
    if (level === 'root') errors.push(forbidden(place, 'must not be used at the root'));
    if (isSchema(additionalProperties)) errors.push(...invariants(additionalProperties, 'field', place));
  }
  return [
    ...errors,
    ...extensionErrors(schema, path),
    ...validationErrors(schema, path, isIntOrString(schema.anyOf), isIntOrString(schema.allOf?.[0]?.anyOf)),
    ...typeErrors(schema, level, path),
    ...metaErrors(schema, level, path),
  ];
}

function extensionErrors(schema: JSONSchemaProps, path: string): FieldError[] {
  if (!schema['x-kubernetes-int-or-string']) return [];
  return ['x-kubernetes-preserve-unknown-fields' as const, 'x-kubernetes-embedded-resource' as const]
    .filter((name) => schema[name])
    .map((name) => invalid(child(path, name), true, 'must be false if x-kubernetes-int-or-string is true'));
}

function typeErrors(schema: JSONSchemaProps, level: Level, path: string): FieldError[] {
  const { type = '' } = schema;
  const place = child(path, 'type');
  const errors: FieldError[] = [];
  const isEmbedded = schema['x-kubernetes-embedded-resource'] === true;
  const preserves = schema['x-kubernetes-preserve-unknown-fields'] === true;
  if (isEmbedded && type !== 'object') {
    const rule = 'must be object if x-kubernetes-embedded-resource is true';
    errors.push(type === '' ? required(place, rule) : invalid(place, type, rule));
  } else if (type === '' && !schema['x-kubernetes-int-or-string'] && !preserves) {
    errors.push(required(place, untyped[level]));
  }
  if (isEmbedded && schema.additionalProperties !== undefined) {
    errors.push(
      forbidden(child(path, 'additionalProperties'), 'must not be used if x-kubernetes-embedded-resource is set'),
    );
  }
  if (level === 'root' && type !== '' && type !== 'object')
    errors.push(invalid(place, type, 'must be object at the root'));
  if (isEmbedded && !preserves && members(schema.properties).length === 0) {
    const rule =
      'must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields';
    errors.push(required(child(path, 'properties'), rule));
  }
  return errors;
}

/** A whole object's kind and apiVersion are texts, and of its metadata only the names may be restricted. */
function metaErrors(schema: JSONSchemaProps, level: Level, path: string): FieldError[] {
  const isObject = level === 'root' || schema['x-kubernetes-embedded-resource'] === true;
  const place = (name: string): string => at(child(path, 'properties'), name);
  const errors: FieldError[] = [];
  for (const name of ['kind', 'apiVersion']) {
    const member = schema.properties?.[name];
    if (isObject && member && member.type !== 'string') {
      errors.push(invalid(child(place(name), 'type'), member.type ?? '', 'must be string'));
    }
  }
  const metadata = schema.properties?.metadata;
  if (!metadata) return errors;
  if (isObject && metadata.type !== 'object') {
    errors.push(invalid(child(place('metadata'), 'type'), metadata.type ?? '', 'must be object'));
  }
  if (level === 'root' && !restrictsNamesOnly(metadata)) {
    const rule = 'must not specify anything other than name and generateName, but metadata is implicitly specified';
    errors.push(forbidden(place('metadata'), rule));
  }
  return errors;
}

function restrictsNamesOnly(metadata: JSONSchemaProps): boolean {
  const passedOver = ['type', 'default', 'externalDocs', 'example'];
  return Object.entries(metadata).every(([key, value]) => {
    if (passedOver.includes(key) || !isSet(value)) return true;
    if (key !== 'properties') return false;
    return Object.keys(metadata.properties ?? {}).every((name) => name === 'name' || name === 'generateName');
  });
}

/** The two forms in which a type may stand in an alternative. */
function isIntOrString(alternatives: readonly JSONSchemaProps[] | undefined): boolean {
  if (alternatives?.length !== 2) return false;
  return alternatives.every((one, index) => {
    const said = Object.entries(one).filter(([, value]) => isSet(value));
    return equal(Object.fromEntries(said), { type: index === 0 ? 'integer' : 'string' });
  });
}

function validationErrors(
  schema: JSONSchemaProps,
  path: string,
  skipAnyOf: boolean,
  skipAnyOfOfFirst: boolean,
): FieldError[] {
  const errors: FieldError[] = [];
  const nested = (each: JSONSchemaProps, place: string, skip = false): void => {
    errors.push(...nestedErrors(each, place, skip));
  };
  if (!skipAnyOf)
    for (const [index, each] of (schema.anyOf ?? []).entries()) nested(each, at(child(path, 'anyOf'), index));
  for (const [index, each] of (schema.allOf ?? []).entries()) {
    nested(each, at(child(path, 'allOf'), index), skipAnyOfOfFirst && index === 0);
  }
  for (const [index, each] of (schema.oneOf ?? []).entries()) nested(each, at(child(path, 'oneOf'), index));
  if (schema.not) nested(schema.not, child(path, 'not'));
  const problem = schema.pattern ? patternProblem(schema.pattern) : undefined;
  if (problem !== undefined) {
    const rule = `must be a valid regular expression, but isn't: ${problem}`;
    errors.push(invalid(child(path, 'pattern'), schema.pattern, rule));
  }
  return errors;
}

/** What may not be said in an alternative, and the form in which it is refused. */
const structuralKeywords: readonly (readonly [keyof JSONSchemaProps, string])[] = [
  ['type', 'must be empty to be structural'],
  ['default', 'must be undefined to be structural'],
  ['title', 'must be empty to be structural'],
  ['description', 'must be empty to be structural'],
  ['nullable', 'must be false to be structural'],
  ['x-kubernetes-preserve-unknown-fields', 'must be false to be structural'],
  ['x-kubernetes-embedded-resource', 'must be false to be structural'],
  ['x-kubernetes-int-or-string', 'must be false to be structural'],
  ['x-kubernetes-list-map-keys', 'must be empty to be structural'],
  ['x-kubernetes-list-type', 'must be undefined to be structural'],
  ['x-kubernetes-map-type', 'must be undefined to be structural'],
  ['x-kubernetes-validations', 'must be empty to be structural'],
];

function nestedErrors(schema: JSONSchemaProps, path: string, skipAnyOf: boolean): FieldError[] {
  const { items, additionalProperties } = schema;
  const errors = validationErrors(schema, path, skipAnyOf, false);
  if (isSchema(items)) errors.push(...nestedErrors(items, child(path, 'items'), false));
  for (const [name, member] of members(schema.properties)) {
    errors.push(...nestedErrors(member, at(child(path, 'properties'), name), false));
  }
  for (const [keyword, rule] of structuralKeywords) {
    const value = schema[keyword];
    const isSaid = keyword === 'default' ? value !== undefined && value !== null : isSet(value);
    if (isSaid) errors.push(forbidden(child(path, keyword), rule));
  }
  if (additionalProperties !== undefined && additionalProperties !== false) {
    errors.push(forbidden(child(path, 'additionalProperties'), 'must be undefined to be structural'));
  }
  if (schema.properties?.metadata) {
    errors.push(forbidden(at(child(path, 'properties'), 'metadata'), 'must not be specified in a nested context'));
  }
  return errors;
}

/** What alternatives say of members and items that the structure does not have. */
function incompleteness(
  validation: JSONSchemaProps,
  structure: JSONSchemaProps,
  structurePath: string,
  path: string,
): FieldError[] {
  const nested = (each: JSONSchemaProps, place: string): FieldError[] =>
    nestedIncompleteness(each, structure, structurePath, place);
  return [
    ...(validation.not ? nested(validation.not, child(path, 'not')) : []),
    ...(['allOf', 'anyOf', 'oneOf'] as const).flatMap((keyword) =>
      (validation[keyword] ?? []).flatMap((each, index) => nested(each, at(child(path, keyword), index))),
    ),
  ];
}

function nestedIncompleteness(
  validation: JSONSchemaProps,
  structure: JSONSchemaProps | undefined,
  structurePath: string,
  path: string,
): FieldError[] {
  if (structure === undefined) return [required(structurePath, `because it is defined in ${path}`)];
  const errors = incompleteness(validation, structure, structurePath, path);
  if (isSchema(validation.items)) {
    const items = isSchema(structure.items) ? structure.items : undefined;
    errors.push(...nestedIncompleteness(validation.items, items, child(structurePath, 'items'), child(path, 'items')));
  }
  for (const [name, member] of members(validation.properties)) {
    const places = [structurePath, path].map((place) => at(child(place, 'properties'), name)) as [string, string];
    errors.push(...nestedIncompleteness(member, structure.properties?.[name], ...places));
  }
  return errors;
}
