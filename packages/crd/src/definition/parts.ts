import type {
  CustomResourceColumnDefinition,
  CustomResourceSubresources,
  JSONSchemaProps,
  SelectableField,
} from '@bowline/api/apiextensions/v1';
import { at, child, duplicate, type FieldError, invalid, invalidReference, required, tooMany } from '../field-error.ts';
import { byteLength, isPrintable } from '../go-text.ts';
import { followPath } from './field-path.ts';

const columnTypes = ['boolean', 'date', 'integer', 'number', 'string'];
const columnFormats = ['byte', 'date', 'date-time', 'double', 'float', 'int32', 'int64', 'password'];
const selectableTypes = ['string', 'boolean', 'integer'];
const selectableMax = 8;

/** What is wrong with the paths of the scale subresource. @see `ValidateCustomResourceDefinitionSubresources` */
export function subresourceErrors(subresources: CustomResourceSubresources | undefined, path: string): FieldError[] {
  const scale = subresources?.scale;
  if (!scale) return [];
  const below = (value: string | undefined, name: string, parents: readonly string[], rule: string): FieldError[] => {
    const place = child(path, `scale.${name}`);
    if (!value) return [required(place)];
    if (!value.startsWith('.')) return [invalid(place, value, 'must be a simple json path starting with .')];
    if (parents.some((parent) => value.startsWith(parent))) return [];
    return [name === 'labelSelectorPath' ? invalidReference(place, value, rule) : invalid(place, value, rule)];
  };
  const selector = scale.labelSelectorPath;
  return [
    ...below(scale.specReplicasPath, 'specReplicasPath', ['.spec.'], 'should be a json path under .spec'),
    ...below(scale.statusReplicasPath, 'statusReplicasPath', ['.status.'], 'should be a json path under .status'),
    ...(selector
      ? below(
          selector,
          'labelSelectorPath',
          ['.spec.', '.status.'],
          'should be a json path under either .spec or .status',
        )
      : []),
  ];
}

/** What is wrong with a printer column. @see `ValidateCustomResourceColumnDefinition` */
export function columnErrors(column: CustomResourceColumnDefinition, path: string): FieldError[] {
  const errors = column.name ? [] : [required(child(path, 'name'))];
  const typeRule = `must be one of ${columnTypes.join(',')}`;
  if (!column.type) errors.push(required(child(path, 'type'), typeRule));
  else if (!columnTypes.includes(column.type)) errors.push(invalid(child(path, 'type'), column.type, typeRule));
  if (column.format && !columnFormats.includes(column.format)) {
    errors.push(invalid(child(path, 'format'), column.format, `must be one of ${columnFormats.join(',')}`));
  }
  const place = child(path, 'JSONPath');
  if (!column.jsonPath) errors.push(required(place));
  else if (!column.jsonPath.startsWith('.')) {
    errors.push(invalid(place, column.jsonPath, 'must be a simple json path starting with .'));
  }
  return errors;
}

/** What is wrong with the fields that selectors may name. @see `ValidateCustomResourceSelectableFields` */
export function selectableFieldErrors(
  fields: readonly SelectableField[],
  schema: JSONSchemaProps,
  path: string,
  mayBeMany: boolean,
): FieldError[] {
  const errors: FieldError[] = [];
  const seen = new Set<string>();
  for (const [index, { jsonPath }] of fields.entries()) {
    const place = child(at(path, index), 'jsonPath');
    if (!jsonPath) {
      errors.push(required(place));
      continue;
    }
    const found = followPath(jsonPath, schema, false);
    if ('problem' in found) {
      errors.push(invalid(place, jsonPath, `is an invalid path: ${found.problem}`));
      continue;
    }
    if (/^metadata\b/.test(found.path)) {
      errors.push(invalid(place, jsonPath, 'must not point to fields in metadata'));
    }
    if (!selectableTypes.includes(found.schema?.type ?? '')) {
      const rule =
        'must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.';
      errors.push(invalid(place, jsonPath, rule));
    }
    if (seen.has(found.path)) errors.push(duplicate(place, jsonPath));
    seen.add(found.path);
  }
  if (seen.size > selectableMax && !mayBeMany) errors.push(tooMany(path, seen.size, selectableMax));
  return errors;
}

/** What is wrong with the warning of a deprecated version, one sentence each. @see `validateDeprecationWarning` */
export function deprecationProblems(isDeprecated: boolean, warning: string | undefined): string[] {
  if (warning === undefined) return [];
  if (!isDeprecated) return ['can only be set for deprecated versions'];
  const problems: string[] = [];
  if (byteLength(warning) > 256) problems.push('must be <= 256 characters long');
  if (warning === '') problems.push('must not be an empty string');
  let index = 0;
  for (const character of warning) {
    if (!isPrintable(character)) {
      const rule = `must only contain printable UTF-8 characters; non-printable character found at index ${index}`;
      return [...problems, rule];
    }
    index += byteLength(character);
  }
  return problems;
}
