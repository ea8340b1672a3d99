import type { Clock, Histogram, KubernetesObject, Random, ResourceQuery } from '@bowline/apimachinery';
import type { Indexer } from '@bowline/cache';
import type { StorageChoice } from '@bowline/informer';
import type { ItemInformer } from '../ports.ts';

/** What the cache needs of one informer: one list-watch and what it holds. */
export interface ResourceInformer<T> extends ItemInformer<T> {
  run(signal: AbortSignal): Promise<void>;
  readonly hasSynced: boolean;
  /** Resolves once it holds all that exists. Rejects when `signal` aborts first. */
  synced(signal: AbortSignal): Promise<void>;
  /** Resolves once it holds all that exists, has failed or has ended: waiting longer says nothing about others. */
  attempted(signal: AbortSignal): Promise<void>;
  readonly indexer: ResourceStore<T>;
  /** What keeps it from being in sync, in one line for people. Undefined while all is well. */
  problem(): string | undefined;
}

/** What an informer holds. */
export type ResourceStore<T> = Pick<
  Indexer<T>,
  'get' | 'item' | 'items' | 'itemsByIndex' | 'indexKeys' | 'indexNames' | 'addIndex' | 'resourceVersion' | 'reached'
>;

/** Settings of one informer. */
export interface ResourceInformerOptions {
  /** How often handlers get all objects once more, in milliseconds; 0 for never. */
  readonly resyncMs: number;
  readonly storage: StorageChoice | undefined;
}

/** Makes informers. */
export interface InformerFactory {
  create<T extends KubernetesObject>(query: ResourceQuery, options: ResourceInformerOptions): ResourceInformer<T>;
}

/** What the cache works with. */
export interface CachePorts {
  readonly informers: InformerFactory;
  readonly clock: Clock;
  readonly random: Random;
  /** How long reads waited for their client's own writes. */
  readonly waitSeconds: Histogram;
}
