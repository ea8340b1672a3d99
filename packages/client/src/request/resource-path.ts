import type { GroupVersionResource, ObjectKey, Scope } from '@bowline/apimachinery';

/** A resource whose kind is not known at compile time. `kind` is needed to create or apply what does not say its own. */
export interface DynamicResource extends GroupVersionResource {
  readonly scope: Scope;
  readonly kind?: string | undefined;
}

/** The values of a query. What is undefined is left out. */
export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

/** The path of a collection; of all namespaces when there is none. */
export function collectionPath(resource: GroupVersionResource, namespace: string | undefined): string {
  const { group, version, resource: plural } = resource;
  const root =
    group === ''
      ? `/api/${segment('version', version)}`
      : `/apis/${segment('group', group)}/${segment('version', version)}`;
  const place = namespace ? `/namespaces/${segment('namespace', namespace)}` : '';
  return `${root}${place}/${segment('resource', plural)}`;
}

/**
 * The path of an object, or of its subresource.
 *
 * @throws {TypeError} when the key does not fit the resource, or a part of it cannot stand in a path.
 */
export function objectPath(resource: DynamicResource, key: ObjectKey, action: string, subresource?: string): string {
  if (!key.name)
    throw new TypeError(
      `Cannot ${action} ${resource.resource}: name must be a non-empty string, got ${quote(key.name)}`,
    );
  checkNamespace(resource, key.namespace, `${action} ${resource.resource} "${key.name}"`);
  const path = `${collectionPath(resource, key.namespace)}/${segment('name', key.name)}`;
  return subresource === undefined ? path : `${path}/${segment('subresource', subresource)}`;
}

/** @throws {TypeError} when a namespace is missing, or given for what lives in none. */
export function checkNamespace(resource: DynamicResource, namespace: string | undefined, action: string): void {
  if (resource.scope === 'Namespaced' && !namespace) {
    throw new TypeError(`Cannot ${action}: namespace must be set for a namespaced resource, got ${quote(namespace)}`);
  }
  checkNoNamespace(resource, namespace, action);
}

/** @throws {TypeError} when a namespace is given for what lives in none. A resource may not say where it lives. */
export function checkNoNamespace(
  { scope }: Partial<Pick<DynamicResource, 'scope'>>,
  namespace: string | undefined,
  action: string,
): void {
  if (scope === 'Cluster' && namespace) {
    throw new TypeError(
      `Cannot ${action}: namespace must be absent for a cluster-scoped resource, got ${quote(namespace)}`,
    );
  }
}

export function withQuery(path: string, query: Query): string {
  const pairs: string[] = [];
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) pairs.push(`${name}=${encodeURIComponent(value)}`);
  }
  return pairs.length === 0 ? path : `${path}?${pairs.join('&')}`;
}

/**
 * One segment of a path, encoded.
 *
 * @throws {TypeError} for what servers would take for something else.
 * @see client-go rest/request.go, which refuses the same
 */
function segment(field: string, value: string): string {
  if (value === '' || value === '.' || value === '..' || /[/%]/.test(value)) {
    throw new TypeError(
      `Cannot build path: ${field} must not be empty, "." or "..", nor hold "/" or "%", got ${quote(value)}`,
    );
  }
  return encodeURIComponent(value).replaceAll('%3A', ':');
}

function quote(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}
