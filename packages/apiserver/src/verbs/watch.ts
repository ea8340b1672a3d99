import type { Answer, Call, Services } from '../call.ts';
import type { View } from '../codec/codec.ts';
import type { Endpoint } from '../endpoint.ts';
import { expired, Refusal, type StatusBody } from '../errors.ts';
import type { Representation } from '../http/media-type.ts';
import type { ListOptions } from '../http/query-options.ts';
import { includeObjectOf, transformObject } from '../http/transform.ts';
import type { Collection } from '../store/collection.ts';
import type { Entry, StoreEvent } from '../store/entry.ts';
import { collectionOf, readListOptions, revisionOf, type Scope, scopeOf, selects, waitFor } from './read.ts';
import { type LiveFrames, type WatchFeed, WatchStream } from './watch-stream.ts';

type EventType = 'ADDED' | 'MODIFIED' | 'DELETED';

const initialEventsEnd = 'k8s.io/initial-events-end';

/** Streams the changes of a resource. @see k8s.io/apiserver storage/cacher `Watch` */
export async function watch(
  services: Services,
  endpoint: Endpoint,
  call: Call,
  representation: Representation,
): Promise<Answer> {
  const collection = collectionOf(endpoint, 'watch');
  const options = readListOptions(endpoint, call, true);
  const { watches, random, clock, store } = services;
  const timeoutMs =
    options.timeoutSeconds === undefined || options.timeoutSeconds === 0
      ? watches.minTimeoutMs * (1 + random.next())
      : options.timeoutSeconds * 1000;
  const revision = revisionOf(options.resourceVersion);
  const frames = new FrameMaker(endpoint, representation, call, () => clock.now());
  const scope = scopeOf(endpoint, call.target.namespace, options);
  const legacyStart = options.sendInitialEvents === undefined && revision === 0;
  const sendInitial = options.sendInitialEvents ?? legacyStart;
  let feed: WatchFeed;
  try {
    if (options.sendInitialEvents === true) await waitFor(services, revision, call.signal);
    const bookmark =
      options.sendInitialEvents === true && options.allowWatchBookmarks
        ? () => frames.bookmark(store.current, true)
        : undefined;
    feed = feedOf(endpoint, collection, scope, options, frames, { sendInitial, revision, bookmark });
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    feed = onlyError(frames.error(error.body));
  }
  let untrack: (() => void) | undefined;
  const stream = new WatchStream(
    clock,
    feed,
    {
      timeoutMs,
      bookmark: options.allowWatchBookmarks ? () => frames.bookmark(store.current, false) : undefined,
      bookmarkIntervalMs: watches.bookmarkIntervalMs,
    },
    watches.maxUnreadEvents,
    () => untrack?.(),
  );
  untrack = watches.track(collection, () => stream.end());
  return { type: 'stream', contentType: 'application/json', chunks: stream.start(call.signal) };
}

/** What comes first, and what of the changes concerns this watch. */
function feedOf(
  endpoint: Endpoint,
  collection: Collection,
  scope: Scope,
  options: ListOptions,
  frames: FrameMaker,
  start: {
    readonly sendInitial: boolean;
    readonly revision: number;
    readonly bookmark: (() => Uint8Array) | undefined;
  },
): WatchFeed {
  const inScope = (key: string): boolean =>
    scope.key === undefined ? key.startsWith(scope.prefix) : key === scope.key;
  const passes = (entry: Entry | undefined): entry is Entry =>
    entry !== undefined && selects(endpoint, options, endpoint.codec.view(entry));
  const frameOf = (event: StoreEvent): Uint8Array | undefined => {
    if (!inScope(event.key)) return undefined;
    const now = event.type !== 'deleted' && passes(event.entry);
    const was = passes(event.previous);
    if (now) return frames.event(event, was ? 'MODIFIED' : 'ADDED');
    return was ? frames.event(event, 'DELETED') : undefined;
  };
  const since = start.sendInitial ? undefined : replay(collection, options, start.revision);
  const current = start.sendInitial ? collection.range(scope.prefix).filter(({ key }) => inScope(key)) : [];
  function* initial(): Generator<Uint8Array> {
    for (const entry of current) {
      const view = endpoint.codec.view(entry);
      if (selects(endpoint, options, view)) yield frames.object('ADDED', view);
    }
    for (const event of since ?? []) {
      const frame = frameOf(event);
      if (frame !== undefined) yield frame;
    }
    if (end !== undefined) yield end;
  }
  const end = start.bookmark?.();
  return {
    initial: initial(),
    subscribe: (stream) =>
      collection.listen((event) => {
        if (event.revision <= start.revision && !start.sendInitial) return;
        const frame = frameOf(event);
        if (frame !== undefined) stream.push(frame);
      }),
  };
}

/** @throws {Refusal} 410 when some of the changes are no longer known. */
function replay(collection: Collection, options: ListOptions, revision: number): readonly StoreEvent[] {
  if (revision === 0 || options.resourceVersion === '') return [];
  const events = collection.since(revision);
  if (events === undefined) throw expired(`too old resource version: ${revision} (${collection.oldestRevision})`);
  return events;
}

function onlyError(frame: Uint8Array): WatchFeed {
  return {
    initial: [frame][Symbol.iterator](),
    subscribe: (stream: LiveFrames) => {
      stream.end();
      return () => undefined;
    },
  };
}

/** Writes events in the form that the client asked for. */
class FrameMaker {
  readonly #endpoint: Endpoint;
  readonly #representation: Representation;
  readonly #includeObject: ReturnType<typeof includeObjectOf>;
  readonly #nowMs: () => number;
  /** What tells frames in this form apart from others of the same event. */
  readonly #name: string;
  #columnsSent = false;

  constructor(endpoint: Endpoint, representation: Representation, call: Call, nowMs: () => number) {
    const { transform } = representation;
    this.#endpoint = endpoint;
    this.#representation = representation;
    this.#includeObject = transform?.kind === 'Table' ? includeObjectOf(call.info.query) : 'Metadata';
    this.#nowMs = nowMs;
    this.#name = `${endpoint.apiVersion} ${transform?.kind ?? ''} ${transform?.version ?? ''} ${this.#includeObject}`;
  }

  /** A change, written once for all watches that see it the same way. */
  event(event: StoreEvent, type: EventType): Uint8Array {
    const entry = type === 'DELETED' ? (event.before ?? event.entry) : event.entry;
    if (this.#representation.transform?.kind === 'Table' && !this.#columnsSent) {
      return this.object(type, this.#endpoint.codec.view(entry));
    }
    return event.frame(`${type} ${this.#name}`, () => this.object(type, this.#endpoint.codec.view(entry)));
  }

  object(type: EventType, view: View): Uint8Array {
    const { transform } = this.#representation;
    if (transform === undefined) return bytes(type, view.json);
    const withColumns = !this.#columnsSent;
    this.#columnsSent = true;
    const table = { includeObject: this.#includeObject, nowMs: this.#nowMs(), withColumns };
    return bytes(type, JSON.stringify(transformObject(this.#endpoint, view.object, transform, table)));
  }

  bookmark(revision: number, initialEnd: boolean): Uint8Array {
    const metadata = {
      resourceVersion: String(revision),
      ...(initialEnd ? { annotations: { [initialEventsEnd]: 'true' } } : {}),
    };
    const object = this.#endpoint.codec.empty(metadata);
    const { transform } = this.#representation;
    if (transform === undefined) return bytes('BOOKMARK', JSON.stringify(object));
    const withColumns = !this.#columnsSent;
    this.#columnsSent = true;
    const table = { includeObject: this.#includeObject, nowMs: this.#nowMs(), withColumns };
    const server = { apiVersion: this.#endpoint.apiVersion, kind: this.#endpoint.kind, ...object, metadata };
    return bytes('BOOKMARK', JSON.stringify(transformObject(this.#endpoint, server, transform, table)));
  }

  error(status: StatusBody): Uint8Array {
    return bytes('ERROR', JSON.stringify(status));
  }
}

function bytes(type: string, json: string): Uint8Array {
  return Buffer.from(`{"type":"${type}","object":${json}}\n`);
}
