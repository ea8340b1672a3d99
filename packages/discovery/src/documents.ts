import { apiVersion, type GroupVersion, type GroupVersionKind, isJsonObject } from '@bowline/apimachinery';
import type { Resource, Subresource } from './resource.ts';

/** A group as an answer of the server tells it. */
export interface GroupEntry {
  readonly name: string;
  readonly preferredVersion: string;
  readonly versions: readonly VersionEntry[];
}

/** A version as an answer of the server tells it. */
export interface VersionEntry {
  readonly version: string;
  /** Undefined when the answer does not say: it has to be asked for. */
  readonly resources?: readonly Resource[] | undefined;
  /** The server could not reach who serves this version. */
  readonly stale?: boolean | undefined;
}

type Json = Readonly<Record<string, unknown>>;

/** The groups of an answer to `/api` or `/apis`, in any of its three forms; undefined when it is none of them. */
export function groupsOf(document: unknown): GroupEntry[] | undefined {
  if (!isJsonObject(document)) return undefined;
  if (document.kind === 'APIGroupDiscoveryList') return objects(document.items).map(aggregatedGroup);
  if (document.kind === 'APIGroupList') return objects(document.groups).map(plainGroup);
  if (document.kind !== 'APIVersions') return undefined;
  const versions = strings(document.versions);
  return [{ name: '', preferredVersion: versions[0] ?? '', versions: versions.map((version) => ({ version })) }];
}

function aggregatedGroup(group: Json): GroupEntry {
  const name = isJsonObject(group.metadata) ? text(group.metadata.name) : '';
  const versions = objects(group.versions).map((entry): VersionEntry => {
    const version = text(entry.version);
    if (entry.freshness === 'Stale') return { version, stale: true };
    const gv = { group: name, version };
    return { version, resources: objects(entry.resources).flatMap((resource) => aggregatedResource(resource, gv)) };
  });
  return { name, preferredVersion: versions.find(({ stale }) => !stale)?.version ?? '', versions };
}

function aggregatedResource(entry: Json, gv: GroupVersion): Resource[] {
  const kind = isJsonObject(entry.responseKind) ? text(entry.responseKind.kind) : '';
  if (kind === '') return []; // Stands there for its subresources alone; upstream leaves it out too.
  const subresourceDetails = objects(entry.subresources).map(
    (subresource): Subresource => ({
      name: text(subresource.subresource),
      kind: kindOf(isJsonObject(subresource.responseKind) ? subresource.responseKind : {}, gv),
      verbs: strings(subresource.verbs),
    }),
  );
  return [
    resource(gv, {
      name: text(entry.resource),
      kind,
      singular: text(entry.singularResource),
      namespaced: entry.scope === 'Namespaced',
      entry,
      subresourceDetails,
    }),
  ];
}

function plainGroup(group: Json): GroupEntry {
  const versions = objects(group.versions).map((entry): VersionEntry => ({ version: text(entry.version) }));
  const preferred = isJsonObject(group.preferredVersion) ? text(group.preferredVersion.version) : '';
  return { name: text(group.name), preferredVersion: preferred || (versions[0]?.version ?? ''), versions };
}

/** The resources of an answer to `/apis/GROUP/VERSION`; undefined when it is none. */
export function resourcesOf(document: unknown, gv: GroupVersion): Resource[] | undefined {
  if (!isJsonObject(document) || document.kind !== 'APIResourceList') return undefined;
  const entries = objects(document.resources);
  return entries
    .filter((entry) => !text(entry.name).includes('/') && text(entry.kind) !== '')
    .map((entry) => {
      const name = text(entry.name);
      const subresourceDetails = entries
        .filter((other) => text(other.name).startsWith(`${name}/`))
        .map(
          (other): Subresource => ({
            name: text(other.name).slice(name.length + 1),
            kind: kindOf(other, gv),
            verbs: strings(other.verbs),
          }),
        );
      const singular = text(entry.singularName);
      return resource(gv, {
        name,
        kind: text(entry.kind),
        singular,
        namespaced: entry.namespaced === true,
        entry,
        subresourceDetails,
      });
    });
}

interface Described {
  readonly name: string;
  readonly kind: string;
  readonly singular: string;
  readonly namespaced: boolean;
  readonly entry: Json;
  readonly subresourceDetails: readonly Subresource[];
}

function resource(gv: GroupVersion, described: Described): Resource {
  const { name, kind, singular, namespaced, entry, subresourceDetails } = described;
  return Object.freeze({
    group: gv.group,
    version: gv.version,
    kind,
    resource: name,
    apiVersion: apiVersion(gv),
    scope: namespaced ? 'Namespaced' : 'Cluster',
    subresources: Object.freeze(subresourceDetails.map((subresource) => subresource.name)),
    singular: singular || kind.toLowerCase(), // Old servers leave it out; it has always been that.
    shortNames: Object.freeze(strings(entry.shortNames)),
    categories: Object.freeze(strings(entry.categories)),
    verbs: Object.freeze(strings(entry.verbs)),
    subresourceDetails: Object.freeze(subresourceDetails),
  });
}

/** Group and version that are both left out are those of the list. */
function kindOf(entry: Json, gv: GroupVersion): GroupVersionKind {
  const group = text(entry.group);
  const version = text(entry.version);
  return group || version ? { group, version, kind: text(entry.kind) } : { ...gv, kind: text(entry.kind) };
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function strings(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((element) => typeof element === 'string') : [];
}

function objects(value: unknown): Json[] {
  return Array.isArray(value) ? value.filter(isJsonObject) : [];
}
