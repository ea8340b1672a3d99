export type { Clock, Timer, TimerCallback } from './clock.ts';
export type { HttpRequest, HttpResponse, Transport } from './http.ts';
export type {
  Change, Item, ItemClient, ListCall, Page, Replacement, ResourceQuery, Sink, Transition, Undecodable, WatchCall, WatchFrame,
} from './item.ts';
export type {
  GroupKind, GroupResource, GroupVersion, GroupVersionKind, GroupVersionResource, Kind, ObjectOf, Scope,
} from './kind.ts';
export type {
  Draft, KubernetesObject, ListMeta, ManagedFieldsEntry, ObjectList, ObjectMeta, OwnerReference, StringMap, UnstructuredObject,
} from './object.ts';
export type { Awaitable, Counter, Gauge, Histogram, LogFields, Logger, MetricDescription, Metrics, Random } from './ports.ts';
