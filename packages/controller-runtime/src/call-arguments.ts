import type { KubernetesObject } from '@bowline/apimachinery';
import {
  checkOptions,
  checkValue,
  describeValue,
  type OptionRules,
  oneOf,
  rules,
} from '@bowline/apimachinery/arguments';
import type { Resource } from '@bowline/client';
import { argument } from './argument-rules.ts';
import type { CachedListOptions as Selection } from './cache/kind-cache.ts';
import type { CachedGetOptions, CachedListOptions } from './cached-client.ts';

/** What only a server can honour, which says what is wrong with it. */
const liveOnly: readonly string[] = [
  'continue',
  'resourceVersion',
  'resourceVersionMatch',
  'shardSelector',
  'timeoutMs',
];
const { any, signal } = rules;
const consistency = oneOf('cached', 'own-writes', 'live');

const getRules: OptionRules<CachedGetOptions> = { consistency, signal, resourceVersion: any, timeoutMs: any };
const selectionRules: OptionRules<Selection> = {
  namespace: rules.string,
  labelSelector: argument.labelSelector,
  fieldSelector: argument.fieldSelector,
  limit: rules.positiveCount,
};
const listRules: OptionRules<CachedListOptions> = {
  ...selectionRules,
  consistency,
  signal,
  continue: any,
  resourceVersion: any,
  resourceVersionMatch: any,
  shardSelector: any,
  timeoutMs: any,
};

/**
 * Checks what every call has. The names and values of the options of live calls are checked by the live client.
 *
 * @throws {TypeError | RangeError}
 */
export function checkCall(verb: string, resource: Resource<KubernetesObject>, options: object): void {
  checkValue(verb, 'resource', resource, argument.resource);
  checkValue(`${verb} ${resource.resource}`, 'options', options, rules.object);
}

/** @throws {TypeError | RangeError} when it names no object. */
export function checkKey(action: string, key: unknown): void {
  checkValue(action, 'key', key, { ...rules.object, text: '{ namespace, name }' });
  const { name, namespace } = key as { readonly name?: unknown; readonly namespace?: unknown };
  checkValue(action, 'name', name, rules.nonEmptyString);
  if (namespace !== undefined) checkValue(action, 'namespace', namespace, rules.string);
}

/** @throws {TypeError | RangeError} when an option of a `get` is wrong. */
export function checkGet(resource: Resource<KubernetesObject>, options: CachedGetOptions): void {
  checkCall('get', resource, options);
  checkOptions<CachedGetOptions>(`get ${resource.resource}`, options, getRules);
}

/** @throws {TypeError | RangeError} when what selects cached objects is wrong. */
export function checkSelection(action: string, selection: Selection): void {
  checkOptions<Selection>(action, selection, selectionRules);
}

/** @throws {TypeError | RangeError} when an option of a `list` is wrong. */
export function checkList(resource: Resource<KubernetesObject>, options: CachedListOptions): void {
  checkCall('list', resource, options);
  checkOptions<CachedListOptions>(`list ${resource.resource}`, options, listRules);
}

/** @throws {TypeError} when an option of a read from the cache asks for what only a server can do. */
export function refuseLiveOptions(action: string, options: object, level: string): void {
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined || !liveOnly.includes(name)) continue;
    throw new TypeError(
      `Cannot ${action} from the cache: ${name} must be absent with consistency '${level}', got ${describeValue(value)}`,
    );
  }
}
