import { isJsonObject, labelKeyProblems, labelValueProblems } from '@bowline/apimachinery';
import { at, child, type FieldError, forbidden, invalid, required, tooLong } from '../field-error.ts';
import { byteLength, compareStrings, GoStruct, isPrintable } from '../go-text.ts';
import { dnsLabelProblems } from '../names.ts';

/** The rule for names of a kind, as a list of problems. */
export type NameRule = (name: string, isPrefix: boolean) => readonly string[];

const annotationsMaxBytes = 256 * 1024;
const managerMaxBytes = 128;
const subresourceMaxBytes = 256;

/**
 * What is wrong with the metadata of an object. It must be decoded: its fields have the right types.
 *
 * @see k8s.io/apimachinery api/validation/objectmeta.go `ValidateObjectMeta`
 */
export function metadataErrors(
  metadata: Readonly<Record<string, unknown>>,
  isNamespaced: boolean,
  nameRule: NameRule,
  path: string,
): FieldError[] {
  const text = (field: string): string => String(metadata[field] ?? '');
  const errors: FieldError[] = [];
  const generateName = text('generateName');
  const problems = (field: string, value: string, found: readonly string[]): void => {
    errors.push(...found.map((problem) => invalid(child(path, field), value, problem)));
  };
  if (generateName !== '') problems('generateName', generateName, nameRule(generateName, true));
  if (text('name') === '') errors.push(required(child(path, 'name'), 'name or generateName is required'));
  else problems('name', text('name'), nameRule(text('name'), false));
  if (!isNamespaced && text('namespace') !== '')
    errors.push(forbidden(child(path, 'namespace'), 'not allowed on this type'));
  else if (isNamespaced && text('namespace') === '') errors.push(required(child(path, 'namespace')));
  else if (isNamespaced) problems('namespace', text('namespace'), dnsLabelProblems(text('namespace')));
  const generation = Number(metadata.generation ?? 0);
  if (generation < 0) errors.push(invalid(child(path, 'generation'), generation, 'must be greater than or equal to 0'));
  errors.push(
    ...labelErrors(membersOf(metadata.labels), child(path, 'labels')),
    ...annotationErrors(membersOf(metadata.annotations), child(path, 'annotations')),
    ...ownerErrors(listOf(metadata.ownerReferences), child(path, 'ownerReferences')),
    ...finalizerErrors(listOf(metadata.finalizers).map(String), child(path, 'finalizers')),
    ...managedFieldsErrors(listOf(metadata.managedFields), child(path, 'managedFields')),
  );
  return errors;
}

function labelErrors(labels: readonly (readonly [string, string])[], path: string): FieldError[] {
  return labels.flatMap(([key, value]) => [
    ...labelKeyProblems(key).map((problem) => invalid(path, key, problem)),
    ...labelValueProblems(value).map((problem) => invalid(path, value, problem)),
  ]);
}

function annotationErrors(annotations: readonly (readonly [string, string])[], path: string): FieldError[] {
  const errors = annotations.flatMap(([key]) =>
    labelKeyProblems(key.toLowerCase()).map((problem) => invalid(path, key, problem)),
  );
  const bytes = annotations.reduce((sum, [key, value]) => sum + byteLength(key) + byteLength(value), 0);
  return bytes > annotationsMaxBytes ? [...errors, tooLong(path, annotationsMaxBytes)] : errors;
}

function ownerErrors(owners: readonly unknown[], path: string): FieldError[] {
  const errors: FieldError[] = [];
  let controller = '';
  for (const owner of owners) {
    if (!isJsonObject(owner)) continue;
    const apiVersion = String(owner.apiVersion ?? '');
    // An error in one reference names the list: upstream passes its path on.
    if (!/^([^/]*\/)?[^/]+$/.test(apiVersion)) {
      errors.push(invalid(child(path, 'apiVersion'), apiVersion, 'version must not be empty'));
    }
    for (const field of ['kind', 'name', 'uid']) {
      if (!owner[field]) errors.push(invalid(child(path, field), '', 'must not be empty'));
    }
    if (apiVersion === 'v1' && owner.kind === 'Event') {
      errors.push(invalid(path, shownOwner(owner), '/v1, Kind=Event is disallowed from being an owner'));
    }
    if (owner.controller !== true) continue;
    const name = `${owner.kind}/${owner.name}`;
    if (controller === '') controller = name;
    else {
      const rule = 'Only one reference can have Controller set to true. Found "true" in references for';
      errors.push(invalid(path, owners.map(shownOwner), `${rule} ${controller} and ${name}`));
    }
  }
  return errors;
}

/** A reference in the server's order of fields. */
function shownOwner(owner: unknown): unknown {
  if (!isJsonObject(owner)) return owner;
  const fields = ['apiVersion', 'kind', 'name', 'uid', 'controller', 'blockOwnerDeletion'];
  const set = fields.filter((field) => owner[field] !== undefined).map((field) => [field, owner[field]] as const);
  return new GoStruct(Object.fromEntries(set));
}

function finalizerErrors(finalizers: readonly string[], path: string): FieldError[] {
  const errors = finalizers.flatMap((name) => labelKeyProblems(name).map((problem) => invalid(path, name, problem)));
  if (finalizers.includes('orphan') && finalizers.includes('foregroundDeletion')) {
    errors.push(invalid(path, finalizers, 'finalizer orphan and foregroundDeletion cannot be both set'));
  }
  return errors;
}

function managedFieldsErrors(entries: readonly unknown[], path: string): FieldError[] {
  return entries.flatMap((entry, index) => {
    if (!isJsonObject(entry)) return [];
    const text = (field: string): string => String(entry[field] ?? '');
    const place = at(path, index);
    const errors: FieldError[] = [];
    if (text('operation') !== 'Apply' && text('operation') !== 'Update') {
      errors.push(invalid(child(place, 'operation'), text('operation'), 'must be `Apply` or `Update`'));
    }
    if (text('fieldsType') !== '' && text('fieldsType') !== 'FieldsV1') {
      errors.push(invalid(child(place, 'fieldsType'), text('fieldsType'), 'must be `FieldsV1`'));
    }
    errors.push(...managerErrors(text('manager'), child(place, 'manager')));
    if (byteLength(text('subresource')) > subresourceMaxBytes) {
      errors.push(tooLong(child(place, 'subresource'), subresourceMaxBytes));
    }
    return errors;
  });
}

function managerErrors(manager: string, path: string): FieldError[] {
  const errors = byteLength(manager) > managerMaxBytes ? [tooLong(path, managerMaxBytes)] : [];
  let position = 0;
  for (const character of manager) {
    if (!isPrintable(character)) {
      const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
      errors.push(invalid(path, manager, `invalid character U+${code} (at position ${position})`));
    }
    position += byteLength(character);
  }
  return errors;
}

function membersOf(value: unknown): (readonly [string, string])[] {
  if (!isJsonObject(value)) return [];
  return Object.entries(value)
    .map(([name, member]) => [name, String(member)] as const)
    .sort(([a], [b]) => compareStrings(a, b));
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
