import {
  abortError,
  type Draft,
  FieldSelector,
  formatGroupResource,
  formatKey,
  type GroupVersionResource,
  type Item,
  type ItemClient,
  type Kind,
  type KubernetesObject,
  keyOf,
  LabelSelector,
  type ListCall,
  type ObjectKey,
  type Page,
  type ResourceQuery,
  type StatusError,
  statusError,
  untilAborted,
  type WatchCall,
  type WatchFrame,
} from '@bowline/apimachinery';
import { encodedItem } from '@bowline/apimachinery/testing';
import { FakeWatch } from './fake-watch.ts';
import { itemOf } from './item-of.ts';

/** How a `FakeItemServer` differs from a present-day API server. */
export interface FakeItemServerOptions {
  /** Whether it knows `sendInitialEvents`; a server that does not ignores it. @default true */
  readonly watchList?: boolean | undefined;
  /** Whether it answers lists at version "0" from memory, unpaged. @default true */
  readonly watchCache?: boolean | undefined;
  /** Whether its clients can ping. @default false */
  readonly ping?: boolean | undefined;
  /** Its resource version before the first change. Real servers never answer 0, which means "any". @default 1 */
  readonly resourceVersion?: number | undefined;
}

/** One request that a `FakeItemServer` got. */
export interface FakeRequest {
  readonly verb: 'list' | 'watch';
  readonly query: ResourceQuery;
  readonly call: ListCall | WatchCall;
}

interface Change {
  readonly version: number;
  readonly key: string;
  readonly old: KubernetesObject | undefined;
  readonly now: KubernetesObject | undefined;
}

interface Resource {
  readonly objects: Map<string, KubernetesObject>;
  changes: Change[];
  compacted: number;
}

type AnyFrame = WatchFrame<KubernetesObject>;
type Matches = (object: KubernetesObject | undefined) => boolean;

/**
 * A server in memory, small enough to be believed: it keeps objects and their history, lists, watches, and can be made to
 * misbehave. It is an `ItemClient`, so it stands where a client stands. It owns no timer; bookmarks are sent when it is told to.
 */
export class FakeItemServer implements ItemClient {
  /** Whether items have bytes, as those of a client have; else they are objects. @default true */
  static encodes = true;
  readonly requests: FakeRequest[] = [];
  /** Where clients can ping: is answered unless a watch is open whose connection is dead (`muteWatches`). */
  declare readonly ping?: (signal: AbortSignal) => Promise<void>;
  /** How often clients have pinged. */
  pings = 0;
  /** How often new connections were asked for. */
  retired = 0;
  readonly #watchList: boolean;
  readonly #watchCache: boolean;
  readonly #resources: Map<string, Resource> = new Map();
  readonly #watches: Map<FakeWatch<KubernetesObject>, { readonly resource: Resource; readonly matches: Matches }> =
    new Map();
  /** Also those that get nothing any more. */
  readonly #open: Set<FakeWatch<KubernetesObject>> = new Set();
  readonly #snapshots: Map<string, { readonly version: number; readonly objects: readonly KubernetesObject[] }> =
    new Map();
  readonly #failures: { list: unknown[]; watch: unknown[] } = { list: [], watch: [] };
  #version: number;
  #uids = 0;
  #tokens = 0;

  constructor(options: FakeItemServerOptions = {}) {
    const { watchList = true, watchCache = true, ping = false, resourceVersion = 1 } = options;
    if (ping) this.ping = (signal) => this.#pong(signal);
    this.#watchList = watchList;
    this.#watchCache = watchCache;
    this.#version = resourceVersion;
  }

  /** The version of the latest change. */
  get resourceVersion(): string {
    return String(this.#version);
  }

  /** Watches that somebody reads. */
  get openWatches(): number {
    return this.#open.size;
  }

  /** Creates the object, or replaces the one of that name. Returns it as stored, with uid and resource version. */
  put<T extends KubernetesObject>(kind: Kind<T>, draft: Draft<T>): T {
    const { name = '', namespace } = draft.metadata;
    const resource = this.#resource(kind);
    const old = resource.objects.get(formatKey({ name, namespace }));
    const metadata = {
      creationTimestamp: '2026-01-01T00:00:00Z',
      ...draft.metadata,
      uid: old?.metadata.uid ?? `uid-${++this.#uids}`,
      resourceVersion: String(++this.#version),
    };
    const object = { apiVersion: kind.apiVersion, kind: kind.kind, ...draft, metadata } as unknown as T;
    itemOf(object); // freezes it
    resource.objects.set(keyOf(object), object);
    this.#record(resource, { version: this.#version, key: keyOf(object), old, now: object });
    return object;
  }

  /** Deletes the object. Harmless when there is none. */
  delete(kind: GroupVersionResource, key: ObjectKey | string): void {
    const resource = this.#resource(kind);
    const id = typeof key === 'string' ? key : formatKey(key);
    const old = resource.objects.get(id);
    if (!old) return;
    resource.objects.delete(id);
    this.#record(resource, { version: ++this.#version, key: id, old, now: undefined });
  }

  /** What it holds, sorted by key. */
  objects<T extends KubernetesObject>(kind: Kind<T>): readonly T[] {
    return sorted(this.#resource(kind)) as unknown as readonly T[];
  }

  /** Sends a bookmark on every watch that allows it. */
  sendBookmarks(): void {
    for (const watch of this.#watches.keys()) if (watch.call.allowWatchBookmarks) watch.send(this.#bookmark(false));
  }

  /** Forgets the history: older versions and continue tokens have expired. */
  compact(): void {
    this.#snapshots.clear();
    for (const resource of this.#resources.values()) {
      resource.changes = [];
      resource.compacted = this.#version;
    }
  }

  /** Ends all watches as a server does at the end of their time. */
  endWatches(): void {
    for (const watch of [...this.#watches.keys()]) this.#drop(watch).end();
  }

  /** Breaks all watches. What was sent before still arrives. */
  breakWatches(error: unknown = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' })): void {
    for (const watch of [...this.#watches.keys()]) this.#drop(watch).fail(error);
  }

  /** From now on the open watches get nothing and do not end: their connection is dead and nobody noticed. */
  muteWatches(): void {
    for (const watch of [...this.#watches.keys()]) this.#drop(watch);
  }

  /** Sends frames on every open watch, whatever they are. */
  inject(...frames: AnyFrame[]): void {
    for (const watch of this.#watches.keys()) watch.send(...frames);
  }

  /** Answers the next request of that verb with an error. Calls add up. */
  failNext(verb: 'list' | 'watch', error: unknown): void {
    this.#failures[verb].push(error);
  }

  listItems<T>(query: ResourceQuery, call: ListCall<T>): Promise<Page<T>>;
  async listItems(query: ResourceQuery, call: ListCall<KubernetesObject>): Promise<Page<KubernetesObject>> {
    this.requests.push({ verb: 'list', query, call });
    call.signal.throwIfAborted();
    const failure = this.#failures.list.shift();
    if (failure !== undefined) throw failure;
    if (Number(call.resourceVersion || 0) > this.#version) throw tooLarge(call.resourceVersion);
    const resource = this.#resource(query);
    const matches = matcher(query);
    const from = call.continue ? this.#snapshots.get(call.continue) : undefined;
    if (call.continue && !from) throw expired('The provided continue parameter is too old');
    const objects = from?.objects ?? sorted(resource).filter(matches);
    const version = from?.version ?? this.#version;
    const limit = call.resourceVersion === '0' && this.#watchCache ? undefined : call.limit;
    const given = call.onItems ? Math.ceil(Math.min(objects.length, limit ?? Infinity) / 2) : 0;
    call.onItems?.(objects.slice(0, given).map(serve), true);
    if (limit === undefined || objects.length <= limit) {
      return { items: objects.slice(given).map(serve), resourceVersion: String(version) };
    }
    const token = `token-${++this.#tokens}`;
    this.#snapshots.set(token, { version, objects: objects.slice(limit) });
    return { items: objects.slice(given, limit).map(serve), resourceVersion: String(version), continue: token };
  }

  watchItems<T>(query: ResourceQuery, call: WatchCall): AsyncIterable<readonly WatchFrame<T>[]>;
  watchItems(query: ResourceQuery, call: WatchCall): AsyncIterable<readonly AnyFrame[]> {
    this.requests.push({ verb: 'watch', query, call });
    const watch = new FakeWatch<KubernetesObject>(call, (closed) => {
      this.#open.delete(closed);
      this.#watches.delete(closed);
    });
    this.#open.add(watch);
    const failure = this.#failures.watch.shift();
    if (failure !== undefined) {
      watch.fail(failure);
      return watch;
    }
    watch.accept();
    const resource = this.#resource(query);
    const matches = matcher(query);
    const streams = this.#watchList && call.sendInitialEvents === true;
    const version = Number(call.resourceVersion || 0);
    if (version > this.#version && streams) {
      watch.fail(tooLarge(call.resourceVersion));
      return watch;
    }
    if (streams || version === 0) {
      const frames = sorted(resource)
        .filter(matches)
        .map((object): AnyFrame => ({ type: 'added', item: serve(object) }));
      if (frames.length > 0) watch.send(...frames);
      if (streams && call.allowWatchBookmarks) watch.send(this.#bookmark(true));
    } else if (version < resource.compacted) {
      watch
        .send({ type: 'error', error: expired(`too old resource version: ${version} (${resource.compacted})`) })
        .end();
      return watch;
    } else {
      const missed = resource.changes.filter((change) => change.version > version);
      const frames = missed.flatMap((change) => frameOf(change, matches) ?? []);
      if (frames.length > 0) watch.send(...frames);
    }
    this.#watches.set(watch, { resource, matches });
    return watch;
  }

  retireConnections(): void {
    this.retired += 1;
  }

  #resource({ group, resource }: GroupVersionResource): Resource {
    const id = formatGroupResource({ group, resource });
    let found = this.#resources.get(id);
    if (!found) {
      found = { objects: new Map(), changes: [], compacted: 0 };
      this.#resources.set(id, found);
    }
    return found;
  }

  async #pong(signal: AbortSignal): Promise<void> {
    this.pings += 1;
    if ([...this.#open].every((watch) => this.#watches.has(watch) || watch.ended)) return;
    await untilAborted(signal);
    throw abortError(signal);
  }

  #record(resource: Resource, change: Change): void {
    resource.changes.push(change);
    for (const [watch, { resource: watched, matches }] of this.#watches) {
      const frame = watched === resource ? frameOf(change, matches) : undefined;
      if (frame) watch.send(frame);
    }
  }

  #bookmark(initialEventsEnd: boolean): AnyFrame {
    return { type: 'bookmark', resourceVersion: String(this.#version), initialEventsEnd };
  }

  #drop(watch: FakeWatch<KubernetesObject>): FakeWatch<KubernetesObject> {
    this.#watches.delete(watch);
    return watch;
  }
}

function sorted({ objects }: Resource): KubernetesObject[] {
  return [...objects].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, object]) => object);
}

/** What a watch with these selectors sees of a change. */
function frameOf(change: Change, matches: Matches): AnyFrame | undefined {
  const before = matches(change.old);
  const after = matches(change.now);
  if (change.now && after) return { type: before ? 'modified' : 'added', item: serve(change.now) };
  if (!before || !change.old) return undefined;
  const metadata = { ...change.old.metadata, resourceVersion: String(change.version) };
  return { type: 'deleted', item: serve({ ...change.old, metadata }) };
}

function matcher({ namespace, labelSelector = '', fieldSelector = '' }: ResourceQuery): Matches {
  const labels = LabelSelector.parse(labelSelector);
  const fields = FieldSelector.parse(fieldSelector);
  return (object) =>
    object !== undefined &&
    (namespace === undefined || object.metadata.namespace === namespace) &&
    labels.matches(object.metadata.labels) &&
    fields.matches((path) => fieldOf(object, path));
}

function fieldOf(object: KubernetesObject, path: string): string | undefined {
  let value: unknown = object;
  for (const name of path.split('.')) {
    value = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
  }
  return value === undefined ? undefined : String(value);
}

function expired(message: string): StatusError {
  return statusError({ kind: 'Status', status: 'Failure', reason: 'Expired', code: 410, message });
}

function tooLarge(version: string | undefined): StatusError {
  return statusError({
    kind: 'Status',
    status: 'Failure',
    reason: 'Timeout',
    code: 504,
    message: `Too large resource version: ${version}`,
    details: {
      retryAfterSeconds: 1,
      causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
    },
  });
}

function serve(object: KubernetesObject): Item<KubernetesObject> {
  return FakeItemServer.encodes ? encodedItem(object) : itemOf(object);
}
