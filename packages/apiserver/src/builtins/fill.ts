import { clone } from '@bowline/apimachinery';
import { isObject, type JsonObject } from '../object.ts';

/** Sets the fields that are absent, null or `''`: what a Go client cannot tell from unset. */
export function fill(object: JsonObject, values: Readonly<Record<string, unknown>>): void {
  for (const [field, value] of Object.entries(values)) {
    const present = object[field];
    if (present === undefined || present === null || present === '') object[field] = clone(value);
  }
}

/** Sets the fields that are absent or null: fields that are pointers in Go, in which `''` is a value. */
export function fillPointers(object: JsonObject, values: Readonly<Record<string, unknown>>): void {
  for (const [field, value] of Object.entries(values)) object[field] ??= clone(value);
}

/** Like {@link fill}, and takes 0 for unset as well: fields that are numbers, not pointers, in Go. */
export function fillNumbers(object: JsonObject, values: Readonly<Record<string, number>>): void {
  for (const [field, value] of Object.entries(values)) if (!object[field]) object[field] = value;
}

/** The object in a field; made when it is not there. */
export function part(object: JsonObject, field: string): JsonObject {
  const present = object[field];
  if (isObject(present)) return present;
  const made: JsonObject = {};
  object[field] = made;
  return made;
}

/** The object in a field, when it is there. */
export function partIfPresent(object: unknown, field: string): JsonObject | undefined {
  const present = isObject(object) ? object[field] : undefined;
  return isObject(present) ? present : undefined;
}

/** The objects of a list, none when there is no list. */
export function parts(object: unknown, field: string): readonly JsonObject[] {
  const present = isObject(object) ? object[field] : undefined;
  return Array.isArray(present) ? present.filter(isObject) : [];
}
