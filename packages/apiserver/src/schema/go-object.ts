import { clone, compareBytes, isJsonObject, type Mutable, setMember } from '@bowline/apimachinery';
import type { GoField, GoStruct, GoType } from './go-type.ts';

/** Values of a structure by JSON name, in the form in which they are written; what is missing was not set. */
export type FieldValues = Map<GoField, unknown>;

/** Fields of structures that were set to an empty list or map and are left out, as those that were not set are. */
const emptied = new WeakMap<object, Map<string, unknown>>();

/** A deep copy of what was read, which still knows what was set to nothing. */
export function cloneRead<T>(value: T): Mutable<T> {
  const copy = clone(value);
  rememberAgain(value, copy);
  return copy;
}

function rememberAgain(from: unknown, to: unknown): void {
  if (typeof from !== 'object' || from === null || typeof to !== 'object' || to === null) return;
  const fields = emptied.get(from);
  if (fields !== undefined) emptied.set(to, fields);
  for (const [name, member] of Object.entries(from)) rememberAgain(member, (to as Record<string, unknown>)[name]);
}

/** The lists and maps in a structure that was read which were set to nothing, with their names in the API. */
export function emptyMembers(struct: object): Iterable<[string, unknown]> {
  return emptied.get(struct) ?? [];
}

/**
 * A list or map in a field of what was read: empty where the field was set to nothing, undefined where it was not set. The real server
 * writes both the same, but tells `{}` from `null` when it shows a value in a message. What comes from the store was never set to nothing.
 *
 * @param field Its name in the API.
 */
export function asSet(struct: unknown, field: string): unknown {
  if (!isJsonObject(struct)) return undefined;
  return struct[field] ?? emptied.get(struct)?.get(field);
}

/**
 * A structure as the server writes it: fields in their order, empty ones left out where they may be, written out where they must.
 *
 * @param set Values of the fields that were set, those of embedded structures included.
 */
export function writeStruct(type: GoStruct, set: FieldValues): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  writeFields(type, set, out);
  return out;
}

function writeFields(type: GoStruct, set: FieldValues, out: Record<string, unknown>): void {
  for (const field of type.fields) {
    if (field.inline && field.type.kind === 'struct') {
      writeFields(field.type, set, out);
      continue;
    }
    const value = set.get(field);
    if (field.pointer) {
      if (value !== undefined) out[field.name] = value;
      else if (!field.omitEmpty && !field.omitZero) out[field.name] = null;
      continue;
    }
    if (field.omitEmpty && isEmpty(field.type, value)) {
      if (typeof value === 'object' && value !== null) remember(out, field.name, value);
      continue;
    }
    if (field.omitZero && (value === undefined || value === null)) continue;
    out[field.name] = value ?? zero(field.type);
  }
}

function remember(struct: object, field: string, empty: unknown): void {
  const fields = emptied.get(struct) ?? new Map<string, unknown>();
  emptied.set(struct, fields.set(field, empty));
}

/** What `omitempty` leaves out. Structures and types with a form of their own are never empty. */
function isEmpty(type: GoType, value: unknown): boolean {
  switch (type.kind) {
    case 'string':
    case 'bytes':
      return value === undefined || value === null || value === '';
    case 'bool':
      return value !== true;
    case 'int32':
    case 'int64':
    case 'float64':
      return value === undefined || value === 0;
    case 'list':
      return !Array.isArray(value) || value.length === 0;
    case 'map':
      return typeof value !== 'object' || value === null || Object.keys(value).length === 0;
    default:
      return false;
  }
}

/** How a value of `type` is written that was never set. */
export function zero(type: GoType): unknown {
  switch (type.kind) {
    case 'struct':
      return writeStruct(type, new Map());
    case 'string':
      return '';
    case 'bool':
    case 'schemaOrBool':
      return false;
    case 'int32':
    case 'int64':
    case 'float64':
    case 'intOrString':
      return 0;
    case 'quantity':
      return '0';
    default:
      return null;
  }
}

/** A map as the server writes it: sorted by key, as bytes sort. */
export function sortedMap(entries: Iterable<readonly [string, unknown]>): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  for (const [key, value] of [...entries].sort(([a], [b]) => compareBytes(a, b))) setMember(out, key, value);
  return out;
}
