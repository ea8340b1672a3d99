import type { GroupVersionKind, Kind, UnstructuredObject } from '@bowline/apimachinery';

/** Something below a resource: `deployments/scale`. */
export interface Subresource {
  /** `scale`, without the resource. */
  readonly name: string;
  /** What is sent and answered; its group may differ from the resource's: `autoscaling/v1, Kind=Scale`. */
  readonly kind: GroupVersionKind;
  readonly verbs: readonly string[];
}

/** A resource in one version, as the server announces it. It is also a handle: `client.get(await discovery.resolve('deploy'), key)`. */
export interface Resource extends Kind<UnstructuredObject> {
  /** `deployment`. */
  readonly singular: string;
  readonly shortNames: readonly string[];
  /** `all`, … */
  readonly categories: readonly string[];
  /** As the server lists them: `create`, `delete`, `deletecollection`, `get`, `list`, `patch`, `update`, `watch`. */
  readonly verbs: readonly string[];
  readonly subresourceDetails: readonly Subresource[];
}

/** A group and the versions that the server offers of it, in the server's order. */
export interface ApiGroup {
  /** `''` is the core group. */
  readonly name: string;
  readonly versions: readonly string[];
  readonly preferredVersion: string;
}

/** What a server has: the result of one reading. */
export interface Snapshot {
  /** In the server's order of priority, core first. */
  readonly groups: readonly ApiGroup[];
  /** By priority of group, in each the preferred version first. */
  readonly resources: readonly Resource[];
  /** What could not be read: apiVersion → why. */
  readonly failures: ReadonlyMap<string, Error>;
}
