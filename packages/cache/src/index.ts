/** Holds Kubernetes objects by key with secondary indexes. */
export type { EncodedKey } from './encoded-key.ts';
export { CacheError, type CacheErrorCode } from './errors.ts';
export { ExpirationCache, type ExpirationCacheOptions, type ExpirationCachePorts } from './expiration-cache.ts';
export type { FieldPath } from './field-path.ts';
export { type InSlicesOptions, inSlices } from './in-slices.ts';
export { Indexer } from './indexer.ts';
export { type IndexerOptions, type IndexerPorts, namespaceIndex } from './indexer-options.ts';
export { itemOf } from './item-of.ts';
export { Lister, type ListerOptions, type ListerQuery } from './lister.ts';
export { plainStorage } from './plain-storage.ts';
export type {
  CacheClock,
  CommitListener,
  Progress,
  ProgressMark,
  Storage,
  StorageStats,
  Transitions,
} from './ports.ts';
export type { IndexDefinition, IndexFunction } from './secondary-index.ts';
