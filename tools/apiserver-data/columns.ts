import type { ControlPlane } from './control-plane.ts';

interface Column {
  readonly name: string;
  readonly type: string;
  readonly format: string;
  readonly description: string;
  readonly priority: number;
}

interface Group {
  readonly name: string;
  readonly versions: readonly {
    readonly version: string;
    readonly resources: readonly { readonly resource: string; readonly verbs: readonly string[] }[];
  }[];
}

/** The columns of the tables that the server renders: distinct column sets, and which one each listable `group/version/resource` has. */
export async function readColumns(server: ControlPlane, groups: readonly Group[]): Promise<unknown> {
  const sets: string[] = [];
  const resources: Record<string, number> = {};
  for (const { name, versions } of groups) {
    for (const { version, resources: all } of versions) {
      for (const { resource, verbs } of all) {
        if (!verbs.includes('list')) continue;
        const path = `${name === '' ? `/api/${version}` : `/apis/${name}/${version}`}/${resource}`;
        const table = JSON.parse(await server.get(path, 'application/json;as=Table;v=v1;g=meta.k8s.io')) as {
          columnDefinitions: readonly Column[];
        };
        const text = JSON.stringify(table.columnDefinitions);
        if (!sets.includes(text)) sets.push(text);
        resources[`${name}/${version}/${resource}`] = sets.indexOf(text);
      }
    }
  }
  return { sets: sets.map((text) => JSON.parse(text) as unknown), resources };
}
