import {
  type Clock,
  type HttpRequest,
  type HttpResponse,
  type Logger,
  type Random,
  readAll,
} from '@bowline/apimachinery';
import type { Catalog } from '../discovery/catalog.ts';
import { type Endpoint, storeKey } from '../endpoint.ts';
import type { JsonObject } from '../object.ts';
import type { Store } from '../store/store.ts';
import type { ControlledChange, ControlledResource, ControllerPorts } from './ports.ts';

/** What the controllers' view of the server is made from. */
export interface ServerParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly store: Store;
  catalog(): Catalog;
  endpoint(group: string, version: string, resource: string): Endpoint | undefined;
  handle(request: HttpRequest): Promise<HttpResponse>;
}

/** The server as its controllers know it. */
export function serverPorts({ clock, random, logger, store, catalog, endpoint, handle }: ServerParts): ControllerPorts {
  let known: { readonly catalog: Catalog; readonly resources: readonly ControlledResource[] } | undefined;
  const resources = (): readonly ControlledResource[] => {
    const now = catalog();
    if (known?.catalog !== now) known = { catalog: now, resources: resourcesOf(now) };
    return known.resources;
  };
  const resourcesOf = ({ groups }: Catalog): readonly ControlledResource[] => {
    // In the version that the group prefers; resources that show another's objects are left out.
    const seen = new Set<unknown>();
    return groups.flatMap(({ versions }) =>
      versions.flatMap(({ endpoints }) =>
        endpoints.flatMap((each) => {
          if (each.collection === undefined || seen.has(each.collection)) return [];
          seen.add(each.collection);
          return [controlled(each)];
        }),
      ),
    );
  };
  const collectionOf = ({ group, version, resource }: ControlledResource) =>
    endpoint(group, version, resource)?.collection;
  return {
    clock,
    logger,
    resources,
    resourceOf: (group, kind) => resources().find((each) => each.group === group && each.kind === kind),
    get: (resource, namespace, name) => collectionOf(resource)?.get(storeKey(resource, namespace, name))?.object,
    list: (resource, namespace = '') =>
      (collectionOf(resource)?.range(namespace === '' ? '' : `${namespace}/`) ?? []).map(({ object }) => object),
    watch(listener) {
      const stops: (() => void)[] = [];
      stops.push(
        store.follow((collection) => {
          let resource: ControlledResource | undefined;
          const tell = (type: ControlledChange['type'], object: ControlledChange['object']): void => {
            resource ??= resources().find((each) => collectionOf(each) === collection);
            if (resource !== undefined) listener({ type, resource, object });
          };
          for (const { object } of collection.range('')) tell('added', object);
          stops.push(collection.listen(({ type, entry }) => tell(type, entry.object)));
        }),
      );
      return () => {
        for (const stop of stops) stop();
      };
    },
    store(resource, object) {
      object.metadata.uid = random.uuid();
      const { namespace = '', name = '' } = object.metadata;
      collectionOf(resource)?.put(storeKey(resource, namespace, name), object);
    },
    async request({ method, path, body, fieldManager }) {
      const contentType = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
      const headers = { accept: 'application/json', 'content-type': contentType, 'user-agent': fieldManager };
      const response = await handle({ method, path, headers, body: Buffer.from(JSON.stringify(body)) });
      const text = Buffer.from(await readAll(response.body)).toString('utf8');
      return { code: response.status, body: JSON.parse(text) as JsonObject };
    },
  };
}

function controlled({ group, version, resource, kind, namespaced, verbs }: Endpoint): ControlledResource {
  return { group, version, resource, kind, namespaced, deletable: verbs.includes('delete') };
}
