import { type HttpRequest, type HttpResponse, silentLogger, systemClock, systemRandom } from '@bowline/apimachinery';
import type { Services, User } from './call.ts';
import { CustomResources } from './crds/custom-resources.ts';
import { DefinitionStrategy } from './crds/definition-strategy.ts';
import { OpenApi } from './discovery/openapi.ts';
import { Handler } from './handler.ts';
import { type ApiServerOptions, type ApiServerPorts, resolveOptions, type Settings } from './options.ts';
import { Registry } from './registry.ts';
import type { Collection } from './store/collection.ts';
import { Store } from './store/store.ts';
import { FieldManagers } from './verbs/managed-fields.ts';

/** Who makes requests where nobody is asked. */
const administrator: User = { name: 'system:admin', uid: '', groups: ['system:masters', 'system:authenticated'] };

/** An API server in memory, with the semantics of kube-apiserver 1.35. */
export class ApiServer {
  readonly #ports: Required<ApiServerPorts>;
  readonly #settings: Settings;
  #running: { readonly handler: Handler; readonly watches: Map<() => void, Collection> } | undefined;

  constructor(ports: ApiServerPorts = {}, options: ApiServerOptions = {}) {
    const { clock = systemClock, random = systemRandom, logger = silentLogger } = ports;
    this.#ports = { clock, random, logger };
    this.#settings = resolveOptions(options);
  }

  async start(): Promise<void> {
    const { clock, random, logger } = this.#ports as {
      clock: typeof systemClock;
      random: typeof systemRandom;
      logger: typeof silentLogger;
    };
    const store = new Store(clock, this.#settings.history);
    const hooks: { [name: string]: NonNullable<CustomResources['hooks']> } = {};
    const registry = new Registry(store, {
      hooks: {
        'customresourcedefinitions.apiextensions.k8s.io': {
          created: (e) => hooks.crd?.created?.(e),
          updated: (e, old) => hooks.crd?.updated?.(e, old),
          deleted: (e) => hooks.crd?.deleted?.(e),
        },
      },
      strategies: { 'customresourcedefinitions.apiextensions.k8s.io': (sub) => new DefinitionStrategy(sub) },
      conversions: {},
      shared: { 'events.events.k8s.io': 'events' },
    });
    const watches = new Map<() => void, Collection>();
    const endpoint: Services['endpoint'] = (group, version, resource) => registry.endpoint(group, version, resource);
    const services: Services = {
      clock,
      random,
      logger,
      store,
      endpoint,
      fieldManagers: new FieldManagers(clock, endpoint),
      watches: {
        ...this.#settings.watches,
        track: (collection, end) => {
          watches.set(end, collection);
          return () => watches.delete(end);
        },
      },
    };
    const openApi = new OpenApi({
      catalog: () => registry.catalog(),
      customResources: (g, v) => custom.openApi(g, v),
      nowMs: () => clock.now(),
    });
    const custom = new CustomResources({
      services,
      registry,
      forgetOpenApi: (g) => openApi.forget(g),
      endWatches: (c) => {
        for (const [end, of] of [...watches]) if (of === c) end();
      },
    });
    hooks.crd = custom.hooks;
    const handler = new Handler({
      services,
      registry,
      discovery: { catalog: () => registry.catalog(), openApi, address: '127.0.0.1:6443' },
      maxBodyBytes: this.#settings.maxBodyBytes,
      authenticate: () => administrator,
    });
    this.#running = { handler, watches };
  }

  handle(request: HttpRequest): Promise<HttpResponse> {
    if (this.#running === undefined)
      throw new Error('Cannot handle request: the server must be started, got a stopped one');
    return this.#running.handler.handle(request);
  }
}
