import { formatTime, groupVersion, type Random } from '@bowline/apimachinery';
import { type Services, type Writer, writeContext } from '../call.ts';
import type { View } from '../codec/codec.ts';
import { type Endpoint, storeKey } from '../endpoint.ts';
import { alreadyExists, generatedNameTaken, invalidObject, plainError, type Refusal } from '../errors.ts';
import { nameIsPathSegment } from '../meta/formats.ts';
import { metadataErrors } from '../meta/validation.ts';
import type { ServerObject } from '../object.ts';
import { cloneRead } from '../schema/index.ts';
import type { Collection } from '../store/collection.ts';
import { admitValid } from './mutation.ts';
import { withinSizeLimit } from './size-limit.ts';

/** How often a generated name is tried. @see k8s.io/apiserver registry/generic `maxNameGenerationCreateAttempts` */
const nameAttempts = 8;
const nameAlphabet = 'bcdfghjklmnpqrstvwxz2456789';

/** @see k8s.io/apiserver storage/names/generate.go */
function generateName(base: string, random: Random): string {
  let suffix = '';
  for (let index = 0; index < 5; index++) {
    suffix += nameAlphabet[Math.floor(random.next() * nameAlphabet.length)] ?? '';
  }
  return base.slice(0, 58) + suffix;
}

/** What an object is called in messages about its validity: a custom resource says itself what it is. */
export function kindOf(
  { custom, group, kind }: Endpoint,
  object: ServerObject,
): { readonly group: string; readonly kind: string } {
  // Events of both groups are validated, and named, as those of the core group.
  if (!custom) return { group: kind === 'Event' ? '' : group, kind };
  return { group: groupVersion(object.apiVersion).group, kind: object.kind };
}

/** Gives a new object what only the server gives. */
export function fillSystemFields(object: ServerObject, services: Services): void {
  object.metadata.creationTimestamp = formatTime(services.clock.now());
  object.metadata.uid = services.random.uuid();
}

/**
 * Prepares a new object and finds out whether it is valid.
 *
 * @throws {Refusal} 422 when it is not.
 * @see k8s.io/apiserver registry/rest `BeforeCreate`
 */
export function beforeCreate(services: Services, endpoint: Endpoint, writer: Writer, object: ServerObject): void {
  const strategy = endpoint.strategy('');
  strategy.prepareForCreate(object, writeContext(services, writer));
  const { name = '' } = object.metadata;
  let errors = strategy.validateCreate(object);
  if (errors.length === 0) errors = metadataErrors(object.metadata, endpoint.namespaced, nameIsPathSegment);
  if (errors.length > 0) throw invalidObject(kindOf(endpoint, object), name, errors);
  writer.warnings.push(...(strategy.warnings?.(object, undefined) ?? []));
}

/**
 * Stores a new object that has gone through admission. A generated name that is taken is replaced by another, a few times.
 *
 * @throws {Refusal} 409 when the name is taken, 422 when the object is not valid.
 * @see k8s.io/apiserver registry/generic `Create`
 */
export function storeCreate(
  services: Services,
  endpoint: Endpoint,
  collection: Collection,
  writer: Writer,
  object: ServerObject,
  dryRun: boolean,
): View {
  const generates = (object.metadata.generateName ?? '') !== '' && (object.metadata.name ?? '') === '';
  for (let attempt = 1; ; attempt++) {
    const draft = generates && attempt < nameAttempts ? cloneRead(object) : object;
    const warnings = writer.warnings.length;
    try {
      return createOnce(services, endpoint, collection, writer, draft, dryRun);
    } catch (error) {
      if (!generates || attempt >= nameAttempts || (error as Refusal).body?.reason !== 'AlreadyExists') throw error;
      writer.warnings.length = warnings;
    }
  }
}

function createOnce(
  services: Services,
  endpoint: Endpoint,
  collection: Collection,
  writer: Writer,
  object: ServerObject,
  dryRun: boolean,
): View {
  fillSystemFields(object, services);
  const { metadata } = object;
  const { generateName: base = '' } = metadata;
  const generated = base !== '' && (metadata.name ?? '') === '';
  if (generated) metadata.name = generateName(base, services.random);
  beforeCreate(services, endpoint, writer, object);
  admitValid(services, endpoint, object, undefined, '');
  if (hasResourceVersion(object)) throw plainError('resourceVersion should not be set on objects to be created');
  delete metadata.resourceVersion;
  const name = metadata.name ?? '';
  const key = storeKey(endpoint, metadata.namespace ?? '', name);
  const present = collection.get(key);
  if (present !== undefined) {
    const refusal = base !== '' ? generatedNameTaken(endpoint, name) : alreadyExists(endpoint, name);
    if (present.object.metadata.deletionTimestamp !== undefined) {
      refusal.body.message = `object is being deleted: ${refusal.body.message ?? ''}`;
    }
    throw refusal;
  }
  return commitCreate(endpoint, collection, key, object, dryRun);
}

/** A version that the real server would take for one. */
function hasResourceVersion({ metadata }: ServerObject): boolean {
  return /^\d+$/.test(metadata.resourceVersion ?? '') && Number(metadata.resourceVersion) !== 0;
}

/** Writes a new object that is complete and valid. */
export function commitCreate(
  endpoint: Endpoint,
  collection: Collection,
  key: string,
  object: ServerObject,
  dryRun: boolean,
): View {
  const stored = withinSizeLimit(endpoint.codec.toStored(object), true);
  if (dryRun) {
    delete object.metadata.resourceVersion;
    return { object, json: JSON.stringify(object) };
  }
  const entry = collection.put(key, stored);
  const view = endpoint.codec.view(entry);
  endpoint.hooks?.created?.(entry);
  return view;
}
