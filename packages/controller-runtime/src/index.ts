/** Builds Kubernetes controllers and runs them. */

export type { ControllerBuilder, ControllerHandle, OwnsOptions, WatchOptions } from './builder.ts';
export type { Cache, CacheKindOptions } from './cache/cache.ts';
export type { KindCache } from './cache/kind-cache.ts';
export type { CacheOptions, KindCacheOptions } from './cache/options.ts';
export type { CachedClient, CachedGetOptions, CachedListOptions, Consistency } from './cached-client.ts';
export type { Cause } from './cause.ts';
export { createOrPatch, createOrUpdate, type Mutate } from './controllerutil/create-or-update.ts';
export type { ObjectDraft } from './controllerutil/draft.ts';
export { addFinalizer, containsFinalizer, removeFinalizer } from './controllerutil/finalizer.ts';
export { type FinalizeFunc, type FinalizeResult, Finalizers } from './controllerutil/finalizers.ts';
export {
  hasOwnerReference,
  removeOwnerReference,
  setControllerReference,
  setOwnerReference,
} from './controllerutil/owner.ts';
export { ControllerRuntimeError, type ControllerRuntimeErrorCode, isTerminalError, TerminalError } from './errors.ts';
export type { CreateEvent, DeleteEvent, ObjectEvent, UpdateEvent } from './event.ts';
export type { EventHandler, MapFunc, OwnerHandlerOptions } from './handler.ts';
export { enqueueRequestForObject, enqueueRequestForOwner, enqueueRequestsFromMapFunc, lowPriority } from './handler.ts';
export type { Health, HealthCheck } from './health.ts';
export type { LiveClient } from './live-client.ts';
export { type AddOptions, Manager, type RunnableGroupName } from './manager.ts';
export type { ManagerOptions } from './manager-options.ts';
export type { ControllerOptions } from './options.ts';
export type { Enqueue, EnqueueOptions, ItemInformer, Source, SourceContext } from './ports.ts';
export type { Predicate } from './predicate.ts';
export * as predicate from './predicate.ts';
export type { Reconcile, ReconcileContext, ReconcileResult } from './reconcile.ts';
export type { RequestKey } from './request.ts';
export type { Runnable, RunnableFunc } from './runnable-group.ts';
export { type SignalSource, shutdownSignal } from './signals.ts';
export { Channel, type ChannelOptions } from './source/channel.ts';
export type { ChannelMapFunc } from './source/channel-source.ts';
export { funcSource, type SourceFunc, type SourceOptions } from './source/func-source.ts';
export { InformerSource, type InformerSourceOptions } from './source/informer-source.ts';
