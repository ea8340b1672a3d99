import type { Clock, Logger, Random } from '@bowline/apimachinery';
import { boot } from './boot/index.ts';
import type { Services } from './call.ts';
import { conversions, sharedResources } from './conversions/index.ts';
import { CustomResources } from './crds/custom-resources.ts';
import { DefinitionStrategy } from './crds/definition-strategy.ts';
import { OpenApi } from './discovery/openapi.ts';
import type { Hooks } from './endpoint.ts';
import { Handler } from './handler.ts';
import { authenticator } from './http/authentication.ts';
import type { Settings } from './options.ts';
import { Registry } from './registry.ts';
import { serviceAddresses } from './service-addresses.ts';
import type { Collection } from './store/collection.ts';
import { Store } from './store/store.ts';
import { FieldManagers } from './verbs/managed-fields.ts';

/** The parts of a running server. */
export interface Assembly {
  readonly services: Services;
  readonly registry: Registry;
  readonly handler: Handler;
  /** Ends the watches of one resource, or all. */
  endWatches(of?: Collection): void;
}

/** What the parts need from outside. */
export interface AssemblyPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Host and port under which clients reach the server. */
  address(): string;
}

const definitions = 'customresourcedefinitions.apiextensions.k8s.io';

/** Puts a server together and fills it with what every server has. */
export function assemble({ clock, random, logger, address }: AssemblyPorts, settings: Settings): Assembly {
  const store = new Store(clock, settings.history);
  const watches = new Map<() => void, Collection>();
  const endWatches = (of?: Collection): void => {
    for (const [end, collection] of [...watches]) if (of === undefined || of === collection) end();
  };
  // Serving custom resources takes the registry, and the registry tells of changed definitions.
  let hooks: Hooks = {};
  const registry = new Registry(store, {
    hooks: {
      services: serviceAddresses({ clock, random, store }),
      [definitions]: {
        created: (entry) => hooks.created?.(entry),
        updated: (entry, old) => hooks.updated?.(entry, old),
        deleted: (last) => hooks.deleted?.(last),
      },
    },
    strategies: { [definitions]: (subresource) => new DefinitionStrategy(subresource) },
    conversions,
    shared: sharedResources,
  });
  const endpoint: Services['endpoint'] = (group, version, resource) => registry.endpoint(group, version, resource);
  const services: Services = {
    clock,
    random,
    logger,
    store,
    endpoint,
    fieldManagers: new FieldManagers(clock, endpoint),
    watches: {
      ...settings.watches,
      track: (collection, end) => {
        watches.set(end, collection);
        return () => watches.delete(end);
      },
    },
  };
  const openApi = new OpenApi({
    catalog: () => registry.catalog(),
    customResources: (group, version) => customResources.openApi(group, version),
    nowMs: () => clock.now(),
  });
  const customResources = new CustomResources({
    services,
    registry,
    forgetOpenApi: (group) => openApi.forget(group),
    endWatches,
  });
  hooks = customResources.hooks;
  const handler = new Handler({
    services,
    registry,
    discovery: {
      catalog: () => registry.catalog(),
      openApi,
      get address() {
        return address();
      },
    },
    maxBodyBytes: settings.maxBodyBytes,
    authenticate: authenticator(settings.tokens),
  });
  boot(services, registry);
  return { services, registry, handler, endWatches };
}
