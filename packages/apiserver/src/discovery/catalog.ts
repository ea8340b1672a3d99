import type { Endpoint } from '../endpoint.ts';

/** The endpoints of one version of a group. */
export interface CatalogVersion {
  readonly version: string;
  /** In the order in which discovery lists them. */
  readonly endpoints: readonly Endpoint[];
}

/** A group with its versions, the preferred one first. */
export interface CatalogGroup {
  readonly name: string;
  readonly versions: readonly CatalogVersion[];
}

/** All that is served, group by group: the core group first, then built-in groups, then those of custom resources. */
export interface Catalog {
  readonly groups: readonly CatalogGroup[];
}

/** The group-version as it stands in `apiVersion`. */
export function groupVersionOf(group: string, version: string): string {
  return group === '' ? version : `${group}/${version}`;
}

/** The path of a group-version: `/apis/apps/v1`. */
export function pathOf(group: string, version: string): string {
  return group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
}
