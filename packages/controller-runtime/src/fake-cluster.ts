import type { Scale } from '@bowline/api/autoscaling/v1';
import {
  applyJsonPatch,
  applyMergePatch,
  clone,
  type Draft,
  equal,
  formatGroupResource,
  type HttpResponse,
  type ItemClient,
  type Kind,
  type KubernetesObject,
  keyOf,
  type ListCall,
  type ObjectKey,
  type ObjectList,
  ownerReference,
  type Page,
  type ResourceQuery,
  statusError,
  type UnstructuredObject,
  type WatchCall,
  type WatchFrame,
} from '@bowline/apimachinery';
import type {
  ApplyDraft,
  ApplyOptions,
  DeleteOptions,
  Deletion,
  Patch,
  Resource,
  WriteDefaults,
  WriteOptions,
} from '@bowline/client';
import { FakeItemServer } from '@bowline/listwatch/testing';
import type { LiveClient } from './live-client.ts';
import { kindOf } from './resource-kind.ts';

type Objects = { readonly metadata: Partial<KubernetesObject['metadata']> };
type WithParts = KubernetesObject & { readonly spec?: unknown; readonly status?: unknown };

/**
 * A cluster in memory that is just real enough to test a manager against: objects with versions, uids, generations, conflicts, finalizers
 * and status. For anything more, a test wants the embedded API server of `@bowline/envtest`.
 *
 * Its watches can be held back, which makes caches stale, and answers can get lost.
 */
export class FakeCluster implements LiveClient, ItemClient {
  /** The server behind it: breaks watches, fails lists, knows the requests of informers. */
  readonly server: FakeItemServer;
  /** Every write that was sent: `create deployments default/web`. */
  readonly writes: string[] = [];
  /** Every read that did not come from a cache. */
  readonly reads: string[] = [];
  #held: { readonly over: Promise<void>; readonly end: () => void } | undefined;
  readonly #lost: unknown[] = [];

  constructor(server: FakeItemServer = new FakeItemServer()) {
    this.server = server;
  }

  /** From now on watches show nothing new. */
  holdWatches(): void {
    let end = (): void => {};
    const over = new Promise<void>((resolve) => {
      end = resolve;
    });
    this.#held ??= { over, end };
  }

  releaseWatches(): void {
    this.#held?.end();
    this.#held = undefined;
  }

  /** The next write happens, but rejects with `error`. */
  loseNextAnswer(error: unknown): void {
    this.#lost.push(error);
  }

  with(_defaults: WriteDefaults): LiveClient {
    return this;
  }

  listItems<T>(query: ResourceQuery, call: ListCall<T>): Promise<Page<T>> {
    return this.server.listItems<T>(query, call);
  }

  async *watchItems<T>(query: ResourceQuery, call: WatchCall): AsyncGenerator<readonly WatchFrame<T>[]> {
    for await (const frames of this.server.watchItems<T>(query, call)) {
      while (this.#held && frames.length > 0 && !call.signal.aborted) {
        await Promise.race([this.#held.over, aborted(call.signal)]);
      }
      yield frames;
    }
  }

  retireConnections(): void {
    this.server.retireConnections();
  }

  async get<T extends KubernetesObject>(resource: Resource<T>, key: ObjectKey): Promise<T | undefined> {
    this.reads.push(describe('get', resource, key));
    return this.#find(kindOf(resource), key);
  }

  async list<T extends KubernetesObject>(
    resource: Resource<T>,
    options: { readonly namespace?: string | undefined } = {},
  ): Promise<ObjectList<T>> {
    const kind = kindOf(resource);
    this.reads.push(`list ${kind.resource}`);
    const { namespace } = options;
    const items = this.server
      .objects(kind)
      .filter((each) => (namespace ?? each.metadata.namespace) === each.metadata.namespace);
    const metadata = { resourceVersion: this.server.resourceVersion };
    return { apiVersion: kind.apiVersion, kind: `${kind.kind}List`, metadata, items };
  }

  async *pages<T extends KubernetesObject>(resource: Resource<T>): AsyncGenerator<ObjectList<T>> {
    yield await this.list(resource);
  }

  watch(): AsyncGenerator<never> {
    return refuse('watch');
  }

  create<T extends KubernetesObject>(resource: Resource<T>, draft: Draft<T>, options: WriteOptions = {}): Promise<T> {
    const kind = kindOf(resource);
    return this.#write('create', kind, draft, options, (key) => {
      if (this.#find(kind, key)) throw failure(409, 'AlreadyExists', kind, key);
      return { ...clone(draft), metadata: { ...draft.metadata, generation: 1 } } as Draft<T>;
    });
  }

  update<T extends KubernetesObject>(resource: Resource<T>, object: Draft<T>, options: WriteOptions = {}): Promise<T> {
    const kind = kindOf(resource);
    return this.#write('update', kind, object, options, (key) => {
      const present = this.#existing(kind, key, object.metadata.resourceVersion);
      const status = kind.subresources.includes('status') ? { status: (present as WithParts).status } : {};
      return changed(present, { ...object, ...status } as Draft<T>);
    });
  }

  patch<T extends KubernetesObject>(
    resource: Resource<T>,
    key: ObjectKey,
    patch: Patch,
    options: WriteOptions = {},
  ): Promise<T> {
    const kind = kindOf(resource);
    return this.#write('patch', kind, { metadata: key }, options, () => {
      const present = this.#existing(kind, key);
      return changed(present, patched(present, patch));
    });
  }

  apply<T extends KubernetesObject>(
    resource: Resource<T>,
    draft: ApplyDraft<T>,
    options: ApplyOptions = {},
  ): Promise<T> {
    const kind = kindOf(resource);
    const { controller } = options;
    const references = controller && { ownerReferences: [ownerReference(controller, { controller: true })] };
    const wanted = { ...draft, metadata: { ...draft.metadata, ...references } } as unknown as Draft<T>;
    return this.#write('apply', kind, wanted, options, (key) => {
      const present = this.#find(kind, key);
      if (!present) return { ...wanted, metadata: { ...wanted.metadata, generation: 1 } };
      return changed(present, applyMergePatch(present, wanted) as Draft<T>);
    });
  }

  async delete<T extends KubernetesObject>(
    resource: Resource<T>,
    key: ObjectKey,
    options: DeleteOptions = {},
  ): Promise<Deletion<T>> {
    const kind = kindOf(resource);
    this.writes.push(describe('delete', kind, key));
    const present = this.#existing(kind, key);
    const { uid, finalizers = [] } = present.metadata;
    if (options.dryRun) return { type: 'status', uid };
    if (finalizers.length === 0) {
      this.server.delete(kind, key);
      return this.#answer({ type: 'status', uid });
    }
    const metadata = { ...present.metadata, deletionTimestamp: '2026-01-01T00:00:00Z', deletionGracePeriodSeconds: 0 };
    return this.#answer({
      type: 'object',
      object: this.server.put(kind, { ...present, metadata } as unknown as Draft<T>),
    });
  }

  async deleteCollection<T extends KubernetesObject>(resource: Resource<T>): Promise<void> {
    for (const { metadata } of this.server.objects(kindOf(resource))) await this.delete(resource, metadata);
  }

  updateStatus<T extends KubernetesObject>(
    resource: Resource<T>,
    object: Draft<T>,
    options: WriteOptions = {},
  ): Promise<T> {
    const { status } = object as unknown as WithParts;
    return this.#status('updateStatus', kindOf(resource), object.metadata, options, () => status);
  }

  patchStatus<T extends KubernetesObject>(
    resource: Resource<T>,
    key: ObjectKey,
    patch: Patch,
    options: WriteOptions = {},
  ): Promise<T> {
    return this.#status(
      'patchStatus',
      kindOf(resource),
      key,
      options,
      (present) => (patched(present, patch) as WithParts).status,
    );
  }

  applyStatus<T extends KubernetesObject>(
    resource: Resource<T>,
    key: ObjectKey,
    status: unknown,
    options: WriteOptions = {},
  ): Promise<T> {
    return this.#status('applyStatus', kindOf(resource), key, options, (present) =>
      applyMergePatch((present as WithParts).status ?? {}, status),
    );
  }

  async getScale(resource: Resource<KubernetesObject>, key: ObjectKey): Promise<Scale> {
    const { metadata, spec } = this.#existing(kindOf(resource), key) as WithParts & Scale;
    return { apiVersion: 'autoscaling/v1', kind: 'Scale', metadata, spec: { replicas: spec?.replicas } };
  }

  updateScale(resource: Resource<KubernetesObject>, key: ObjectKey, scale: Draft<Scale>): Promise<Scale> {
    return this.patchScale(resource, key, { type: 'merge', body: { spec: scale.spec } });
  }

  async patchScale(resource: Resource<KubernetesObject>, key: ObjectKey, patch: Patch): Promise<Scale> {
    await this.patch(resource, key, patch);
    return this.getScale(resource, key);
  }

  async getSubresource(): Promise<never> {
    return refuse('getSubresource');
  }

  async createSubresource(): Promise<never> {
    return refuse('createSubresource');
  }

  async raw(): Promise<HttpResponse> {
    return refuse('raw');
  }

  #find<T extends KubernetesObject>(kind: Kind<T>, key: Partial<ObjectKey>): T | undefined {
    const id = keyOf({ metadata: key as ObjectKey });
    return this.server.objects(kind).find((object) => keyOf(object) === id);
  }

  #existing<T extends KubernetesObject>(kind: Kind<T>, key: Partial<ObjectKey>, version?: string): T {
    const present = this.#find(kind, key);
    if (!present) throw failure(404, 'NotFound', kind, key);
    if (version !== undefined && version !== present.metadata.resourceVersion)
      throw failure(409, 'Conflict', kind, key);
    return present;
  }

  #status<T extends KubernetesObject>(
    verb: string,
    kind: Kind<T>,
    key: Partial<ObjectKey>,
    options: WriteOptions,
    statusOf: (present: T) => unknown,
  ): Promise<T> {
    return this.#write(verb, kind, { metadata: key }, options, () => {
      const present = this.#existing(kind, key);
      return { ...present, status: statusOf(present) } as unknown as Draft<T>;
    });
  }

  /** Stores what `change` makes, unless that is what is there. */
  async #write<T extends KubernetesObject>(
    verb: string,
    kind: Kind<T>,
    draft: Objects,
    options: WriteOptions,
    change: (key: Partial<ObjectKey>) => Draft<T>,
  ): Promise<T> {
    const { namespace, name = '' } = draft.metadata;
    const key = { namespace, name };
    this.writes.push(describe(verb, kind, key));
    const wanted = change(key);
    const present = this.#find(kind, key);
    if (present && equal(present, wanted)) return this.#answer(present);
    if (options.dryRun) return wanted as unknown as T;
    const { deletionTimestamp, finalizers = [] } = wanted.metadata;
    const hadFinalizers = (present?.metadata.finalizers ?? []).length > 0;
    if (hadFinalizers && deletionTimestamp !== undefined && finalizers.length === 0) {
      this.server.delete(kind, key);
      return this.#answer(wanted as unknown as T);
    }
    return this.#answer(this.server.put(kind, wanted));
  }

  #answer<R>(answer: R): R {
    if (this.#lost.length > 0) throw this.#lost.shift();
    return answer;
  }
}

/** What an update makes of an object: what only the server sets stays, and a new spec is a new generation. */
function changed<T extends KubernetesObject>(present: T, wanted: Draft<T>): Draft<T> {
  const { uid, resourceVersion, creationTimestamp, deletionTimestamp, deletionGracePeriodSeconds, generation } =
    present.metadata;
  const isSame = equal((present as WithParts).spec, (wanted as unknown as WithParts).spec);
  const kept = { uid, resourceVersion, creationTimestamp, deletionTimestamp, deletionGracePeriodSeconds };
  const metadata = { ...wanted.metadata, ...kept, generation: isSame ? generation : (generation ?? 0) + 1 };
  return clone({ ...wanted, apiVersion: present.apiVersion, kind: present.kind, metadata }) as Draft<T>;
}

function patched<T extends KubernetesObject>(present: T, patch: Patch): Draft<T> {
  const object = clone(present);
  if (patch.type === 'json') return applyJsonPatch(object, patch.body) as Draft<T>;
  return applyMergePatch(object, patch.body) as Draft<T>;
}

function failure(code: number, reason: string, kind: Kind, { name }: Partial<ObjectKey>): Error {
  const message = `${formatGroupResource(kind)} "${name}": ${reason}`;
  return statusError({
    kind: 'Status',
    status: 'Failure',
    reason,
    code,
    message,
    details: { name, group: kind.group },
  });
}

function describe(
  verb: string,
  { resource }: Resource<UnstructuredObject> | Resource<KubernetesObject>,
  key: ObjectKey,
): string {
  return `${verb} ${resource} ${keyOf({ metadata: key })}`;
}

function refuse(verb: string): never {
  throw new TypeError(`Cannot ${verb}: a FakeCluster does not know that verb`);
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
