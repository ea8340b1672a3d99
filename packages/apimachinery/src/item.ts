import type { GroupVersionResource } from './kind.ts';

/**
 * The only thing that travels from the server to the cache: an object that need not be decoded.
 * Users of handlers and listers see `T`, never an `Item`.
 */
export interface Item<T> {
  /** `namespace/name`, or `name` for cluster-scoped objects. */
  readonly key: string;
  readonly uid: string;
  readonly resourceVersion: string;
  /** Whether `other` has the same uid. Absent where a look at both tells as fast. */
  hasUidOf?(other: Item<unknown>): boolean;
  /** The same of the resource version. */
  hasVersionOf?(other: Item<unknown>): boolean;
  /** Decoded and deeply frozen on first read; the same object on every later read unless the storage says otherwise. Never throws. */
  readonly object: T;
  /**
   * What stands at a field path, as `valueAt(object, path)` gives it, without decoding the rest of the object.
   * Absent where there is an object and no bytes.
   */
  read?(path: readonly string[]): unknown;
}

/** Where an object stands as bytes. Others may stand in the same buffer. */
export interface EncodedBytes {
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
}

/**
 * How the bytes of objects of one kind and form are read; many items share one. The bytes were checked when they came, so that
 * nothing here throws. An object stands at `start` and ends before `end`.
 */
export interface Encoding<T> {
  /** The object, deeply frozen; its fields may be decoded when they are read. It reads from `bytes` for as long as it lives. */
  object(bytes: Buffer, start: number, end: number): T;
  /** The object as plain mutable data that nobody else has. */
  decode(bytes: Buffer, start: number, end: number): T;
  /** `valueAt(object, path)`, decoding no more than that. */
  read(bytes: Buffer, start: number, end: number, path: readonly string[]): unknown;
  /** How many bytes a copy has at most: it may hold more than the bytes that came, so that it is read faster. */
  room(source: EncodedBytes): number;
  /**
   * Copies an object to `at` in `target` without the fields at the paths in `drop`. There is `room` for it. A list on the way of a path
   * means each of its elements; a path that leads to nothing drops nothing.
   *
   * @returns how many bytes were written: at most `room(source)`.
   */
  copy(source: EncodedBytes, target: Buffer, at: number, drop: readonly (readonly string[])[]): number;
}

/** Where an item's uid and resource version stand in its bytes, as they are. An empty one is none. */
export interface EncodedNames {
  readonly uidStart: number;
  readonly uidEnd: number;
  readonly resourceVersionStart: number;
  readonly resourceVersionEnd: number;
}

/** An item that still has its bytes. */
export interface EncodedItem<T> extends Item<T>, EncodedBytes {
  readonly encoding: Encoding<T>;
  /** Where its names stand in its bytes, if it knows. Whoever keeps them takes them from there: that makes no strings. */
  readonly names?: EncodedNames | undefined;
  read(path: readonly string[]): unknown;
  /**
   * Is told of a copy by whoever has made one to keep it; it may lack fields that are not kept. What stands there never changes. From this
   * call on the item may read from the copy, and the memory in which it came may go: who has taken `bytes` from it before must not read them
   * any more.
   */
  movedTo?(bytes: Buffer, start: number, end: number): void;
}

/** One change of one object, in the server's order. */
export type Change<T> =
  | { readonly type: 'added' | 'modified'; readonly item: Item<T> }
  | {
      readonly type: 'deleted';
      readonly item: Item<T>;
      /** True when the deletion was inferred, so that `item` may not be the last state (client-go: DeletedFinalStateUnknown). */
      readonly finalStateUnknown: boolean;
    };

/** What a commit did to one key. Neither `old` nor `new` missing: an update. */
export interface Transition<T> {
  readonly key: string;
  readonly old?: Item<T> | undefined;
  readonly new?: Item<T> | undefined;
  /** Part of the first full state. */
  readonly initial: boolean;
  readonly finalStateUnknown: boolean;
}

/** An object that arrived but cannot be read. It is reported, and never taken for a deletion. */
export interface Undecodable {
  /** Set when at least the name could be read. */
  readonly key?: string | undefined;
  /** Why, in one line, without anything of the object's content. */
  readonly message: string;
}

/**
 * Where a reflector puts what it sees: a queue, or a cache. It takes the items over: a cache that keeps bytes makes them read from its copy
 * (`EncodedItem.movedTo`), so that a second one gets what the first has kept.
 */
export interface Sink<T> {
  /** Starts a new full state, staged aside: readers see nothing of it until `commit`. A second call abandons the first. */
  replace(): Replacement<T>;
  /** Applies changes in the server's order, in one turn. An empty array is a bookmark. */
  apply(changes: readonly Change<T>[], resourceVersion: string): void;
  /** Undefined when there is room; otherwise resolves once there is, or when `signal` aborts. */
  drained(signal: AbortSignal): Promise<void> | undefined;
}

/** A full state that is being staged, page by page. */
export interface Replacement<T> {
  put(items: readonly Item<T>[]): void;
  /** Takes back a key that was put (a deletion seen while a watch-list streams the initial state). */
  remove(key: string): void;
  /** Says that `key` exists but its new state cannot be read: what the sink holds of it stays. */
  keep?(key: string): void;
  /**
   * Makes the staged state current. Preparation may run in slices before; the swap itself is one turn, in which every listener is told.
   * Resolves when readers see the new state. When `signal` aborts first it rejects with its reason, and nothing has changed.
   */
  commit(resourceVersion: string, signal?: AbortSignal): Promise<void>;
  /** Gives up what was staged, so that it takes no memory any more. Nothing once `commit` was called. */
  abandon?(): void;
}

/** One answer of a list request. */
export interface Page<T> {
  readonly items: readonly Item<T>[];
  readonly resourceVersion: string;
  /** Set when there are more pages. */
  readonly continue?: string | undefined;
  readonly remainingItemCount?: number | undefined;
  /** What the answer holds besides `items`. */
  readonly undecodable?: readonly Undecodable[] | undefined;
}

/** One event of a watch. */
export type WatchFrame<T> =
  | { readonly type: 'added' | 'modified' | 'deleted'; readonly item: Item<T> }
  | {
      readonly type: 'bookmark';
      readonly resourceVersion: string;
      /** The server has sent all that existed when the watch began (annotation `k8s.io/initial-events-end`). */
      readonly initialEventsEnd: boolean;
    }
  | {
      readonly type: 'error';
      readonly error: Error;
      /** Set when only this one object cannot be read (or is of another kind), so that the watch goes on. */
      readonly undecodable?: Undecodable | undefined;
    };

/** Which objects of a resource. */
export interface ResourceQuery extends GroupVersionResource {
  /** The kind of its objects, where it is known: a watch event with an object of another kind is then reported as `undecodable`. */
  readonly kind?: string | undefined;
  /** All namespaces when absent. */
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
  /** Ask for metadata only (`PartialObjectMetadata`). */
  readonly metadataOnly?: boolean | undefined;
  /**
   * One shard of the objects, as a CEL expression: `shardRange(object.metadata.uid, '0x0', '0x8000000000000000')`. A server that
   * does not know it sends all objects.
   *
   * @see k8s.io/apimachinery meta/v1 `ListOptions.shardSelector` (KEP-5866)
   */
  readonly shardSelector?: string | undefined;
}

/** @see k8s.io/apimachinery meta/v1 `ListOptions` */
export interface ListCall<T = never> {
  /** `''`: most recent; `'0'`: any; else not older than. Absent: most recent. */
  readonly resourceVersion?: string | undefined;
  readonly resourceVersionMatch?: 'Exact' | 'NotOlderThan' | undefined;
  readonly limit?: number | undefined;
  readonly continue?: string | undefined;
  readonly signal: AbortSignal;
  /** Is told why a try failed that is about to be repeated: the call goes on. Must not throw. */
  readonly onRetry?: ((error: unknown) => void) | undefined;
  /**
   * Is given the items as they come, so that nobody holds a whole answer; the page then has those that were not given. Must not throw.
   *
   * @param restart An answer begins: what was given before, by a try that has failed, is void.
   */
  readonly onItems?: ((items: readonly Item<T>[], restart: boolean) => void) | undefined;
}

/** @see k8s.io/apimachinery meta/v1 `ListOptions` */
export interface WatchCall {
  readonly resourceVersion: string;
  readonly allowWatchBookmarks: boolean;
  /** After how many seconds the server ends the watch. */
  readonly timeoutSeconds: number;
  /** Streams the current state first, ended by a bookmark with `initialEventsEnd`. */
  readonly sendInitialEvents?: boolean | undefined;
  readonly resourceVersionMatch?: 'NotOlderThan' | undefined;
  readonly signal: AbortSignal;
  /** Is told why a try failed that is about to be repeated: the call goes on. Must not throw. */
  readonly onRetry?: ((error: unknown) => void) | undefined;
}

/**
 * What list-watch needs of a client: answers that are split into items, not decoded.
 * The first array of `watchItems` is empty and says that the server has accepted the watch; each further array is one network chunk.
 * Both reject with a `StatusError` when the server refuses, or another `BowlineError` when there was no answer.
 */
export interface ItemClient {
  /** False for one that stands for a server without `sendInitialEvents`. @default true */
  readonly supportsWatchList?: boolean | undefined;
  listItems<T>(resource: ResourceQuery, call: ListCall<T>): Promise<Page<T>>;
  watchItems<T>(resource: ResourceQuery, call: WatchCall): AsyncIterable<readonly WatchFrame<T>[]>;
  /** Sends later requests over new connections: the present ones are suspected dead. */
  retireConnections?(): void;
  /**
   * Asks for a sign of life on the connections that carry watches (an HTTP/2 ping). Rejects when they are dead, or when `signal`
   * aborts first. Absent where the transport cannot tell.
   */
  ping?(signal: AbortSignal): Promise<void>;
}
