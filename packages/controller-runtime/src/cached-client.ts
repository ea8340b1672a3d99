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
import { checkOptions, checkValue, required, rules } from '@bowline/apimachinery/arguments';
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
import { argument } from './argument-rules.ts';
import type { Cache } from './cache/cache.ts';
import { checkCall, checkGet, checkKey, checkList, refuseLiveOptions } from './call-arguments.ts';
import type { LiveClient } from './live-client.ts';
import { deleted, OwnWrites, scaled, stored, type WriteParts } from './own-writes.ts';
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

/** How objects are listed. `continue`, `resourceVersion`, `resourceVersionMatch`, `shardSelector` and `timeoutMs` are for live lists. */
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
  readonly #writes: OwnWrites;

  constructor(ports: CachedClientPorts, scope: CachedClientScope = {}) {
    this.#ports = ports;
    this.#scope = scope;
    this.#writes = new OwnWrites(ports.cache);
  }

  /** The same client for one piece of work: its calls end with `signal`, and it knows what it wrote. */
  bind(scope: { readonly signal: AbortSignal }): CachedClient {
    checkOptions<typeof scope>('bind client', scope, { signal: required(rules.signal) }, 'scope');
    return new CachedClient(this.#ports, { ...this.#scope, ...scope });
  }

  /** The same client with other defaults for writes. */
  with(defaults: WriteDefaults): CachedClient {
    checkValue('make client with defaults', 'defaults', defaults, rules.object);
    const live = this.#ports.live.with(defaults);
    const { dryRun = this.#scope.dryRun } = defaults;
    return new CachedClient({ ...this.#ports, live }, { ...this.#scope, dryRun });
  }

  /** Resolves once the cache shows what this client wrote, or when `signal` aborts. Undefined when it does already. */
  writesVisible(signal: AbortSignal): Promise<void> | undefined {
    return this.#writes.visible(signal);
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
    checkGet(resource, options);
    const action = `get ${resource.resource}`;
    checkKey(action, key);
    const { consistency = this.#scope.consistency ?? 'own-writes', ...call } = this.#bound(options);
    const { live, cache } = this.#ports;
    if (consistency === 'live') return live.get<T>(resource, key, call);
    refuseLiveOptions(action, call, consistency);
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
    checkList(resource, options);
    const { consistency = this.#scope.consistency ?? 'own-writes', ...call } = this.#bound(options);
    const { live, cache } = this.#ports;
    if (consistency === 'live') return live.list<T>(resource, call);
    refuseLiveOptions(`list ${resource.resource}`, call, consistency);
    const kind = kindOf(resource);
    const ownWrites = consistency === 'own-writes';
    const { labelSelector, fieldSelector, limit, signal } = call;
    const namespace = call.namespace || undefined;
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
    return this.#ports.live.pages<T>(resource, this.#call('list', resource, options));
  }

  /** What happens to the objects that match. For work that has to follow changes, watch the kind with a controller instead. */
  watch<T extends KubernetesObject = UnstructuredObject>(
    resource: Resource<T>,
    options: WatchOptions = {},
  ): AsyncGenerator<WatchEvent<T>> {
    return this.#ports.live.watch<T>(resource, this.#call('watch', resource, options));
  }

  /** Creates an object and returns it as it is stored. @throws {StatusError} `API_ALREADY_EXISTS`, `API_INVALID` … */
  create<T extends KubernetesObject = UnstructuredObject>(
    resource: Resource<T>,
    draft: Draft<T>,
    options: CreateOptions = {},
  ): Promise<T> {
    return this.#writeObject('create', resource, draft, options, (live, call) => live.create<T>(resource, draft, call));
  }

  /** Replaces an object. With `metadata.resourceVersion` only if nobody has changed it since. @throws {StatusError} `API_CONFLICT` … */
  update<T extends KubernetesObject = UnstructuredObject>(
    resource: Resource<T>,
    object: Draft<T>,
    options: WriteOptions = {},
  ): Promise<T> {
    return this.#writeObject('update', resource, object, options, (live, call) =>
      live.update<T>(resource, object, call),
    );
  }

  /** Changes parts of an object. */
  patch<T extends KubernetesObject = UnstructuredObject>(
    resource: Resource<T>,
    key: ObjectKey,
    patch: Patch,
    options: WriteOptions = {},
  ): Promise<T> {
    return this.#write('patch', resource, key, options, {
      send: (live, call) => live.patch<T>(resource, key, patch, call),
      read: stored,
    });
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
    return this.#writeObject('apply', resource, draft, options, (live, call) => live.apply<T>(resource, draft, call));
  }

  /** Deletes an object, or starts its deletion. @throws {StatusError} `API_NOT_FOUND` … */
  async delete<T extends KubernetesObject = UnstructuredObject>(
    resource: Resource<T>,
    key: ObjectKey,
    options: DeleteOptions = {},
  ): Promise<Deletion<T>> {
    return this.#write('delete', resource, key, options, {
      send: (live, call) => live.delete<T>(resource, key, call),
      read: deleted(key),
    });
  }

  /** Deletes all objects that match, one by one. Reads do not wait for that: the server does not say what it deleted. */
  deleteCollection<T extends KubernetesObject = UnstructuredObject>(
    resource: Resource<T>,
    options: DeleteCollectionOptions = {},
  ): Promise<void> {
    return this.#ports.live.deleteCollection<T>(resource, this.#call('delete collection of', resource, options));
  }

  /** Replaces `status`, and nothing else. */
  updateStatus<T extends KubernetesObject = UnstructuredObject>(
    resource: Resource<T>,
    object: Draft<T>,
    options: WriteOptions = {},
  ): Promise<T> {
    return this.#writeObject('update status of', resource, object, options, (live, call) =>
      live.updateStatus<T>(resource, object, call),
    );
  }

  /** Changes parts of `status`; the body holds `status` as a member. */
  patchStatus<T extends KubernetesObject = UnstructuredObject>(
    resource: Resource<T>,
    key: ObjectKey,
    patch: Patch,
    options: WriteOptions = {},
  ): Promise<T> {
    return this.#write('patch status of', resource, key, options, {
      send: (live, call) => live.patchStatus<T>(resource, key, patch, call),
      read: stored,
    });
  }

  /** Server-side apply of `status`. The object must exist. */
  applyStatus<T extends KubernetesObject = UnstructuredObject>(
    resource: Resource<T>,
    key: ObjectKey,
    status: StatusDraft<T>,
    options: Omit<ApplyOptions, 'controller'> = {},
  ): Promise<T> {
    return this.#write('apply status of', resource, key, options, {
      send: (live, call) => live.applyStatus<T>(resource, key, status, call),
      read: stored,
    });
  }

  /** How many replicas are wanted, and are there, from the server. */
  getScale(resource: Resource<KubernetesObject>, key: ObjectKey, options: CallOptions = {}): Promise<Scale> {
    return this.#ports.live.getScale(resource, key, this.#call('get scale of', resource, options));
  }

  /** Replaces the scale of an object, as `getScale` gave it. */
  updateScale(
    resource: Resource<KubernetesObject>,
    key: ObjectKey,
    scale: Draft<Scale>,
    options: WriteOptions = {},
  ): Promise<Scale> {
    return this.#write('update scale of', resource, key, options, {
      send: (live, call) => live.updateScale(resource, key, scale, call),
      read: scaled(key),
    });
  }

  /** Changes the scale of an object: `{ type: 'merge', body: { spec: { replicas: 3 } } }`. */
  patchScale(
    resource: Resource<KubernetesObject>,
    key: ObjectKey,
    patch: Patch,
    options: WriteOptions = {},
  ): Promise<Scale> {
    return this.#write('patch scale of', resource, key, options, {
      send: (live, call) => live.patchScale(resource, key, patch, call),
      read: scaled(key),
    });
  }

  /** Reads a subresource that answers with an object, from the server. */
  getSubresource<R = UnstructuredObject>(
    resource: Resource<KubernetesObject>,
    key: ObjectKey,
    subresource: string,
    options: CallOptions = {},
  ): Promise<R> {
    return this.#ports.live.getSubresource<R>(
      resource,
      key,
      subresource,
      this.#call('get subresource of', resource, options),
    );
  }

  /** Posts to a subresource: `eviction`, `token`, `binding`. Reads do not wait for what comes of it. */
  createSubresource<R = UnstructuredObject>(
    resource: Resource<KubernetesObject>,
    key: ObjectKey,
    subresource: string,
    body: object,
    options: WriteOptions = {},
  ): Promise<R> {
    const call = this.#call('create subresource of', resource, options);
    return this.#ports.live.createSubresource<R>(resource, key, subresource, body, call);
  }

  /** Sends any request, and gives the answer, whatever its status. */
  raw(request: RawRequest): Promise<HttpResponse> {
    checkValue('send request', 'request', request, rules.object);
    return this.#ports.live.raw(this.#bound(request));
  }

  #bound<O extends { readonly signal?: AbortSignal | undefined }>(options: O): O {
    const { signal } = this.#scope;
    return signal && !options.signal ? { ...options, signal } : options;
  }

  /** The options of a call that is to be sent. @throws {TypeError | RangeError} */
  #call<O extends CallOptions>(verb: string, resource: Resource<KubernetesObject>, options: O): O {
    checkCall(verb, resource, options);
    return this.#bound(options);
  }

  async #writeObject<T extends KubernetesObject, O extends WriteOptions>(
    verb: string,
    resource: Resource<T>,
    object: { readonly metadata: Partial<ObjectKey> },
    options: O,
    send: (live: LiveClient, call: O) => Promise<T>,
  ): Promise<T> {
    const call = this.#call(verb, resource, options);
    checkValue(`${verb} ${resource.resource}`, 'object', object, argument.object);
    return this.#send(resource, object.metadata, call, { send, read: stored });
  }

  async #write<R, O extends WriteOptions>(
    verb: string,
    resource: Resource<KubernetesObject>,
    key: ObjectKey,
    options: O,
    parts: WriteParts<R, O>,
  ): Promise<R> {
    const call = this.#call(verb, resource, options);
    checkKey(`${verb} ${resource.resource}`, key);
    return this.#send(resource, key, call, parts);
  }

  #send<R, O extends WriteOptions>(
    resource: Resource<KubernetesObject>,
    key: Partial<ObjectKey>,
    call: O,
    { send, read }: WriteParts<R, O>,
  ): Promise<R> {
    const { signal, dryRun = this.#scope.dryRun ?? false } = call;
    return this.#writes.send({
      resource,
      key,
      signal,
      isDryRun: dryRun,
      send: () => send(this.#ports.live, call),
      read,
    });
  }

  /** Asks the server what became of a write, and lets later reads of the cache wait for that state. */
  async #resolveDoubt<T extends KubernetesObject>(
    kind: Kind<T>,
    key: ObjectKey,
    call: CallOptions,
  ): Promise<T | undefined> {
    const object = await this.#ports.live.get<T>(kind, key, call);
    this.#ports.cache.written(kind, key, object ? { type: 'object', object } : { type: 'gone', uid: undefined });
    return object;
  }
}
