/**
 * Kubernetes control loops in TypeScript: what an operator needs, from one import. Everything else is in the packages that this one brings along.
 *
 * @module
 */

export { builtinKinds } from '@bowline/api';
export type {
  Condition,
  Draft,
  Kind,
  KubernetesObject,
  ObjectKey,
  ObjectOf,
  UnstructuredObject,
} from '@bowline/apimachinery';
export {
  clone,
  consoleLogger,
  defineKind,
  findCondition,
  isAlreadyExists,
  isConditionTrue,
  isConflict,
  isExpired,
  isForbidden,
  isInvalid,
  isNotFound,
  setCondition,
} from '@bowline/apimachinery';
export { Indexer, Lister } from '@bowline/cache';
export { type Client, createClient, KubeConfig, type KubeConfigLike, loadKubeConfig } from '@bowline/client';
export type { ManagerOptions, ReconcileContext, ReconcileResult } from '@bowline/controller-runtime';
export {
  addFinalizer,
  Channel,
  containsFinalizer,
  createOrPatch,
  createOrUpdate,
  enqueueRequestForObject,
  enqueueRequestForOwner,
  enqueueRequestsFromMapFunc,
  Finalizers,
  lowPriority,
  Manager,
  predicate,
  removeFinalizer,
  setControllerReference,
  setOwnerReference,
  shutdownSignal,
  TerminalError,
} from '@bowline/controller-runtime';
export { defineCrd, s } from '@bowline/crd';
export { DeltaFIFO, InOrderQueue } from '@bowline/deltafifo';
export { Discovery } from '@bowline/discovery';
export { type Handler, makeInformer, SharedInformer, SharedInformerFactory, startInformer } from '@bowline/informer';
export { ListWatch, Reflector } from '@bowline/listwatch';
export { DelayingQueue, PriorityQueue, RateLimitingQueue, WorkQueue } from '@bowline/workqueue';
