import { setMember } from '@bowline/apimachinery';
import type { ListType, MapType, TypeSchema } from '../schema/index.ts';
import { fieldElement } from './path-element.ts';
import type { PathSet } from './path-set.ts';
import { asList, asMap, deduce, elementOf, formOf, memberType } from './typed.ts';

/**
 * A value without the fields and elements that `paths` names. What loses all it holds becomes null.
 *
 * @see sigs.k8s.io/structured-merge-diff typed/remove.go
 */
export function removePaths(type: TypeSchema, value: unknown, paths: PathSet): unknown {
  const deduced = deduce(type, value);
  const { map, list } = deduced;
  switch (formOf(deduced)) {
    case 'map':
      return map === undefined ? null : removeFromMap(map, value, paths);
    case 'list':
      return list === undefined ? null : removeFromList(list, value, paths);
    default:
      return value;
  }
}

function removeFromMap(type: MapType, value: unknown, paths: PathSet): unknown {
  const map = asMap(value);
  if (map === undefined || type.atomic) return null;
  const kept: Record<string, unknown> = {};
  for (const [name, member] of Object.entries(map)) {
    const element = fieldElement(name);
    if (paths.hasMember(element)) continue;
    const below = paths.below(element);
    const memberOf = memberType(type, name);
    setMember(
      kept,
      name,
      below === undefined || memberOf === undefined ? member : removePaths(memberOf, member, below),
    );
  }
  return Object.keys(kept).length === 0 ? null : kept;
}

function removeFromList(type: ListType, value: unknown, paths: PathSet): unknown {
  const list = asList(value);
  if (list === undefined || type.relationship === 'atomic') return null;
  const kept: unknown[] = [];
  for (const child of list) {
    const element = elementOf(type, child);
    if ('problem' in element) {
      kept.push(child);
      continue;
    }
    if (paths.hasMember(element)) continue;
    const below = paths.below(element);
    kept.push(below === undefined ? child : removePaths(type.element, child, below));
  }
  return kept.length === 0 ? null : kept;
}
