import type { Scale } from '@bowline/api/autoscaling/v1';
import type {
  Draft,
  HttpResponse,
  Kind,
  KubernetesObject,
  ObjectKey,
  ObjectList,
  UnstructuredObject,
} from '@bowline/apimachinery';
import { statusOf } from '@bowline/apimachinery';
import type {
  ApplyDraft,
  ApplyOptions,
  CallOptions,
  CreateOptions,
  DeleteCollectionOptions,
  DeleteOptions,
  Deletion,
  GetOptions,
  ListOptions,
  Patch,
  RawRequest,
  Resource,
  StatusDraft,
  WatchEvent,
  WatchOptions,
  WriteDefaults,
  WriteOptions,
} from '@bowline/client';
import type { Cache } from './cache/cache.ts';
import type { WriteAnswer } from './cache/partition.ts';
import type { PendingWrite } from './cache/pending-writes.ts';
import type { LiveClient } from './live-client.ts';
import { kindOf } from './resource-kind.ts';

/**
 * How new what a read returns has to be. `cached`: what the cache holds. `own-writes`: the same, but it shows every write that was answered
 * before the read, for which it waits. `live`: the server is asked.
 */
export type Consistency = 'cached' | 'own-writes' | 'live';

/** How an object is read. `resourceVersion` and `timeoutMs` are for live reads. */
export interface CachedGetOptions extends GetOptions {
  /** @default 'own-writes' */
  readonly consistency?: Consistency | undefined;
}

/** How objects are listed. `continue`, `resourceVersion`, `resourceVersionMatch` and `timeoutMs` are for live lists. */
export interface CachedListOptions extends ListOptions {
  /** @default 'own-writes' */
  readonly consistency?: Consistency | undefined;
}

/** What a cached client works with. */
export interface CachedClientPorts {
  readonly live: LiveClient;
  readonly cache: Cache;
}

/** Whose calls a client makes, and how. */
export interface CachedClientScope {
  /** Ends the calls that bring no signal of their own. */
  readonly signal?: AbortSignal | undefined;
  /** Writes nothing, unless a call says otherwise. */
  readonly dryRun?: boolean | undefined;
  /** How new reads are, unless a call says otherwise. @default 'own-writes' */
  readonly consistency?: Consistency | undefined;
}

/**
 * Reads from the cache and writes to the server. What was written is there when it is read: after a write's promise has resolved, a `get` of
 * that object waits until the cache shows it, a `list` for all earlier writes to that resource.
 *
 * What it reads is frozen and shared: `clone` it to change it. The same verbs as `Client` of `@bowline/client`; watches, pages, scales and
 * subresources are live.
 */
export class CachedClient {
  readonly #ports: CachedClientPorts;
  readonly #scope: CachedClientScope;
  /** What it wrote and the cache does not show yet. */
  readonly #writes = new Set<PendingWrite>();

  constructor(ports: CachedClientPorts, scope: CachedClientScope = {}) {
    this.#ports = ports;
    this.#scope = scope;
  }

  /** The same client for one piece of work: its calls end with `signal`, and it knows what it wrote. */
  bind(scope: { readonly signal: AbortSignal }): CachedClient {
    return new CachedClient(this.#ports, { ...this.#scope, ...scope });
  }

  /** The same client with other defaults for writes. */
  with(defaults: WriteDefaults): CachedClient {
    const { dryRun = this.#scope.dryRun } = defaults;
    return new CachedClient({ ...this.#ports, live: this.#ports.live.with(defaults) }, { ...this.#scope, dryRun });
  }

  /** Resolves once the cache shows what this client wrote, or when `signal` aborts. Undefined when it does already. */
  writesVisible(signal: AbortSignal): Promise<void> | undefined {
    return this.#writes.size === 0 ? undefined : this.#ports.cache.untilVisible([...this.#writes], signal);
  }

  /**
   * The object, frozen when it comes from the cache, or `undefined` when there is none of that name.
   *
   * @throws {ControllerRuntimeError} `CONTROLLER_RUNTIME_KIND_NOT_CACHED`, `CONTROLLER_RUNTIME_NAMESPACE_NOT_CACHED`,
   * `CONTROLLER_RUNTIME_NOT_STARTED`, `CLIENT_CACHE_STALE`
   */
  async get<T extends KubernetesObject = UnstructuredObject>(
    resource: Resource<T>,
    key: ObjectKey,
    options: CachedGetOptions = {},
  ): Promise<T | undefined> {
    const { consistency = this.#scope.consistency ?? 'own-writes', ...call } = this.#bound(options);
    const { live, cache } = this.#ports;
    if (consistency === 'live') return live.get<T>(resource, key, call);
    refuse(resource, 'get', consistency, call, ['resourceVersion', 'timeoutMs']);
    const kind = kindOf(resource);
    const ownWrites = consistency === 'own-writes';
    if (ownWrites && cache.doubts(kind, key).length > 0) return this.#resolveDoubt(kind, key, call);
    return cache.get(kind, key, { ownWrites, signal: call.signal });
  }

  /**
   * The objects that match, frozen when they come from the cache; their order is not defined.
   *
   * @throws {ControllerRuntimeError} as `get` does, and `CONTROLLER_RUNTIME_INDEX_MISSING`.
   */
  async list<T extends KubernetesObject = UnstructuredObject>(
    resource: Resource<T>,
    options: CachedListOptions = {},
  ): Promise<ObjectList<T>> {
    const { consistency = this.#scope.consistency ?? 'own-writes', ...call } = this.#bound(options);
    const { live, cache } = this.#ports;
    if (consistency === 'live') return live.list<T>(resource, call);
    refuse(resource, 'list', consistency, call, ['continue', 'resourceVersion', 'resourceVersionMatch', 'timeoutMs']);
    const kind = kindOf(resource);
    const ownWrites = consistency === 'own-writes';
    const { namespace, labelSelector, fieldSelector, limit, signal } = call;
    if (ownWrites) {
      for (const key of cache.doubts(kind, { namespace })) await this.#resolveDoubt(kind, key, { signal });
    }
    return cache.list(kind, { namespace, labelSelector, fieldSelector, limit, ownWrites, signal });
  }

  /** All objects that match, one page at a time, from the server. */
  pages<T extends KubernetesObject = UnstructuredObject>(
    resource: Resource<T>,
    options: ListOptions = {},
  ): AsyncGenerator<ObjectList<T>> {
    return this.#ports.live.pages<T>(resource, this.#bound(options));
  }

  /** What happens to the objects that match. For work that has to follow changes, watch the kind with a controller instead. */
  watch<T extends KubernetesObject = UnstructuredObject>(
    resource: Resource<T>,
    options: WatchOptions = {},
  ): AsyncGenerator<WatchEvent<T>> {
    return this.#ports.live.watch<T>(resource, this.#bound(options));
  }

  /** Creates an object and returns it as it is stored. @throws {StatusError} `API_ALREADY_EXISTS`, `API_INVALID` … */
  create<T extends KubernetesObject = UnstructuredObject>(
    resource: Resource<T>,
    draft: Draft<T>,
    options: CreateOptions = {},
  ): Promise<T> {
    const call = this.#bound(options);
    return this.#write(resource, draft.metadata, call, () => this.#ports.live.create<T>(resource, draft, call));
  }

  /** Replaces an object. With `metadata.resourceVersion` only if nobody has changed it since. @throws {StatusError} `API_CONFLICT` … */
  update<T extends KubernetesObject = UnstructuredObject>(
    resource: Resource<T>,
    object: Draft<T>,
    options: WriteOptions = {},
  ): Promise<T> {
    const call = this.#bound(options);
    return this.#write(resource, object.metadata, call, () => this.#ports.live.update<T>(resource, object, call));
  }

  /** Changes parts of an object. */
  patch<T extends KubernetesObject = UnstructuredObject>(
    resource: Resource<T>,
    key: ObjectKey,
    patch: Patch,
    options: WriteOptions = {},
  ): Promise<T> {
    const call = this.#bound(options);
    return this.#write(resource, key, call, () => this.#ports.live.patch<T>(resource, key, patch, call));
  }

  /**
   * Server-side apply: creates the object or changes it so that it has what the draft says.
   *
   * The client of a reconciler applies in the name of its controller and takes over fields that others own (`force`), as controllers should.
   */
  apply<T extends KubernetesObject = UnstructuredObject>(
    resource: Resource<T>,
    draft: ApplyDraft<T>,
    options: ApplyOptions = {},
  ): Promise<T> {
    const call = this.#bound(options);
    return this.#write(resource, draft.metadata, call, () => this.#ports.live.apply<T>(resource, draft, call));
  }

  /** Deletes an object, or starts its deletion. @throws {StatusError} `API_NOT_FOUND` … */
  async delete<T extends KubernetesObject = UnstructuredObject>(
    resource: Resource<T>,
    key: ObjectKey,
    options: DeleteOptions = {},
  ): Promise<Deletion<T>> {
    const call = this.#bound(options);
    const deletion = await this.#certain(resource, key, call, () => this.#ports.live.delete<T>(resource, key, call));
    const answer: WriteAnswer =
      deletion.type === 'object' ? { type: 'object', object: deletion.object } : { type: 'gone', uid: deletion.uid };
    this.#wrote(resource, key, call, answer);
    return deletion;
  }

  /** Deletes all objects that match, one by one. Reads do not wait for that: the server does not say what it deleted. */
  deleteCollection<T extends KubernetesObject = UnstructuredObject>(
    resource: Resource<T>,
    options: DeleteCollectionOptions = {},
  ): Promise<void> {
    return this.#ports.live.deleteCollection<T>(resource, this.#bound(options));
  }

  /** Replaces `status`, and nothing else. */
  updateStatus<T extends KubernetesObject = UnstructuredObject>(
    resource: Resource<T>,
    object: Draft<T>,
    options: WriteOptions = {},
  ): Promise<T> {
    const call = this.#bound(options);
    return this.#write(resource, object.metadata, call, () => this.#ports.live.updateStatus<T>(resource, object, call));
  }

  /** Changes parts of `status`; the body holds `status` as a member. */
  patchStatus<T extends KubernetesObject = UnstructuredObject>(
    resource: Resource<T>,
    key: ObjectKey,
    patch: Patch,
    options: WriteOptions = {},
  ): Promise<T> {
    const call = this.#bound(options);
    return this.#write(resource, key, call, () => this.#ports.live.patchStatus<T>(resource, key, patch, call));
  }

  /** Server-side apply of `status`. The object must exist. */
  applyStatus<T extends KubernetesObject = UnstructuredObject>(
    resource: Resource<T>,
    key: ObjectKey,
    status: StatusDraft<T>,
    options: Omit<ApplyOptions, 'controller'> = {},
  ): Promise<T> {
    const call = this.#bound(options);
    return this.#write(resource, key, call, () => this.#ports.live.applyStatus<T>(resource, key, status, call));
  }

  /** How many replicas are wanted, and are there, from the server. */
  getScale(resource: Resource<KubernetesObject>, key: ObjectKey, options: CallOptions = {}): Promise<Scale> {
    return this.#ports.live.getScale(resource, key, this.#bound(options));
  }

  /** Replaces the scale of an object, as `getScale` gave it. */
  updateScale(
    resource: Resource<KubernetesObject>,
    key: ObjectKey,
    scale: Draft<Scale>,
    options: WriteOptions = {},
  ): Promise<Scale> {
    const call = this.#bound(options);
    return this.#scale(resource, key, call, () => this.#ports.live.updateScale(resource, key, scale, call));
  }

  /** Changes the scale of an object: `{ type: 'merge', body: { spec: { replicas: 3 } } }`. */
  patchScale(
    resource: Resource<KubernetesObject>,
    key: ObjectKey,
    patch: Patch,
    options: WriteOptions = {},
  ): Promise<Scale> {
    const call = this.#bound(options);
    return this.#scale(resource, key, call, () => this.#ports.live.patchScale(resource, key, patch, call));
  }

  /** Reads a subresource that answers with an object, from the server. */
  getSubresource<R = UnstructuredObject>(
    resource: Resource<KubernetesObject>,
    key: ObjectKey,
    subresource: string,
    options: CallOptions = {},
  ): Promise<R> {
    return this.#ports.live.getSubresource<R>(resource, key, subresource, this.#bound(options));
  }

  /** Posts to a subresource: `eviction`, `token`, `binding`. Reads do not wait for what comes of it. */
  createSubresource<R = UnstructuredObject>(
    resource: Resource<KubernetesObject>,
    key: ObjectKey,
    subresource: string,
    body: object,
    options: WriteOptions = {},
  ): Promise<R> {
    return this.#ports.live.createSubresource<R>(resource, key, subresource, body, this.#bound(options));
  }

  /** Sends any request, and gives the answer, whatever its status. */
  raw(request: RawRequest): Promise<HttpResponse> {
    return this.#ports.live.raw(this.#bound(request));
  }

  #bound<O extends { readonly signal?: AbortSignal | undefined }>(options: O): O {
    const { signal } = this.#scope;
    return signal && !options.signal ? { ...options, signal } : options;
  }

  async #write<T extends KubernetesObject>(
    resource: Resource<T>,
    key: Partial<ObjectKey>,
    options: WriteOptions,
    send: () => Promise<T>,
  ): Promise<T> {
    const object = await this.#certain(resource, key, options, send);
    this.#wrote(resource, object.metadata, options, { type: 'object', object });
    return object;
  }

  async #scale(
    resource: Resource<KubernetesObject>,
    key: ObjectKey,
    options: WriteOptions,
    send: () => Promise<Scale>,
  ): Promise<Scale> {
    const scale = await this.#certain(resource, key, options, send);
    this.#wrote(resource, key, options, { type: 'version', resourceVersion: scale.metadata.resourceVersion });
    return scale;
  }

  /** Notes a write of which nobody knows whether it happened. */
  async #certain<R>(
    resource: Resource<KubernetesObject>,
    key: Partial<ObjectKey>,
    options: { readonly dryRun?: boolean | undefined },
    send: () => Promise<R>,
  ): Promise<R> {
    try {
      return await send();
    } catch (error) {
      const { namespace, name } = key;
      if (name && !this.#isDryRun(options) && isAmbiguous(error))
        this.#ports.cache.doubt(kindOf(resource), { namespace, name });
      throw error;
    }
  }

  #wrote(
    resource: Resource<KubernetesObject>,
    key: ObjectKey,
    options: { readonly dryRun?: boolean | undefined },
    answer: WriteAnswer,
  ): void {
    if (this.#isDryRun(options)) return;
    for (const write of this.#ports.cache.written(kindOf(resource), key, answer)) {
      this.#writes.add(write);
      void write.visible.then(() => this.#writes.delete(write));
    }
  }

  #isDryRun({ dryRun = this.#scope.dryRun }: { readonly dryRun?: boolean | undefined }): boolean {
    return dryRun ?? false;
  }

  /** Asks the server what became of a write, and lets later reads of the cache wait for that state. */
  async #resolveDoubt<T extends KubernetesObject>(
    kind: Kind<T>,
    key: ObjectKey,
    call: CallOptions,
  ): Promise<T | undefined> {
    const object = await this.#ports.live.get<T>(kind, key, call);
    const answer: WriteAnswer = object ? { type: 'object', object } : { type: 'gone', uid: undefined };
    this.#ports.cache.written(kind, key, answer);
    return object;
  }
}

/** Whether a failed write may have happened all the same: the server gave no answer, or gave up on it. */
function isAmbiguous(error: unknown): boolean {
  const code = statusOf(error)?.code;
  return code === undefined || code >= 500;
}

function refuse(
  resource: Resource<KubernetesObject>,
  verb: string,
  consistency: string,
  options: Readonly<Record<string, unknown>> | object,
  fields: readonly string[],
): void {
  for (const [field, value] of Object.entries(options)) {
    if (value === undefined || !fields.includes(field)) continue;
    throw new TypeError(
      `Cannot ${verb} ${resource.resource} from the cache: ${field} must be absent with consistency '${consistency}', got ${JSON.stringify(value)}`,
    );
  }
}
