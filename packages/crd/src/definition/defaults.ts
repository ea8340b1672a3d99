import type { JSONSchemaProps } from '@bowline/api/apiextensions/v1';
import { clone, equal } from '@bowline/apimachinery';
import { coerceEmbedded, embeddedErrors } from '../embedded/index.ts';
import { aggregateText, at, child, type FieldError, invalid, root } from '../field-error.ts';
import { prune } from '../prune.ts';
import { compileSchema, isSchema, type SchemaNode } from '../schema-node.ts';
import { validateValue } from '../validate.ts';
import { members } from './structural.ts';

/** Where a default stands in the whole object that its schema belongs to. */
interface Place {
  readonly object: JSONSchemaProps;
  readonly steps: readonly (string | number)[];
  /** It stands in metadata, apiVersion or kind of that object. */
  readonly insideMeta: boolean;
}

/**
 * Defaults that would not be accepted as values, or have fields that the schema does not know.
 *
 * @see apiextensions-apiserver schema/defaulting/validation.go
 */
export function defaultErrors(schema: JSONSchemaProps, path: string, mustBePruned: boolean): FieldError[] {
  const object = { ...schema, 'x-kubernetes-embedded-resource': true };
  return errorsBelow(object, path, { object, steps: [], insideMeta: false }, mustBePruned);
}

function errorsBelow(schema: JSONSchemaProps, path: string, place: Place, mustBePruned: boolean): FieldError[] {
  const isObject = schema['x-kubernetes-embedded-resource'] === true;
  const here: Place = isObject ? { object: schema, steps: [], insideMeta: false } : place;
  const hasDefault = schema.default !== undefined && schema.default !== null;
  const errors = hasDefault ? valueErrors(schema, child(path, 'default'), here, mustBePruned) : [];
  if (isSchema(schema.items)) {
    const inner = { ...here, steps: [...here.steps, 0] };
    errors.push(...errorsBelow(schema.items, child(path, 'items'), inner, mustBePruned));
  }
  for (const [name, member] of members(schema.properties)) {
    const isMeta = isObject && ['metadata', 'apiVersion', 'kind'].includes(name);
    const inner = { ...here, steps: [...here.steps, name], insideMeta: here.insideMeta || isMeta };
    errors.push(...errorsBelow(member, at(child(path, 'properties'), name), inner, mustBePruned));
  }
  return errors;
}

function valueErrors(schema: JSONSchemaProps, path: string, place: Place, mustBePruned: boolean): FieldError[] {
  const value: unknown = clone(schema.default);
  const node = compileSchema(schema, { typedIntOrString: false });
  const validate = (): FieldError[] =>
    validateValue(value, node, root).violations.map(({ toFieldError }) => toFieldError(path));
  if (place.insideMeta) {
    const problem = metadataProblem(value, place);
    return problem === undefined
      ? validate()
      : [invalid(path, schema.default, `must result in valid metadata: ${problem}`)];
  }
  const errors: FieldError[] = [];
  if (mustBePruned) {
    const pruned: unknown = clone(schema.default);
    prune(pruned, node, node.embedded);
    if (!equal(pruned, schema.default)) errors.push(invalid(path, schema.default, 'must not have unknown fields'));
  }
  const { error } = coerceEmbedded(value, node, path);
  if (error) return [...errors, error];
  const embedded = embeddedErrors(value, node, path);
  return [...errors, ...(embedded.length > 0 ? embedded : validate())];
}

/** Puts a default into an object where it would stand, and checks that object's metadata. */
function metadataProblem(value: unknown, { object, steps }: Place): string | undefined {
  const inner = steps.reduceRight<unknown>(
    (below, step) => (typeof step === 'number' ? [below] : { [step]: below }),
    value,
  );
  const whole = { apiVersion: 'validation/v1', kind: 'Validation', ...(inner as object) };
  const node: SchemaNode = compileSchema(object);
  const { error } = coerceEmbedded(whole, node, root);
  if (error) return aggregateText([error]);
  const errors = embeddedErrors(whole, node, root);
  return errors.length === 0 ? undefined : aggregateText(errors);
}
