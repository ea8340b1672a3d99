import { compareBytes, isJsonObject } from '@bowline/apimachinery';
import { PathSet } from './path-set.ts';

/** Who owns what, in one entry of `metadata.managedFields`. */
export interface Manager {
  readonly manager: string;
  readonly operation: 'Apply' | 'Update';
  /** The version of the object in which `fields` are meant. */
  readonly apiVersion: string;
  readonly subresource: string;
  readonly time: string | undefined;
  readonly fields: PathSet;
}

/** Managers by identity. */
export type Managers = Map<string, Manager>;

/** What makes two entries one: all but time and fields; whoever applies has one entry, whatever the version. */
export function identityOf(of: Pick<Manager, 'manager' | 'operation' | 'apiVersion' | 'subresource'>): string {
  const members: Record<string, string> = {};
  if (of.manager !== '') members.manager = of.manager;
  members.operation = of.operation;
  if (of.operation === 'Update' && of.apiVersion !== '') members.apiVersion = of.apiVersion;
  if (of.subresource !== '') members.subresource = of.subresource;
  return JSON.stringify(members);
}

/** An entry of `managedFields` is not one. The message is the real server's. */
export class ManagedFieldsError extends Error {
  override readonly name = 'ManagedFieldsError';
}

/**
 * Reads `metadata.managedFields`.
 *
 * @throws {ManagedFieldsError} when an entry cannot be read.
 * @see k8s.io/apimachinery pkg/util/managedfields/internal/managedfields.go
 */
export function readManagers(entries: unknown): Managers {
  const managers: Managers = new Map();
  if (!Array.isArray(entries)) return managers;
  for (const [index, entry] of (entries as readonly unknown[]).entries()) {
    const read = readManager(isJsonObject(entry) ? entry : {}, index);
    managers.set(identityOf(read), read);
  }
  return managers;
}

function readManager(entry: Readonly<Record<string, unknown>>, index: number): Manager {
  const { operation, apiVersion, fieldsType, fieldsV1, time } = entry;
  if (operation !== 'Apply' && operation !== 'Update')
    throw new ManagedFieldsError('operation must be `Apply` or `Update`');
  if (typeof apiVersion !== 'string' || apiVersion === '') throw new ManagedFieldsError('apiVersion must not be empty');
  if (fieldsType === undefined || fieldsType === '') {
    throw new ManagedFieldsError(`missing fieldsType in managed fields entry ${index}`);
  }
  if (fieldsType !== 'FieldsV1') {
    throw new ManagedFieldsError(`invalid fieldsType ${JSON.stringify(fieldsType)} in managed fields entry ${index}`);
  }
  let fields: PathSet;
  try {
    fields = PathSet.fromFieldsV1(fieldsV1);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new ManagedFieldsError(`error decoding set: ${error.message}`, { cause: error });
  }
  return {
    manager: text(entry.manager),
    operation,
    apiVersion,
    subresource: text(entry.subresource),
    time: typeof time === 'string' ? time : undefined,
    fields,
  };
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** `metadata.managedFields` as the server writes it: appliers first, then by time, name, version and subresource. */
export function writeManagers(managers: Managers): Record<string, unknown>[] {
  return [...managers.values()].sort(compareManagers).map((one) => ({
    ...(one.manager === '' ? {} : { manager: one.manager }),
    operation: one.operation,
    ...(one.apiVersion === '' ? {} : { apiVersion: one.apiVersion }),
    ...(one.time === undefined ? {} : { time: one.time }),
    fieldsType: 'FieldsV1',
    fieldsV1: one.fields.toFieldsV1(),
    ...(one.subresource === '' ? {} : { subresource: one.subresource }),
  }));
}

function compareManagers(a: Manager, b: Manager): number {
  return (
    compareBytes(a.operation, b.operation) ||
    compareTimes(a.time, b.time) ||
    compareBytes(a.manager, b.manager) ||
    compareBytes(a.apiVersion, b.apiVersion) ||
    compareBytes(a.subresource, b.subresource)
  );
}

/** Times are as the server writes them, so they sort as text; a missing one is 1970. */
function compareTimes(a: string | undefined, b: string | undefined): number {
  return compareBytes(a ?? '1970-01-01T00:00:00Z', b ?? '1970-01-01T00:00:00Z');
}

/** @see k8s.io/apimachinery pkg/util/managedfields/internal/capmanagers.go */
const maxUpdateManagers = 10;

/** Folds the oldest updaters into one entry per version, when there are more than ten. */
export function capManagers(managers: Managers): void {
  const updaters = [...managers.entries()].filter(([, one]) => one.operation === 'Update');
  updaters.sort(([a, left], [b, right]) => compareTimes(left.time, right.time) || compareBytes(a, b));
  let count = updaters.length;
  const firstOf = new Map<string, string>();
  for (const [identity, one] of updaters) {
    if (count <= maxUpdateManagers) return;
    const first = firstOf.get(one.apiVersion);
    if (first === undefined) {
      firstOf.set(one.apiVersion, identity);
      continue;
    }
    const bucket: Manager = { ...one, manager: 'ancient-changes', subresource: '' };
    const into = identityOf(bucket);
    const before = managers.get(into) ?? managers.get(first);
    if (!managers.has(into)) managers.delete(first);
    managers.delete(identity);
    // The time is that of the newer one.
    managers.set(into, { ...bucket, fields: before === undefined ? one.fields : one.fields.union(before.fields) });
    count--;
  }
}
