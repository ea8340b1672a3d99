import type { KubernetesObject } from './object.ts';

/** Whether objects of a kind live in a namespace. */
export type Scope = 'Namespaced' | 'Cluster';

export interface GroupKind {
  /** The API group; `''` is the core group. */
  readonly group: string;
  readonly kind: string;
}

export interface GroupVersion {
  readonly group: string;
  readonly version: string;
}

export interface GroupVersionKind extends GroupKind, GroupVersion {}

export interface GroupResource {
  readonly group: string;
  /** The plural lower-case name in URLs: `deployments`. */
  readonly resource: string;
}

export interface GroupVersionResource extends GroupResource, GroupVersion {}

declare const objectType: unique symbol;

/**
 * A kind as a value that knows the type of its objects: `client.get(Deployment, key)` returns a `Deployment`.
 * It carries all that a request needs, so that no discovery is necessary.
 */
export interface Kind<T extends KubernetesObject = KubernetesObject> extends GroupVersionKind, GroupVersionResource {
  /** `apps/v1`, or `v1` for the core group. */
  readonly apiVersion: string;
  readonly scope: Scope;
  /** Names of the subresources that the kind serves: `status`, `scale`, … */
  readonly subresources: readonly string[];
  /** Never set; carries `T`. */
  readonly [objectType]?: T;
}

/** The object type that a handle stands for. */
export type ObjectOf<K> = K extends Kind<infer T> ? T : never;

/** What `defineKind` takes. */
export interface KindDefinition extends GroupVersionKind, GroupVersionResource {
  readonly scope: Scope;
  /** @default none */
  readonly subresources?: readonly string[] | undefined;
}

/**
 * Makes a handle for a kind. It is frozen plain data.
 *
 * @throws {TypeError} when version, kind or resource is empty or the scope unknown.
 * @example
 * ```ts
 * import { defineKind, type KubernetesObject } from '@bowline/apimachinery';
 *
 * interface Backup extends KubernetesObject { readonly spec: { readonly volume: string } }
 * const Backup = defineKind<Backup>({
 *   group: 'example.com', version: 'v1', kind: 'Backup', resource: 'backups', scope: 'Namespaced', subresources: ['status'],
 * });
 * Backup.apiVersion; // 'example.com/v1'
 * ```
 */
export function defineKind<T extends KubernetesObject = KubernetesObject>(definition: KindDefinition): Kind<T> {
  const { group, version, kind, resource, scope, subresources = [] } = definition;
  for (const [field, value] of Object.entries({ version, kind, resource })) {
    if (!value) throw new TypeError(`Cannot define kind: ${field} must be a non-empty string, got ${quote(value)}`);
  }
  if (scope !== 'Namespaced' && scope !== 'Cluster') {
    throw new TypeError(`Cannot define kind: scope must be "Namespaced" or "Cluster", got ${quote(scope)}`);
  }
  return Object.freeze({
    group,
    version,
    kind,
    resource,
    apiVersion: apiVersion({ group, version }),
    scope,
    subresources: Object.freeze([...subresources]),
  });
}

/**
 * Reads an `apiVersion`: `apps/v1` is group `apps`, version `v1`; `v1` is the core group `''`.
 *
 * @throws {TypeError} when it is empty, has an empty part or more than one slash.
 */
export function groupVersion(apiVersion: string): GroupVersion {
  const parts = apiVersion.split('/');
  if (parts.length > 2 || parts.includes('')) {
    throw new TypeError(`Cannot parse apiVersion: it must be "group/version" or "version", got ${quote(apiVersion)}`);
  }
  const [first = '', second] = parts;
  return second === undefined ? { group: '', version: first } : { group: first, version: second };
}

/** `group/version`, or `version` for the core group: what stands in an object's `apiVersion`. */
export function apiVersion({ group, version }: GroupVersion): string {
  return group === '' ? version : `${group}/${version}`;
}

/** `deployments.apps`, or `pods` for the core group: what stands in error messages and RBAC. */
export function formatGroupResource({ group, resource }: GroupResource): string {
  return group === '' ? resource : `${resource}.${group}`;
}

/** `Deployment.apps`, or `Pod` for the core group. */
export function formatGroupKind({ group, kind }: GroupKind): string {
  return group === '' ? kind : `${kind}.${group}`;
}

/** `apps/v1, Kind=Deployment`; `/v1, Kind=Pod` for the core group. @see k8s.io/apimachinery schema `GroupVersionKind.String` */
export function formatGroupVersionKind({ group, version, kind }: GroupVersionKind): string {
  return `${group}/${version}, Kind=${kind}`;
}

/** `apps/v1, Resource=deployments`; `/v1, Resource=pods` for the core group. @see k8s.io/apimachinery schema `GroupVersionResource.String` */
export function formatGroupVersionResource({ group, version, resource }: GroupVersionResource): string {
  return `${group}/${version}, Resource=${resource}`;
}

function quote(value: unknown): string {
  return typeof value === 'string' ? `"${value}"` : String(value);
}
