import { isJsonObject } from '@bowline/apimachinery';
import { at, child, duplicate, type FieldError, invalid } from './field-error.ts';
import { compareStrings, showJson } from './go-text.ts';
import type { SchemaNode } from './schema-node.ts';

/**
 * What occurs twice in lists of type set, and which keys in lists of type map.
 *
 * @see apiextensions-apiserver schema/listtype/validation.go
 */
export function duplicatesIn(value: unknown, node: SchemaNode, path: string): FieldError[] {
  if (!node.hasKeyedLists) return [];
  if (Array.isArray(value)) return inList(value, node, path);
  if (!isJsonObject(value)) return [];
  const names = Object.keys(value).sort(compareStrings);
  const { additional } = node;
  const others = typeof additional === 'object' ? additional : undefined;
  return [
    ...names.flatMap((name) => (others ? duplicatesIn(value[name], others, at(path, name)) : [])),
    ...names.flatMap((name) => {
      const member = node.properties.get(name);
      return member ? duplicatesIn(value[name], member, child(path, name)) : [];
    }),
  ];
}

function inList(list: readonly unknown[], node: SchemaNode, path: string): FieldError[] {
  const { items, source } = node;
  const errors: FieldError[] = [];
  if (source['x-kubernetes-list-type'] === 'set') {
    errors.push(...secondOf(list).map((index) => duplicate(at(path, index), list[index])));
  } else if (source['x-kubernetes-list-type'] === 'map') {
    errors.push(...inMap(list, source['x-kubernetes-list-map-keys'] ?? [], path));
  }
  if (items) errors.push(...list.flatMap((item, index) => duplicatesIn(item, items, at(path, index))));
  return errors;
}

function inMap(list: readonly unknown[], keys: readonly string[], path: string): FieldError[] {
  const wrong = list.findIndex((item) => item !== null && !isJsonObject(item));
  if (wrong >= 0) return [invalid(at(path, wrong), list[wrong], 'must be an object for an array of list-type map')];
  const keyed = list.map((item) => keyOf(item, keys));
  return secondOf(keyed).map((index) => duplicate(at(path, index), keyed[index]));
}

function keyOf(item: unknown, keys: readonly string[]): Record<string, unknown> {
  if (!isJsonObject(item)) return {};
  return Object.fromEntries(keys.filter((key) => Object.hasOwn(item, key)).map((key) => [key, item[key]]));
}

/** The index of the second occurrence of each value that occurs more than once. */
function secondOf(values: readonly unknown[]): number[] {
  if (values.length < 2) return [];
  const times = new Map<string, number>();
  return values.flatMap((value, index) => {
    const text = showJson(value);
    const count = (times.get(text) ?? 0) + 1;
    times.set(text, count);
    return count === 2 ? [index] : [];
  });
}
