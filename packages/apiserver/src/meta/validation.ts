import { equal, labelKeyProblems, labelValueProblems } from '@bowline/apimachinery';
import { type FieldError, forbidden, invalid, required, tooLong } from '../field-error.ts';
import { byteLength, goStrings } from '../go-format.ts';
import { fieldManagerErrors } from '../http/query-options.ts';
import type { Metadata } from '../object.ts';
import { type NameRule, nameIsLabel } from './formats.ts';

/** The finalizers that the server itself knows. @see k8s.io/apimachinery meta/v1 `FinalizerOrphanDependents` */
export const orphanFinalizer = 'orphan';
export const foregroundFinalizer = 'foregroundDeletion';

const annotationsLimitBytes = 256 * 1024;

/**
 * What is wrong with the metadata of an object, whatever its kind.
 *
 * @see k8s.io/apimachinery api/validation `ValidateObjectMetaAccessor`
 */
export function metadataErrors(metadata: Metadata, namespaced: boolean, nameRule: NameRule): FieldError[] {
  const errors: FieldError[] = [];
  const { name = '', generateName = '', namespace = '', generation = 0 } = metadata;
  if (generateName !== '') {
    for (const wrong of nameRule(generateName, true)) {
      errors.push(invalid('metadata.generateName', generateName, wrong));
    }
  }
  if (name === '') errors.push(required('metadata.name', 'name or generateName is required'));
  else for (const wrong of nameRule(name, false)) errors.push(invalid('metadata.name', name, wrong));
  if (!namespaced) {
    if (namespace !== '') errors.push(forbidden('metadata.namespace', 'not allowed on this type'));
  } else if (namespace === '') errors.push(required('metadata.namespace'));
  else for (const wrong of nameIsLabel(namespace, false)) errors.push(invalid('metadata.namespace', namespace, wrong));
  if (generation < 0) {
    errors.push(invalid('metadata.generation', generation, 'must be greater than or equal to 0'));
  }
  errors.push(...labelErrors(metadata.labels, 'metadata.labels'));
  errors.push(...annotationErrors(metadata.annotations, 'metadata.annotations'));
  errors.push(...ownerErrors(metadata));
  errors.push(...finalizerErrors(metadata.finalizers ?? []));
  errors.push(...managedFieldsErrors(metadata));
  return errors;
}

/**
 * What an update must not change.
 *
 * @see k8s.io/apimachinery api/validation `ValidateObjectMetaAccessorUpdate`
 */
export function metadataUpdateErrors(now: Metadata, old: Metadata): FieldError[] {
  const errors: FieldError[] = [];
  if (old.deletionTimestamp !== undefined) {
    const extra = [...new Set(now.finalizers ?? [])].filter((one) => !(old.finalizers ?? []).includes(one)).sort();
    if (extra.length > 0) {
      const why = `no new finalizers can be added if the object is being deleted, found new finalizers ${goStrings(extra)}`;
      errors.push(forbidden('metadata.finalizers', why));
    }
  }
  if ((now.resourceVersion ?? '') === '') {
    errors.push(invalid('metadata.resourceVersion', '', 'must be specified for an update'));
  }
  if ((now.generation ?? 0) < (old.generation ?? 0)) {
    errors.push(invalid('metadata.generation', now.generation ?? 0, 'must not be decremented'));
  }
  for (const field of immutable) {
    if (!equal(now[field], old[field])) {
      errors.push(invalid(`metadata.${field}`, now[field] ?? emptyOf(field), 'field is immutable'));
    }
  }
  errors.push(...labelErrors(now.labels, 'metadata.labels'));
  errors.push(...annotationErrors(now.annotations, 'metadata.annotations'));
  errors.push(...ownerErrors(now));
  errors.push(...managedFieldsErrors(now));
  return errors;
}

const immutable = [
  'name',
  'namespace',
  'uid',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
] as const;

function emptyOf(field: (typeof immutable)[number]): unknown {
  return field === 'name' || field === 'namespace' || field === 'uid' ? '' : null;
}

/** @see k8s.io/apimachinery meta/v1/validation `ValidateLabels` */
export function labelErrors(labels: Readonly<Record<string, string>> | undefined, field: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const [key, value] of Object.entries(labels ?? {})) {
    for (const wrong of labelKeyProblems(key)) errors.push(invalid(field, key, wrong));
    for (const wrong of labelValueProblems(value)) errors.push(invalid(field, value, wrong));
  }
  return errors;
}

/** @see k8s.io/apimachinery api/validation `ValidateAnnotations` */
export function annotationErrors(
  annotations: Readonly<Record<string, string>> | undefined,
  field: string,
): FieldError[] {
  const errors: FieldError[] = [];
  let size = 0;
  for (const [key, value] of Object.entries(annotations ?? {})) {
    for (const wrong of labelKeyProblems(key.toLowerCase())) errors.push(invalid(field, key, wrong));
    size += byteLength(key) + byteLength(value);
  }
  if (size > annotationsLimitBytes) errors.push(tooLong(field, annotationsLimitBytes));
  return errors;
}

function ownerErrors({ ownerReferences = [] }: Metadata): FieldError[] {
  const errors: FieldError[] = [];
  const field = 'metadata.ownerReferences';
  let controller = '';
  for (const reference of ownerReferences) {
    const { apiVersion = '', kind = '', name = '', uid = '' } = reference;
    const version = apiVersion.slice(apiVersion.indexOf('/') + 1);
    if (version === '') errors.push(invalid(`${field}.apiVersion`, apiVersion, 'version must not be empty'));
    if (kind === '') errors.push(invalid(`${field}.kind`, kind, 'must not be empty'));
    if (name === '') errors.push(invalid(`${field}.name`, name, 'must not be empty'));
    if (uid === '') errors.push(invalid(`${field}.uid`, uid, 'must not be empty'));
    if (apiVersion === 'v1' && kind === 'Event') {
      errors.push(invalid(field, reference, '/v1, Kind=Event is disallowed from being an owner'));
    }
    if (reference.controller !== true) continue;
    if (controller !== '') {
      const why = `Only one reference can have Controller set to true. Found "true" in references for ${controller} and ${kind}/${name}`;
      errors.push(invalid(field, ownerReferences, why));
    } else controller = `${kind}/${name}`;
  }
  return errors;
}

function finalizerErrors(finalizers: readonly string[]): FieldError[] {
  const errors: FieldError[] = [];
  const field = 'metadata.finalizers';
  for (const finalizer of finalizers) {
    for (const wrong of labelKeyProblems(finalizer)) errors.push(invalid(field, finalizer, wrong));
  }
  if (finalizers.includes(orphanFinalizer) && finalizers.includes(foregroundFinalizer)) {
    const why = `finalizer ${orphanFinalizer} and ${foregroundFinalizer} cannot be both set`;
    errors.push(invalid(field, finalizers, why));
  }
  return errors;
}

/**
 * Built-in kinds take only finalizers that the server knows, or that have a domain.
 *
 * @see k8s.io/kubernetes pkg/apis/core/validation `validateKubeFinalizerName`
 */
export function builtinFinalizerErrors({ finalizers = [] }: Metadata): FieldError[] {
  const errors: FieldError[] = [];
  finalizers.forEach((finalizer, index) => {
    const field = `metadata.finalizers[${index}]`;
    if (!finalizer.includes('/') && !['kubernetes', orphanFinalizer, foregroundFinalizer].includes(finalizer)) {
      errors.push(invalid(field, finalizer, 'name is neither a standard finalizer name nor is it fully qualified'));
    }
  });
  return errors;
}

function managedFieldsErrors({ managedFields = [] }: Metadata): FieldError[] {
  const errors: FieldError[] = [];
  managedFields.forEach((entry, index) => {
    const field = `metadata.managedFields[${index}]`;
    if (entry.operation !== 'Apply' && entry.operation !== 'Update') {
      errors.push(invalid(`${field}.operation`, entry.operation ?? '', 'must be `Apply` or `Update`'));
    }
    if ((entry.fieldsType ?? '') !== '' && entry.fieldsType !== 'FieldsV1') {
      errors.push(invalid(`${field}.fieldsType`, entry.fieldsType, 'must be `FieldsV1`'));
    }
    errors.push(...fieldManagerErrors(entry.manager ?? '', `${field}.manager`));
    if (byteLength(entry.subresource ?? '') > 256) errors.push(tooLong(`${field}.subresource`, 256));
  });
  return errors;
}
