import type { Endpoint } from '../endpoint.ts';
import type { JsonObject } from '../object.ts';
import { type Catalog, type CatalogGroup, groupVersionOf } from './catalog.ts';

/** `/api`: the versions of the core group. */
export function coreVersions(catalog: Catalog, serverAddress: string): JsonObject {
  const versions = catalog.groups.find(({ name }) => name === '')?.versions ?? [];
  return {
    kind: 'APIVersions',
    versions: versions.map(({ version }) => version),
    serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress }],
  };
}

function group({ name, versions }: CatalogGroup): JsonObject {
  const all = versions.map(({ version }) => ({ groupVersion: groupVersionOf(name, version), version }));
  return { name, versions: all, preferredVersion: all[0] };
}

/** `/apis`: all groups but the core one. */
export function groupList(catalog: Catalog): JsonObject {
  const groups = catalog.groups.filter(({ name }) => name !== '').map(group);
  return { kind: 'APIGroupList', apiVersion: 'v1', groups };
}

/** `/apis/{group}` */
export function groupDocument(of: CatalogGroup): JsonObject {
  return { kind: 'APIGroup', apiVersion: 'v1', ...group(of) };
}

/** `/apis/{group}/{version}`: the resources of a group-version, and their subresources. */
export function resourceList(groupVersion: string, endpoints: readonly Endpoint[]): JsonObject {
  const head = { kind: 'APIResourceList', ...(groupVersion.includes('/') ? { apiVersion: 'v1' } : {}) };
  return { ...head, groupVersion, resources: endpoints.flatMap(resources) };
}

function resources(endpoint: Endpoint): JsonObject[] {
  const { resource, singular, namespaced, kind, shortNames, categories, storageVersionHash } = endpoint;
  return [
    {
      name: resource,
      singularName: singular,
      namespaced,
      kind,
      verbs: endpoint.announcedVerbs ?? endpoint.verbs,
      ...(shortNames.length > 0 ? { shortNames } : {}),
      ...(categories.length > 0 ? { categories } : {}),
      ...(storageVersionHash === undefined ? {} : { storageVersionHash }),
    },
    ...endpoint.subresources.map(({ name, group: of, version, kind: subKind, verbs: subVerbs }) => ({
      name: `${resource}/${name}`,
      singularName: '',
      namespaced,
      ...(of === undefined ? {} : { group: of }),
      ...(version === undefined ? {} : { version }),
      kind: subKind,
      verbs: subVerbs,
    })),
  ];
}

/** `/api` and `/apis` for clients that ask for all resources at once. */
export function aggregated(groups: readonly CatalogGroup[]): JsonObject {
  return {
    kind: 'APIGroupDiscoveryList',
    apiVersion: 'apidiscovery.k8s.io/v2',
    metadata: {},
    items: groups.map(({ name, versions }) => ({
      metadata: name === '' ? {} : { name },
      versions: versions.map(({ version, endpoints }) => ({
        version,
        resources: endpoints.map(aggregatedResource),
        freshness: 'Current',
      })),
    })),
  };
}

function aggregatedResource(endpoint: Endpoint): JsonObject {
  const { group: of, version, kind, custom, namespaced, singular, shortNames, categories } = endpoint;
  // Built-in kinds are those of the group-version, which is not said again.
  const own = (name: string): JsonObject => ({ group: custom ? of : '', version: custom ? version : '', kind: name });
  return {
    resource: endpoint.resource,
    responseKind: own(kind),
    scope: namespaced ? 'Namespaced' : 'Cluster',
    singularResource: singular,
    verbs: endpoint.announcedVerbs ?? endpoint.verbs,
    ...(shortNames.length > 0 ? { shortNames } : {}),
    ...(categories.length > 0 ? { categories } : {}),
    ...(endpoint.subresources.length > 0
      ? {
          subresources: endpoint.subresources.map((sub) => ({
            subresource: sub.name,
            responseKind:
              sub.group === undefined
                ? own(sub.kind)
                : { group: sub.group, version: sub.version ?? '', kind: sub.kind },
            verbs: sub.verbs,
          })),
        }
      : {}),
  };
}
