import {
  abortError,
  type Clock,
  formatGroupResource,
  type GroupVersionKind,
  type GroupVersionResource,
  type Logger,
  silentLogger,
  systemClock,
} from '@bowline/apimachinery';
import { type ApiResourceRow, type ApiResourcesFilter, apiResourceRows, apiVersionNames } from './api-resources.ts';
import { DiscoveryError } from './errors.ts';
import { type Match, match, others, unambiguous } from './matching.ts';
import { nearMatches } from './near-matches.ts';
import { type DiscoveryOptions, type ResolvedOptions, resolveOptions } from './options.ts';
import type { RawClient } from './ports.ts';
import { readServer } from './read-server.ts';
import type { ApiGroup, Resource, Snapshot } from './resource.ts';
import { formatSpelling, readingsOf, type Spelling } from './spelling.ts';

/** What a `Discovery` works with. */
export interface DiscoveryPorts {
  readonly client: RawClient;
  /** @default systemClock */
  readonly clock?: Pick<Clock, 'monotonic' | 'setTimer'> | undefined;
  /** @default silentLogger */
  readonly logger?: Logger | undefined;
}

/** Ends the waiting of one call, not the reading that others may wait for. */
export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
}

interface Reading {
  readonly snapshot: Snapshot;
  /** When it began, on the monotonic clock. */
  readonly atMs: number;
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
  readonly #client: RawClient;
  readonly #clock: Pick<Clock, 'monotonic' | 'setTimer'>;
  readonly #logger: Logger;
  readonly #options: ResolvedOptions;
  #known: Reading | undefined;
  /** The reading that is under way; everybody who needs one shares it. */
  #underWay: Promise<Reading> | undefined;

  /** @throws {RangeError} when an option is out of its range. */
  constructor(ports: DiscoveryPorts, options: DiscoveryOptions = {}) {
    const { client, clock = systemClock, logger = silentLogger } = ports;
    this.#client = client;
    this.#clock = clock;
    this.#logger = logger;
    this.#options = resolveOptions(options);
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
    return (await this.#current(options)).snapshot.resources;
  }

  /** All groups in the server's order, core first. From the cache. */
  async groups(options: CallOptions = {}): Promise<readonly ApiGroup[]> {
    return (await this.#current(options)).snapshot.groups;
  }

  /** What could not be read when the server was last read: apiVersion → why. Empty before the first reading. */
  get failures(): ReadonlyMap<string, Error> {
    return this.#known?.snapshot.failures ?? new Map();
  }

  /** What `kubectl api-versions` prints, a line each. Reads the server anew, as kubectl does. */
  async apiVersions(options: CallOptions = {}): Promise<string[]> {
    return apiVersionNames((await this.#read(options)).snapshot);
  }

  /** What `kubectl api-resources` prints, for `formatApiResources`. Reads the server anew, as kubectl does. */
  async apiResources(filter: ApiResourcesFilter = {}, options: CallOptions = {}): Promise<ApiResourceRow[]> {
    return apiResourceRows((await this.#read(options)).snapshot, filter);
  }

  /** Forgets everything: the next call reads the server. What is being read right now is not kept. */
  invalidate(): void {
    this.#known = undefined;
    this.#underWay = undefined;
  }

  async #find(spelling: Spelling, options: CallOptions): Promise<Match> {
    const readings = readingsOf(spelling);
    const before = await this.#current(options);
    const found = match(before.snapshot.resources, readings);
    if (found) return found;
    const isFresh = this.#clock.monotonic() - before.atMs < this.#options.minRefreshMs;
    const { snapshot } = isFresh ? before : await this.#read(options);
    const foundNow = isFresh ? undefined : match(snapshot.resources, readings);
    if (foundNow) return foundNow;
    const candidates = nearMatches(snapshot.resources, readings);
    throw new DiscoveryError(noMatchMessage(spelling, candidates, snapshot), 'DISCOVERY_NO_MATCH', {
      candidates,
      failures: snapshot.failures,
    });
  }

  async #current(options: CallOptions): Promise<Reading> {
    options.signal?.throwIfAborted();
    return this.#known ?? this.#read(options);
  }

  /** Reads the server, or waits for the reading that is under way. */
  #read({ signal }: CallOptions): Promise<Reading> {
    if (signal?.aborted) return Promise.reject(abortError(signal));
    if (!this.#underWay) {
      const reading = this.#readOnce();
      this.#underWay = reading;
      const isStillWanted = (): boolean => this.#underWay === reading;
      reading.then(
        (result) => {
          if (!isStillWanted()) return;
          this.#known = result;
          this.#underWay = undefined;
        },
        () => {
          if (isStillWanted()) this.#underWay = undefined;
        },
      );
    }
    return untilAbort(this.#underWay, signal);
  }

  async #readOnce(): Promise<Reading> {
    const { concurrency, timeoutMs } = this.#options;
    const atMs = this.#clock.monotonic();
    const giveUp = new AbortController();
    const timer = this.#clock.setTimer(timeoutMs, () => giveUp.abort(new Error(`No answer within ${timeoutMs} ms`)));
    try {
      const previous = this.#known?.snapshot;
      const snapshot = await readServer(this.#client, { concurrency, signal: giveUp.signal, previous });
      for (const [version, error] of snapshot.failures) {
        this.#logger.warn({ apiVersion: version, err: error }, 'Could not discover a group version');
      }
      return { snapshot, atMs };
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new DiscoveryError(`The server could not be discovered: ${reason}`, 'DISCOVERY_FAILED', { cause });
    } finally {
      timer.cancel();
    }
  }
}

function noMatchMessage(spelling: Spelling, candidates: readonly Resource[], { failures }: Snapshot): string {
  const names = candidates.map((candidate) => `"${nameLike(spelling, candidate)}"`).join(', ');
  const unread = [...failures.keys()].join(', ');
  return [
    `The server has no resource ${formatSpelling(spelling)}`,
    ...(names ? [`did you mean ${names}?`] : []),
    ...(unread ? [`it could not be looked for in ${unread}`] : []),
  ].join('; ');
}

/** Names a resource in the way that the user named another. */
function nameLike(spelling: Spelling, { apiVersion, group, version, kind, resource }: Resource): string {
  if (typeof spelling !== 'string') return `${apiVersion} ${'resource' in spelling ? resource : kind}`;
  const withVersion = spelling.includes('/') || /\.v\d/.test(spelling);
  return withVersion ? `${resource}.${version}.${group}` : formatGroupResource({ group, resource });
}

/** One version of each resource: the one of highest priority. */
function distinct(resources: readonly Resource[]): Resource[] {
  const byName = new Map<string, Resource>();
  for (const resource of resources) {
    const name = formatGroupResource(resource);
    if (!byName.has(name)) byName.set(name, resource);
  }
  return [...byName.values()];
}

/** The promise, or the rejection of `signal` if that comes first. */
function untilAbort<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return promise;
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(abortError(signal));
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
