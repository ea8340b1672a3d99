export type { ApplyDraft, ApplyOptions, CallOptions, CreateOptions, DeepPartial } from './calls.ts';
export type {
  DeleteCollectionOptions,
  DeleteOptions,
  Deletion,
  GetOptions,
  ListOptions,
  OwnerObject,
} from './calls.ts';
export type { Patch, RawRequest, Resource, Scale, SelectOptions, StatusDraft } from './calls.ts';
export type { WatchEvent, WatchOptions, WriteOptions } from './calls.ts';
export { Client } from './client.ts';
export { type InClusterOptions, inClusterConfig } from './config/in-cluster.ts';
export { KubeConfig } from './config/kube-config.ts';
export type {
  ClientNodeCluster,
  ClientNodeKubeConfig,
  ClientNodeUser,
  ClientPorts,
  ClusterConfig,
  ImpersonationConfig,
  KubeConfigData,
  KubeConfigLike,
  KubeConfigNames,
  UserConfig,
} from './config/kube-config.ts';
export { type LoadKubeConfigOptions, loadKubeConfig } from './config/load-kube-config.ts';
export { createTransport } from './config/resolve-config.ts';
export { createClient } from './create-client.ts';
export { ClientError, type ClientErrorCode, type ClientErrorOptions } from './errors.ts';
export type { ClientOptions, TransportOptions } from './options.ts';
export type { WriteDefaults } from './request/client-core.ts';
export type { DynamicResource } from './request/resource-path.ts';
export type { RateLimit } from './request/token-bucket.ts';
export type { ApiWarning } from './request/warnings.ts';
