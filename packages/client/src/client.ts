import { inspect } from 'node:util';
import type { Scale } from '@bowline/api/autoscaling/v1';
import type {
  Draft,
  HttpResponse,
  ItemClient,
  KubernetesObject,
  ListCall,
  ObjectKey,
  ObjectList,
  Page,
  ResourceQuery,
  UnstructuredObject,
  WatchCall,
  WatchFrame,
} from '@bowline/apimachinery';
import { apiVersion, isNotFound, statusOf } from '@bowline/apimachinery';
import { checkOptions, checkValue, rules } from '@bowline/apimachinery/arguments';
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
  WriteOptions,
} from './calls.ts';
import { badResponse } from './errors.ts';
import {
  checkCall,
  checkDraft,
  checkKey,
  checkListItems,
  checkPatch,
  checkPreconditions,
  checkSelection,
  checkWatchItems,
  optionsOf,
} from './request/arguments.ts';
import {
  ClientCore,
  type ClientParts,
  isMissingObject,
  type Target,
  type WriteDefaults,
} from './request/client-core.ts';
import { type AnyDraft, controlledBy, deletionOf, deletionOptions, typedDraft } from './request/drafts.ts';
import { listQuery, selection, watchQuery } from './request/list-query.ts';
import { metadataAlone, wholeObjects } from './request/media-types.ts';
import { checkNamespace, collectionPath, objectPath, type Query } from './request/resource-path.ts';
import { Slices } from './split/slices.ts';

/** client-go tools/pager/pager.go */
const PAGE_SIZE = 500;

const patchTypes = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
} as const;
const APPLY_TYPE = 'application/apply-patch+yaml';

/**
 * Reads and writes objects of any kind at an API server. Made by `createClient`; nothing happens before the first call.
 *
 * Where a verb takes a handle (`Deployment`) it knows the type; with group, version, resource and scope it gives `UnstructuredObject`.
 * What it returns is plain data that belongs to the caller. What the server refuses rejects as a `StatusError` (see `isNotFound`,
 * `isConflict` …), what goes wrong on the way as a `ClientError`.
 */
export class Client implements ItemClient, AsyncDisposable {
  readonly #core: ClientCore;
  readonly #defaults: WriteDefaults;

  /**
   * Asks for a sign of life on the connections that carry requests: an HTTP/2 ping. Waits until the signal
   * aborts, at most 60 s.
   * Resolves at once where nobody can tell (HTTP/1.1); absent where there are no connections (a transport of your own without `ping`).
   *
   * @throws {ClientError} `CLIENT_TIMEOUT` or `CLIENT_CONNECTION_FAILED` when a connection is dead; the signal's reason when it aborts.
   */
  declare readonly ping?: (signal: AbortSignal) => Promise<void>;

  constructor(parts: ClientParts, defaults: WriteDefaults) {
    this.#core = new ClientCore(parts);
    this.#defaults = defaults;
    if (parts.transport.ping) this.ping = (signal) => this.#core.ping(signal);
    Object.defineProperty(this, inspect.custom, { value: () => `Client { ${parts.server} }` });
  }

  /** The same client with other defaults for writes: `client.with({ fieldManager: 'web-controller', force: true })`. */
  with(defaults: WriteDefaults): Client {
    checkOptions<WriteDefaults>('make client with defaults', defaults, optionsOf.defaults, 'defaults');
    const {
      dryRun = this.#defaults.dryRun,
      fieldManager = this.#defaults.fieldManager,
      fieldValidation = this.#defaults.fieldValidation,
      force = this.#defaults.force,
    } = defaults;
    return new Client(this.#core.parts, { dryRun, fieldManager, fieldValidation, force });
  }

  /**
   * The object, or `undefined` when there is none of that name.
   *
   * @throws {StatusError} `API_NOT_FOUND` when the server knows no such resource.
   */
  async get<T extends KubernetesObject = UnstructuredObject>(
    resource: Resource<T>,
    key: ObjectKey,
    options: GetOptions = {},
  ): Promise<T | undefined> {
    checkCall('get', resource, options, optionsOf.get);
    const { resourceVersion } = options;
    try {
      return await this.#core.read<T>(target('get', resource, key, undefined, { resourceVersion }), options);
    } catch (error) {
      if (isNotFound(error) && isMissingObject(statusOf(error))) return undefined;
      throw error;
    }
  }

  /** All objects that match, read page by page unless `limit` or `continue` is given. */
  async list<T extends KubernetesObject = UnstructuredObject>(
    resource: Resource<T>,
    options: ListOptions = {},
  ): Promise<ObjectList<T>> {
    checkSelection('list', resource, options, optionsOf.list);
    if (options.limit !== undefined || options.continue !== undefined) return this.#page<T>(resource, options);
    const items: T[] = [];
    let last: ObjectList<T> | undefined;
    for await (const page of this.pages<T>(resource, options)) {
      for (const item of page.items) items.push(item);
      last = page;
    }
    if (!last) throw badResponse('The server answered without a page');
    const { resourceVersion } = last.metadata;
    return { ...last, metadata: resourceVersion === undefined ? {} : { resourceVersion }, items };
  }

  /**
   * All objects that match, one page at a time.
   *
   * @throws {StatusError} `API_EXPIRED` when reading on takes longer than the server keeps the state (about 5 min).
   */
  pages<T extends KubernetesObject = UnstructuredObject>(
    resource: Resource<T>,
    options: ListOptions = {},
  ): AsyncGenerator<ObjectList<T>> {
    checkSelection('list', resource, options, optionsOf.list);
    return this.#pages<T>(resource, options);
  }

  async *#pages<T extends KubernetesObject>(
    resource: Resource<T>,
    options: ListOptions,
  ): AsyncGenerator<ObjectList<T>> {
    let { continue: token, limit = PAGE_SIZE } = options;
    do {
      const page: ObjectList<T> = await this.#page<T>(resource, { ...options, limit, continue: token });
      yield page;
      token = page.metadata.continue;
    } while (token);
  }

  /**
   * What happens to the objects that match, until the server ends the watch (then the iteration ends) or the signal aborts (then it
   * throws the reason). It does not resume: that is `listwatch`'s job.
   *
   * @throws {StatusError} what the server says in place of an event: `API_EXPIRED` when the version is too old.
   */
  watch<T extends KubernetesObject = UnstructuredObject>(
    resource: Resource<T>,
    options: WatchOptions = {},
  ): AsyncGenerator<WatchEvent<T>> {
    checkSelection('watch', resource, options, optionsOf.watch);
    return this.#watch<T>(resource, options);
  }

  async *#watch<T extends KubernetesObject>(
    resource: Resource<T>,
    options: WatchOptions,
  ): AsyncGenerator<WatchEvent<T>> {
    const path = collectionPath(resource, options.namespace);
    const { allowWatchBookmarks = true } = options;
    const query = { ...selection(options), ...watchQuery({ ...options, allowWatchBookmarks }) };
    const expected = { apiVersion: apiVersion(resource), ...(resource.kind && { kind: resource.kind }) };
    for await (const frames of this.#core.watch<T>({ path, query, resource }, wholeObjects(expected), {
      signal: options.signal,
    })) {
      for (const frame of frames) {
        if (frame.type === 'error') throw frame.error;
        yield frame.type === 'bookmark' ? frame : { type: frame.type, object: frame.item.decode() };
      }
    }
  }

  /**
   * Creates an object and returns it as it is stored.
   *
   * @throws {StatusError} `API_ALREADY_EXISTS`, `API_INVALID`, `API_FORBIDDEN` …
   */
  async create<T extends KubernetesObject = UnstructuredObject>(
    resource: Resource<T>,
    draft: Draft<T>,
    options: CreateOptions = {},
  ): Promise<T> {
    checkCall('create', resource, options, optionsOf.create);
    const action = `create ${resource.resource}`;
    checkDraft(action, draft);
    const { name, namespace } = draft.metadata;
    checkNamespace(resource, namespace, action);
    const typed = typedDraft(resource, draft, action);
    const body = options.controller ? controlledBy(typed, options.controller, action) : typed;
    const where = {
      path: collectionPath(resource, namespace),
      query: this.#writeQuery(options),
      resource,
      name,
      namespace,
      action: 'create',
    };
    return this.#core.write<T>('POST', where, body, options);
  }

  /**
   * Replaces an object. With `metadata.resourceVersion` only if nobody has changed it since.
   *
   * @throws {StatusError} `API_CONFLICT`, `API_NOT_FOUND`, `API_INVALID` …
   */
  async update<T extends KubernetesObject = UnstructuredObject>(
    resource: Resource<T>,
    object: Draft<T>,
    options: WriteOptions = {},
  ): Promise<T> {
    return this.#put<T>(resource, object, undefined, options);
  }

  /** Changes parts of an object. */
  async patch<T extends KubernetesObject = UnstructuredObject>(
    resource: Resource<T>,
    key: ObjectKey,
    patch: Patch,
    options: WriteOptions = {},
  ): Promise<T> {
    return this.#patch<T>(resource, key, undefined, patch, options);
  }

  /**
   * Server-side apply: creates the object or changes it so that it has what the draft says; what this field manager applied before and
   * the draft no longer says is removed.
   *
   * @throws {StatusError} `API_CONFLICT` when somebody else owns a field with another value, unless `force`.
   */
  async apply<T extends KubernetesObject = UnstructuredObject>(
    resource: Resource<T>,
    draft: ApplyDraft<T>,
    options: ApplyOptions = {},
  ): Promise<T> {
    checkCall('apply', resource, options, optionsOf.apply);
    const action = `apply ${resource.resource}`;
    checkDraft(action, draft);
    const { name, namespace } = draft.metadata;
    const typed = typedDraft(resource, draft, action);
    const body = options.controller ? controlledBy(typed, options.controller, action) : typed;
    return this.#apply<T>(resource, { namespace, name }, undefined, body, options);
  }

  /** Deletes an object, or starts its deletion. */
  async delete<T extends KubernetesObject = UnstructuredObject>(
    resource: Resource<T>,
    key: ObjectKey,
    options: DeleteOptions = {},
  ): Promise<Deletion<T>> {
    checkCall('delete', resource, options, optionsOf.delete);
    checkPreconditions(`delete ${resource.resource}`, options);
    const answer = await this.#core.write<T>(
      'DELETE',
      target('delete', resource, key),
      this.#deletion(options),
      options,
    );
    return deletionOf<T>(answer);
  }

  /** Deletes all objects that match, one by one: a failure leaves the rest. */
  async deleteCollection<T extends KubernetesObject = UnstructuredObject>(
    resource: Resource<T>,
    options: DeleteCollectionOptions = {},
  ): Promise<void> {
    checkCall('delete collection of', resource, options, optionsOf.deleteCollection);
    const action = `delete collection of ${resource.resource}`;
    checkPreconditions(action, options);
    checkNamespace(resource, options.namespace, action);
    const where = { path: collectionPath(resource, options.namespace), query: selection(options), resource };
    await this.#core.send('DELETE', where, this.#deletion(options), options);
  }

  /** Replaces `status`, and nothing else. */
  async updateStatus<T extends KubernetesObject = UnstructuredObject>(
    resource: Resource<T>,
    object: Draft<T>,
    options: WriteOptions = {},
  ): Promise<T> {
    return this.#put<T>(resource, object, 'status', options);
  }

  /** Changes parts of `status`; the body holds `status` as a member. */
  async patchStatus<T extends KubernetesObject = UnstructuredObject>(
    resource: Resource<T>,
    key: ObjectKey,
    patch: Patch,
    options: WriteOptions = {},
  ): Promise<T> {
    return this.#patch<T>(resource, key, 'status', patch, options);
  }

  /** Server-side apply of `status`: as `apply`, of this one part. The object must exist. */
  async applyStatus<T extends KubernetesObject = UnstructuredObject>(
    resource: Resource<T>,
    key: ObjectKey,
    status: StatusDraft<T>,
    options: Omit<ApplyOptions, 'controller'> = {},
  ): Promise<T> {
    checkCall('apply status of', resource, options, optionsOf.applyStatus);
    const action = `apply status of ${resource.resource}`;
    checkKey(action, key);
    checkValue(action, 'status', status, rules.object);
    const { namespace, name } = key;
    const metadata = namespace ? { namespace, name } : { name };
    const body = { ...typedDraft(resource, { metadata }, action), status };
    return this.#apply<T>(resource, key, 'status', body, options);
  }

  /** How many replicas are wanted, and are there. */
  async getScale(resource: Resource<KubernetesObject>, key: ObjectKey, options: CallOptions = {}): Promise<Scale> {
    return this.getSubresource<Scale>(resource, key, 'scale', options);
  }

  /** Replaces the scale of an object, as `getScale` gave it. */
  async updateScale(
    resource: Resource<KubernetesObject>,
    key: ObjectKey,
    scale: Draft<Scale>,
    options: WriteOptions = {},
  ): Promise<Scale> {
    checkCall('update scale of', resource, options, optionsOf.write);
    checkValue(`update scale of ${resource.resource}`, 'scale', scale, rules.object);
    const where = target('update scale of', resource, key, 'scale', this.#writeQuery(options));
    const body = { ...scale, apiVersion: 'autoscaling/v1', kind: 'Scale' };
    return this.#core.write<Scale>('PUT', where, body, options);
  }

  /** Changes the scale of an object: `{ type: 'merge', body: { spec: { replicas: 3 } } }`. */
  async patchScale(
    resource: Resource<KubernetesObject>,
    key: ObjectKey,
    patch: Patch,
    options: WriteOptions = {},
  ): Promise<Scale> {
    return this.#patch<Scale>(resource, key, 'scale', patch, options);
  }

  /** Reads a subresource that answers with an object. */
  async getSubresource<R = UnstructuredObject>(
    resource: Resource<KubernetesObject>,
    key: ObjectKey,
    subresource: string,
    options: CallOptions = {},
  ): Promise<R> {
    checkCall(`get ${subresource} of`, resource, options, optionsOf.call);
    return this.#core.read<R>(target(`get ${subresource} of`, resource, key, subresource), options);
  }

  /** Posts to a subresource: `eviction`, `token`, `binding`. */
  async createSubresource<R = UnstructuredObject>(
    resource: Resource<KubernetesObject>,
    key: ObjectKey,
    subresource: string,
    body: object,
    options: WriteOptions = {},
  ): Promise<R> {
    checkCall(`create ${subresource} of`, resource, options, optionsOf.write);
    checkValue(`create ${subresource} of ${resource.resource}`, 'body', body, rules.object);
    const where = target(`create ${subresource} of`, resource, key, subresource, this.#writeQuery(options));
    return this.#core.write<R>('POST', where, body, options);
  }

  /**
   * Sends any request, with credentials and retries, and gives the answer, whatever its status.
   * The body must be read to its end, or left early (`break`).
   */
  async raw(request: RawRequest): Promise<HttpResponse> {
    checkOptions<RawRequest>('send request', request, optionsOf.raw, 'request');
    checkValue('send request', 'request.path', request.path, optionsOf.raw.path);
    return this.#core.raw(request);
  }

  /** For `listwatch`: a list whose items are decoded when somebody reads them. */
  async listItems<T>(resource: ResourceQuery, call: ListCall<T>): Promise<Page<T>> {
    checkListItems(resource, call);
    const { namespace, metadataOnly, kind } = resource;
    const query = { ...selection(resource), ...listQuery(call) };
    const type = { apiVersion: apiVersion(resource) };
    const wanted = metadataOnly ? metadataAlone('List') : wholeObjects(type, kind ? { ...resource, kind } : undefined);
    const where = { path: collectionPath(resource, namespace), query };
    const { head, items, undecodable } = await this.#core.list<T>(where, wanted, call);
    const { resourceVersion = '', continue: token, remainingItemCount } = head.metadata;
    return { items, resourceVersion, continue: token || undefined, remainingItemCount, undecodable };
  }

  /** For `listwatch`: a watch whose objects are decoded when somebody reads them. The first array is empty: the watch is accepted. */
  watchItems<T>(resource: ResourceQuery, call: WatchCall): AsyncGenerator<readonly WatchFrame<T>[]> {
    checkWatchItems(resource, call);
    const { namespace, metadataOnly, kind } = resource;
    const query = { ...selection(resource), ...watchQuery(call) };
    const type = { apiVersion: apiVersion(resource), ...(kind && { kind }) };
    const wanted = metadataOnly ? metadataAlone('') : wholeObjects(type, kind ? { ...resource, kind } : undefined);
    return this.#core.watch<T>({ path: collectionPath(resource, namespace), query }, wanted, call);
  }

  /**
   * Sends later requests over new connections, also those of other clients that share them; streams on the present ones go on, but for
   * those of a connection that has left a `ping` unanswered.
   */
  retireConnections(): void {
    this.#core.parts.transport.retireConnections?.();
  }

  /**
   * Ends the requests of this client and of all that `with` made from it, or it from (`CLIENT_CLOSED`), and the connections that no other
   * client uses: clients of one process with the same server, certificates and proxy share theirs.
   */
  async close(): Promise<void> {
    await this.#core.parts.transport.close?.();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #page<T extends KubernetesObject>(resource: Resource<T>, options: ListOptions): Promise<ObjectList<T>> {
    const query = { ...selection(options), ...listQuery(options) };
    const where = { path: collectionPath(resource, options.namespace), query, resource };
    const type = { apiVersion: apiVersion(resource), ...(resource.kind && { kind: resource.kind }) };
    const { head, items, undecodable } = await this.#core.list<T>(where, wholeObjects(type), options);
    const [first] = undecodable;
    if (first) {
      throw badResponse(
        `Cannot list ${resource.resource}: "${first.key ?? 'an object'}" cannot be used: ${first.message}`,
      );
    }
    const objects: T[] = [];
    const slices = new Slices(this.#core.parts.clock);
    for (const item of items) {
      const turn = slices.do(() => objects.push(item.decode()));
      if (turn) await turn;
    }
    return { ...head, items: objects };
  }

  async #put<T extends KubernetesObject>(
    resource: Resource<T>,
    object: AnyDraft,
    subresource: string | undefined,
    options: WriteOptions,
  ): Promise<T> {
    const verb = `update${subresource ? ` ${subresource} of` : ''}`;
    checkCall(verb, resource, options, optionsOf.write);
    const action = `${verb} ${resource.resource}`;
    checkDraft(action, object);
    const { name = '', namespace } = object.metadata ?? {};
    const where = target(verb, resource, { name, namespace }, subresource, this.#writeQuery(options));
    return this.#core.write<T>('PUT', where, typedDraft(resource, object, action), options);
  }

  async #patch<R>(
    resource: Resource<KubernetesObject>,
    key: ObjectKey,
    subresource: string | undefined,
    patch: Patch,
    options: WriteOptions,
  ): Promise<R> {
    const verb = `patch${subresource ? ` ${subresource} of` : ''}`;
    checkCall(verb, resource, options, optionsOf.write);
    checkPatch(`${verb} ${resource.resource}`, patch);
    const contentType = patchTypes[patch.type];
    const where = target(verb, resource, key, subresource, this.#writeQuery(options));
    return this.#core.write<R>('PATCH', where, patch.body, options, contentType);
  }

  async #apply<T extends KubernetesObject>(
    resource: Resource<T>,
    key: ObjectKey,
    subresource: string | undefined,
    body: AnyDraft,
    options: ApplyOptions,
  ): Promise<T> {
    // Caches keep no managed fields: what they hand out has its time of creation all the same.
    for (const field of ['managedFields', 'creationTimestamp'] as const) {
      if (!body.metadata?.[field]) continue;
      throw new TypeError(
        `Cannot apply: metadata.${field} must be absent, got what a server returned; apply only what you want`,
      );
    }
    const { fieldManager = this.#core.parts.fieldManager, ...rest } = this.#writeQuery(options);
    const force = options.force ?? this.#defaults.force;
    const where = target('apply', resource, key, subresource, { fieldManager, ...rest, force });
    return this.#core.write<T>('PATCH', where, body, options, APPLY_TYPE);
  }

  #writeQuery(options: WriteOptions): Query {
    const dryRun = options.dryRun ?? this.#defaults.dryRun;
    const fieldManager = options.fieldManager ?? this.#defaults.fieldManager;
    const fieldValidation = options.fieldValidation ?? this.#defaults.fieldValidation;
    return { dryRun: dryRun ? 'All' : undefined, fieldManager, fieldValidation };
  }

  #deletion(options: DeleteOptions): object | undefined {
    return deletionOptions({ ...options, dryRun: options.dryRun ?? this.#defaults.dryRun });
  }
}

function target(
  action: string,
  resource: Resource<KubernetesObject>,
  key: ObjectKey,
  subresource?: string | undefined,
  query?: Query,
): Target {
  checkKey(`${action} ${resource.resource}`, key);
  const { name, namespace } = key;
  return { path: objectPath(resource, key, action, subresource), query, resource, name, namespace, action };
}
