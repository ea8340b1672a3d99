import { BuiltinEndpoint } from './builtin-endpoint.ts';
import type { Strategy } from './builtins/index.ts';
import type { Conversion } from './codec/builtin-codec.ts';
import { builtinGroups } from './data/index.ts';
import type { Catalog, CatalogGroup } from './discovery/catalog.ts';
import type { Endpoint, Hooks } from './endpoint.ts';
import { qualified } from './errors.ts';
import { compareVersions } from './meta/versions.ts';
import type { Store } from './store/store.ts';

/** What some built-in resources need besides the tables. By qualified resource: `deployments.apps`. */
export interface BuiltinExtras {
  readonly hooks: Readonly<Record<string, Hooks>>;
  readonly strategies: Readonly<Record<string, (subresource: string) => Strategy>>;
  /** By API version and qualified resource: `autoscaling/v1 horizontalpodautoscalers.autoscaling`. */
  readonly conversions: Readonly<Record<string, Conversion>>;
  /** The resource whose objects another one shows. */
  readonly shared: Readonly<Record<string, string>>;
}

/** Which resources are served, built in and custom. */
export class Registry {
  readonly #builtin: readonly CatalogGroup[];
  readonly #endpoints = new Map<string, Endpoint>();
  /** Endpoints of custom resources by the name of their definition. */
  readonly #custom = new Map<string, readonly Endpoint[]>();
  #catalog: Catalog | undefined;

  constructor(store: Store, extras: BuiltinExtras) {
    this.#builtin = builtinGroups().map(({ name: group, versions }) => ({
      name: group,
      versions: versions.map(({ version, resources }) => ({
        version,
        endpoints: resources.map((resource) => {
          const name = qualified({ group, resource: resource.resource });
          const stored = resource.verbs.includes('list') || resource.verbs.includes('get');
          const endpoint = new BuiltinEndpoint({ group, version }, resource, {
            collection: stored ? store.collection(extras.shared[name] ?? name) : undefined,
            conversion: extras.conversions[`${group === '' ? version : `${group}/${version}`} ${name}`],
            hooks: extras.hooks[name],
            strategy: extras.strategies[name],
          });
          this.#endpoints.set(keyOf(group, version, resource.resource), endpoint);
          return endpoint;
        }),
      })),
    }));
  }

  /** The endpoint of a resource; undefined when it is not served. */
  endpoint(group: string, version: string, resource: string): Endpoint | undefined {
    return this.#endpoints.get(keyOf(group, version, resource));
  }

  /** Whether a group has built-in resources. */
  isBuiltin(group: string): boolean {
    return this.#builtin.some(({ name }) => name === group);
  }

  /** The endpoints of a definition of custom resources; empty when it is not served. */
  custom(definition: string): readonly Endpoint[] {
    return this.#custom.get(definition) ?? [];
  }

  /** Serves custom resources, in place of what was served for the same definition before. */
  setCustom(definition: string, endpoints: readonly Endpoint[]): void {
    this.removeCustom(definition);
    if (endpoints.length > 0) this.#custom.set(definition, endpoints);
    for (const endpoint of endpoints) {
      this.#endpoints.set(keyOf(endpoint.group, endpoint.version, endpoint.resource), endpoint);
    }
  }

  removeCustom(definition: string): void {
    for (const endpoint of this.custom(definition)) {
      this.#endpoints.delete(keyOf(endpoint.group, endpoint.version, endpoint.resource));
    }
    this.#custom.delete(definition);
    this.#catalog = undefined;
  }

  /** All that is served, in the order of discovery. */
  catalog(): Catalog {
    this.#catalog ??= { groups: [...this.#builtin, ...this.#customGroups()] };
    return this.#catalog;
  }

  #customGroups(): CatalogGroup[] {
    const groups = new Map<string, Map<string, Endpoint[]>>();
    const definitions = [...this.#custom.keys()].sort();
    for (const endpoint of definitions.flatMap((definition) => this.custom(definition))) {
      const versions = groups.get(endpoint.group) ?? new Map<string, Endpoint[]>();
      groups.set(endpoint.group, versions);
      versions.set(endpoint.version, [...(versions.get(endpoint.version) ?? []), endpoint]);
    }
    return [...groups.keys()].sort().map((name) => ({
      name,
      versions: [...(groups.get(name) ?? [])]
        .sort(([a], [b]) => compareVersions(b, a))
        .map(([version, endpoints]) => ({ version, endpoints })),
    }));
  }
}

function keyOf(group: string, version: string, resource: string): string {
  return `${group}/${version}/${resource}`;
}
