import { labelKeyProblems } from '@bowline/apimachinery';
import { forbidden, invalid, notSupported, required } from '../field-error.ts';
import { dns1123SubdomainErrors, nameIsLabel } from '../meta/formats.ts';
import { annotationErrors, labelErrors } from '../meta/validation.ts';
import { type JsonObject, listAt, type ServerObject, stringAt, valueAt } from '../object.ts';
import { amountOf, wholeOf } from './amount.ts';
import { forbiddenChange } from './internal-form.ts';
import type { Validator } from './registry.ts';
import {
  gather,
  has,
  immutable,
  objectAt,
  oneOf,
  optionalFormat,
  type Report,
  requiredText,
  same,
  says,
  textMapAt,
  textsAt,
} from './validate-fields.ts';
import { checkMetadataAgain } from './validate-metadata.ts';
import { checkResourceAmount, isNativeResource } from './validate-resources.ts';
import { checkLabelSelector } from './validate-selectors.ts';

const accessModes = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod'];
export const volumeModes: readonly string[] = ['Block', 'Filesystem'];

/** Modes must be known, and one of them wants to be alone. */
export function checkAccessModes(spec: JsonObject, field: string, report: Report): void {
  const modes = textsAt(spec, 'accessModes');
  for (const mode of modes) {
    if (!accessModes.includes(mode)) report(notSupported(`${field}.accessModes`, mode, accessModes));
  }
  const known = modes.filter((mode) => accessModes.includes(mode));
  if (known.includes('ReadWriteOncePod') && known.some((mode) => mode !== 'ReadWriteOncePod')) {
    report(forbidden(`${field}.accessModes`, 'may not use ReadWriteOncePod with other access modes'));
  }
}

function checkDataSource(source: JsonObject, field: string, report: Report): void {
  requiredText(source, 'name', field, report);
  const kind = requiredText(source, 'kind', field, report);
  const group = stringAt(source, 'apiGroup');
  if (group === '' && kind !== 'PersistentVolumeClaim') {
    report(invalid(field, kind, "must be 'PersistentVolumeClaim' when referencing the default apiGroup"));
  }
  optionalFormat(source, 'apiGroup', field, dns1123SubdomainErrors, report);
  optionalFormat(source, 'namespace', field, (text) => nameIsLabel(text, false), report);
}

/** @see k8s.io/kubernetes pkg/apis/core/validation `ValidatePersistentVolumeClaimSpec` */
export function checkClaimSpec(spec: JsonObject, field: string, report: Report): void {
  if (listAt(spec, 'accessModes').length === 0) {
    report(required(`${field}.accessModes`, 'at least 1 access mode is required'));
  }
  checkLabelSelector(spec.selector, `${field}.selector`, report);
  checkAccessModes(spec, field, report);
  const size = valueAt(spec, 'resources', 'requests', 'storage');
  const path = `${field}.resources[storage]`;
  if (size === undefined) report(required(path));
  else if (amountOf(size) <= 0n) report(invalid(path, size, 'must be greater than zero'));
  else checkResourceAmount('storage', size, path, report);
  optionalFormat(spec, 'storageClassName', field, dns1123SubdomainErrors, report);
  if (has(spec, 'volumeMode')) oneOf(spec, 'volumeMode', field, volumeModes, report, 'unsupported');
  const [source, reference] = [objectAt(spec, 'dataSource'), objectAt(spec, 'dataSourceRef')];
  if (source !== undefined) checkDataSource(source, `${field}.dataSource`, report);
  if (reference !== undefined) checkDataSource(reference, `${field}.dataSourceRef`, report);
  if (source !== undefined && reference !== undefined) {
    // The real server shows the path of the field as an object without members.
    if (stringAt(reference, 'namespace') !== '') {
      report(invalid(field, {}, 'may not be specified when dataSourceRef.namespace is specified'));
    } else if (['apiGroup', 'kind', 'name'].some((name) => !same(source[name], reference[name]))) {
      report(invalid(field, {}, 'must match dataSourceRef'));
    }
  }
  optionalFormat(spec, 'volumeAttributesClassName', field, dns1123SubdomainErrors, report);
}

const templateMetadata = [
  'name',
  'generateName',
  'namespace',
  'selfLink',
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'ownerReferences',
  'finalizers',
  'managedFields',
];

/** What stands in a template for the metadata of what is made from it: labels and annotations alone. */
export function checkTemplateMetadata(template: JsonObject, field: string, report: Report): void {
  const metadata = objectAt(template, 'metadata');
  annotationErrors(textMapAt(metadata, 'annotations'), `${field}.metadata.annotations`).forEach(report);
  labelErrors(textMapAt(metadata, 'labels'), `${field}.metadata.labels`).forEach(report);
  for (const name of templateMetadata) {
    const value = metadata?.[name];
    const unset = !has(metadata, name) || value === '' || (Array.isArray(value) && value.length === 0);
    if (!unset) report(forbidden(`${field}.metadata.${name}`, 'cannot be set'));
  }
}

/** The claim that an ephemeral volume makes. */
export function checkClaimTemplate(template: JsonObject, field: string, report: Report): void {
  checkTemplateMetadata(template, field, report);
  checkClaimSpec(objectAt(template, 'spec') ?? {}, `${field}.spec`, report);
}

const specMessage =
  'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims';

/** @see k8s.io/kubernetes pkg/apis/core/validation `ValidatePersistentVolumeClaimUpdate` */
function checkClaimUpdate(now: ServerObject, old: ServerObject, report: Report): void {
  const [spec, oldSpec] = [structuredClone(objectAt(now, 'spec') ?? {}), structuredClone(objectAt(old, 'spec') ?? {})];
  if (stringAt(oldSpec, 'volumeName') === '' && has(spec, 'volumeName')) oldSpec.volumeName = spec.volumeName;
  if (!has(oldSpec, 'storageClassName') && has(spec, 'storageClassName')) delete spec.storageClassName;
  const bound = stringAt(now, 'status', 'phase') === 'Bound';
  const requests = objectAt(spec, 'resources', 'requests');
  if (bound && requests !== undefined) requests.storage = valueAt(oldSpec, 'resources', 'requests', 'storage');
  if (bound) {
    if (has(oldSpec, 'volumeAttributesClassName')) {
      spec.volumeAttributesClassName = oldSpec.volumeAttributesClassName;
    } else delete spec.volumeAttributesClassName;
  }
  if (!same(spec, oldSpec)) {
    report(forbiddenChange('spec', specMessage, 'core.PersistentVolumeClaimSpec', oldSpec, spec));
  }
  const sizeOf = (claim: unknown): bigint => amountOf(valueAt(claim, 'spec', 'resources', 'requests', 'storage'));
  if (sizeOf(now) < sizeOf(old) && sizeOf(now) <= amountOf(valueAt(old, 'status', 'capacity', 'storage'))) {
    report(forbidden('spec.resources.requests.storage', 'field can not be less than status.capacity'));
  }
  immutable(valueAt(now, 'spec', 'volumeMode'), valueAt(old, 'spec', 'volumeMode'), 'volumeMode', report);
  const path = 'spec.volumeAttributesClassName';
  const wanted = valueAt(now, 'spec', 'volumeAttributesClassName');
  if (same(wanted, valueAt(old, 'spec', 'volumeAttributesClassName'))) return;
  if (!has(old, 'status', 'currentVolumeAttributesClassName')) return;
  const when = 'is forbidden when status.currentVolumeAttributesClassName is not nil';
  if (wanted === undefined || wanted === null) report(forbidden(path, `update to nil ${when}`));
  else if (wanted === '') report(forbidden(path, `update to empty string ${when}`));
}

const resizeStates = [
  'ControllerResizeInProgress',
  'ControllerResizeInfeasible',
  'NodeResizeInProgress',
  'NodeResizeInfeasible',
  'NodeResizePending',
].sort();

function checkClaimResourceKey(key: string, field: string, report: Report): boolean {
  const problems = labelKeyProblems(key);
  says(problems, field, key, report);
  if (problems.length > 0) return false;
  if (!isNativeResource(key) || key === 'storage') return true;
  report(notSupported(field, key, ['storage']));
  return false;
}

/** @see k8s.io/kubernetes pkg/apis/core/validation `ValidatePersistentVolumeClaimStatusUpdate` */
function checkClaimStatus(claim: ServerObject, report: Report): void {
  for (const [name, amount] of Object.entries(textMapAt(claim, 'status', 'capacity'))) {
    if (amountOf(amount) >= 0n) continue;
    report(invalid(`status.capacity[${name}]`, Number(wholeOf(amount)), 'must be a valid resource quantity'));
  }
  const statuses = 'status.allocatedResourceStatuses';
  for (const [name, state] of Object.entries(textMapAt(claim, 'status', 'allocatedResourceStatuses'))) {
    checkClaimResourceKey(name, statuses, report);
    if (!resizeStates.includes(state)) report(notSupported(statuses, name, resizeStates));
  }
  const allocated = 'status.allocatedResources';
  for (const [name, amount] of Object.entries(textMapAt(claim, 'status', 'allocatedResources'))) {
    if (!checkClaimResourceKey(name, allocated, report)) continue;
    const path = `${allocated}[${name}]`;
    if (amountOf(amount) < 0n) {
      report(invalid(path, Number(wholeOf(amount)), 'must be a valid resource quantity'));
    } else checkResourceAmount('storage', amount, path, report);
  }
}

export const validateClaim: Validator = (claim, old, subresource) =>
  gather((report) => {
    if (subresource === 'status') {
      checkClaimStatus(claim, report);
      return;
    }
    if (old !== undefined) checkMetadataAgain(claim, report);
    checkClaimSpec(objectAt(claim, 'spec') ?? {}, 'spec', report);
    if (old !== undefined) checkClaimUpdate(claim, old, report);
  });
