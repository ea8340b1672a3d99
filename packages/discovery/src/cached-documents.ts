import { apiVersion, type GroupVersion } from '@bowline/apimachinery';
import { type GroupEntry, groupsOf, resourcesOf, type VersionEntry } from './documents.ts';

import type { DiscoveryCache } from './ports.ts';
import type { Resource, Snapshot } from './resource.ts';

const GROUPS = 'servergroups.json';

function nameOf(gv: GroupVersion): string {
  return `${apiVersion(gv)}/serverresources.json`;
}

/** The groups that are kept, with the resources of those versions that are kept; undefined when the groups are not. */
export async function keptGroups(cache: DiscoveryCache): Promise<GroupEntry[] | undefined> {
  const groups = groupsOf(await cache.document(GROUPS));
  if (groups === undefined) return undefined;
  return Promise.all(
    groups.map(async (group) => {
      const versions = group.versions.map(async ({ version }): Promise<VersionEntry> => {
        const gv = { group: group.name, version };
        return { version, resources: resourcesOf(await cache.document(nameOf(gv)), gv) };
      });
      return { ...group, versions: await Promise.all(versions) };
    }),
  );
}

/** Keeps groups and resources as kubectl writes them. A version that could not be read is not kept, so that it is asked for again. */
export async function keepSnapshot(cache: DiscoveryCache, snapshot: Snapshot): Promise<void> {
  await cache.keepDocument(GROUPS, groupListOf(snapshot));
  await keepVersions(cache, snapshot, () => true);
}

/** Keeps the resources of those versions that `which` names. */
export async function keepVersions(
  cache: DiscoveryCache,
  { groups, resources, failures }: Snapshot,
  which: (gv: GroupVersion) => boolean,
): Promise<void> {
  const byVersion = Map.groupBy(resources, (resource) => resource.apiVersion);
  for (const { name: group, versions } of groups) {
    for (const version of versions) {
      const gv = { group, version };
      if (failures.has(apiVersion(gv)) || !which(gv)) continue;
      await cache.keepDocument(nameOf(gv), resourceListOf(gv, byVersion.get(apiVersion(gv)) ?? []));
    }
  }
}

function groupListOf({ groups }: Snapshot): object {
  const versionOf = (group: string, version: string): object => ({
    groupVersion: apiVersion({ group, version }),
    version,
  });
  return {
    kind: 'APIGroupList',
    apiVersion: 'v1',
    groups: groups
      .filter(({ versions }) => versions.length > 0)
      .map(({ name, versions, preferredVersion }) => ({
        name,
        versions: versions.map((version) => versionOf(name, version)),
        preferredVersion: versionOf(name, preferredVersion),
      })),
  };
}

function resourceListOf(gv: GroupVersion, resources: readonly Resource[]): object {
  return {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion: apiVersion(gv),
    resources: resources.flatMap(rows),
  };
}

/** A resource and what is below it, in the older form that kubectl keeps. */
function rows(resource: Resource): object[] {
  const { singular, shortNames, categories, scope } = resource;
  const common = { singularName: singular, namespaced: scope === 'Namespaced' };
  return [
    {
      name: resource.resource,
      ...common,
      kind: resource.kind,
      verbs: resource.verbs,
      ...(shortNames.length > 0 && { shortNames }),
      ...(categories.length > 0 && { categories }),
    },
    ...resource.subresourceDetails.map(({ name, kind, verbs }) => ({
      name: `${resource.resource}/${name}`,
      ...common,
      ...((kind.group !== resource.group || kind.version !== resource.version) && {
        group: kind.group,
        version: kind.version,
      }),
      kind: kind.kind,
      verbs,
    })),
  ];
}
