export { abortError, untilAborted } from './abort.ts';
export { type Backoff, type BackoffOptions, exponentialBackoff } from './backoff.ts';
export { readAll } from './body.ts';
export type { Clock, Timer, TimerCallback } from './clock.ts';
export { compareBytes } from './compare-bytes.ts';
export { type Condition, type ConditionStatus, findCondition, isConditionTrue, setCondition } from './condition.ts';
export { BowlineError, type BowlineErrorOptions } from './errors.ts';
export { type FieldRequirement, FieldSelector } from './field-selector.ts';
export type { HttpRequest, HttpResponse, Transport } from './http.ts';
export type {
  Change,
  EncodedBytes,
  EncodedItem,
  EncodedNames,
  Encoding,
  Item,
  ItemClient,
  ListCall,
  Page,
  Replacement,
  ResourceQuery,
  Sink,
  Transition,
  Undecodable,
  WatchCall,
  WatchFrame,
} from './item.ts';
export { clone, deepFreeze, equal, isJsonObject, type Mutable, setMember } from './json.ts';
export { applyJsonPatch, type JsonPatchOperation, type JsonPatchOptions } from './json-patch.ts';
export { createJsonPatch } from './json-patch-create.ts';
export { JsonPatchError, type JsonPatchErrorCode } from './json-patch-draft.ts';
export { formatPointer, parsePointer } from './json-pointer.ts';
export { formatKey, keyOf, type ObjectKey, parseKey } from './key.ts';
export { KeyError, keyedChanges, keyedItems } from './keyed.ts';
export type { GroupKind, GroupResource, GroupVersion, GroupVersionKind, GroupVersionResource } from './kind.ts';
export {
  apiVersion,
  defineKind,
  formatGroupKind,
  formatGroupResource,
  formatGroupVersionKind,
  formatGroupVersionResource,
  groupVersion,
  type Kind,
  type KindDefinition,
  type ObjectOf,
  type Scope,
} from './kind.ts';
export type { LabelOperator, LabelRequirement } from './label-requirement.ts';
export { LabelSelector, type LabelSelectorExpression, type LabelSelectorSource } from './label-selector.ts';
export { labelKeyProblems, labelValueProblems } from './label-syntax.ts';
export { type FieldSource, type KnownFields, LazyShape, lazyObject, unread } from './lazy-object.ts';
export { type ConsoleLoggerOptions, consoleLogger, type LogLevel, silentLogger } from './loggers.ts';
export { applyMergePatch, createMergePatch } from './merge-patch.ts';
export { noMetrics } from './no-metrics.ts';
export type {
  Draft,
  KubernetesObject,
  ListMeta,
  ManagedFieldsEntry,
  ObjectList,
  ObjectMeta,
  OwnerReference,
  StringMap,
  UnstructuredObject,
  WithDraft,
} from './object.ts';
export {
  controllerOf,
  isOwnedBy,
  type Owned,
  type Owner,
  type OwnerReferenceOptions,
  ownerReference,
} from './owner.ts';
export { ObjectMakers } from './plain-object.ts';
export type {
  Awaitable,
  Counter,
  Gauge,
  Histogram,
  LogFields,
  Logger,
  MetricDescription,
  Metrics,
  Random,
} from './ports.ts';
export { isPromiseLike } from './promise-like.ts';
export { compareResourceVersions, isComparableResourceVersion } from './resource-version.ts';
export { SelectorError } from './selector-error.ts';
export {
  type Fairness,
  type Status,
  type StatusCause,
  type StatusCode,
  type StatusDetails,
  StatusError,
  statusError,
} from './status.ts';
export {
  isAlreadyExists,
  isBadRequest,
  isConflict,
  isExpired,
  isForbidden,
  isInternalError,
  isInvalid,
  isMethodNotAllowed,
  isNotFound,
  isServerTimeout,
  isServiceUnavailable,
  isTimeout,
  isTooManyRequests,
  isUnauthorized,
  retryAfterMsOf,
  statusOf,
} from './status-predicates.ts';
export { type FailedRequest, isStatus, statusErrorFromResponse } from './status-response.ts';
export { systemClock } from './system-clock.ts';
export { systemRandom } from './system-random.ts';
export { formatMicroTime, formatTime, parseTime } from './time.ts';
export { valueAt } from './value-at.ts';
