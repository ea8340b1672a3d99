import type { Clock, Item, Transition } from '@bowline/apimachinery';

/** What a cache needs of time: to give way while it prepares something big. */
export type CacheClock = Pick<Clock, 'monotonic' | 'turn'>;

/**
 * Keeps what items are made of. Which item stands under which key is the cache's business, so that a storage needs no index of its own.
 *
 * What has been dropped stays readable for those who still hold it: a listener that is told of the old state, or a loop that began before.
 */
export interface Storage<T> {
  /** How many bytes it holds, or 0 when it cannot tell. */
  readonly sizeBytes: number;
  /** Takes an item in and returns it as it is kept: the same, or another that says the same. */
  keep(item: Item<T>): Item<T>;
  /** An item that `keep` returned is no longer part of the state. Called once for each that goes before the storage is released. */
  drop(item: Item<T>): void;
  /** An empty storage of the same make, for a full state that is being staged. */
  empty(): Storage<T>;
  /** Nobody will call it any more: another state has taken its place, or it was never to be one. What it holds stays readable. */
  release?(): void;
  /** What it holds and has done, where it can tell. */
  stats?(): StorageStats;
}

/** What a storage that packs bytes says of itself. */
export interface StorageStats {
  /** Bytes that it has taken, compressed ones as they are held. */
  readonly sizeBytes: number;
  /** Bytes of the objects that are held, before compression. */
  readonly liveBytes: number;
  /** In how many pieces it has taken its bytes, and how many of these are compressed. */
  readonly slabs: number;
  readonly compressedSlabs: number;
  /** How often an object was decoded, by this storage and those that it has replaced. */
  readonly decodes: number;
}

/**
 * Is told of every change in the turn in which it happens: the cache and its indexes have the new state, nobody else has run.
 * Must not change the cache and must not throw.
 */
export interface CommitListener<T> {
  /** @param transitions In order; none for a bookmark. */
  committed(transitions: readonly Transition<T>[], resourceVersion: string): void;
}

/** A point that a cache has reached, or will. */
export type ProgressMark =
  /** Everything up to this version. `key` is for versions without an order: the object's own change to exactly that version counts. */
  | { readonly resourceVersion: string; readonly key?: string | undefined }
  /** The object with this uid is no longer under this key. */
  | { readonly key: string; readonly goneUid: string };

/** The primitive for reading one's own writes. */
export interface Progress {
  /**
   * Resolves once readers see everything up to `mark`.
   *
   * After a full state that is older than the one before (a restored etcd) versions that were waited for may never come: those waits end.
   * Rejects with the reason of `signal` when that aborts first.
   */
  reached(mark: ProgressMark, signal: AbortSignal): Promise<void>;
}
