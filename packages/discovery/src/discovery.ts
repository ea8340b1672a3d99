import {
  type Clock,
  formatGroupResource,
  type GroupVersionKind,
  type GroupVersionResource,
  type Logger,
  silentLogger,
  systemClock,
} from '@bowline/apimachinery';
import { checkOptions, checkValue, rules, withMethods } from '@bowline/apimachinery/arguments';
import {
  type ApiResourceRow,
  type ApiResourcesFilter,
  apiResourceRows,
  apiVersionNames,
  checkFilter,
} from './api-resources.ts';
import { DiscoveryError } from './errors.ts';
import { KnownServer } from './known-server.ts';
import { distinct, type Match, match, others, unambiguous } from './matching.ts';
import { nearMatches } from './near-matches.ts';
import { noMatchMessage } from './no-match.ts';
import { type DiscoveryOptions, resolveOptions } from './options.ts';
import type { DiscoveryCache, RawClient } from './ports.ts';
import type { ApiGroup, Resource } from './resource.ts';
import { formatSpelling, readingsOf, type Spelling } from './spelling.ts';

/** What a `Discovery` works with. */
export interface DiscoveryPorts {
  readonly client: RawClient;
  /** @default systemClock */
  readonly clock?: Pick<Clock, 'monotonic' | 'setTimer'> | undefined;
  /** @default silentLogger */
  readonly logger?: Logger | undefined;
  /** Keeps what was read beyond the life of the process: see `kubectlCache`. @default none */
  readonly cache?: DiscoveryCache | undefined;
}

/** Ends the waiting of one call, not the reading that others may wait for. */
export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
}

/** Which resources `preferredResources` gives. */
export interface PreferredFilter {
  readonly namespaced?: boolean | undefined;
}

/**
 * Knows what a server serves, and resolves any spelling of a kind to its resource. Reads the server on first use and keeps the answer;
 * a spelling that is not in it makes it look again.
 *
 * @example
 * ```ts
 * import type { HttpRequest, HttpResponse } from '@bowline/apimachinery';
 * import { Discovery } from '@bowline/discovery';
 *
 * async function listAll(client: { raw(request: HttpRequest): Promise<HttpResponse> }): Promise<HttpResponse> {
 *   const { apiVersion, resource } = await new Discovery({ client }).resolve('deploy');
 *   return client.raw({ method: 'GET', path: `/apis/${apiVersion}/${resource}`, headers: {} });
 * }
 * ```
 */
export class Discovery {
  readonly #server: KnownServer;
  readonly #logger: Logger;

  /** @throws {TypeError | RangeError} when a port or an option is none. */
  constructor(ports: DiscoveryPorts, options: DiscoveryOptions = {}) {
    checkOptions<DiscoveryPorts>(
      'create discovery',
      ports,
      {
        client: withMethods('a client', 'raw'),
        clock: withMethods('a clock', 'monotonic', 'setTimer'),
        logger: withMethods('a logger', 'warn'),
        cache: withMethods('a cache', 'document', 'keepDocument', 'answer', 'keepAnswer'),
      },
      'ports',
    );
    checkValue('create discovery', 'ports.client', ports.client, withMethods('a client', 'raw'));
    const { client, clock = systemClock, logger = silentLogger, cache } = ports;
    this.#logger = logger;
    this.#server = new KnownServer({ client, clock, logger, cache }, resolveOptions(options));
  }

  /**
   * The resource that a spelling means, in the version that was spelled, else the server's preferred one.
   * The core group wins over others, Kubernetes' own groups win over custom ones.
   *
   * @throws {DiscoveryError} `DISCOVERY_NO_MATCH` with the nearest names; `DISCOVERY_AMBIGUOUS` with all that fit; `DISCOVERY_FAILED`.
   * @throws {TypeError} when the spelling names nothing.
   */
  async resolve(spelling: Spelling, options: CallOptions = {}): Promise<Resource> {
    const found = await this.#find(spelling, options);
    const resource = unambiguous(found);
    if (resource) return resource;
    const candidates = distinct(found.resources);
    const names = candidates.map(formatGroupResource).join(' or ');
    const message = `${formatSpelling(spelling)} is ambiguous: it could be ${names}`;
    throw new DiscoveryError(message, 'DISCOVERY_AMBIGUOUS', { candidates });
  }

  /**
   * As `resolve`, but where several groups fit it takes the first by the server's priority, as kubectl does; a short name that fits more is
   * logged as a warning.
   *
   * @throws {DiscoveryError} `DISCOVERY_NO_MATCH`, `DISCOVERY_FAILED`.
   */
  async mappingFor(spelling: Spelling, options: CallOptions = {}): Promise<Resource> {
    const { resources, by } = await this.#find(spelling, options);
    const [first] = resources;
    for (const other of by === 'short name' ? distinct(others(first, resources)) : []) {
      const alsoMatches = formatGroupResource(other);
      this.#logger.warn({ spelling, alsoMatches }, 'Short name could also match a resource of lower priority');
    }
    return first;
  }

  /**
   * All that a spelling fits, each resource in all its versions, by kubectl's priority.
   *
   * @throws {DiscoveryError} `DISCOVERY_NO_MATCH`, `DISCOVERY_FAILED`.
   * @see client-go restmapper `ResourcesFor`, `KindsFor`, `RESTMappings`
   */
  async mappingsFor(spelling: Spelling, options: CallOptions = {}): Promise<readonly Resource[]> {
    return (await this.#find(spelling, options)).resources;
  }

  /**
   * The resources of a category (`all`), each once, by kubectl's priority; none when there is no such category.
   *
   * @throws {DiscoveryError} `DISCOVERY_FAILED`
   * @see client-go restmapper/category_expansion.go `Expand`
   */
  async category(name: string, options: CallOptions = {}): Promise<readonly Resource[]> {
    checkValue('expand category', 'name', name, rules.nonEmptyString);
    const { resources } = await this.#server.current(signalOf(options));
    return distinct(resources).filter(({ categories }) => categories.includes(name));
  }

  /** The group, version and name in URLs of `mappingFor`. */
  async resourceFor(spelling: Spelling, options: CallOptions = {}): Promise<GroupVersionResource> {
    const { group, version, resource } = await this.mappingFor(spelling, options);
    return { group, version, resource };
  }

  /** The group, version and kind of `mappingFor`. */
  async kindFor(spelling: Spelling, options: CallOptions = {}): Promise<GroupVersionKind> {
    const { group, version, kind } = await this.mappingFor(spelling, options);
    return { group, version, kind };
  }

  /** All resources in all versions, by kubectl's priority. From the cache. */
  async resources(options: CallOptions = {}): Promise<readonly Resource[]> {
    return (await this.#server.current(signalOf(options))).resources;
  }

  /**
   * Each resource once, in the version that the server prefers. From the cache.
   *
   * @see client-go discovery `ServerPreferredResources`, `ServerPreferredNamespacedResources`
   */
  async preferredResources(filter: PreferredFilter = {}, options: CallOptions = {}): Promise<readonly Resource[]> {
    checkOptions<PreferredFilter>('list preferred resources', filter, { namespaced: rules.boolean }, 'filter');
    const { namespaced } = filter;
    return distinct((await this.#server.current(signalOf(options))).resources).filter(
      ({ scope }) => namespaced === undefined || (scope === 'Namespaced') === namespaced,
    );
  }

  /** All groups in the server's order, core first. From the cache. */
  async groups(options: CallOptions = {}): Promise<readonly ApiGroup[]> {
    return (await this.#server.current(signalOf(options))).groups;
  }

  /** What could not be read when the server was last read: apiVersion → why. Empty before the first reading. */
  get failures(): ReadonlyMap<string, Error> {
    return this.#server.snapshot?.failures ?? new Map();
  }

  /** What `kubectl api-versions` prints, a line each. Reads the server anew, as kubectl does. */
  async apiVersions(options: CallOptions = {}): Promise<string[]> {
    return apiVersionNames(await this.#server.read(signalOf(options)));
  }

  /** What `kubectl api-resources` prints, for `formatApiResources`. Reads the server anew, as kubectl does. */
  async apiResources(filter: ApiResourcesFilter = {}, options: CallOptions = {}): Promise<ApiResourceRow[]> {
    checkFilter(filter); // before anything is asked
    return apiResourceRows(await this.#server.read(signalOf(options)), filter);
  }

  /** Forgets everything: the next call reads the server. What is being read right now is not kept. */
  invalidate(): void {
    this.#server.invalidate();
  }

  /** The resources that fit, after a second look at the server when there were none. */
  async #find(spelling: Spelling, options: CallOptions): Promise<Match> {
    const signal = signalOf(options);
    const readings = readingsOf(spelling);
    const known = await this.#server.current(signal);
    const found = match(known.resources, readings);
    if (found) return found;
    const snapshot = (await this.#server.again(signal)) ?? known;
    const foundNow = match(snapshot.resources, readings);
    if (foundNow) return foundNow;
    const candidates = nearMatches(snapshot.resources, readings);
    throw new DiscoveryError(noMatchMessage(spelling, candidates, snapshot), 'DISCOVERY_NO_MATCH', {
      candidates,
      failures: snapshot.failures,
    });
  }
}

/** @throws {TypeError} for options that no call has. */
function signalOf(options: CallOptions): AbortSignal | undefined {
  checkOptions<CallOptions>('discover resources', options, { signal: rules.signal });
  return options.signal;
}
