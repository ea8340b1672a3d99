import type { CustomResourceSubresourceScale } from '@bowline/api/apiextensions/v1';
import { isJsonObject } from '@bowline/apimachinery';
import { type FieldError, invalid } from './field-error.ts';
import { goType, isInt64, showValue } from './go-text.ts';

const largest = 2 ** 31 - 1;

/** What is wrong with the number in `spec` that the scale subresource shows. @see apiextensions-apiserver `ValidateScaleSpec` */
export function scaleSpecErrors(object: unknown, scale: CustomResourceSubresourceScale): FieldError[] {
  return replicasErrors(object, scale.specReplicasPath);
}

/** What is wrong with the number and the selector in `status` that the scale subresource shows. @see apiextensions-apiserver `ValidateScaleStatus` */
export function scaleStatusErrors(object: unknown, scale: CustomResourceSubresourceScale): FieldError[] {
  const { labelSelectorPath } = scale;
  const errors = replicasErrors(object, scale.statusReplicasPath);
  if (labelSelectorPath === undefined) return errors;
  const selector = lookUp(object, labelSelectorPath);
  if ('problem' in selector) return [...errors, invalid(labelSelectorPath, '', selector.problem)];
  if (selector.value === undefined || typeof selector.value === 'string') return errors;
  return [...errors, invalid(labelSelectorPath, '', accessorProblem(labelSelectorPath, selector.value, 'string'))];
}

function replicasErrors(object: unknown, path: string): FieldError[] {
  const found = lookUp(object, path);
  if ('problem' in found) return [invalid(path, 0, found.problem)];
  const { value = 0 } = found;
  if (typeof value !== 'number' || !isInt64(value)) return [invalid(path, 0, accessorProblem(path, value, 'int64'))];
  if (value < 0) return [invalid(path, value, 'should be a non-negative integer')];
  if (value > largest) return [invalid(path, value, `should be less than or equal to ${largest}`)];
  return [];
}

/** @see k8s.io/apimachinery meta/v1/unstructured `NestedFieldNoCopy` */
function lookUp(object: unknown, path: string): { value: unknown } | { problem: string } {
  const fields = fieldsOf(path);
  let value = object;
  for (const [index, field] of fields.entries()) {
    if (value === undefined || value === null) return { value: undefined };
    if (!isJsonObject(value)) {
      return { problem: accessorProblem(fields.slice(0, index + 1).join('.'), value, 'map[string]interface{}') };
    }
    if (!Object.hasOwn(value, field)) return { value: undefined };
    value = value[field];
  }
  return { value };
}

function accessorProblem(path: string, value: unknown, wanted: string): string {
  return `.${fieldsOf(path).join('.')} accessor error: ${showValue(value)} is of the type ${goType(value)}, expected ${wanted}`;
}

function fieldsOf(path: string): string[] {
  return path.replace(/^\./, '').split('.');
}
