/** Shares one list-watch and one cache among many handlers. */

export { InformerError, type InformerErrorCode } from './errors.ts';
export { SharedInformerFactory } from './factory.ts';
export type {
  AcquireOptions,
  FactoryInformerStatus,
  GenericInformer,
  InformerLease,
  NamespacesOptions,
  SharedInformerFactoryOptions,
} from './factory-options.ts';
export { filterHandler } from './filter-handler.ts';
export {
  InformerWatcher,
  type InformerWatcherOptions,
  type UntilWithSyncOptions,
  untilWithSync,
} from './informer-watcher.ts';
export type {
  ErrorListener,
  ListenerInformer,
  ObjectListener,
} from './listener-informer.ts';
export { type MakeInformerOptions, makeInformer } from './make-informer.ts';
export type { NamespacedCache } from './namespaced-cache.ts';
export type { NamespacedInformer, NamespacedInformerStatus } from './namespaced-informer.ts';
export type { HandlerOptions, InformerIdentity, OverflowPolicy, SharedInformerOptions } from './options.ts';
export type {
  DefinitionChanges,
  Handler,
  HandlerFailure,
  InformerEnvironment,
  ItemHandler,
  SharedInformerPorts,
  WatchProblem,
} from './ports.ts';
export type { HandlerRegistration, HandlerStatus } from './registration.ts';
export type { InformerScope, ListSelectors } from './scope.ts';
export { SharedInformer } from './shared-informer.ts';
export { RunningInformer, type StartInformerOptions, startInformer } from './start-informer.ts';
export type { InformerStatus } from './status.ts';
export type { StorageChoice, StorageOption } from './storage.ts';
export { Turns } from './turns.ts';
