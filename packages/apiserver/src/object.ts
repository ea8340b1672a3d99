import type { ManagedFieldsEntry, OwnerReference } from '@bowline/apimachinery';

/** Any JSON object. */
export interface JsonObject {
  [field: string]: unknown;
}

/** Metadata while the server works on an object: everything may still be missing. */
export interface Metadata extends JsonObject {
  name?: string;
  generateName?: string;
  namespace?: string;
  uid?: string;
  resourceVersion?: string;
  generation?: number;
  creationTimestamp?: string;
  deletionTimestamp?: string;
  deletionGracePeriodSeconds?: number;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  ownerReferences?: OwnerReference[];
  finalizers?: string[];
  managedFields?: ManagedFieldsEntry[];
  selfLink?: string;
}

/** An object on its way into the store, or out of it. What the store holds is never changed. */
export interface ServerObject extends JsonObject {
  apiVersion: string;
  kind: string;
  metadata: Metadata;
}

/** Whether `value` is a JSON object: not an array, not null. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value at a path of field names, `undefined` where the path ends early. */
export function valueAt(object: unknown, ...path: readonly string[]): unknown {
  let value = object;
  for (const field of path) {
    if (!isObject(value)) return undefined;
    value = value[field];
  }
  return value;
}

/** The string at a path, `''` when there is none. */
export function stringAt(object: unknown, ...path: readonly string[]): string {
  const value = valueAt(object, ...path);
  return typeof value === 'string' ? value : '';
}

/** The number at a path, `undefined` when there is none. */
export function numberAt(object: unknown, ...path: readonly string[]): number | undefined {
  const value = valueAt(object, ...path);
  return typeof value === 'number' ? value : undefined;
}

/** The list at a path, empty when there is none. */
export function listAt(object: unknown, ...path: readonly string[]): readonly unknown[] {
  const value = valueAt(object, ...path);
  return Array.isArray(value) ? value : [];
}
