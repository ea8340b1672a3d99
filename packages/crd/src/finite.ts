import { at, child, type FieldError, invalid } from './field-error.ts';

/**
 * Numbers that JSON does not have: they would be sent as null. A server never sees them, so the words are not its own.
 *
 * @param open The objects in which the value is, so that a cycle has an end.
 */
export function nonFiniteErrors(value: unknown, path: string, open: ReadonlySet<object> = new Set()): FieldError[] {
  if (typeof value === 'number' && !Number.isFinite(value)) {
    return [invalid(path, value, 'must be a finite number: JSON has no other')];
  }
  if (typeof value !== 'object' || value === null || open.has(value)) return [];
  const within = new Set(open).add(value);
  if (Array.isArray(value)) return value.flatMap((item, index) => nonFiniteErrors(item, at(path, index), within));
  return Object.entries(value).flatMap(([name, member]) => nonFiniteErrors(member, child(path, name), within));
}
