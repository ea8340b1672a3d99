import type { FieldSelector, LabelSelector } from '@bowline/apimachinery';
import { badRequest, invalidObject } from '../errors.ts';
import { type FieldError, forbidden, invalid, notSupported, required, tooLong } from '../field-error.ts';
import { byteLength, goJson, isPrintable, quote, unicodeName } from '../go-format.ts';
import { parseFieldSelector, parseLabelSelector } from '../meta/selectors.ts';
import { isObject, type JsonObject } from '../object.ts';
import { isTrue } from './request-info.ts';

/** @see k8s.io/apimachinery meta/v1 `ListOptions` */
export interface ListOptions {
  readonly labels: LabelSelector;
  readonly fields: FieldSelector;
  readonly watch: boolean;
  readonly allowWatchBookmarks: boolean;
  readonly resourceVersion: string;
  readonly resourceVersionMatch: string;
  /** Undefined: as long as the server likes. */
  readonly timeoutSeconds: number | undefined;
  readonly limit: number;
  readonly continue: string;
  readonly sendInitialEvents: boolean | undefined;
}

/** What to do with fields that are unknown or stand twice. */
export type FieldValidation = 'Ignore' | 'Warn' | 'Strict';

/** Options that creates, updates and patches share. */
export interface WriteOptions {
  readonly dryRun: boolean;
  readonly fieldManager: string;
  readonly fieldValidation: FieldValidation;
}

export interface PatchOptions extends WriteOptions {
  readonly force: boolean | undefined;
}

/** @see k8s.io/apimachinery meta/v1 `DeleteOptions` */
export interface DeleteOptions {
  gracePeriodSeconds: number | undefined;
  readonly preconditions:
    | { readonly uid: string | undefined; readonly resourceVersion: string | undefined }
    | undefined;
  readonly orphanDependents: boolean | undefined;
  readonly propagationPolicy: string | undefined;
  readonly dryRun: boolean;
}

const integer = /^[+-]?\d+$/;

/** @throws {Refusal} 400 in the words of Go's `strconv.ParseInt`. */
function integerOf(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  if (!integer.test(text)) throw badRequest(`strconv.ParseInt: parsing ${quote(text)}: invalid syntax`);
  const value = BigInt(text);
  if (value < -(2n ** 63n) || value >= 2n ** 63n) {
    throw badRequest(`strconv.ParseInt: parsing ${quote(text)}: value out of range`);
  }
  return Number(value);
}

/** @throws {Refusal} 400 for values that cannot be read, 422 for combinations that make no sense. */
export function listOptions(query: URLSearchParams, forceWatch: boolean): ListOptions {
  const watch = isTrue(query.getAll('watch'));
  let sendInitialEvents = query.has('sendInitialEvents') ? isTrue(query.getAll('sendInitialEvents')) : undefined;
  const resourceVersion = query.get('resourceVersion') ?? '';
  let match = query.get('resourceVersionMatch') ?? '';
  const options = {
    labels: parseLabelSelector(query.get('labelSelector') ?? ''),
    fields: parseFieldSelector(query.get('fieldSelector') ?? ''),
    watch: watch || forceWatch,
    allowWatchBookmarks: isTrue(query.getAll('allowWatchBookmarks')),
    resourceVersion,
    timeoutSeconds: integerOf(query, 'timeoutSeconds'),
    limit: integerOf(query, 'limit') ?? 0,
    continue: query.get('continue') ?? '',
  };
  if (watch && sendInitialEvents === undefined && match === '' && (resourceVersion === '' || resourceVersion === '0')) {
    sendInitialEvents = true;
    match = 'NotOlderThan';
  }
  const errors = watch
    ? watchErrors(sendInitialEvents, match, options.continue)
    : listErrors(sendInitialEvents, match, options.continue, resourceVersion);
  if (errors.length > 0) throw invalidObject({ group: 'meta.k8s.io', kind: 'ListOptions' }, '', errors);
  return { ...options, resourceVersionMatch: match, sendInitialEvents };
}

/** @see k8s.io/apimachinery meta/internalversion/validation */
function listErrors(initial: boolean | undefined, match: string, token: string, resourceVersion: string): FieldError[] {
  const errors: FieldError[] = [];
  const field = 'resourceVersionMatch';
  if (match !== '') {
    if (resourceVersion === '') {
      errors.push(forbidden(field, 'resourceVersionMatch is forbidden unless resourceVersion is provided'));
    }
    if (token !== '') errors.push(forbidden(field, 'resourceVersionMatch is forbidden when continue is provided'));
    if (match !== 'Exact' && match !== 'NotOlderThan') {
      errors.push(notSupported(field, match, ['Exact', 'NotOlderThan', '']));
    }
    if (match === 'Exact' && resourceVersion === '0') {
      errors.push(forbidden(field, 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"'));
    }
  }
  if (initial !== undefined) {
    errors.push(forbidden('sendInitialEvents', 'sendInitialEvents is forbidden for list'));
  }
  return errors;
}

function watchErrors(initial: boolean | undefined, match: string, token: string): FieldError[] {
  const errors: FieldError[] = [];
  const field = 'resourceVersionMatch';
  if (initial !== undefined && match !== 'NotOlderThan') {
    errors.push(forbidden(field, 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan'));
  }
  if (match !== '') {
    if (initial === undefined) {
      errors.push(forbidden(field, 'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided'));
    }
    if (match !== 'NotOlderThan') errors.push(notSupported(field, match, ['NotOlderThan']));
    if (token !== '') errors.push(forbidden(field, 'resourceVersionMatch is forbidden when continue is provided'));
  }
  return errors;
}

function writeErrors(query: URLSearchParams): FieldError[] {
  const manager = query.get('fieldManager') ?? '';
  const dryRun = query.getAll('dryRun');
  const validation = query.get('fieldValidation') ?? '';
  return [
    ...fieldManagerErrors(manager, 'fieldManager'),
    ...dryRunErrors(dryRun),
    ...(['', 'Ignore', 'Warn', 'Strict'].includes(validation)
      ? []
      : [notSupported('fieldValidation', validation, ['', 'Ignore', 'Strict', 'Warn'])]),
  ];
}

function dryRunErrors(values: readonly string[]): FieldError[] {
  return values.every((value) => value === 'All') ? [] : [notSupported('dryRun', values, ['All'])];
}

/** @see k8s.io/apimachinery meta/v1/validation `ValidateFieldManager` */
export function fieldManagerErrors(manager: string, field: string): FieldError[] {
  const errors: FieldError[] = [];
  if (byteLength(manager) > 128) errors.push(tooLong(field, 128));
  let position = 0;
  for (const character of manager) {
    if (!isPrintable(character)) {
      errors.push(invalid(field, manager, `invalid character ${unicodeName(character)} (at position ${position})`));
    }
    position += byteLength(character);
  }
  return errors;
}

/** @throws {Refusal} 422 for values that are not allowed. */
export function writeOptions(query: URLSearchParams, kind: 'CreateOptions' | 'UpdateOptions'): WriteOptions {
  const errors = writeErrors(query);
  if (errors.length > 0) throw invalidObject({ group: 'meta.k8s.io', kind }, '', errors);
  return writeValues(query);
}

function writeValues(query: URLSearchParams): WriteOptions {
  return {
    dryRun: query.getAll('dryRun').length > 0,
    fieldManager: query.get('fieldManager') ?? '',
    fieldValidation: (query.get('fieldValidation') || 'Warn') as FieldValidation,
  };
}

/** @throws {Refusal} 422 for values that are not allowed. */
export function patchOptions(query: URLSearchParams, apply: boolean): PatchOptions {
  const force = query.has('force') ? isTrue(query.getAll('force')) : undefined;
  const errors: FieldError[] = [];
  if (apply) {
    if ((query.get('fieldManager') ?? '') === '') errors.push(required('fieldManager', 'is required for apply patch'));
  } else if (force !== undefined) errors.push(forbidden('force', 'may not be specified for non-apply patch'));
  errors.push(...writeErrors(query));
  if (errors.length > 0) throw invalidObject({ group: 'meta.k8s.io', kind: 'PatchOptions' }, '', errors);
  return { ...writeValues(query), force };
}

/** @throws {Refusal} 400 for values that cannot be read, 422 for values that are not allowed. */
export function deleteOptionsOfQuery(query: URLSearchParams): DeleteOptions {
  return deleteOptions({
    gracePeriodSeconds: integerOf(query, 'gracePeriodSeconds'),
    orphanDependents: query.has('orphanDependents') ? isTrue(query.getAll('orphanDependents')) : undefined,
    propagationPolicy: query.get('propagationPolicy') ?? undefined,
    dryRun: query.getAll('dryRun'),
  });
}

/** @throws {Refusal} 422 for values that are not allowed. */
export function deleteOptions(body: JsonObject): DeleteOptions {
  const { gracePeriodSeconds, orphanDependents, propagationPolicy } = body;
  const dryRun = Array.isArray(body.dryRun) ? body.dryRun.map(String) : [];
  const preconditions = body.preconditions;
  const errors: FieldError[] = [];
  if (typeof orphanDependents === 'boolean' && propagationPolicy !== undefined) {
    errors.push(
      invalid('propagationPolicy', propagationPolicy, 'orphanDependents and deletionPropagation cannot be both set'),
    );
  }
  if (
    propagationPolicy !== undefined &&
    propagationPolicy !== 'Foreground' &&
    propagationPolicy !== 'Background' &&
    propagationPolicy !== 'Orphan'
  ) {
    errors.push(notSupported('propagationPolicy', propagationPolicy, ['Foreground', 'Background', 'Orphan', 'nil']));
  }
  errors.push(...dryRunErrors(dryRun));
  if (errors.length > 0) throw invalidObject({ group: 'meta.k8s.io', kind: 'DeleteOptions' }, '', errors);
  return {
    gracePeriodSeconds: typeof gracePeriodSeconds === 'number' ? gracePeriodSeconds : undefined,
    orphanDependents: typeof orphanDependents === 'boolean' ? orphanDependents : undefined,
    propagationPolicy: typeof propagationPolicy === 'string' ? propagationPolicy : undefined,
    preconditions: isObject(preconditions)
      ? {
          uid: typeof preconditions.uid === 'string' ? preconditions.uid : undefined,
          resourceVersion:
            typeof preconditions.resourceVersion === 'string' ? preconditions.resourceVersion : undefined,
        }
      : undefined,
    dryRun: dryRun.length > 0,
  };
}

/** The field manager of a write that names none: the user agent up to its first slash. @see k8s.io/apiserver endpoints/handlers/create.go */
export function managerOf(options: WriteOptions, userAgent: string | undefined): string {
  if (options.fieldManager !== '') return options.fieldManager;
  let manager = '';
  for (const character of (userAgent ?? '').split('/', 1)[0] ?? '') {
    if (!isPrintable(character)) continue;
    if (byteLength(manager) + byteLength(character) > 128) break;
    manager += character;
  }
  return manager;
}

/** A resource version as a number. @throws {Error} with the real server's words when it is not one. */
export function parseResourceVersion(text: string): number {
  if (text === '') return 0;
  if (!/^\d+$/.test(text)) {
    throw new RangeError(
      `resourceVersion: Invalid value: ${goJson(text)}: strconv.ParseUint: parsing ${quote(text)}: invalid syntax`,
    );
  }
  if (BigInt(text) >= 2n ** 64n) {
    throw new RangeError(
      `resourceVersion: Invalid value: ${goJson(text)}: strconv.ParseUint: parsing ${quote(text)}: value out of range`,
    );
  }
  return Number(text);
}
