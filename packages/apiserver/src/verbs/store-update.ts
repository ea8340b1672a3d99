import { equal } from '@bowline/apimachinery';
import { keepUnchangedTimes } from '../apply/index.ts';
import type { Strategy } from '../builtins/index.ts';
import { type Services, type Writer, writeContext } from '../call.ts';
import type { View } from '../codec/codec.ts';
import { type Endpoint, storeKey } from '../endpoint.ts';
import { conflict, invalidObject, notFound, optimisticLockMessage, plainError } from '../errors.ts';
import { invalid } from '../field-error.ts';
import { quote } from '../go-format.ts';
import { nameIsPathSegment } from '../meta/formats.ts';
import { metadataErrors, metadataUpdateErrors } from '../meta/validation.ts';
import type { ServerObject } from '../object.ts';
import type { Collection } from '../store/collection.ts';
import type { Entry } from '../store/entry.ts';
import { matchNamespace } from './admission.ts';
import { admitValid } from './mutation.ts';
import { withinSizeLimit } from './size-limit.ts';
import { beforeCreate, commitCreate, fillSystemFields, kindOf } from './store-create.ts';

/** One update of one object. */
export interface Update {
  readonly namespace: string;
  readonly name: string;
  /** The uid that the object must have; `''` when it does not matter. */
  readonly uid: string;
  /** @default the object itself */
  readonly subresource?: string | undefined;
  readonly strategy: Strategy;
  /** A missing object is created: server-side apply. */
  readonly forceCreate: boolean;
  readonly dryRun: boolean;
  /**
   * Makes the new state from the stored one, `undefined` when there is none. Must not change what it is given.
   *
   * @throws {Refusal} when that cannot be done.
   */
  transform(live: ServerObject | undefined): ServerObject;
}

/** What an update led to. */
export interface Updated {
  readonly view: View;
  readonly created: boolean;
}

/**
 * Replaces a stored object by what `transform` makes of it.
 *
 * @throws {Refusal} 404, 409 or 422.
 * @see k8s.io/apiserver registry/generic `Update`
 */
export function storeUpdate(
  services: Services,
  endpoint: Endpoint,
  collection: Collection,
  writer: Writer,
  update: Update,
): Updated {
  const { name, namespace, strategy } = update;
  const key = storeKey(endpoint, namespace, name);
  const entry = collection.get(key);
  if (entry === undefined && !strategy.allowCreateOnUpdate && !update.forceCreate) throw notFound(endpoint, name);
  checkUid(endpoint, key, update, entry);
  if (entry === undefined) return create(services, endpoint, collection, writer, update, key);
  const live = endpoint.codec.view(entry).object;
  const object = update.transform(live);
  matchNamespace(object.metadata, endpoint.namespaced ? namespace : '');
  checkResourceVersion(endpoint, update, object, entry);
  beforeUpdate(services, endpoint, writer, strategy, object, live);
  admitValid(services, endpoint, object, live, update.subresource ?? '');
  const settled = keepUnchangedTimes(live, object) as ServerObject;
  return { view: commit(endpoint, collection, update, entry, settled), created: false };
}

function checkUid(endpoint: Endpoint, key: string, update: Update, entry: Entry | undefined): void {
  const { uid = '' } = entry?.object.metadata ?? {};
  if (update.uid === '' || update.uid === uid) return;
  const why = `Precondition failed: UID in precondition: ${update.uid}, UID in object meta: ${uid}`;
  throw conflict(endpoint, update.name, storageError('invalid object', 4, `${endpoint.storagePrefix}/${key}`, why));
}

/** @see k8s.io/apiserver storage/errors.go `StorageError` */
function storageError(what: string, code: number, key: string, more: string): string {
  return `StorageError: ${what}, Code: ${code}, Key: ${key}, ResourceVersion: 0, AdditionalErrorMsg: ${more}`;
}

function create(
  services: Services,
  endpoint: Endpoint,
  collection: Collection,
  writer: Writer,
  update: Update,
  key: string,
): Updated {
  const object = update.transform(undefined);
  matchNamespace(object.metadata, endpoint.namespaced ? update.namespace : '');
  fillSystemFields(object, services);
  beforeCreate(services, endpoint, writer, object);
  admitValid(services, endpoint, object, undefined, '');
  delete object.metadata.resourceVersion;
  return { view: commitCreate(endpoint, collection, key, object, update.dryRun), created: true };
}

function checkResourceVersion(endpoint: Endpoint, update: Update, object: ServerObject, entry: Entry): void {
  const { resourceVersion = '' } = object.metadata;
  if (resourceVersion !== '' && !/^\d+$/.test(resourceVersion)) {
    throw plainError(`strconv.ParseUint: parsing ${quote(resourceVersion)}: invalid syntax`);
  }
  const wanted = Number(resourceVersion);
  if (wanted === 0) {
    if (!update.strategy.allowUnconditionalUpdate) {
      const errors = [invalid('metadata.resourceVersion', 0, 'must be specified for an update')];
      throw invalidObject({ group: endpoint.group, kind: endpoint.resource }, update.name, errors);
    }
    object.metadata.resourceVersion = String(entry.revision);
  } else if (wanted !== entry.revision) throw conflict(endpoint, update.name, optimisticLockMessage);
}

/**
 * Prepares the new state of an object and finds out whether it is valid.
 *
 * @throws {Refusal} 422 when it is not.
 * @see k8s.io/apiserver registry/rest `BeforeUpdate`
 */
function beforeUpdate(
  services: Services,
  endpoint: Endpoint,
  writer: Writer,
  strategy: Strategy,
  object: ServerObject,
  old: ServerObject,
): void {
  if (old.metadata.generation === undefined) delete object.metadata.generation;
  else object.metadata.generation = old.metadata.generation;
  strategy.prepareForUpdate(object, old, writeContext(services, writer));
  const { metadata } = object;
  if ((metadata.uid ?? '') === '' && old.metadata.uid !== undefined) metadata.uid = old.metadata.uid;
  if (old.metadata.creationTimestamp !== undefined) metadata.creationTimestamp = old.metadata.creationTimestamp;
  if (old.metadata.deletionTimestamp !== undefined) metadata.deletionTimestamp = old.metadata.deletionTimestamp;
  if (metadata.deletionGracePeriodSeconds === undefined && old.metadata.deletionGracePeriodSeconds !== undefined) {
    metadata.deletionGracePeriodSeconds = old.metadata.deletionGracePeriodSeconds;
  }
  const errors = [
    ...metadataErrors(metadata, endpoint.namespaced, nameIsPathSegment),
    ...metadataUpdateErrors(metadata, old.metadata),
    ...strategy.validateUpdate(object, old),
  ];
  if (errors.length > 0) throw invalidObject(kindOf(endpoint, object), metadata.name ?? '', errors);
  writer.warnings.push(...(strategy.warnings?.(object, old) ?? []));
}

/** Writes the new state, unless it is the old one, or removes the object when this was the last thing it waited for. */
function commit(endpoint: Endpoint, collection: Collection, update: Update, entry: Entry, object: ServerObject): View {
  const { metadata } = entry.object;
  const finished =
    (object.metadata.finalizers ?? []).length === 0 &&
    metadata.deletionTimestamp !== undefined &&
    (metadata.deletionGracePeriodSeconds ?? 0) === 0 &&
    (update.strategy.mayDeleteDuringUpdate?.(object) ?? true);
  if (finished) {
    if (!update.dryRun) removeEntry(endpoint, collection, entry.key);
    return { object, json: JSON.stringify(object) };
  }
  const stored = withinSizeLimit(endpoint.codec.toStored(object), true);
  object.metadata.resourceVersion = stored.metadata.resourceVersion = String(entry.revision);
  if (equal(stored, entry.object)) return endpoint.codec.view(entry);
  if (update.dryRun) return { object, json: JSON.stringify(object) };
  const next = collection.put(entry.key, stored);
  const view = endpoint.codec.view(next);
  endpoint.hooks?.updated?.(next, entry);
  return view;
}

/** Removes an object for good. The answer is its last state with the revision of the deletion. */
export function removeEntry(endpoint: Endpoint, collection: Collection, key: string): Entry | undefined {
  const last = collection.delete(key);
  if (last !== undefined) endpoint.hooks?.deleted?.(last);
  return last;
}
