import type { ControlPlane } from './control-plane.ts';

interface ApiResource {
  readonly name: string;
  readonly singularName: string;
  readonly namespaced: boolean;
  readonly group?: string;
  readonly version?: string;
  readonly kind: string;
  readonly verbs: readonly string[];
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  readonly storageVersionHash?: string;
}

interface ApiGroup {
  readonly name: string;
  readonly versions: readonly { readonly version: string; readonly groupVersion: string }[];
  readonly preferredVersion: { readonly version: string };
}

interface AggregatedGroup {
  readonly metadata?: { readonly name?: string };
  readonly versions: readonly {
    readonly version: string;
    readonly resources: readonly { readonly resource: string }[];
  }[];
}

/** Groups, versions and resources as the server discovers them, in its order. */
export async function readResources(server: ControlPlane): Promise<unknown[]> {
  const list = JSON.parse(await server.get('/apis')) as { groups: readonly ApiGroup[] };
  const core: ApiGroup = {
    name: '',
    versions: [{ version: 'v1', groupVersion: 'v1' }],
    preferredVersion: { version: 'v1' },
  };
  const groups: unknown[] = [];
  for (const group of [core, ...list.groups]) {
    if (group.versions[0]?.version !== group.preferredVersion.version) {
      throw new Error(`Group ${group.name} does not list its preferred version first`);
    }
    const versions: unknown[] = [];
    for (const { version } of group.versions) {
      const path = group.name === '' ? `/api/${version}` : `/apis/${group.name}/${version}`;
      const { resources } = JSON.parse(await server.get(path)) as { resources: readonly ApiResource[] };
      versions.push({ version, resources: nest(resources) });
    }
    groups.push({ name: group.name, versions });
  }
  await compareWithAggregated(server, groups as never);
  return groups;
}

/** Puts subresources (`deployments/scale`) under their resource. */
function nest(resources: readonly ApiResource[]): unknown[] {
  return resources
    .filter((resource) => !resource.name.includes('/'))
    .map(({ name, singularName, namespaced, group, version, ...rest }) => {
      if (group !== undefined || version !== undefined) throw new Error(`${name} belongs to another group-version`);
      const subresources = resources
        .filter((other) => other.name.startsWith(`${name}/`))
        .map((sub) => ({
          name: sub.name.slice(name.length + 1),
          kind: sub.kind,
          verbs: sub.verbs,
          ...(sub.group === undefined ? {} : { group: sub.group, version: sub.version }),
        }));
      return {
        resource: name,
        singular: singularName,
        namespaced,
        ...rest,
        ...(subresources.length === 0 ? {} : { subresources }),
      };
    });
}

/** Fails when aggregated discovery would need another order than plain discovery. */
async function compareWithAggregated(
  server: ControlPlane,
  groups: readonly {
    name: string;
    versions: readonly { version: string; resources: readonly { resource: string }[] }[];
  }[],
): Promise<void> {
  const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
  const items: AggregatedGroup[] = [];
  for (const path of ['/api', '/apis'])
    items.push(...(JSON.parse(await server.get(path, accept)) as { items: AggregatedGroup[] }).items);
  const shape = (all: readonly (readonly [string, AggregatedGroup['versions']])[]): string =>
    JSON.stringify(
      all.map(([name, versions]) => [name, versions.map((v) => [v.version, v.resources.map((r) => r.resource)])]),
    );
  const plain = shape(groups.map((group) => [group.name, group.versions]));
  const aggregated = shape(items.map((item) => [item.metadata?.name ?? '', item.versions]));
  if (plain !== aggregated)
    throw new Error('Plain and aggregated discovery disagree about groups, versions, resources or their order');
}
