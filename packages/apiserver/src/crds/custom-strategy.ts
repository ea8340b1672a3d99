import type { CustomResourceSubresourceScale } from '@bowline/api/apiextensions/v1';
import { clone, equal, labelKeyProblems } from '@bowline/apimachinery';
import type { StructuralSchema } from '@bowline/crd';
import type { Strategy } from '../builtins/index.ts';
import { type FieldError, invalid } from '../field-error.ts';
import { quote } from '../go-format.ts';
import { nameIsSubdomain } from '../meta/formats.ts';
import { foregroundFinalizer, metadataErrors, metadataUpdateErrors, orphanFinalizer } from '../meta/validation.ts';
import type { ServerObject } from '../object.ts';

/** What the writes of a custom resource depend on. */
export interface CustomRules {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespaced: boolean;
  /** The version has the subresource `status`, so its main endpoint leaves the status alone. */
  readonly hasStatus: boolean;
  readonly scale: CustomResourceSubresourceScale | undefined;
  readonly schema: StructuralSchema | undefined;
  /** The schema has CEL rules. They are not evaluated, but change what is said about objects that are invalid otherwise. */
  readonly hasRules: boolean;
}

const standardFinalizers = [orphanFinalizer, foregroundFinalizer, 'kubernetes'];
const finalizersField = 'metadata.finalizers';

/** How custom resources are written. @see k8s.io/apiextensions-apiserver registry/customresource */
export class CustomStrategy implements Strategy {
  readonly allowCreateOnUpdate = false;
  readonly allowUnconditionalUpdate = false;
  readonly returnsDeleted = false;
  readonly dependents = 'delete';
  readonly #rules: CustomRules;
  readonly #status: boolean;

  constructor(rules: CustomRules, subresource: string) {
    this.#rules = rules;
    this.#status = subresource === 'status';
  }

  prepareForCreate(object: ServerObject): void {
    if (this.#rules.hasStatus) delete object.status;
    object.metadata.generation = 1;
  }

  prepareForUpdate(object: ServerObject, old: ServerObject): void {
    if (this.#status) {
      onlyStatus(object, old);
      return;
    }
    if (this.#rules.hasStatus) {
      if ('status' in old) object.status = clone(old.status);
      else delete object.status;
    }
    const { metadata: _, ...body } = object;
    const { metadata: __, ...oldBody } = old;
    if (!equal(body, oldBody)) object.metadata.generation = (old.metadata.generation ?? 0) + 1;
  }

  validateCreate(object: ServerObject): FieldError[] {
    const { namespaced, schema, scale } = this.#rules;
    const wrongType = this.#typeErrors(object);
    if (wrongType.length > 0) return this.#withRules(wrongType);
    return this.#withRules([
      ...metadataErrors(object.metadata, namespaced, nameIsSubdomain),
      ...(schema?.validate(object, undefined, { scale }) ?? []),
    ]);
  }

  validateUpdate(object: ServerObject, old: ServerObject): FieldError[] {
    const { schema, scale } = this.#rules;
    const wrongType = this.#typeErrors(object);
    if (wrongType.length > 0) return this.#withRules(wrongType);
    const subresource = this.#status ? 'status' : undefined;
    return this.#withRules([
      ...metadataUpdateErrors(object.metadata, old.metadata),
      ...(schema?.validate(object, old, { scale, subresource }) ?? []),
    ]);
  }

  warnings({ metadata }: ServerObject, old: ServerObject | undefined): readonly string[] {
    if (this.#status) return [];
    const before = new Set(old?.metadata.finalizers ?? []);
    const added = [...new Set(metadata.finalizers ?? [])].filter((one) => !before.has(one)).sort();
    return added.flatMap(finalizerWarnings);
  }

  #typeErrors({ kind, apiVersion }: ServerObject): FieldError[] {
    const { kind: itsKind, apiVersion: itsVersion } = this.#rules;
    return [
      ...(kind === itsKind ? [] : [invalid('kind', kind, `must be ${itsKind}`)]),
      ...(apiVersion === itsVersion ? [] : [invalid('apiVersion', apiVersion, `must be ${itsVersion}`)]),
    ];
  }

  /** Rules are looked at only where the form is right, which the real server says. */
  #withRules(errors: FieldError[]): FieldError[] {
    if (!this.#rules.hasRules || !errors.some(({ type }) => blocking.includes(type))) return errors;
    const why =
      'some validation rules were not checked because the object was invalid; correct the existing errors to complete validation';
    return [...errors, invalid('<nil>', null, why)];
  }
}

const blocking: readonly FieldError['type'][] = [
  'FieldValueNotSupported',
  'FieldValueRequired',
  'FieldValueTooLong',
  'FieldValueTooMany',
  'FieldValueTypeInvalid',
];

/** Gives `object` everything that is stored, its own status and managed fields excepted. */
function onlyStatus(object: ServerObject, old: ServerObject): void {
  const { managedFields } = object.metadata;
  const has = 'status' in object;
  const { status } = object;
  for (const field of Object.keys(object)) delete object[field];
  Object.assign(object, clone(old));
  if (managedFields === undefined) delete object.metadata.managedFields;
  else object.metadata.managedFields = managedFields;
  if (has) object.status = status;
  else delete object.status;
}

/** @see k8s.io/apiextensions-apiserver registry/customresource/validator.go `validateKubeFinalizerName` */
function finalizerWarnings(finalizer: string): string[] {
  const warnings = labelKeyProblems(finalizer).map((problem) => `${finalizersField}: ${quote(finalizer)}: ${problem}`);
  if (finalizer.includes('/') || standardFinalizers.includes(finalizer)) return warnings;
  const including = finalizer.includes('.') ? ' including a path (/)' : '';
  return [
    ...warnings,
    `${finalizersField}: ${quote(finalizer)}: prefer a domain-qualified finalizer name${including} to avoid accidental conflicts with other finalizer writers`,
  ];
}
