import { equal } from '@bowline/apimachinery';
import type { Services } from '../call.ts';
import type { Endpoint } from '../endpoint.ts';
import type { ServerObject } from '../object.ts';

/**
 * Whether an update changes nothing but the times in managed fields, which is no change.
 *
 * @see k8s.io/apiserver endpoints/handlers/fieldmanager/equality.go
 */
export function restoreUnchangedTimes(object: ServerObject, old: ServerObject): void {
  const { managedFields = [] } = object.metadata;
  const before = old.metadata.managedFields ?? [];
  if (managedFields.length === 0 || managedFields.length !== before.length) return;
  const withoutTime = (entries: typeof managedFields): unknown => entries.map(({ time: _time, ...entry }) => entry);
  if (!equal(withoutTime(managedFields), withoutTime(before))) return;
  const { managedFields: _now, ...metadata } = object.metadata;
  const { managedFields: _before, ...oldMetadata } = old.metadata;
  if (equal({ ...object, metadata }, { ...old, metadata: oldMetadata })) object.metadata.managedFields = [...before];
}

/** A write whose fields are to be attributed. */
export interface TrackedWrite {
  /** What is stored; undefined when the object is new. */
  readonly live: ServerObject | undefined;
  /** What will be stored. Its managed fields are set. */
  readonly object: ServerObject;
  readonly manager: string;
  readonly subresource: string;
}

/** Attributes what a write changes to its manager. */
export function trackWrite(_services: Services, _endpoint: Endpoint, _write: TrackedWrite): void {}
