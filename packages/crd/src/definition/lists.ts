import type { JSONSchemaProps } from '@bowline/api/apiextensions/v1';
import { at, child, type FieldError, forbidden, invalid, notSupported, required } from '../field-error.ts';
import { isSchema } from '../schema-node.ts';
import type { Tolerance } from './schema.ts';
import { members } from './structural.ts';

/** What is wrong with the list type and the map type of a schema. */
export function listErrors(schema: JSONSchemaProps, path: string, tolerate: Tolerance): FieldError[] {
  const mapType = schema['x-kubernetes-map-type'];
  const listType = schema['x-kubernetes-list-type'];
  const errors: FieldError[] = [];
  if (mapType !== undefined && schema.type !== 'object') errors.push(wrongType(schema, path, 'object', 'map'));
  if (mapType !== undefined && mapType !== 'atomic' && mapType !== 'granular') {
    errors.push(notSupported(child(path, 'x-kubernetes-map-type'), mapType, ['atomic', 'granular']));
  }
  if (listType !== undefined && schema.type !== 'array') errors.push(wrongType(schema, path, 'array', 'list'));
  else if (listType === 'set' && !tolerate.setItems) errors.push(...setItemErrors(schema, path));
  if (listType !== undefined && !['atomic', 'set', 'map'].includes(listType)) {
    errors.push(notSupported(child(path, 'x-kubernetes-list-type'), listType, ['atomic', 'set', 'map']));
  }
  errors.push(...mapKeyErrors(schema, path));
  if (!tolerate.mapKeys) errors.push(...keyPresenceErrors(schema, path));
  return errors;
}

/** Whether a list of type set has items that are not atomic. */
export function hasCompoundSet(schema: JSONSchemaProps): boolean {
  return schema['x-kubernetes-list-type'] === 'set' && setItemErrors(schema, '').length > 0;
}

/**
 * Keys of lists of type map that may be missing or null.
 *
 * @see apiextensions-apiserver apis/apiextensions/validation/validation.go `validateMapListKeysMapSet`
 */
export function keyPresenceErrors(schema: JSONSchemaProps, path: string): FieldError[] {
  const { items } = schema;
  const listType = schema['x-kubernetes-list-type'];
  if (!isSchema(items) || (listType !== 'set' && listType !== 'map')) return [];
  const place = child(path, 'items');
  const errors: FieldError[] = [];
  if (items.nullable) {
    errors.push(forbidden(child(place, 'nullable'), `cannot be nullable when x-kubernetes-list-type is ${listType}`));
  }
  if (listType === 'set') return errors;
  for (const key of schema['x-kubernetes-list-map-keys'] ?? []) {
    const member = items.properties?.[key];
    if (!member) continue;
    const keyPlace = at(child(place, 'properties'), key);
    const rule = 'this property is in x-kubernetes-list-map-keys, so it';
    if (!items.required?.includes(key) && (member.default === undefined || member.default === null)) {
      errors.push(required(child(keyPlace, 'default'), `${rule} must have a default or be a required property`));
    }
    if (member.nullable) errors.push(forbidden(child(keyPlace, 'nullable'), `${rule} cannot be nullable`));
  }
  return errors;
}

function wrongType({ type = '' }: JSONSchemaProps, path: string, wanted: string, extension: string): FieldError {
  const rule = `must be ${wanted} if x-kubernetes-${extension}-type is specified`;
  return type === '' ? required(child(path, 'type'), rule) : invalid(child(path, 'type'), type, rule);
}

function setItemErrors({ items }: JSONSchemaProps, path: string): FieldError[] {
  if (!isSchema(items)) return [];
  const listType = items['x-kubernetes-list-type'];
  const refuse = (keyword: string): FieldError[] => [
    // The list type is shown for both: upstream passes it to both messages.
    invalid(
      ...([child(path, 'items', keyword), listType ?? null] as const),
      'must be atomic as item of a list with x-kubernetes-list-type=set',
    ),
  ];
  if (items.type === 'array' && listType !== undefined && listType !== 'atomic')
    return refuse('x-kubernetes-list-type');
  if (items.type === 'object' && items['x-kubernetes-map-type'] !== 'atomic') return refuse('x-kubernetes-map-type');
  return [];
}

function mapKeyErrors(schema: JSONSchemaProps, path: string): FieldError[] {
  const { items } = schema;
  const listType = schema['x-kubernetes-list-type'];
  const keys = schema['x-kubernetes-list-map-keys'] ?? [];
  const typePlace = child(path, 'x-kubernetes-list-type');
  const keysPlace = child(path, 'x-kubernetes-list-map-keys');
  const errors: FieldError[] = [];
  if (keys.length > 0 && listType !== 'map') {
    const rule = 'must be map if x-kubernetes-list-map-keys is non-empty';
    errors.push(listType === undefined ? required(typePlace, rule) : invalid(typePlace, listType, rule));
  }
  if (listType !== 'map') return errors;
  if (keys.length === 0) errors.push(required(keysPlace, 'must not be empty if x-kubernetes-list-type is map'));
  if (!items) errors.push(required(child(path, 'items'), 'must have a schema if x-kubernetes-list-type is map'));
  if (!isSchema(items)) return errors;
  if (items.type !== 'object') {
    const rule = "must be object if parent array's x-kubernetes-list-type is map";
    return [...errors, invalid(child(path, 'items', 'type'), items.type ?? '', rule)];
  }
  const names = new Map(members(items.properties));
  for (const [index, key] of keys.entries()) {
    const member = names.get(key);
    if (member === undefined) errors.push(invalid(keysPlace, keys, 'entries must all be names of item properties'));
    else if (member.type === 'array' || member.type === 'object') {
      const place = child(at(child(path, 'items', 'properties'), key), 'type');
      errors.push(invalid(place, items.type, "must be a scalar type if parent array's x-kubernetes-list-type is map"));
    }
    if (keys.indexOf(key) < index) errors.push(invalid(keysPlace, keys, 'must not contain duplicate entries'));
  }
  return errors;
}
