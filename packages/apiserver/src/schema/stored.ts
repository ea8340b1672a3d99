import { type GroupVersionKind, isJsonObject } from '@bowline/apimachinery';
import { type GoStruct, type GoType, goType } from './go-type.ts';

/** Groups whose objects the real server stores as JSON; all other built-in ones it stores as protobuf. */
const storedAsJson: ReadonlySet<string> = new Set(['apiextensions.k8s.io', 'apiregistration.k8s.io']);

/**
 * A built-in object as it comes back from the real server's store. There it is protobuf, which cannot tell an empty list from none:
 * `rules: []` comes back as `rules: null`. What does not change is shared with `object`.
 *
 * @param object As `readBuiltin` gives it.
 */
export function storedBuiltin(
  gvk: GroupVersionKind,
  object: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const type = goType(gvk);
  return type === undefined || storedAsJson.has(gvk.group) ? object : storedStruct(type, object);
}

function storedStruct(type: GoStruct, object: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  let copy: Record<string, unknown> | undefined;
  for (const [name, value] of Object.entries(object)) {
    const field = type.byName.get(name);
    if (field === undefined) continue;
    const stored = storedValue(field.type, value);
    if (stored === value) continue;
    copy ??= { ...object };
    copy[name] = stored;
  }
  return copy ?? object;
}

function storedValue(type: GoType, value: unknown): unknown {
  if (type.kind === 'struct' && isJsonObject(value)) return storedStruct(type, value);
  if (type.kind === 'list' && Array.isArray(value)) {
    if (value.length === 0) return null;
    const stored = value.map((element: unknown) => storedValue(type.element, element));
    return stored.every((element, index) => element === value[index]) ? value : stored;
  }
  if (type.kind === 'map' && isJsonObject(value)) {
    const entries = Object.entries(value);
    if (entries.length === 0) return null;
    const stored = entries.map(([key, element]): [string, unknown] => [key, storedValue(type.element, element)]);
    return stored.every(([, element], index) => element === entries[index]?.[1]) ? value : Object.fromEntries(stored);
  }
  return value;
}
