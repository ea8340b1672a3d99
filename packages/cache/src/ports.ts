import type { Clock, Item, Transition } from '@bowline/apimachinery';
import type { EncodedKey } from './encoded-key.ts';

/** What a cache needs of time: to give way while it prepares something big. */
export type CacheClock = Pick<Clock, 'monotonic' | 'turn'>;

/**
 * Keeps items in slots: small numbers from 0 on, of which the cache gives one to each key. Which one is the cache's business, so that a
 * storage needs no index of its own.
 *
 * An item that `at` gave says the same for ever, also when its slot has been dropped or holds another: there are listeners that are told of the
 * old state, and loops that began before.
 */
export interface Storage<T> {
  /** How many bytes it holds, or 0 when it cannot tell. */
  readonly sizeBytes: number;
  /** Paths of fields that it does not keep: `metadata.managedFields`. There can be no index of them. @default none */
  readonly dropped?: readonly string[] | undefined;
  /**
   * Takes an item into a slot, in place of what is there. A slot is at most one above those before it. Where the storage copies its bytes, the
   * item given may say afterwards what the storage keeps of it (`EncodedItem.movedTo`).
   */
  keep(slot: number, item: Item<T>): void;
  /** The item in a slot, or another that says the same. Undefined when the slot is empty. */
  at(slot: number): Item<T> | undefined;
  /** Whether the item in a slot has this key. Absent where a look at the item tells as fast. */
  hasKey?(slot: number, key: EncodedKey): boolean;
  /** The item in a slot is no longer part of the state. Called once for each that goes before the storage is released. */
  drop(slot: number): void;
  /** An empty storage of the same make, for a full state that is being staged. */
  empty(): Storage<T>;
  /** Another state has taken its place, or it was never to be one: nobody will change it any more. It can still be read. */
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

/** What a commit did, in order. A loop that begins in the turn of the commit sees all of it, whatever changes afterwards. */
export interface Transitions<T> extends Iterable<Transition<T>> {
  readonly length: number;
}

/**
 * Is told of every change in the turn in which it happens: the cache and its indexes have the new state, nobody else has run.
 * Must not change the cache and must not throw.
 */
export interface CommitListener<T> {
  /** @param transitions None for a bookmark. Those of a full state are made as they are looped over: many, of which none need be held. */
  committed(transitions: Transitions<T>, resourceVersion: string): void;
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
