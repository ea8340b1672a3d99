import { equal, formatTime, parseTime } from '@bowline/apimachinery';
import type { Strategy } from '../builtins/index.ts';
import type { Answer, Services } from '../call.ts';
import { type Endpoint, storeKey } from '../endpoint.ts';
import { conflict, deletedStatus, notFound } from '../errors.ts';
import type { DeleteOptions } from '../http/query-options.ts';
import { foregroundFinalizer, orphanFinalizer } from '../meta/validation.ts';
import type { Metadata, ServerObject } from '../object.ts';
import type { Collection } from '../store/collection.ts';
import { Entry } from '../store/entry.ts';
import { removeEntry } from './store-update.ts';
import { termination } from './termination.ts';

/** What a delete did. */
export interface Deleted {
  readonly answer: Answer;
  /** False when the object waits for something. */
  readonly gone: boolean;
}

/**
 * Deletes an object, or marks it and lets it wait for its finalizers or its grace period.
 *
 * @throws {Refusal} 404, or 409 when a precondition does not hold.
 * @see k8s.io/apiserver registry/generic `Delete`
 */
export function storeDelete(
  services: Services,
  endpoint: Endpoint,
  collection: Collection,
  target: { readonly namespace: string; readonly name: string },
  options: DeleteOptions,
): Deleted {
  const { name } = target;
  const key = storeKey(endpoint, target.namespace, name);
  const entry = collection.get(key);
  if (entry === undefined) throw notFound(endpoint, name);
  checkPreconditions(endpoint, entry.object.metadata, options);
  const terminated = termination(endpoint)?.(entry.object, options, services.clock.now());
  if (terminated !== undefined) {
    const next = options.dryRun
      ? new Entry(key, terminated, entry.revision)
      : writeIfChanged(endpoint, collection, entry, terminated);
    return { answer: objectAnswer(endpoint, next), gone: false };
  }
  const strategy = endpoint.strategy('');
  const draft: ServerObject = { ...entry.object, metadata: { ...entry.object.metadata } };
  const grace = gracefully(draft, strategy, options, services.clock.now());
  if (grace === 'pending') return { answer: answerOf(endpoint, entry), gone: false };
  const finalizers = deletionFinalizers(draft.metadata, strategy, options);
  if (finalizers.length === 0) delete draft.metadata.finalizers;
  else draft.metadata.finalizers = [...finalizers];
  if (grace === undefined && finalizers.length > 0) markDeleting(draft.metadata, services.clock.now());
  const stays = finalizers.length > 0 || (grace ?? 0) > 0;
  if (options.dryRun) {
    const dry = new Entry(entry.key, draft, entry.revision);
    return {
      answer: stays || grace !== undefined ? objectAnswer(endpoint, dry) : answerOf(endpoint, entry),
      gone: !stays,
    };
  }
  if (stays || grace !== undefined) {
    const marked = writeIfChanged(endpoint, collection, entry, draft);
    if (stays) return { answer: objectAnswer(endpoint, marked), gone: false };
  }
  const last = removeEntry(endpoint, collection, key) ?? entry;
  return { answer: answerOf(endpoint, last), gone: true };
}

/** @see k8s.io/apiserver registry/rest `BeforeDelete` */
function checkPreconditions(endpoint: Endpoint, metadata: Metadata, options: DeleteOptions): void {
  const { uid, resourceVersion } = options.preconditions ?? {};
  const { uid: hasUid = '', resourceVersion: hasVersion = '', name = '' } = metadata;
  const checksItself = termination(endpoint) !== undefined;
  const what = checksItself ? endpoint : { group: endpoint.group, resource: endpoint.kind };
  if (uid !== undefined && uid !== hasUid) {
    const why = checksItself
      ? `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${hasUid}`
      : `the UID in the precondition (${uid}) does not match the UID in record (${hasUid}). The object might have been deleted and then recreated`;
    throw conflict(what, name, why);
  }
  if (resourceVersion !== undefined && resourceVersion !== hasVersion) {
    const why = checksItself
      ? `Precondition failed: ResourceVersion in precondition: ${resourceVersion}, ResourceVersion in object meta: ${hasVersion}`
      : `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record (${hasVersion}). The object might have been modified`;
    throw conflict(what, name, why);
  }
}

/**
 * Sets the deletion of a kind that is deleted gracefully.
 *
 * @returns the grace period in seconds, `pending` when the object is being deleted already and nothing changes, undefined when there is no grace.
 */
function gracefully(
  draft: ServerObject,
  strategy: Strategy,
  options: DeleteOptions,
  nowMs: number,
): number | 'pending' | undefined {
  const { graceful } = strategy;
  if (graceful === undefined) return undefined;
  const { metadata } = draft;
  const requested =
    options.gracePeriodSeconds !== undefined && options.gracePeriodSeconds < 0 ? 1 : options.gracePeriodSeconds;
  if (metadata.deletionTimestamp !== undefined) return shortened(metadata, requested, nowMs);
  const seconds = graceful(draft, requested);
  if (seconds === undefined) return undefined;
  metadata.deletionTimestamp = formatTime(nowMs + seconds * 1000);
  metadata.deletionGracePeriodSeconds = seconds;
  if ((metadata.generation ?? 0) > 0) metadata.generation = (metadata.generation ?? 0) + 1;
  return seconds;
}

/** A grace period that runs already can only be made shorter. */
function shortened(metadata: Metadata, requested: number | undefined, nowMs: number): number | 'pending' | undefined {
  const { deletionGracePeriodSeconds: left = 0, deletionTimestamp = '' } = metadata;
  if (left === 0) return undefined;
  if (requested === undefined || requested >= left) return 'pending';
  let deadlineMs = parseTime(deletionTimestamp) - left * 1000 + requested * 1000;
  let seconds = requested;
  if (deadlineMs < nowMs) {
    deadlineMs = nowMs;
    if (seconds !== 0) seconds = 1;
  }
  metadata.deletionTimestamp = formatTime(deadlineMs);
  metadata.deletionGracePeriodSeconds = seconds;
  return seconds;
}

/** @see k8s.io/apiserver registry/generic `deletionFinalizersForGarbageCollection` */
function deletionFinalizers(metadata: Metadata, strategy: Strategy, options: DeleteOptions): readonly string[] {
  const { finalizers = [] } = metadata;
  if (strategy.dependents === 'unsupported') return finalizers;
  const wanted = collectorFinalizer(finalizers, strategy, options);
  const others = finalizers.filter((one) => one !== orphanFinalizer && one !== foregroundFinalizer);
  const next = wanted === undefined ? others : [...others, wanted];
  const same = next.length === finalizers.length && next.every((one) => finalizers.includes(one));
  return same ? finalizers : next;
}

function collectorFinalizer(
  finalizers: readonly string[],
  strategy: Strategy,
  options: DeleteOptions,
): string | undefined {
  if (options.orphanDependents !== undefined) return options.orphanDependents ? orphanFinalizer : undefined;
  switch (options.propagationPolicy) {
    case 'Orphan':
      return orphanFinalizer;
    case 'Foreground':
      return foregroundFinalizer;
    case 'Background':
      return undefined;
    default:
      if (finalizers.includes(orphanFinalizer)) return orphanFinalizer;
      if (finalizers.includes(foregroundFinalizer)) return foregroundFinalizer;
      return strategy.dependents === 'orphan' ? orphanFinalizer : undefined;
  }
}

/** @see k8s.io/apiserver registry/generic `markAsDeleting` */
function markDeleting(metadata: Metadata, nowMs: number): void {
  if (metadata.deletionTimestamp === undefined && (metadata.generation ?? 0) > 0) {
    metadata.generation = (metadata.generation ?? 0) + 1;
  }
  if (metadata.deletionTimestamp === undefined || parseTime(metadata.deletionTimestamp) > nowMs) {
    metadata.deletionTimestamp = formatTime(nowMs);
  }
  metadata.deletionGracePeriodSeconds = 0;
}

function writeIfChanged(endpoint: Endpoint, collection: Collection, entry: Entry, draft: ServerObject): Entry {
  if (equal(draft, entry.object)) return entry;
  const next = collection.put(entry.key, draft);
  endpoint.hooks?.updated?.(next, entry);
  return next;
}

function objectAnswer(endpoint: Endpoint, entry: Entry): Answer {
  return { type: 'object', code: 200, view: endpoint.codec.view(entry) };
}

/** What the client is told of an object that is gone: the object, or a Status that names it. */
function answerOf(endpoint: Endpoint, entry: Entry): Answer {
  if (endpoint.strategy('').returnsDeleted) return objectAnswer(endpoint, entry);
  const { name = '', uid = '' } = entry.object.metadata;
  return { type: 'status', code: 200, body: deletedStatus(endpoint, name, uid) };
}
