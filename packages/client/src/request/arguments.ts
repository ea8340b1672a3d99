import type { KubernetesObject, ListCall, ResourceQuery, WatchCall } from '@bowline/apimachinery';
import {
  checkOptions,
  checkValue,
  type OptionRules,
  oneOf,
  rules,
  type ValueRule,
  valueRule,
} from '@bowline/apimachinery/arguments';
import type {
  ApplyOptions,
  CallOptions,
  CreateOptions,
  DeleteCollectionOptions,
  DeleteOptions,
  GetOptions,
  ListOptions,
  RawRequest,
  Resource,
  SelectOptions,
  WatchOptions,
  WriteOptions,
} from '../calls.ts';
import type { WriteDefaults } from './client-core.ts';
import { checkNoNamespace } from './resource-path.ts';

interface Selector {
  matches: unknown;
}
const isSelector = (value: unknown): value is string | Selector =>
  typeof value === 'string' || (typeof value === 'object' && value !== null && 'matches' in value);
const labelSelector: ValueRule = valueRule(
  'a string like "app=web" or a LabelSelector (`LabelSelector.from({ matchLabels })`)',
  isSelector,
);
const fieldSelector: ValueRule = valueRule('a string like "spec.nodeName=a" or a FieldSelector', isSelector);
const owner: ValueRule = valueRule(
  'an object as it was read from a server, with apiVersion, kind, metadata.name and metadata.uid',
  (value): value is KubernetesObject => {
    if (typeof value !== 'object' || value === null) return false;
    const { apiVersion, kind, metadata } = value as Partial<KubernetesObject>;
    return [apiVersion, kind, metadata?.name, metadata?.uid].every((part) => typeof part === 'string' && part !== '');
  },
);
const bytes: ValueRule = valueRule(
  'a string or bytes',
  (value): value is string | Uint8Array => typeof value === 'string' || value instanceof Uint8Array,
);
const headers: ValueRule = valueRule(
  'an object of strings',
  (value): value is object => typeof value === 'object' && value !== null && !Array.isArray(value),
  (value) => Object.values(value).every((one) => typeof one === 'string'),
);
const absolutePath: ValueRule = valueRule(
  'a path that begins with "/"',
  (value) => typeof value === 'string',
  (value) => value.startsWith('/') && !/[\s#]/.test(value),
);

/** How long something may take. */
export const limitMs: ValueRule = valueRule(
  'more than 0 and finite',
  (value) => typeof value === 'number',
  (value) => value > 0 && Number.isFinite(value),
);
const call: OptionRules<CallOptions> = { signal: rules.signal, timeoutMs: limitMs };
const select: OptionRules<SelectOptions> = {
  namespace: rules.string,
  labelSelector,
  fieldSelector,
  shardSelector: rules.nonEmptyString,
};
const write: OptionRules<WriteOptions> = {
  ...call,
  dryRun: rules.boolean,
  fieldManager: rules.nonEmptyString,
  fieldValidation: oneOf('Strict', 'Warn', 'Ignore'),
};
const create: OptionRules<CreateOptions> = { ...write, controller: owner };
const deletion: OptionRules<DeleteOptions> = {
  ...call,
  propagationPolicy: oneOf('Foreground', 'Background', 'Orphan'),
  gracePeriodSeconds: rules.count,
  preconditions: rules.object,
  dryRun: rules.boolean,
};

/** What each verb may be told. */
export const optionsOf: {
  readonly call: OptionRules<CallOptions>;
  readonly get: OptionRules<GetOptions>;
  readonly list: OptionRules<ListOptions>;
  readonly watch: OptionRules<WatchOptions>;
  readonly write: OptionRules<WriteOptions>;
  readonly create: OptionRules<CreateOptions>;
  readonly apply: OptionRules<ApplyOptions>;
  readonly applyStatus: OptionRules<Omit<ApplyOptions, 'controller'>>;
  readonly delete: OptionRules<DeleteOptions>;
  readonly deleteCollection: OptionRules<DeleteCollectionOptions>;
  readonly raw: OptionRules<RawRequest>;
  readonly defaults: OptionRules<WriteDefaults>;
} = {
  call,
  get: { ...call, resourceVersion: rules.string },
  list: {
    ...call,
    ...select,
    limit: rules.positiveCount,
    continue: rules.string,
    resourceVersion: rules.string,
    resourceVersionMatch: oneOf('Exact', 'NotOlderThan'),
  },
  watch: {
    ...select,
    signal: rules.signal,
    resourceVersion: rules.string,
    resourceVersionMatch: oneOf('NotOlderThan'),
    allowWatchBookmarks: rules.boolean,
    sendInitialEvents: rules.boolean,
    timeoutSeconds: rules.positiveCount,
  },
  write,
  create,
  apply: { ...create, force: rules.boolean },
  applyStatus: { ...write, force: rules.boolean },
  delete: deletion,
  deleteCollection: { ...deletion, ...select },
  raw: {
    ...call,
    method: oneOf('GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'),
    path: absolutePath,
    headers,
    body: bytes,
    slow: rules.boolean,
  },
  defaults: {
    dryRun: rules.boolean,
    fieldManager: rules.nonEmptyString,
    fieldValidation: write.fieldValidation,
    force: rules.boolean,
  },
};

/**
 * Checks resource and options of a call. What is asked for is `action` until the resource is known to have a name.
 *
 * @throws {TypeError | RangeError}
 */
export function checkCall<T extends object>(
  action: string,
  resource: Resource<KubernetesObject>,
  options: T,
  known: OptionRules<T>,
): void {
  checkResource(action, resource);
  checkOptions<T>(`${action} ${resource.resource}`, options, known);
}

/**
 * Checks resource and options of a call that is about many objects.
 *
 * @throws {TypeError | RangeError}
 */
export function checkSelection<T extends SelectOptions>(
  action: string,
  resource: Resource<KubernetesObject>,
  options: T,
  known: OptionRules<T>,
): void {
  checkCall(action, resource, options, known);
  checkNoNamespace(resource, options.namespace, `${action} ${resource.resource}`);
}

const listCall: OptionRules<ListCall<unknown>> = {
  onItems: rules.function,
  signal: rules.signal,
  onRetry: rules.function,
  resourceVersion: rules.string,
  resourceVersionMatch: optionsOf.list.resourceVersionMatch,
  limit: rules.positiveCount,
  continue: rules.string,
};
const watchCall: OptionRules<WatchCall> = {
  signal: rules.signal,
  onRetry: rules.function,
  resourceVersion: rules.string,
  resourceVersionMatch: optionsOf.watch.resourceVersionMatch,
  allowWatchBookmarks: rules.boolean,
  timeoutSeconds: rules.positiveCount,
  sendInitialEvents: rules.boolean,
};

/** Checks what `listItems` is told. @throws {TypeError | RangeError} */
export function checkListItems<T>(query: ResourceQuery, call: ListCall<T>): void {
  checkQuery('list items', query);
  checkOptions<ListCall<T>>('list items', call, listCall, 'call');
}

/** Checks what `watchItems` is told. @throws {TypeError | RangeError} */
export function checkWatchItems(query: ResourceQuery, call: WatchCall): void {
  checkQuery('watch items', query);
  checkOptions<WatchCall>('watch items', call, watchCall, 'call');
}

/** A query may be more than a query: a handle of a kind is one. */
function checkQuery(action: string, query: ResourceQuery): void {
  checkValue(action, 'resource', query, { ...rules.object, text: '{ group, version, resource }' });
  checkValue(action, 'resource.resource', query.resource, pluralRule);
  checkValue(action, 'resource.group', query.group, groupRule);
  checkValue(action, 'resource.version', query.version, rules.nonEmptyString);
  for (const name of ['kind', 'namespace', 'labelSelector', 'fieldSelector', 'shardSelector'] as const) {
    if (query[name] !== undefined) checkValue(action, `resource.${name}`, query[name], rules.string);
  }
  checkNoNamespace(query as Partial<Resource<KubernetesObject>>, query.namespace, action);
  if (query.metadataOnly !== undefined) checkValue(action, 'resource.metadataOnly', query.metadataOnly, rules.boolean);
}

/** @throws {TypeError | RangeError} when it is neither a handle of a kind nor group, version, resource and scope. */
function checkResource(action: string, resource: Resource<KubernetesObject>): void {
  const rule = 'a kind like Deployment of "@bowline/api/apps/v1", or { group, version, resource, scope }';
  checkValue(action, 'resource', resource, { ...rules.object, text: rule });
  checkValue(action, 'resource.resource', resource.resource, pluralRule);
  checkValue(action, 'resource.group', resource.group, groupRule);
  checkValue(action, 'resource.version', resource.version, rules.nonEmptyString);
  checkValue(action, 'resource.scope', resource.scope, scopeRule);
}

const pluralRule: ValueRule = { ...rules.nonEmptyString, text: 'the plural name of a resource, like "deployments"' };
const groupRule: ValueRule = { ...rules.string, text: 'the name of a group, "" for the core group' };
const scopeRule: ValueRule = oneOf('Namespaced', 'Cluster');

/** @throws {TypeError | RangeError} when it names no object. */
export function checkKey(action: string, key: unknown): void {
  checkValue(action, 'key', key, { ...rules.object, text: '{ namespace, name }' });
  const { name, namespace } = key as { readonly name?: unknown; readonly namespace?: unknown };
  checkValue(action, 'name', name, rules.nonEmptyString);
  if (namespace !== undefined) checkValue(action, 'namespace', namespace, rules.string);
}

/** @throws {TypeError | RangeError} when it is no object with metadata. */
export function checkDraft(action: string, draft: unknown, field: string = 'object'): void {
  checkValue(action, field, draft, rules.object);
  const { metadata } = draft as { readonly metadata?: unknown };
  checkValue(action, `${field}.metadata`, metadata, rules.object);
  for (const name of ['name', 'namespace', 'generateName'] as const) {
    const value: unknown = (metadata as Readonly<Record<string, unknown>>)[name];
    if (value !== undefined) checkValue(action, `${field}.metadata.${name}`, value, rules.string);
  }
}

/** @throws {TypeError | RangeError} when it is no patch. */
export function checkPatch(action: string, patch: unknown): void {
  checkOptions<{ type: string; body: unknown }>(action, patch, { type: patchTypeRule, body: rules.any }, 'patch');
  const { type, body } = patch as { readonly type?: unknown; readonly body?: unknown };
  checkValue(action, 'patch.type', type, patchTypeRule);
  const rule = type === 'json' ? { ...rules.array, text: 'an array of operations' } : rules.object;
  checkValue(action, 'patch.body', body, rule);
}

const patchTypeRule: ValueRule = oneOf('json', 'merge', 'strategic');

/** @throws {TypeError | RangeError} when they are no preconditions. */
export function checkPreconditions(action: string, { preconditions }: DeleteOptions): void {
  if (preconditions === undefined) return;
  const known = { uid: rules.nonEmptyString, resourceVersion: rules.nonEmptyString };
  checkOptions<NonNullable<DeleteOptions['preconditions']>>(action, preconditions, known, 'preconditions');
}
