import { equal } from '@bowline/apimachinery';
import type { ListType, MapType, TypeSchema } from '../schema/index.ts';
import { fieldElement, formatElement, type Path, type PathElement } from './path-element.ts';
import { PathSet } from './path-set.ts';
import {
  asList,
  asMap,
  deduce,
  elementOf,
  formOf,
  memberType,
  type Problem,
  sameForms,
  scalarProblem,
  TypedError,
} from './typed.ts';

/** How two values of a type differ. No path is in two of the sets. */
export interface Comparison {
  readonly removed: PathSet;
  readonly modified: PathSet;
  readonly added: PathSet;
}

/**
 * Compares two values of one type.
 *
 * @throws {TypedError} when one of them does not fit the type.
 * @see sigs.k8s.io/structured-merge-diff typed/compare.go
 */
export function compareTyped(type: TypeSchema, before: unknown, after: unknown): Comparison {
  const walk = new Walk();
  walk.compare(type, before, after, [], '');
  if (walk.problems.length > 0) throw new TypedError(walk.problems);
  return walk;
}

class Walk implements Comparison {
  readonly removed = PathSet.of();
  readonly modified = PathSet.of();
  readonly added = PathSet.of();
  readonly problems: Problem[] = [];

  /** `undefined` means that there is no value. */
  compare(type: TypeSchema, before: unknown, after: unknown, path: Path, text: string): void {
    const left = deduce(type, before);
    const right = deduce(type, after);
    let leaf: boolean;
    if (after === undefined) {
      leaf = this.#as(left, before, after, path, text);
    } else if (before === undefined || sameForms(left, right)) {
      leaf = this.#as(right, before, after, path, text);
    } else {
      // The form changed: what was there is compared as what it was, what is there as what it is.
      this.#as(left, before, after, path, text);
      leaf = this.#as(right, before, after, path, text);
    }
    if (leaf) return;
    if (before === undefined) this.added.add(path);
    else if (after === undefined) this.removed.add(path);
  }

  /** Compares as one form. True: the value was taken as one unit. */
  #as(type: TypeSchema, before: unknown, after: unknown, path: Path, text: string): boolean {
    const { map, list } = type;
    switch (formOf(type)) {
      case 'map':
        return map !== undefined && this.#maps(map, before, after, path, text);
      case 'list':
        return list !== undefined && this.#lists(list, before, after, path, text);
      case 'scalar': {
        const left = scalarProblem(type.scalar, before);
        const right = scalarProblem(type.scalar, after);
        if (left !== undefined && right !== undefined) {
          this.problems.push({ path: text, message: `lhs: ${left}` }, { path: text, message: `rhs: ${right}` });
          return false;
        }
        return this.#unit(before, after, path);
      }
      default:
        this.problems.push({ path: text, message: 'schema error: invalid atom: inlined' });
        return false;
    }
  }

  #unit(before: unknown, after: unknown, path: Path): true {
    if (before === undefined) this.added.add(path);
    else if (after === undefined) this.removed.add(path);
    else if (!equal(before, after)) this.modified.add(path);
    return true;
  }

  #maps(type: MapType, before: unknown, after: unknown, path: Path, text: string): boolean {
    const left = asMap(before) ?? {};
    const right = asMap(after) ?? {};
    const names = new Set([...Object.keys(left), ...Object.keys(right)]);
    // Empty and null are told apart only if both are taken as units.
    if (type.atomic || names.size === 0) return this.#unit(before, after, path);
    for (const name of names) {
      const element = fieldElement(name);
      const at = `${text}${formatElement(element)}`;
      const below = memberType(type, name);
      if (below === undefined) this.problems.push({ path: at, message: 'schema error: invalid atom: inlined' });
      else this.compare(below, own(left, name), own(right, name), [...path, element], at);
    }
    return false;
  }

  #lists(type: ListType, before: unknown, after: unknown, path: Path, text: string): boolean {
    const left = asList(before) ?? [];
    const right = asList(after) ?? [];
    if (type.relationship === 'atomic' || (left.length === 0 && right.length === 0))
      return this.#unit(before, after, path);
    const index = new Map<
      string,
      { readonly element: PathElement; readonly left: unknown[]; readonly right: unknown[] }
    >();
    for (const [side, list] of [
      ['left', left],
      ['right', right],
    ] as const) {
      for (const [at, child] of list.entries()) {
        const element = elementOf(type, child);
        if ('problem' in element) {
          this.problems.push({ path: text, message: `element ${at}: ${element.problem}` });
          continue;
        }
        const entry = index.get(element.text) ?? { element, left: [], right: [] };
        index.set(element.text, entry);
        entry[side].push(child);
      }
    }
    for (const entry of index.values()) this.#elements(type, entry, path, text);
    return false;
  }

  /** Elements that are there more than once are compared as a whole. */
  #elements(
    type: ListType,
    { element, left, right }: { readonly element: PathElement; readonly left: unknown[]; readonly right: unknown[] },
    path: Path,
    text: string,
  ): void {
    const at = [...path, element];
    const atText = `${text}${formatElement(element)}`;
    if (left.length <= 1 && right.length <= 1) {
      this.compare(type.element, left[0], right[0], at, atText);
    } else if (left.length >= 2 && right.length >= 2) {
      if (!equal(left, right)) this.modified.add(at);
    } else if (left.length >= 2) {
      if (right.length > 0) this.compare(type.element, undefined, right[0], at, atText);
      this.removed.add(at);
    } else {
      if (left.length > 0) this.compare(type.element, left[0], undefined, at, atText);
      this.added.add(at);
    }
  }
}

function own(map: Readonly<Record<string, unknown>>, name: string): unknown {
  return Object.hasOwn(map, name) ? map[name] : undefined;
}
