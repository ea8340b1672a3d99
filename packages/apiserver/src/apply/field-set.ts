import { isJsonObject } from '@bowline/apimachinery';
import type { ListType, MapType, TypeSchema } from '../schema/index.ts';
import { fieldElement, type Path } from './path-element.ts';
import { PathSet } from './path-set.ts';
import { asList, asMap, deduce, elementOf, formOf, memberType } from './typed.ts';

/**
 * The paths that a value mentions: its leaves, the elements of its keyed lists and sets, the entries of its maps.
 * What is one unit is a leaf. The value must fit its type.
 *
 * @see sigs.k8s.io/structured-merge-diff typed/tofieldset.go
 */
export function fieldSetOf(type: TypeSchema, value: unknown): PathSet {
  const set = PathSet.of();
  collect(type, value, [], set);
  return set;
}

function collect(type: TypeSchema, value: unknown, path: Path, set: PathSet): void {
  const deduced = deduce(type, value);
  const { map, list } = deduced;
  switch (formOf(deduced)) {
    case 'map':
      if (map !== undefined) collectMap(map, value, path, set);
      break;
    case 'list':
      if (list !== undefined) collectList(list, value, path, set);
      break;
    default:
      set.add(path);
  }
}

function collectMap(type: MapType, value: unknown, path: Path, set: PathSet): void {
  if (type.atomic) {
    set.add(path);
    return;
  }
  for (const [name, member] of Object.entries(asMap(value) ?? {})) {
    const at = [...path, fieldElement(name)];
    const below = memberType(type, name);
    if (below !== undefined) collect(below, member, at, set);
    const empty = member === null || (isJsonObject(member) && Object.keys(member).length === 0);
    if (empty || !type.fields.has(name)) set.add(at);
  }
}

function collectList(type: ListType, value: unknown, path: Path, set: PathSet): void {
  if (type.relationship === 'atomic') {
    set.add(path);
    return;
  }
  const list = asList(value) ?? [];
  const counts = new Map<string, number>();
  for (const child of list) {
    const element = elementOf(type, child);
    if (!('problem' in element)) counts.set(element.text, (counts.get(element.text) ?? 0) + 1);
  }
  for (const child of list) {
    const element = elementOf(type, child);
    if ('problem' in element) continue;
    const at = [...path, element];
    set.add(at);
    // What is there twice is owned as a whole.
    if (counts.get(element.text) === 1) collect(type.element, child, at, set);
  }
}
