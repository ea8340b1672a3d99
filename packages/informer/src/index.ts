/** Shares one list-watch and one cache among many handlers. */

export { InformerError, type InformerErrorCode } from './errors.ts';
export {
  type AcquireOptions,
  type FactoryInformerStatus,
  type GenericInformer,
  type InformerLease,
  SharedInformerFactory,
  type SharedInformerFactoryOptions,
} from './factory.ts';
export {
  InformerWatcher,
  type InformerWatcherOptions,
  type UntilWithSyncOptions,
  untilWithSync,
} from './informer-watcher.ts';
export type {
  ErrorListener,
  ListenerInformer,
  ListenerInformerOptions,
  ObjectListener,
} from './listener-informer.ts';
export { type MakeInformerOptions, makeInformer } from './make-informer.ts';
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
export type { InformerScope } from './scope.ts';
export { SharedInformer } from './shared-informer.ts';
export { RunningInformer, type StartInformerOptions, startInformer } from './start-informer.ts';
export type { InformerStatus } from './status.ts';
export { Turns } from './turns.ts';
