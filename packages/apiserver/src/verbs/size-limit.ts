import { plainError } from '../errors.ts';
import type { ServerObject } from '../object.ts';

/** The most that etcd takes in one request. @see etcd server/embed `DefaultMaxRequestBytes` */
const limitBytes = 1.5 * 1024 * 1024;

/**
 * Refuses what etcd would refuse. Managed fields are given up first when that is allowed.
 *
 * @throws {Refusal} 500 in etcd's words.
 */
export function withinSizeLimit(object: ServerObject, mayDropManagedFields: boolean): ServerObject {
  if (roughSize(object) * 6 < limitBytes || Buffer.byteLength(JSON.stringify(object)) <= limitBytes) return object;
  if (mayDropManagedFields && object.metadata.managedFields !== undefined) {
    delete object.metadata.managedFields;
    if (Buffer.byteLength(JSON.stringify(object)) <= limitBytes) return object;
  }
  throw plainError('etcdserver: request is too large');
}

/** Characters of strings and a constant per value: a sixth of the JSON at least, quickly counted. */
function roughSize(value: unknown): number {
  if (typeof value === 'string') return value.length + 8;
  if (typeof value !== 'object' || value === null) return 8;
  let size = 8;
  if (Array.isArray(value)) for (const element of value) size += roughSize(element);
  else for (const [name, member] of Object.entries(value)) size += name.length + 8 + roughSize(member);
  return size;
}
