import { labelKeyProblems } from '@bowline/apimachinery';
import { forbidden, invalid, required, tooLong } from '../field-error.ts';
import { byteLength } from '../go-format.ts';
import { JsonSyntaxError, parseJson } from '../http/json-text.ts';
import { nameIsLabel, nameIsSubdomain } from '../meta/formats.ts';
import { isObject, listAt, type ServerObject, stringAt } from '../object.ts';
import type { Validator } from './registry.ts';
import { gather, type Report, same, says, textMapAt } from './validate-fields.ts';
import { configKeyErrors } from './validate-formats.ts';
import { checkMetadataAgain } from './validate-metadata.ts';

const sizeLimitBytes = 1024 * 1024;
const fixed = 'field is immutable when `immutable` is set';

/** What was declared immutable stays as it is. */
function checkImmutable(now: ServerObject, old: ServerObject, fields: readonly string[], report: Report): void {
  if (old.immutable !== true) return;
  if (now.immutable !== true) report(forbidden('immutable', fixed));
  for (const field of fields) if (!same(now[field], old[field])) report(forbidden(field, fixed));
}

function decodedLength(base64: string): number {
  return Buffer.byteLength(base64, 'base64');
}

/** @see k8s.io/kubernetes pkg/apis/core/validation `ValidateConfigMap` */
export const validateConfigMap: Validator = (map, old) =>
  gather((report) => {
    if (old !== undefined) {
      checkImmutable(map, old, ['data', 'binaryData'], report);
      checkMetadataAgain(map, report);
    }
    const [data, binary] = [textMapAt(map, 'data'), textMapAt(map, 'binaryData')];
    let size = 0;
    for (const [key, value] of Object.entries(data)) {
      says(configKeyErrors(key), `data[${key}]`, key, report);
      if (Object.hasOwn(binary, key)) report(invalid(`data[${key}]`, key, 'duplicate of key present in binaryData'));
      size += byteLength(value);
    }
    for (const [key, value] of Object.entries(binary)) {
      says(configKeyErrors(key), `binaryData[${key}]`, key, report);
      size += decodedLength(value);
    }
    if (size > sizeLimitBytes) report(tooLong('', sizeLimitBytes));
  });

const accountAnnotation = 'kubernetes.io/service-account.name';

/** What secrets of a type must hold; all of `every`, or one of `some`. */
const secretTypes: Readonly<Record<string, { readonly every?: readonly string[]; readonly some?: readonly string[] }>> =
  {
    'kubernetes.io/basic-auth': { some: ['username', 'password'] },
    'kubernetes.io/tls': { every: ['tls.crt', 'tls.key'] },
  };

const jsonSecrets: Readonly<Record<string, string>> = {
  'kubernetes.io/dockercfg': '.dockercfg',
  'kubernetes.io/dockerconfigjson': '.dockerconfigjson',
};

/** @returns what the real server says of a text that is no JSON object; undefined when it is one. */
function jsonProblem(text: string): string | undefined {
  let value: unknown;
  try {
    value = parseJson(text).value;
  } catch (error) {
    if (error instanceof JsonSyntaxError) return error.message;
    throw error;
  }
  if (isObject(value) || value === null) return undefined;
  const what = Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value;
  return `json: cannot unmarshal ${what} into Go value of type map[string]interface {}`;
}

function checkSecretType(secret: ServerObject, report: Report): void {
  const type = stringAt(secret, 'type');
  const data = textMapAt(secret, 'data');
  if (type === 'kubernetes.io/service-account-token') {
    const account = secret.metadata.annotations?.[accountAnnotation] ?? '';
    if (account === '') report(required(`metadata.annotations[${accountAnnotation}]`));
  }
  if (type === 'kubernetes.io/ssh-auth' && (data['ssh-privatekey'] ?? '') === '') {
    report(required('data[ssh-privatekey]'));
  }
  const jsonKey = jsonSecrets[type];
  if (jsonKey !== undefined) {
    const value = data[jsonKey];
    if (value === undefined) report(required(`data[${jsonKey}]`));
    else {
      const problem = jsonProblem(Buffer.from(value, 'base64').toString());
      if (problem !== undefined) report(invalid(`data[${jsonKey}]`, '<secret contents redacted>', problem));
    }
  }
  const { every = [], some = [] } = secretTypes[type] ?? {};
  for (const key of every) if (data[key] === undefined) report(required(`data[${key}]`));
  if (some.length > 0 && some.every((key) => data[key] === undefined)) {
    for (const key of some) report(required(`data[${key}]`));
  }
}

/** @see k8s.io/kubernetes pkg/apis/core/validation `ValidateSecret` */
export const validateSecret: Validator = (secret, old) =>
  gather((report) => {
    if (old !== undefined) {
      const type = stringAt(secret, 'type');
      if (type !== stringAt(old, 'type')) report(invalid('type', type, 'field is immutable'));
      checkImmutable(secret, old, ['data'], report);
      checkMetadataAgain(secret, report);
    }
    let size = 0;
    for (const [key, value] of Object.entries(textMapAt(secret, 'data'))) {
      says(configKeyErrors(key), `data[${key}]`, key, report);
      size += decodedLength(value);
    }
    if (size > sizeLimitBytes) report(tooLong('data', sizeLimitBytes));
    checkSecretType(secret, report);
  });

export const validateServiceAccount: Validator = (account, old) =>
  gather((report) => {
    if (old !== undefined) checkMetadataAgain(account, report, nameIsSubdomain);
  });

const standardFinalizers = ['kubernetes', 'orphan', 'foregroundDeletion'];

function checkFinalizer(finalizer: string, field: string, report: Report): void {
  says(labelKeyProblems(finalizer), field, finalizer, report);
  if (finalizer.includes('/') || standardFinalizers.includes(finalizer)) return;
  report(invalid(field, finalizer, 'name is neither a standard finalizer name nor is it fully qualified'));
}

/** @see k8s.io/kubernetes pkg/apis/core/validation `ValidateNamespace` */
export const validateNamespace: Validator = (namespace, old, subresource) =>
  gather((report) => {
    if (old !== undefined && subresource === '') checkMetadataAgain(namespace, report, nameIsLabel, false);
    const finalizers = listAt(namespace, 'spec', 'finalizers').map(String);
    if (old === undefined) for (const finalizer of finalizers) checkFinalizer(finalizer, 'spec.finalizers', report);
    else if (subresource === 'finalize') {
      for (const [index, finalizer] of finalizers.entries())
        checkFinalizer(finalizer, `spec.finalizers[${index}]`, report);
    } else if (subresource === 'status') {
      const deleting = namespace.metadata.deletionTimestamp !== undefined;
      const [wanted, phase] = [deleting ? 'Terminating' : 'Active', stringAt(namespace, 'status', 'phase')];
      const why = `may only be '${wanted}' if \`deletionTimestamp\` is ${deleting ? 'not empty' : 'empty'}`;
      if (phase !== wanted) report(invalid('status.Phase', phase, why));
    }
  });
