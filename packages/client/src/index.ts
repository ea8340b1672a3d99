export type {
  ApplyDraft,
  ApplyOptions,
  CallOptions,
  CreateOptions,
  DeleteCollectionOptions,
  DeleteOptions,
  Deletion,
  GetOptions,
  ListOptions,
  OwnerObject,
  Patch,
  RawRequest,
  Resource,
  SelectOptions,
  StatusDraft,
  WatchEvent,
  WatchOptions,
  WriteOptions,
} from './calls.ts';
export { Client } from './client.ts';
export { type InClusterOptions, inClusterConfig } from './config/in-cluster.ts';
export type {
  ClientNodeKubeConfig,
  ClientPorts,
  ClusterConfig,
  ExecConfig,
  ImpersonationConfig,
  KubeConfigData,
  KubeConfigLike,
} from './config/kube-config.ts';
export { KubeConfig, type KubeConfigNames, type UserConfig } from './config/kube-config.ts';
export { type LoadKubeConfigOptions, loadKubeConfig } from './config/load-kube-config.ts';
export { createTransport } from './config/resolve-config.ts';
export { createClient } from './create-client.ts';
export { ClientError, type ClientErrorCode, type ClientErrorOptions } from './errors.ts';
export type { ClientOptions, TransportOptions } from './options.ts';
export type { WriteDefaults } from './request/client-core.ts';
export type { RequestHooks, RequestOutcome, RequestTry } from './request/hooks.ts';
export type { DynamicResource } from './request/resource-path.ts';
export type { RateLimit } from './request/token-bucket.ts';
export type { ApiWarning } from './request/warnings.ts';
