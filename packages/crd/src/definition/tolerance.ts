import type { JSONSchemaProps } from '@bowline/api/apiextensions/v1';
import { clone, equal } from '@bowline/apimachinery';
import { prune } from '../prune.ts';
import { compileSchema, isSchema } from '../schema-node.ts';
import type { CrdSpec } from './internal.ts';
import { hasCompoundSet, keyPresenceErrors } from './lists.ts';
import { noTolerance, type Tolerance } from './schema.ts';
import { structuralErrors } from './structural.ts';

const types = ['string', 'number', 'integer', 'boolean', 'array', 'object'];

/** Which rules the schemas of a stored definition break, so that an update need not keep them either. */
export function toleranceOf(spec: CrdSpec): Tolerance {
  const schemas = (spec.versions ?? []).flatMap((version) => version.schema?.openAPIV3Schema ?? []);
  if (schemas.length === 0) return noTolerance;
  const some = (test: (schema: JSONSchemaProps) => boolean): boolean =>
    schemas.some((schema) => contains(schema, test));
  return {
    types: some(({ type }) => Boolean(type) && !types.includes(type ?? '')),
    structure: schemas.some((schema) => structuralErrors(schema, '').length > 0),
    unprunedDefaults: some(hasUnprunedDefault),
    setItems: some(hasCompoundSet),
    mapKeys: some((schema) => keyPresenceErrors(schema, '').length > 0),
  };
}

/** Whether a schema, or one at any depth below it, passes the test. */
export function contains(schema: JSONSchemaProps, test: (schema: JSONSchemaProps) => boolean): boolean {
  if (test(schema)) return true;
  const { items, additionalProperties, not } = schema;
  const below = [
    ...[...(Array.isArray(items) ? items : [items]), additionalProperties, not, schema.additionalItems],
    ...[...(schema.allOf ?? []), ...(schema.anyOf ?? []), ...(schema.oneOf ?? [])],
    ...[schema.properties, schema.patternProperties, schema.definitions].flatMap((each) => Object.values(each ?? {})),
    ...Object.values(schema.dependencies ?? {}),
  ];
  return below.some((each) => isSchema(each) && contains(each, test));
}

function hasUnprunedDefault(schema: JSONSchemaProps): boolean {
  if (schema.default === undefined || schema.default === null) return false;
  const node = compileSchema(schema);
  const pruned: unknown = clone(schema.default);
  prune(pruned, node, node.embedded);
  return !equal(pruned, schema.default);
}
