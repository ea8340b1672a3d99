import type {
  FieldSelector,
  HttpRequest,
  JsonPatchOperation,
  Kind,
  KubernetesObject,
  LabelSelector,
  ObjectMeta,
  Owner,
  UnstructuredObject,
} from '@bowline/apimachinery';
import type { DynamicResource } from './request/resource-path.ts';

/** What a verb works on: a handle that knows its type (`Deployment`), or group, version, resource and scope. */
export type Resource<T extends KubernetesObject = UnstructuredObject> = Kind<T> | DynamicResource;

/** What every call takes. */
export interface CallOptions {
  /** Ends the call; it then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** The longest the call may take with all its tries, in milliseconds. The server is told, too. @default the client's */
  readonly timeoutMs?: number | undefined;
}

export interface GetOptions extends CallOptions {
  /** `'0'`: any state will do; else not older than this. @default the most recent state */
  readonly resourceVersion?: string | undefined;
}

/** Which objects. */
export interface SelectOptions {
  /** @default all namespaces */
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | LabelSelector | undefined;
  readonly fieldSelector?: string | FieldSelector | undefined;
  /**
   * One shard of the objects: `shardRange(object.metadata.uid, '0x0', '0x8000000000000000')`. A server that does not know it sends all.
   *
   * @see k8s.io/apimachinery meta/v1 `ListOptions.shardSelector` (KEP-5866)
   */
  readonly shardSelector?: string | undefined;
}

/** @see k8s.io/apimachinery meta/v1 `ListOptions` */
export interface ListOptions extends CallOptions, SelectOptions {
  /** How many objects a page has at most. With `list`: answers one page and no more. */
  readonly limit?: number | undefined;
  /** Goes on behind an earlier page. */
  readonly continue?: string | undefined;
  /** `'0'`: any state will do, in one page; else not older than this. @default the most recent state */
  readonly resourceVersion?: string | undefined;
  readonly resourceVersionMatch?: 'Exact' | 'NotOlderThan' | undefined;
}

/** @see k8s.io/apimachinery meta/v1 `ListOptions` */
export interface WatchOptions extends SelectOptions {
  readonly signal?: AbortSignal | undefined;
  /** Events after this version. @default the present objects as `added`, then what happens */
  readonly resourceVersion?: string | undefined;
  readonly resourceVersionMatch?: 'NotOlderThan' | undefined;
  /** @default true */
  readonly allowWatchBookmarks?: boolean | undefined;
  /** Streams the present objects first, ended by a bookmark with `initialEventsEnd`. @default false */
  readonly sendInitialEvents?: boolean | undefined;
  /** After how many seconds the server ends the watch. @default the server's choice, 30 to 60 min */
  readonly timeoutSeconds?: number | undefined;
}

/** One event of `Client.watch`. What goes wrong is thrown. */
export type WatchEvent<T> =
  | { readonly type: 'added' | 'modified' | 'deleted'; readonly object: T }
  | { readonly type: 'bookmark'; readonly resourceVersion: string; readonly initialEventsEnd: boolean };

/** What every write takes. */
export interface WriteOptions extends CallOptions {
  /** The server does everything but store. @default the client's, `false` */
  readonly dryRun?: boolean | undefined;
  /** Who owns the fields that are written, in `managedFields`. @default the client's: the first word of its user agent */
  readonly fieldManager?: string | undefined;
  /** What the server does about unknown and repeated fields. @default the client's, else the server's (`Warn`) */
  readonly fieldValidation?: 'Strict' | 'Warn' | 'Ignore' | undefined;
}

/** An owner, as it was read from a server. */
export type OwnerObject = Owner & { readonly metadata: { readonly namespace?: string | undefined } };

export interface CreateOptions extends WriteOptions {
  /** Makes this object the one that manages the new one: the garbage collector deletes them together. */
  readonly controller?: OwnerObject | undefined;
}

export interface ApplyOptions extends CreateOptions {
  /** Takes fields over that somebody else owns with another value; otherwise that is an `API_CONFLICT`. @default the client's, `false` */
  readonly force?: boolean | undefined;
}

/** @see k8s.io/apimachinery meta/v1 `DeleteOptions` */
export interface DeleteOptions extends CallOptions {
  /** What becomes of the objects that it owns. @default the kind's, mostly `Background` */
  readonly propagationPolicy?: 'Foreground' | 'Background' | 'Orphan' | undefined;
  readonly gracePeriodSeconds?: number | undefined;
  /** Deletes only what has this uid or version; otherwise that is an `API_CONFLICT`. */
  readonly preconditions?:
    | { readonly uid?: string | undefined; readonly resourceVersion?: string | undefined }
    | undefined;
  readonly dryRun?: boolean | undefined;
}

export interface DeleteCollectionOptions extends DeleteOptions, SelectOptions {}

/** What the server said to a deletion. */
export type Deletion<T> =
  /** It is gone. */
  | { readonly type: 'status'; readonly uid: string | undefined }
  /** Its last state. It may be there still: with a `deletionTimestamp`, until its finalizers are done or its grace period is over. */
  | { readonly type: 'object'; readonly object: T };

/** A change, in one of three notations. Custom resources know no `strategic`. */
export type Patch =
  | { readonly type: 'json'; readonly body: readonly JsonPatchOperation[] }
  | { readonly type: 'merge'; readonly body: object }
  | { readonly type: 'strategic'; readonly body: object };

/** Any part of a `T`. */
export type DeepPartial<T> = T extends readonly (infer E)[]
  ? readonly DeepPartial<E>[]
  : T extends object
    ? { readonly [K in keyof T]?: DeepPartial<T[K]> | undefined }
    : T;

/** What is applied: all that this field manager wants of the object, and nothing else. */
export type ApplyDraft<T extends KubernetesObject> = DeepPartial<Omit<T, 'apiVersion' | 'kind' | 'metadata'>> & {
  readonly apiVersion?: string | undefined;
  readonly kind?: string | undefined;
  readonly metadata: Partial<ObjectMeta> & { readonly name: string };
};

/** The status of a `T`, or a part of it. */
export type StatusDraft<T> = T extends { readonly status?: infer S } ? DeepPartial<NonNullable<S>> : unknown;

/** A request that no verb stands for. */
export interface RawRequest extends CallOptions {
  /** @default 'GET' */
  readonly method?: HttpRequest['method'] | undefined;
  /** Absolute path with query. It is sent as it is. */
  readonly path: string;
  /** Lower-case names. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: Uint8Array | string | undefined;
  /** The server may work long before it answers, as for lists: its answer may take 60 s to begin in place of 10. @default true for writes */
  readonly slow?: boolean | undefined;
}
