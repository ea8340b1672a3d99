import type { Clock, Item, Transition } from '@bowline/apimachinery';

/** What a cache needs of time: to give way while it prepares something big. */
export type CacheClock = Pick<Clock, 'monotonic' | 'turn'>;

/** Where a cache keeps its items. It may return other `Item`s than it was given, as long as they say the same. */
export interface Storage<T> {
  readonly size: number;
  /** How many bytes it holds, or 0 when it cannot tell. */
  readonly sizeBytes: number;
  get(key: string): Item<T> | undefined;
  /** Adds or replaces, and returns the item as it is kept. */
  set(item: Item<T>): Item<T>;
  delete(key: string): void;
  /** Every item once. Never read on after a change. */
  values(): Iterable<Item<T>>;
  /** An empty storage of the same make, for a full state that is being staged. */
  empty(): Storage<T>;
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
