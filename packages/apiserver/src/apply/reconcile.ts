import { deduced, type TypeSchema } from '../schema/index.ts';
import type { Path, PathElement } from './path-element.ts';
import { PathSet } from './path-set.ts';
import { formOf, memberType } from './typed.ts';

/**
 * Brings a set that was written under an older schema up to date: where a list or an object has become one unit since, whoever owned
 * something in it owns it as a whole.
 *
 * @returns the same set when nothing changed.
 * @see sigs.k8s.io/structured-merge-diff typed/reconcile_schema.go
 */
export function reconcileWithSchema(type: TypeSchema, set: PathSet): PathSet {
  const atomic = PathSet.of();
  find(type, set, false, [], atomic);
  return atomic.isEmpty ? set : set.recursiveDifference(atomic).union(atomic);
}

/** Collects what is one unit now, but is owned in parts. `isUnit`: the path is owned, and nothing below it. */
function find(type: TypeSchema, set: PathSet | undefined, isUnit: boolean, path: Path, atomic: PathSet): void {
  const { map, list } = type;
  const form = formOf(type);
  if (form === 'list' && list !== undefined) {
    if (!isUnit && list.relationship === 'atomic') atomic.add(path);
    else if (set !== undefined) descend(set, path, atomic, () => list.element);
  } else if (form === 'map' && map !== undefined) {
    if (map.values === deduced && map.fields.size === 0) return;
    if (!isUnit && map.atomic) {
      if (set !== undefined) atomic.add(path);
    } else if (set !== undefined) {
      descend(set, path, atomic, (element) => (element.type === 'field' ? memberType(map, element.name) : map.values));
    }
  }
}

function descend(
  set: PathSet,
  path: Path,
  atomic: PathSet,
  typeOf: (element: PathElement) => TypeSchema | undefined,
): void {
  const elements = new Map(
    [...set.members(), ...set.children().map(({ element }) => element)].map((one) => [one.text, one]),
  );
  for (const element of elements.values()) {
    const type = typeOf(element);
    const below = set.below(element);
    if (type !== undefined)
      find(type, below, set.hasMember(element) && below === undefined, [...path, element], atomic);
  }
}
