import {
  applyJsonPatch,
  applyMergePatch,
  BowlineError,
  JsonPatchError,
  type JsonPatchOperation,
  StatusError,
} from '@bowline/apimachinery';
import type { Answer, Call, Services } from '../call.ts';
import type { Decoded } from '../codec/codec.ts';
import type { Endpoint } from '../endpoint.ts';
import {
  badRequest,
  conflict,
  entityTooLarge,
  invalidObject,
  Refusal,
  type StatusBody,
  unprocessable,
  unsupportedMediaType,
} from '../errors.ts';
import { invalid } from '../field-error.ts';
import { type Expectation, typeProblem } from '../http/body.ts';
import { duplicateErrors, JsonSyntaxError, parseJson } from '../http/json-text.ts';
import { checkNumbers } from '../http/numbers.ts';
import { managerOf, type PatchOptions, patchOptions } from '../http/query-options.ts';
import { isObject, type JsonObject, type ServerObject, stringAt } from '../object.ts';
import { goValue } from '../patch/go-value.ts';
import { applyStrategicMergePatch } from '../patch/index.ts';
import { DecodeError, type ParsedJson } from '../schema/index.ts';
import { admitCreate, admitToNamespace, deduplicateOwners, matchNamespace } from './admission.ts';
import { applied } from './apply.ts';
import { trackWrite } from './managed-fields.ts';
import { mutate } from './mutation.ts';
import { collectionOf } from './read.ts';
import { storeUpdate } from './store-update.ts';
import { checkObjectName } from './update.ts';

export type PatchType = 'json' | 'merge' | 'strategic' | 'apply';

const mediaTypes: Readonly<Record<string, PatchType>> = {
  'application/json-patch+json': 'json',
  'application/merge-patch+json': 'merge',
  'application/strategic-merge-patch+json': 'strategic',
  'application/apply-patch+yaml': 'apply',
};

/** @see k8s.io/apiserver endpoints/handlers/patch.go `maxJSONPatchOperations` */
const maxOperations = 10_000;
/** @see k8s.io/apiserver server/config.go `JSONPatchMaxCopyBytes` */
const maxCopyBytes = 3 * 1024 * 1024;

/** The kind of patch that a content type announces. @throws {Refusal} 415 when the endpoint does not take it. */
export function patchTypeOf(contentType: string | undefined, custom: boolean): PatchType {
  const [name = ''] = (contentType ?? '').split(';');
  const type = mediaTypes[name];
  if (type !== undefined && !(custom && type === 'strategic')) return type;
  if (custom) throw unsupportedMediaType(Object.keys(mediaTypes).filter((one) => mediaTypes[one] !== 'strategic'));
  const refusal = unsupportedMediaType([]);
  refusal.body.message = '415: Unsupported Media Type';
  refusal.body.details = {};
  const { code = 415 } = refusal.body;
  delete refusal.body.code;
  refusal.body.code = code;
  throw refusal;
}

/** Changes an object by a patch of one of the four kinds. @see k8s.io/apiserver endpoints/handlers/patch.go */
export function patch(services: Services, endpoint: Endpoint, call: Call): Answer {
  const type = patchTypeOf(call.headers['content-type'], endpoint.custom);
  const collection = collectionOf(endpoint, 'patch');
  const options = patchOptions(call.info.query, type === 'apply');
  const { name, subresource } = call.target;
  const namespace = endpoint.namespaced ? call.target.namespace : '';
  const manager = managerOf(options, call.headers['user-agent']);
  const { view, created } = storeUpdate(services, endpoint, collection, call, {
    namespace,
    name,
    uid: '',
    subresource,
    strategy: endpoint.strategy(subresource),
    forceCreate: type === 'apply' && subresource === '',
    dryRun: options.dryRun,
    transform: (live) => {
      const object =
        type === 'apply'
          ? decodeApplied(services, endpoint, call, live, options)
          : trackWrite(services, endpoint, {
              live,
              object: patched(endpoint, call, type, live as ServerObject, options),
              manager,
              subresource,
            });
      checkCreatedUid(endpoint, object, live, name);
      matchNamespace(object.metadata, namespace);
      checkObjectName(object, name, namespace);
      const operation = live === undefined ? 'create' : 'update';
      if (live === undefined) admitCreate(endpoint, object);
      admitToNamespace(services, endpoint, operation, object, namespace);
      mutate(services, endpoint, operation, object, live, subresource);
      deduplicateOwners(object.metadata, call);
      return object;
    },
  });
  return { type: 'object', code: created ? 201 : 200, view };
}

function decodeApplied(
  services: Services,
  endpoint: Endpoint,
  call: Call,
  live: ServerObject | undefined,
  options: PatchOptions,
): ServerObject {
  const fields = services.fieldManagers.of(endpoint, call.target.subresource);
  const value = applied(fields, call, live, options);
  return endpoint.codec.decode({ value, duplicates: noDuplicates, from: 'merge' }, 'Ignore').object;
}

const noDuplicates: ParsedJson['duplicates'] = new Map();

/** What is applied may name the uid of the object that it means; that one must be there. */
function checkCreatedUid(endpoint: Endpoint, object: ServerObject, live: ServerObject | undefined, name: string): void {
  const { uid = '' } = object.metadata;
  if (live !== undefined || uid === '') return;
  const why = `uid mismatch: the provided object specified uid ${uid}, and no existing object was found`;
  throw conflict(endpoint, name, why);
}

/** The object that a patch makes of the stored one. @throws {Refusal} 400, 413 or 422. */
function patched(
  endpoint: Endpoint,
  call: Call,
  type: Exclude<PatchType, 'apply'>,
  live: ServerObject,
  options: PatchOptions,
): ServerObject {
  return decodePatched(endpoint, call, applyPatchTo(live, call.body, type, options, endpoint), options);
}

/** A document after a patch, and what is known about the patch. */
export interface PatchResult {
  /** A strategic merge works on typed objects, the others on text. */
  readonly from: 'document' | 'merge';
  readonly value: JsonObject;
  /** How messages show what was tried. */
  readonly shown: string;
  /** What stands twice or is unknown in the patch itself. */
  readonly strictErrors: readonly string[];
}

/** Applies a patch to a document. @throws {Refusal} 400, 413 or 422. */
export function applyPatchTo(
  live: JsonObject,
  body: Uint8Array,
  type: Exclude<PatchType, 'apply'>,
  options: PatchOptions,
  kind: { readonly group: string; readonly version: string; readonly kind: string },
): PatchResult {
  const strict = options.fieldValidation !== 'Ignore';
  const prefix = type === 'strategic' ? '' : strict ? 'error decoding patch: ' : '';
  let parsed: ParsedJson;
  try {
    const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString();
    parsed = parseJson(text);
    checkNumbers(text);
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
    throw badRequest(`${prefix}${error.message}`);
  }
  switch (type) {
    case 'json':
      return jsonPatched(live, parsed, strict, prefix);
    case 'merge':
      return mergePatched(live, parsed, strict, prefix);
    case 'strategic':
      return strategicallyPatched(live, parsed, strict, kind);
  }
}

function wrongType(value: unknown, type: string, prefix: string): Refusal {
  const found = Array.isArray(value)
    ? 'array'
    : isObject(value)
      ? 'object'
      : typeof value === 'boolean'
        ? 'bool'
        : typeof value;
  return badRequest(`${prefix}json: cannot unmarshal ${found} into Go value of type ${type}`);
}

const operationFields = ['op', 'path', 'from', 'value'];

function jsonPatched(
  live: JsonObject,
  { value, duplicates }: ParsedJson,
  strict: boolean,
  prefix: string,
): PatchResult {
  if (value !== null && !Array.isArray(value)) {
    throw wrongType(value, strict ? '[]handlers.jsonPatchOp' : 'jsonpatch.Patch', prefix);
  }
  const operations = (value ?? []) as readonly JsonPatchOperation[];
  const strictErrors: string[] = [];
  if (strict) {
    for (const [index, operation] of operations.entries()) {
      if (!isObject(operation)) throw wrongType(operation, 'handlers.jsonPatchOp', prefix);
      for (const field of Object.keys(operation)) {
        if (!operationFields.includes(field)) strictErrors.push(`json patch unknown field "[${index}].${field}"`);
      }
    }
    strictErrors.push(...duplicateErrors(value, duplicates).map((error) => `json patch ${error}`));
  }
  let result: unknown;
  try {
    result = applyJsonPatch(live, operations, { maxOperations, maxCopyBytes, dialect: 'kubernetes' });
  } catch (error) {
    if (error instanceof JsonPatchError) throw unprocessable();
    if (error instanceof BowlineError && error.code === 'APIMACHINERY_PATCH_TOO_LARGE') {
      if (operations.length > maxOperations) throw entityTooLarge(error.message);
      throw unprocessable();
    }
    throw error;
  }
  return { from: 'document', value: result as JsonObject, shown: patchedJson(result, live), strictErrors };
}

function mergePatched(
  live: JsonObject,
  { value, duplicates }: ParsedJson,
  strict: boolean,
  prefix: string,
): PatchResult {
  if (value === null) throw badRequest('Invalid JSON Patch');
  if (!isObject(value)) {
    if (strict) throw wrongType(value, 'map[string]interface {}', prefix);
    throw badRequest('Invalid JSON Patch');
  }
  const result = applyMergePatch(live, value);
  return {
    from: 'document',
    value: result as JsonObject,
    shown: patchedJson(result, live),
    strictErrors: strict ? duplicateErrors(value, duplicates) : [],
  };
}

function strategicallyPatched(
  live: JsonObject,
  { value, duplicates }: ParsedJson,
  strict: boolean,
  kind: { readonly group: string; readonly version: string; readonly kind: string },
): PatchResult {
  if (value !== null && !isObject(value)) throw wrongType(value, 'map[string]interface {}', '');
  const patchObject = (value ?? {}) as JsonObject;
  try {
    return {
      from: 'merge',
      value: applyStrategicMergePatch(kind, live, patchObject),
      shown: goValue(patchObject),
      strictErrors: strict ? duplicateErrors(value, duplicates) : [],
    };
  } catch (error) {
    if (error instanceof StatusError) throw new Refusal(error.status as StatusBody);
    throw error;
  }
}

/** A patched document as the real server's library writes it: with sorted members wherever the patch passed. */
function patchedJson(value: unknown, before: unknown): string {
  if (value === before || !isObject(value)) {
    if (!Array.isArray(value) || value === before) return JSON.stringify(value) ?? 'null';
    const old = Array.isArray(before) ? before : [];
    return `[${value.map((element, index) => patchedJson(element, old[index])).join(',')}]`;
  }
  const old = isObject(before) ? before : {};
  const members = Object.keys(value)
    .sort()
    .map((name) => `${JSON.stringify(name)}:${patchedJson(value[name], old[name])}`);
  return `{${members.join(',')}}`;
}

/** Gives a patched document its type. @throws {Refusal} 422 when it does not have the form of the type. */
export function decodePatched(
  expected: Expectation,
  call: Call,
  { from, value, shown, strictErrors }: PatchResult,
  options: PatchOptions,
): ServerObject {
  const refuse = (why: string): Refusal => invalidObject({ group: '', kind: '' }, '', [invalid('patch', shown, why)]);
  if (from === 'document') {
    const problem = typeProblem(value, expected);
    if (problem !== undefined) throw refuse(problem);
    if (expected.custom && stringAt(value, 'kind') === '') throw refuse(`Object 'Kind' is missing in '${shown}'`);
  }
  let decoded: Decoded;
  try {
    decoded = expected.codec.decode({ from, value, duplicates: noDuplicates }, options.fieldValidation);
  } catch (error) {
    if (error instanceof DecodeError) throw refuse(error.message);
    throw error;
  }
  const errors = [...strictErrors, ...decoded.strictErrors];
  if (options.fieldValidation === 'Strict' && errors.length > 0) {
    throw refuse(`strict decoding error: ${errors.join(', ')}`);
  }
  if (options.fieldValidation === 'Warn') call.warnings.push(...errors);
  return decoded.object;
}
