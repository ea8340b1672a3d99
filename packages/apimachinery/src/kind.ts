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
