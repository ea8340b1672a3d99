import type { CustomResourceDefinition, JSONSchemaProps } from '@bowline/api/apiextensions/v1';
import { clone, equal, isConditionTrue, type Mutable } from '@bowline/apimachinery';
import { checkValue, listOf, rules } from '@bowline/apimachinery/arguments';
import { decodeMetadata } from '../embedded/decode.ts';
import { metadataErrors } from '../embedded/metadata.ts';
import { at, child, type FieldError, invalid, invalidReference, notSupported, required } from '../field-error.ts';
import { isRequestURI } from '../formats/uri.ts';
import { compareStrings } from '../go-text.ts';
import { dnsLetterLabelProblems, dnsSubdomainProblems } from '../names.ts';
import { conversionErrors, isCertificateBundle, knowsReviewVersion } from './conversion.ts';
import { type CrdManifest, type CrdSpec, type InternalSpec, showVersions, toInternal } from './internal.ts';
import { definitionNameProblems, missingNames, nameErrors } from './names.ts';
import { columnErrors, deprecationProblems, selectableFieldErrors, subresourceErrors } from './parts.ts';
import { noTolerance, schemaErrors, type Tolerance } from './schema.ts';
import { contains, toleranceOf } from './tolerance.ts';

export type { CrdManifest } from './internal.ts';

const approval = 'api-approved.kubernetes.io';
const scopes = ['Cluster', 'Namespaced'];

/** @throws {TypeError} when what has not the form of a manifest is given for one; what a manifest may not say is the validation's to tell. */
function checkManifest(action: string, manifest: unknown, ...parts: readonly string[]): void {
  checkValue(action, 'manifest', manifest, rules.object);
  for (const part of parts) {
    const value = part.split('.').reduce((whole: unknown, name) => Reflect.get(whole as object, name), manifest);
    checkValue(action, `manifest.${part}`, value, rules.object);
  }
  const { versions } = (manifest as CrdManifest).spec;
  if ((versions ?? undefined) !== undefined)
    checkValue(action, 'manifest.spec.versions', versions, listOf(rules.object));
}

const validating = 'validate CustomResourceDefinition';

/**
 * Fills in what the server fills in: singular, list kind, conversion, the port of a webhook's service, stored versions. Returns a new manifest.
 *
 * @throws {TypeError} when the manifest has no spec.
 * @see apiextensions-apiserver apis/apiextensions/v1/defaults.go
 */
export function defaultCrd<T extends CrdManifest>(manifest: T): T {
  checkManifest('fill in defaults of CustomResourceDefinition', manifest, 'spec');
  const result = clone<CrdManifest>(manifest);
  const { names } = result.spec;
  if (names && !names.singular && names.kind) names.singular = names.kind.toLowerCase();
  if (names?.kind && !names.listKind) names.listKind = `${names.kind}List`;
  result.spec.conversion ??= { strategy: 'None' };
  const service = result.spec.conversion.webhook?.clientConfig?.service;
  if (service) service.port ??= 443;
  result.status ??= {};
  if (!result.status.storedVersions?.length) recordStorage(result);
  return result as T;
}

/**
 * The form that is checked: defaults are filled in, and the status is the server's own, not what was sent.
 *
 * @see apiextensions-apiserver registry/customresourcedefinition/strategy.go
 */
function asStored(manifest: CrdManifest, old: CustomResourceDefinition | undefined): CrdManifest {
  const result = clone<CrdManifest>(defaultCrd(manifest));
  result.status = clone(old?.status ?? {});
  recordStorage(result);
  return result;
}

/** Objects may be stored in every version that ever was the storage version. */
function recordStorage(crd: Mutable<CrdManifest>): void {
  const storage = crd.spec.versions?.find((version) => version.storage)?.name;
  const stored = crd.status?.storedVersions ?? [];
  if (storage === undefined || stored.includes(storage)) return;
  crd.status = { ...crd.status, storedVersions: [...stored, storage] };
}

/**
 * What is wrong with a CustomResourceDefinition; empty when nothing is. CEL expressions in it are not looked at.
 *
 * @param old The definition before an update: what it broke already may stay, some names may not change.
 * @see apiextensions-apiserver apis/apiextensions/validation/validation.go
 */
export function validateCrd(manifest: CrdManifest, old?: CustomResourceDefinition): FieldError[] {
  checkManifest(validating, manifest, 'metadata', 'spec', 'spec.names');
  return [...crdMetadataErrors(manifest, old), ...validateCrdSpec(manifest, old)];
}

/** Like `validateCrd`, without the metadata, for those who check the metadata of every kind alike. */
export function validateCrdSpec(manifest: CrdManifest, old?: CustomResourceDefinition): FieldError[] {
  checkManifest(validating, manifest, 'spec', 'spec.names');
  const crd = asStored(manifest, old);
  return [
    ...specErrors(crd.spec, old),
    ...immutableErrors(crd.spec, old),
    ...nameErrors(crd.status?.acceptedNames ?? { plural: '', kind: '' }, 'status.acceptedNames'),
    ...storedVersionErrors(crd),
    ...approvalErrors(crd, old),
    ...preserveErrors(crd.spec, old),
  ];
}

/** The rule for the names of definitions. */
export function crdNameProblems(name: string, isPrefix: boolean, spec: CrdSpec): string[] {
  const action = 'check the name of CustomResourceDefinition';
  checkValue(action, 'name', name, rules.string);
  checkValue(action, 'isPrefix', isPrefix, rules.boolean);
  checkValue(action, 'spec', spec, rules.object);
  return definitionNameProblems(name, isPrefix, spec);
}

function crdMetadataErrors(manifest: CrdManifest, old: CustomResourceDefinition | undefined): FieldError[] {
  if (old) return [];
  const rule = (name: string, isPrefix: boolean): string[] => definitionNameProblems(name, isPrefix, manifest.spec);
  // The server drops the namespace of a cluster-scoped object before it looks.
  const metadata = { ...decodeMetadata(manifest.metadata).metadata, namespace: '' };
  return metadataErrors(metadata, false, rule, 'metadata');
}

function specErrors(spec: CrdSpec, old: CustomResourceDefinition | undefined): FieldError[] {
  const internal = toInternal(spec);
  const { versions, validation, subresources } = internal;
  const tolerate = old ? toleranceOf(old.spec) : noTolerance;
  const preserves = spec.preserveUnknownFields === true;
  const schemaTolerance = preserves ? tolerate : { ...tolerate, structure: false };
  const errors = [...groupErrors(spec.group), ...scopeErrors(spec.scope), ...missingSchemas(internal, old?.spec)];
  if (preserves && allSchemas(internal).some((schema) => contains(schema, hasDefault))) {
    errors.push(invalid('spec.preserveUnknownFields', true, 'must be false in order to use defaults in the schema'));
  }
  for (const [index, version] of versions.entries()) {
    const place = at('spec.versions', index);
    const problems = dnsLetterLabelProblems(version.name ?? '');
    if (problems.length > 0) errors.push(invalid(child(place, 'name'), version.name ?? '', problems.join(',')));
    errors.push(...versionErrors(internal, index, schemaTolerance, old?.spec));
  }
  errors.push(...versionSetErrors(internal));
  errors.push(...missingNames(spec.names, 'spec.names'), ...nameErrors(spec.names, 'spec.names'));
  const hasStatus = [subresources, ...versions.map((version) => version.subresources)].some((each) => each?.status);
  if (validation?.openAPIV3Schema) {
    const context = {
      path: 'spec.validation.openAPIV3Schema',
      hasStatusSubresource: hasStatus,
      tolerate: schemaTolerance,
    };
    errors.push(...schemaErrors(validation.openAPIV3Schema, context));
  }
  errors.push(...subresourceErrors(subresources, 'spec.subresources'));
  for (const [index, column] of internal.columns.entries()) {
    errors.push(...columnErrors(column, at('spec.additionalPrinterColumns', index)));
  }
  errors.push(...topSelectableErrors(internal, old?.spec));
  return [...errors, ...specConversionErrors(spec, old)];
}

function groupErrors(group: string | undefined): FieldError[] {
  if (!group) return [required('spec.group')];
  const problems = dnsSubdomainProblems(group);
  if (problems.length > 0) return [invalid('spec.group', group, problems.join(','))];
  return group.includes('.') ? [] : [invalid('spec.group', group, 'should be a domain with at least one dot')];
}

function scopeErrors(scope: string | undefined): FieldError[] {
  if (!scope) return [required('spec.scope')];
  return scopes.includes(scope) ? [] : [notSupported('spec.scope', scope, scopes)];
}

/** Every version needs a schema, unless the stored definition did without. */
function missingSchemas({ spec, versions, validation }: InternalSpec, old: CrdSpec | undefined): FieldError[] {
  if (validation?.openAPIV3Schema) return [];
  const oldHasAll = old === undefined || (old.versions ?? []).every((version) => version.schema?.openAPIV3Schema);
  if (!oldHasAll && spec.preserveUnknownFields === true) return [];
  const rule = oldHasAll ? '' : 'because otherwise all fields are pruned';
  return versions.flatMap((version, index) => {
    if (version.schema?.openAPIV3Schema || (!oldHasAll && !version.served)) return [];
    return [required(child(at('spec.versions', index), 'schema', 'openAPIV3Schema'), rule)];
  });
}

function versionErrors(
  { versions, subresources }: InternalSpec,
  index: number,
  tolerate: Tolerance,
  old: CrdSpec | undefined,
): FieldError[] {
  const version = versions[index];
  if (!version) return [];
  const place = at('spec.versions', index);
  const warning = version.deprecationWarning;
  const schema = version.schema?.openAPIV3Schema;
  const errors = deprecationProblems(version.deprecated === true, warning).map((problem) =>
    invalidReference(child(place, 'deprecationWarning'), warning ?? '', problem),
  );
  if (schema) {
    const own = versions.some((each) => each.subresources) ? version.subresources : subresources;
    const path = child(place, 'schema', 'openAPIV3Schema');
    errors.push(...schemaErrors(schema, { path, hasStatusSubresource: Boolean(own?.status), tolerate }));
  }
  errors.push(...subresourceErrors(version.subresources, child(place, 'subresources')));
  for (const [column, each] of (version.additionalPrinterColumns ?? []).entries()) {
    errors.push(...columnErrors(each, at(child(place, 'additionalPrinterColumns'), column)));
  }
  const fields = version.selectableFields ?? [];
  if (fields.length === 0) return errors;
  const path = child(place, 'selectableFields');
  const rule = 'may only be set when `version.schema.openAPIV3Schema` is not included';
  if (!schema) return [...errors, invalid(path, '', rule)];
  const before = old?.versions?.find(({ name }) => name === version.name)?.selectableFields ?? [];
  return [...errors, ...selectableFieldErrors(fields, schema, path, before.length > 8 && equal(before, fields))];
}

function versionSetErrors({ spec, versions }: InternalSpec): FieldError[] {
  const names = versions.map(({ name }) => name);
  const errors: FieldError[] = [];
  if (new Set(names).size < names.length) {
    errors.push(invalid('spec.versions', showVersions(versions), 'must contain unique version names'));
  }
  if (versions.filter(({ storage }) => storage).length !== 1) {
    const shown = spec.versions ? showVersions(versions) : null;
    errors.push(invalid('spec.versions', shown, 'must have exactly one version marked as storage version'));
  }
  const [first] = names;
  const problems = first ? dnsLetterLabelProblems(first) : [];
  if (problems.length > 0) errors.push(invalid('spec.version', first, problems.join(',')));
  return errors;
}

function topSelectableErrors({ selectableFields, validation }: InternalSpec, old: CrdSpec | undefined): FieldError[] {
  if (selectableFields.length === 0) return [];
  const schema = validation?.openAPIV3Schema;
  if (!schema) return [invalid('spec.selectableFields', '', 'may only be set when validations.schema is included')];
  const before = old ? toInternal(old).selectableFields : [];
  const mayBeMany = before.length > 8 && equal(before, selectableFields);
  return selectableFieldErrors(selectableFields, schema, 'spec.selectableFields', mayBeMany);
}

function specConversionErrors(spec: CrdSpec, old: CustomResourceDefinition | undefined): FieldError[] {
  const { conversion } = spec;
  if (!conversion) return [];
  const errors: FieldError[] = [];
  if (conversion.strategy !== 'None' && spec.preserveUnknownFields === true) {
    const rule = 'must be None if spec.preserveUnknownFields is true';
    errors.push(invalid('spec.conversion.strategy', conversion.strategy, rule));
  }
  const before = old?.spec.conversion?.webhook;
  const oldBundle = before?.clientConfig?.caBundle;
  const oldVersions = before?.conversionReviewVersions ?? [];
  const tolerate = {
    unknownReviewVersions: old !== undefined && oldVersions.length > 0 && !knowsReviewVersion(oldVersions),
    unreadableCertificates:
      old === undefined || !isEstablished(old) || (Boolean(oldBundle) && !isCertificateBundle(oldBundle ?? '')),
  };
  return [...errors, ...conversionErrors(conversion, 'spec.conversion', tolerate)];
}

/** What may not change: names that are in the paths of stored objects. */
function immutableErrors(spec: CrdSpec, old: CustomResourceDefinition | undefined): FieldError[] {
  if (!old) return [];
  const same = (now: unknown, before: unknown, path: string): FieldError[] =>
    now === before ? [] : [invalid(path, now, 'field is immutable')];
  return [
    ...(isEstablished(old)
      ? [
          ...same(spec.scope, old.spec.scope, 'spec.scope'),
          ...same(spec.names.kind, old.spec.names.kind, 'spec.names.kind'),
        ]
      : []),
    ...same(spec.group, old.spec.group, 'spec.group'),
    ...same(spec.names.plural, old.spec.names.plural, 'spec.names.plural'),
  ];
}

function storedVersionErrors({ spec, status }: CrdManifest): FieldError[] {
  const stored = status?.storedVersions ?? [];
  const path = 'status.storedVersions';
  if (stored.length === 0)
    return [invalid(path, status?.storedVersions ?? null, 'must have at least one stored version')];
  const unmatched = new Set(stored);
  const errors: FieldError[] = [];
  for (const { name, storage } of spec.versions ?? []) {
    if (!unmatched.delete(name) && storage) errors.push(invalid(path, stored, `must have the storage version ${name}`));
  }
  for (const name of [...unmatched].sort(compareStrings)) {
    const rule = `missing from spec.versions; ${name} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in ${name} and removes ${name} from status.storedVersions`;
    errors.push(invalid(at(path, stored.lastIndexOf(name)), name, rule));
  }
  return errors;
}

/** Groups of the Kubernetes project need to say who approved them. */
function approvalErrors({ spec, metadata }: CrdManifest, old: CustomResourceDefinition | undefined): FieldError[] {
  if (!/(^|\.)(k8s|kubernetes)\.io$/.test(spec.group ?? '')) return [];
  const now = metadata.annotations?.[approval] ?? '';
  const state = approvalState(now);
  if (old && approvalState(old.metadata.annotations?.[approval] ?? '') === state) return [];
  const path = at('metadata.annotations', approval);
  const see = 'see https://github.com/kubernetes/enhancements/pull/1111';
  const rule = `protected groups must have approval annotation "${approval}"`;
  if (state === 'missing') return [required(path, `${rule}, ${see}`)];
  if (state === 'valid' || state === 'bypassed') return [];
  return [invalid(path, now, `${rule} with either a URL or a reason starting with "unapproved", ${see}`)];
}

function approvalState(annotation: string): 'missing' | 'bypassed' | 'valid' | 'invalid' {
  if (annotation === '') return 'missing';
  if (annotation.startsWith('unapproved')) return 'bypassed';
  return isRequestURI(annotation) && /^[a-z][a-z\d+.-]*:\/\/[^/?]/i.test(annotation) ? 'valid' : 'invalid';
}

function preserveErrors(spec: CrdSpec, old: CustomResourceDefinition | undefined): FieldError[] {
  if (old?.spec.preserveUnknownFields === true || spec.preserveUnknownFields !== true) return [];
  const rule =
    'cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead';
  return [invalid('spec.preserveUnknownFields', true, rule)];
}

function allSchemas({ validation, versions }: InternalSpec): JSONSchemaProps[] {
  return [validation, ...versions.map(({ schema }) => schema)].flatMap((each) => each?.openAPIV3Schema ?? []);
}

function hasDefault(schema: JSONSchemaProps): boolean {
  return schema.default !== undefined && schema.default !== null;
}

function isEstablished(crd: CustomResourceDefinition): boolean {
  return isConditionTrue(crd.status?.conditions, 'Established');
}
