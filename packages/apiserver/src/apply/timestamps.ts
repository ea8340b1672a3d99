import { equal, isJsonObject } from '@bowline/apimachinery';

type ApiObject = Readonly<Record<string, unknown>>;

/**
 * Takes back the times of `managedFields` when nothing but them has changed, so that a write that changes nothing stays one.
 *
 * @returns `updated`, with the entries of `live` where only times differ.
 * @see k8s.io/apiserver pkg/endpoints/handlers/fieldmanager/equality.go
 */
export function keepUnchangedTimes(live: ApiObject, updated: ApiObject): ApiObject {
  const before = entriesOf(live);
  const after = entriesOf(updated);
  if (after.length === 0 || before.length !== after.length) return updated;
  if (!after.every((entry, index) => equal(timeless(entry), timeless(before[index])))) return updated;
  if (!equal(without(live), without(updated))) return updated;
  const metadata = updated.metadata;
  return isJsonObject(metadata) ? { ...updated, metadata: { ...metadata, managedFields: before } } : updated;
}

function entriesOf(object: ApiObject): readonly unknown[] {
  const metadata = object.metadata;
  const entries = isJsonObject(metadata) ? metadata.managedFields : undefined;
  return Array.isArray(entries) ? entries : [];
}

function timeless(entry: unknown): unknown {
  return isJsonObject(entry) ? { ...entry, time: undefined } : entry;
}

function without(object: ApiObject): ApiObject {
  const metadata = object.metadata;
  return isJsonObject(metadata) ? { ...object, metadata: { ...metadata, managedFields: undefined } } : object;
}
