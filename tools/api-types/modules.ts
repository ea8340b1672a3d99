import type { KindFacts } from './kinds.ts';
import { type Model, mentioned } from './models.ts';

/** One group-version: what becomes one module. */
export interface Module {
  /** `apps/v1`: the folder and file, and what users import. */
  readonly name: string;
  readonly kinds: readonly KindFacts[];
  /** Names of the models that are declared here, sorted by their name in the module. */
  readonly models: readonly string[];
}

/** Where every model is declared, and under which name. */
export interface Layout {
  readonly modules: readonly Module[];
  /** Model → module and name: `V1PodSpec` → `core/v1`, `PodSpec`. */
  readonly placeOf: ReadonlyMap<string, { readonly module: string; readonly name: string }>;
}

const meta = 'meta/v1';
const core = 'core/v1';

/** The folder of a group is its first label, as in k8s.io/api; these two differ. */
const folders: Readonly<Record<string, string>> = { '': 'core', 'internal.apiserver.k8s.io': 'apiserverinternal' };

/** Models that no kind with a resource of its own leads to: bodies of subresources, requests and answers. */
const loose: Readonly<Record<string, readonly string[]>> = {
  [meta]: [
    ...['V1APIGroup', 'V1APIGroupList', 'V1APIResource', 'V1APIResourceList', 'V1APIVersions', 'V1DeleteOptions'],
    ...['V1GroupVersionForDiscovery', 'V1Preconditions', 'V1ServerAddressByClientCIDR', 'V1WatchEvent', 'VersionInfo'],
  ],
  'authentication/v1': [
    ...['AuthenticationV1TokenRequest', 'V1BoundObjectReference', 'V1TokenRequestSpec', 'V1TokenRequestStatus'],
  ],
  'autoscaling/v1': ['V1Scale', 'V1ScaleSpec', 'V1ScaleStatus'],
  'policy/v1': ['V1Eviction'],
};

/** Models of meta/v1 that kinds of many groups use; the other shared ones are the core group's. */
const shared = ['V1LabelSelector', 'V1LabelSelectorRequirement', 'V1FieldSelectorRequirement'];

/** Models that `@bowline/apimachinery` declares itself; `meta/v1` passes them on. */
export const vocabulary: Readonly<Record<string, string>> = {
  V1Condition: 'Condition',
  V1ListMeta: 'ListMeta',
  V1ManagedFieldsEntry: 'ManagedFieldsEntry',
  V1ObjectMeta: 'ObjectMeta',
  V1OwnerReference: 'OwnerReference',
  V1Status: 'Status',
  V1StatusCause: 'StatusCause',
  V1StatusDetails: 'StatusDetails',
};

/** Models that become something else: a string (time), nothing (a part of `ListMeta` that only the server's own caches use). */
const dropped = ['V1MicroTime', 'V1ShardInfo'];

/** `apps`, `networking`, `core`: the folder of a group. */
export function folderOf(group: string): string {
  return folders[group] ?? group.split('.')[0] ?? group;
}

/**
 * Gives each model one module: that of the only group-version that uses it, else the core group's, for the source has
 * dropped the group from most names (`V1PodSpec`).
 *
 * @throws when a model has no place, or two share a name in one module: then a table above needs a line.
 */
export function layOut(models: ReadonlyMap<string, Model>, kinds: readonly KindFacts[]): Layout {
  const users = usersOf(models, kinds);
  const placeOf = new Map<string, { module: string; name: string }>();
  for (const model of models.keys()) {
    if (vocabulary[model] !== undefined || dropped.includes(model)) continue;
    const name = localName(model);
    placeOf.set(model, { module: moduleOf(model, users.get(model)), name });
  }
  const names = [...new Set([...placeOf.values()].map(({ module }) => module))].sort();
  const modules = names.map((name): Module => {
    const own = kinds.filter(({ group, version }) => `${folderOf(group)}/${version}` === name);
    const declared = [...placeOf].filter(([, place]) => place.module === name);
    declared.sort(([, a], [, b]) => (a.name < b.name ? -1 : 1));
    const double = declared.find(([, place], index) => place.name === declared[index - 1]?.[1].name);
    if (double) throw new Error(`Cannot lay out ${name}: two models are called ${double[1].name}`);
    return { name, kinds: own, models: declared.map(([model]) => model) };
  });
  return { modules, placeOf };
}

/** `V1PodSpec` → `PodSpec`, `CoreV1Event` → `Event`. */
export function localName(model: string): string {
  return model.replace(/^[A-Z][a-z]+(?=V\d)/, '').replace(/^V\d+((alpha|beta)\d+)?(?=[A-Z])/, '');
}

function moduleOf(model: string, users: ReadonlySet<string> | undefined): string {
  const listed = Object.entries(loose).find(([, names]) => names.includes(model));
  if (listed) return listed[0];
  if (shared.includes(model)) return meta;
  if (users?.size === 1) return [...users][0] ?? '';
  if (users?.has(core)) return core;
  throw new Error(`Cannot place model ${model}: it is used by ${users ? [...users].join(', ') : 'no kind'}`);
}

/** Model → the group-versions whose kinds lead to it. */
function usersOf(models: ReadonlyMap<string, Model>, kinds: readonly KindFacts[]): Map<string, Set<string>> {
  const users = new Map<string, Set<string>>();
  for (const { group, version, model, listModel } of kinds) {
    const user = `${folderOf(group)}/${version}`;
    const waiting = listModel === undefined ? [model] : [model, listModel];
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const known = users.get(next) ?? new Set();
      if (known.has(user)) continue;
      users.set(next, known.add(user));
      waiting.push(...(models.get(next)?.fields ?? []).flatMap(({ type }) => mentioned(type)));
    }
  }
  return users;
}
