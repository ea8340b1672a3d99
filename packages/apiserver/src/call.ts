import type { Clock, Logger, Random } from '@bowline/apimachinery';
import type { WriteContext } from './builtins/index.ts';
import { clusterView } from './cluster-view.ts';
import type { View } from './codec/codec.ts';
import type { Endpoint } from './endpoint.ts';
import type { StatusBody } from './errors.ts';
import type { Representation } from './http/media-type.ts';
import type { RequestInfo, Target } from './http/request-info.ts';
import type { JsonObject } from './object.ts';
import type { Collection } from './store/collection.ts';
import type { Store } from './store/store.ts';
import type { FieldManagers } from './verbs/managed-fields.ts';

/** Who makes a request. */
export interface User {
  readonly name: string;
  readonly uid: string;
  readonly groups: readonly string[];
}

/** What the verbs need of the server around them. */
export interface Services {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly store: Store;
  /** The endpoint of a resource; undefined when it is not served. */
  endpoint(group: string, version: string, resource: string): Endpoint | undefined;
  readonly watches: WatchLimits;
  readonly fieldManagers: FieldManagers;
}

/** How long watches last and how far behind they may be. */
export interface WatchLimits {
  /** A watch that does not say how long it lasts ends after this time to twice this time. */
  readonly minTimeoutMs: number;
  readonly bookmarkIntervalMs: number;
  /** A watch with more unread events is ended. */
  readonly maxUnreadEvents: number;
  /** Tells the server that a watch goes on, so that it can end it. @returns how to take it back. */
  track(collection: Collection, end: () => void): () => void;
}

/** One request to one resource. */
export interface Call {
  readonly info: RequestInfo;
  readonly target: Target;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  readonly user: User;
  readonly signal: AbortSignal | undefined;
  /** Said with the answer, each once. */
  readonly warnings: string[];
}

/** Who writes, and where warnings for them go. */
export type Writer = Pick<Call, 'user' | 'warnings'>;

/** What comes of a request. */
export type Answer =
  | { readonly type: 'object'; readonly code: number; readonly view: View }
  /** An object that is not stored as it is, such as a Scale. */
  | { readonly type: 'made'; readonly code: number; readonly object: JsonObject }
  | { readonly type: 'list'; readonly views: readonly View[]; readonly metadata: ListMetadata }
  | { readonly type: 'status'; readonly code: number; readonly body: StatusBody }
  | { readonly type: 'stream'; readonly contentType: string; readonly chunks: AsyncIterable<Uint8Array> }
  | { readonly type: 'text'; readonly code: number; readonly text: string };

/** @see k8s.io/apimachinery meta/v1 `ListMeta` */
export interface ListMetadata {
  readonly resourceVersion: string;
  readonly continue?: string | undefined;
  readonly remainingItemCount?: number | undefined;
}

/** The context of a write. */
export function writeContext(services: Services, writer: Writer): WriteContext {
  return {
    nowMs: services.clock.now(),
    uuid: () => services.random.uuid(),
    cluster: clusterView(services.store),
    user: writer.user,
    warn: (text) => {
      writer.warnings.push(text);
    },
  };
}
