import type { ItemClient, ListCall, Page, ResourceQuery, WatchCall, WatchFrame } from '@bowline/apimachinery';
import type { ListerWatcher } from './ports.ts';

/**
 * Lists and watches the objects of one resource, in one namespace or in all, that match the selectors.
 * A kind handle is a resource: `new ListWatch(client, { ...Pod, namespace: 'default' })`; objects of another kind are then not taken.
 *
 * It sends exactly what it is asked to: paging is the business of `Pager`, repeating that of `Reflector`.
 *
 * @throws {TypeError} when `query` does not name a resource.
 * @see client-go tools/cache/listwatch.go `NewFilteredListWatchFromClient`
 */
export class ListWatch<T> implements ListerWatcher<T> {
  readonly query: ResourceQuery;
  readonly description: string;
  readonly #client: ItemClient;

  constructor(client: ItemClient, query: ResourceQuery) {
    const { group, version, resource, kind, namespace, labelSelector, fieldSelector, metadataOnly } = query;
    check('group', group, typeof group === 'string', 'a string, empty for the core group');
    check('version', version, typeof version === 'string' && version !== '', 'a version such as "v1"');
    check(
      'resource',
      resource,
      typeof resource === 'string' && /^[^/]+$/.test(resource),
      'a plural name such as "pods"',
    );
    check('namespace', namespace, namespace === undefined || namespace !== '', 'a name, or absent for all namespaces');
    this.#client = client;
    this.query = { group, version, resource, kind, namespace, labelSelector, fieldSelector, metadataOnly };
    this.description = describe(this.query);
  }

  list(call: ListCall): Promise<Page<T>> {
    return this.#client.listItems<T>(this.query, call);
  }

  watch(call: WatchCall): AsyncIterable<readonly WatchFrame<T>[]> {
    return this.#client.watchItems<T>(this.query, call);
  }

  retireConnections(): void {
    this.#client.retireConnections?.();
  }
}

function describe({ group, resource, namespace, labelSelector, fieldSelector }: ResourceQuery): string {
  const name = group === '' ? resource : `${resource}.${group}`;
  const place = namespace === undefined ? '' : ` in namespace "${namespace}"`;
  const selectors = [labelSelector, fieldSelector].filter((selector) => selector !== undefined && selector !== '');
  return `${name}${place}${selectors.length === 0 ? '' : ` with ${selectors.map((each) => `"${each}"`).join(' and ')}`}`;
}

function check(field: string, value: unknown, ok: boolean, rule: string): void {
  if (!ok) throw new TypeError(`Cannot create list-watch: ${field} must be ${rule}, got ${JSON.stringify(value)}`);
}
