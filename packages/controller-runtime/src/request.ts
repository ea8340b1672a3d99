import type { ObjectKey } from '@bowline/apimachinery';
import { checkValue, describeValue, type ValueRule, valueRule } from '@bowline/apimachinery/arguments';

/** What one reconcile is about: the name of an object, which need not exist (any more). */
export interface RequestKey extends ObjectKey {
  /** The cluster it lives in; absent means the manager's own. Must not contain a slash. */
  readonly cluster?: string | undefined;
}

/**
 * The form in which a key waits in the queue: `name`, `namespace/name` or `cluster/namespace/name` (namespace may be empty).
 * Equal keys have equal texts, whatever object they came from.
 *
 * @throws {TypeError} when the name is missing or a part contains a slash.
 */
export function formatRequest(key: RequestKey): string {
  if (typeof key !== 'object' || key === null) throw invalid('key', '{ namespace, name }', key);
  const { cluster, namespace, name } = key;
  if (typeof name !== 'string') throw invalid('name', 'a non-empty string without slashes', name);
  if (namespace !== undefined && typeof namespace !== 'string') throw invalid('namespace', 'a string', namespace);
  if (!name || name.includes('/')) throw invalid('name', 'a non-empty string without slashes', name);
  if (namespace?.includes('/')) throw invalid('namespace', 'without slashes', namespace);
  if (cluster) {
    if (cluster.includes('/')) throw invalid('cluster', 'without slashes', cluster);
    return `${cluster}/${namespace ?? ''}/${name}`;
  }
  return namespace ? `${namespace}/${name}` : name;
}

/** The reverse of `formatRequest`. */
export function parseRequest(text: string): RequestKey {
  const first = text.indexOf('/');
  if (first < 0) return { name: text };
  const second = text.indexOf('/', first + 1);
  if (second < 0) return { namespace: text.slice(0, first), name: text.slice(first + 1) };
  const cluster = text.slice(0, first);
  const name = text.slice(second + 1);
  return second === first + 1 ? { cluster, name } : { cluster, namespace: text.slice(first + 1, second), name };
}

const requests: ValueRule = valueRule(
  'an iterable of { namespace, name }',
  (value): value is Iterable<unknown> => typeof value === 'object' && value !== null && Symbol.iterator in value,
);

/** What a map function has returned, in the form in which it waits in the queue. @throws {TypeError} when it returned something else. */
export function mappedRequests(mapped: Iterable<RequestKey>): string[] {
  checkValue('enqueue requests', 'what the map function returns', mapped, requests);
  return Array.from(mapped, formatRequest);
}

/** A request as a source or a handler gives it, or its text. @throws {TypeError} when it names nothing. */
export function requestText(key: RequestKey | string): string {
  if (typeof key !== 'string') return formatRequest(key);
  if (key === '' || key.endsWith('/')) throw invalid('key', '{ namespace, name } or "namespace/name"', key);
  return key;
}

function invalid(field: string, rule: string, value: unknown): TypeError {
  return new TypeError(`Cannot enqueue request: ${field} must be ${rule}, got ${describeValue(value)}`);
}
