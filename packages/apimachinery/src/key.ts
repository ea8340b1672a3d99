/** Names one object of a kind. */
export interface ObjectKey {
  /** Absent (or `''`) for cluster-scoped objects. */
  readonly namespace?: string | undefined;
  readonly name: string;
}

/**
 * The key of an object, in caches and queues: `namespace/name`, or `name` for cluster-scoped objects.
 *
 * @example
 * ```ts
 * import { keyOf } from '@bowline/apimachinery';
 *
 * keyOf({ metadata: { namespace: 'default', name: 'web' } }); // 'default/web'
 * ```
 * @see client-go tools/cache/store.go `MetaNamespaceKeyFunc`
 */
export function keyOf(object: { readonly metadata: ObjectKey }): string {
  return formatKey(object.metadata);
}

/** `namespace/name`, or `name` when there is no namespace. */
export function formatKey(key: ObjectKey): string {
  return key.namespace ? `${key.namespace}/${key.name}` : key.name;
}

/**
 * The reverse of `formatKey`.
 *
 * @throws {TypeError} when `key` is empty, has an empty part or more than one slash.
 */
export function parseKey(key: string): ObjectKey {
  const [first, second, ...rest] = key.split('/');
  if (!first || second === '' || rest.length > 0) {
    throw new TypeError(`Cannot parse key: key must be "namespace/name" or "name", got "${key}"`);
  }
  return second === undefined ? { name: first } : { namespace: first, name: second };
}
