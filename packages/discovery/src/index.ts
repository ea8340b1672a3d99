export {
  type ApiResourceRow,
  type ApiResourcesFilter,
  type ApiResourcesFormat,
  formatApiResources,
} from './api-resources.ts';
export { type CallOptions, Discovery, type DiscoveryPorts, type PreferredFilter } from './discovery.ts';
export { DiscoveryError, type DiscoveryErrorCode, type DiscoveryErrorDetails } from './errors.ts';
export { type KubectlCacheOptions, kubectlCache } from './kubectl-cache.ts';
export type { DiscoveryOptions } from './options.ts';
export type { DiscoveryCache, RawClient, TaggedAnswer } from './ports.ts';
export type { ApiGroup, Resource, Subresource } from './resource.ts';
export type { Spelling } from './spelling.ts';
