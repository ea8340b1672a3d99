import { isLazy } from './lazy-accessors.ts';

/** An object of JSON data: not an array, not null. */
export function isJsonObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Sets an own member, also one that is named `__proto__`. */
export function setMember(target: Record<string, unknown>, name: string, value: unknown): void {
  if (name === '__proto__') {
    Object.defineProperty(target, name, { value, writable: true, enumerable: true, configurable: true });
  } else target[name] = value;
}

/**
 * Freezes JSON data with all it contains and returns it. A lazily decoded object is frozen as it is: nothing of it is read.
 *
 * | | cost |
 * |---|---|
 * | n values | O(n) |
 */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) deepFreeze(value[index]);
  } else if (!isLazy(value)) {
    for (const member of Object.values(value)) {
      if (typeof member === 'object' && member !== null) deepFreeze(member);
    }
  }
  return Object.freeze(value);
}

/** `T` without `readonly`, at any depth: what `clone` returns. */
export type Mutable<T> = T extends (...args: never[]) => unknown
  ? T
  : T extends readonly (infer E)[]
    ? Mutable<E>[]
    : T extends object
      ? { -readonly [K in keyof T]: Mutable<T[K]> }
      : T;

/**
 * A deep, mutable copy of JSON data: a draft of a frozen object.
 * Members that are `undefined` are left out; what has a `toJSON` method (`Date`) is copied as what that returns.
 */
export function clone<T>(value: T): Mutable<T> {
  return copy(value) as Mutable<T>;
}

function copy(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(copy);
  if ('toJSON' in value && typeof value.toJSON === 'function') return copy(value.toJSON());
  const result: Record<string, unknown> = {};
  for (const [name, member] of Object.entries(value)) {
    if (member !== undefined) setMember(result, name, copy(member));
  }
  return result;
}

/** Whether two pieces of JSON data are equal at every depth. The order of members does not matter; `undefined` members count as absent. */
export function equal(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) {
    return Number.isNaN(a) && Number.isNaN(b);
  }
  if (Array.isArray(a) || Array.isArray(b)) {
    if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
    return a.every((element, index) => equal(element, b[index]));
  }
  const left = a as Readonly<Record<string, unknown>>;
  const right = b as Readonly<Record<string, unknown>>;
  let members = 0;
  for (const name of Object.keys(left)) {
    if (left[name] === undefined) continue;
    members++;
    if (!Object.hasOwn(right, name) || !equal(left[name], right[name])) return false;
  }
  for (const name of Object.keys(right)) {
    if (right[name] !== undefined) members--;
  }
  return members === 0;
}
