import { setMember } from '@bowline/apimachinery';
import type { ListType, MapType, TypeSchema } from '../schema/index.ts';
import type { PathElement } from './path-element.ts';
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

/**
 * Merges an applied configuration into a live value: what the configuration mentions wins, the rest stays, nothing is removed.
 * Elements of keyed lists and sets come in the configuration's order, those that only the live value has keep their place among them.
 *
 * @throws {TypedError} when one of them does not fit the type.
 * @see sigs.k8s.io/structured-merge-diff typed/merge.go
 */
export function mergeTyped(type: TypeSchema, live: unknown, config: unknown): unknown {
  const problems: Problem[] = [];
  const merged = merge(type, live, config, problems);
  if (problems.length > 0) throw new TypedError(problems);
  return merged;
}

/** `undefined` means that there is no value. */
function merge(type: TypeSchema, live: unknown, config: unknown, problems: Problem[]): unknown {
  const left = deduce(type, live);
  const right = deduce(type, config);
  if (config === undefined) return mergeAs(left, live, config, problems);
  if (live !== undefined && !sameForms(left, right)) mergeAs(left, live, config, problems);
  return mergeAs(right, live, config, problems);
}

function mergeAs(type: TypeSchema, live: unknown, config: unknown, problems: Problem[]): unknown {
  const { map, list } = type;
  switch (formOf(type)) {
    case 'map':
      return map === undefined ? undefined : mergeMaps(map, live, config, problems);
    case 'list':
      return list === undefined ? undefined : mergeLists(list, live, config, problems);
    case 'scalar': {
      const left = scalarProblem(type.scalar, live);
      const right = scalarProblem(type.scalar, config);
      if (left !== undefined && right !== undefined) {
        problems.push({ path: '', message: `lhs: ${left}` }, { path: '', message: `rhs: ${right}` });
        return undefined;
      }
      return unit(live, config);
    }
    default:
      problems.push({ path: '', message: 'schema error: invalid atom: inlined' });
      return undefined;
  }
}

function unit(live: unknown, config: unknown): unknown {
  return config === undefined ? live : config;
}

function mergeMaps(type: MapType, live: unknown, config: unknown, problems: Problem[]): unknown {
  const left = asMap(live) ?? {};
  const right = asMap(config) ?? {};
  const names = new Set([...Object.keys(left), ...Object.keys(right)]);
  // Empty and null are told apart only if both are taken as units.
  if (type.atomic || names.size === 0) return unit(live, config);
  const merged: Record<string, unknown> = {};
  for (const name of names) {
    const below = memberType(type, name);
    if (below === undefined) {
      problems.push({ path: `.${name}`, message: 'schema error: invalid atom: inlined' });
      continue;
    }
    const value = merge(below, own(left, name), own(right, name), problems);
    if (value !== undefined) setMember(merged, name, value);
  }
  return Object.keys(merged).length === 0 ? undefined : merged;
}

function mergeLists(type: ListType, live: unknown, config: unknown, problems: Problem[]): unknown {
  const left = asList(live) ?? [];
  const right = asList(config) ?? [];
  if (type.relationship === 'atomic' || (left.length === 0 && right.length === 0)) return unit(live, config);
  const before = index(type, left, problems);
  const after = index(type, right, problems);
  if (problems.length > 0) return undefined;
  const merged: unknown[] = [];
  const put = (element: PathElement, own: boolean, at: number): void => {
    const liveChild = own ? left[at] : before.byText.get(element.text);
    const value = merge(type.element, liveChild, after.byText.get(element.text), problems);
    if (value !== undefined) merged.push(value);
  };
  interleave(before, after, put);
  return merged.length === 0 ? undefined : merged;
}

interface Indexed {
  readonly elements: readonly PathElement[];
  /** What is there twice is null: the new value is not merged into it. */
  readonly byText: ReadonlyMap<string, unknown>;
}

function index(type: ListType, list: readonly unknown[], problems: Problem[]): Indexed {
  const elements: PathElement[] = [];
  const byText = new Map<string, unknown>();
  for (const [at, child] of list.entries()) {
    const element = elementOf(type, child);
    if ('problem' in element) {
      problems.push({ path: '', message: `element ${at}: ${element.problem}` });
      continue;
    }
    byText.set(element.text, byText.has(element.text) ? null : child);
    elements.push(element);
  }
  return { elements, byText };
}

/**
 * Puts the elements of both lists in order: those that both have, and those of the configuration, as the configuration has them;
 * those of the live list where they stand before the next one that both have.
 */
function interleave(
  before: Indexed,
  after: Indexed,
  put: (element: PathElement, own: boolean, at: number) => void,
): void {
  const shared = after.elements.filter((element) => before.byText.has(element.text));
  const done = new Set<string>();
  let nextShared = 0;
  let l = 0;
  let r = 0;
  while (l < before.elements.length || r < after.elements.length) {
    const left = before.elements[l];
    const right = after.elements[r];
    if (left !== undefined && right !== undefined) {
      if (left.text === right.text) {
        done.add(left.text);
        put(left, false, l);
        l++;
        r++;
        nextShared++;
        continue;
      }
      const wanted = shared[nextShared];
      if (after.byText.has(left.text) && wanted !== undefined && wanted.text !== left.text) {
        // Both have it, but its turn is later.
        l++;
        continue;
      }
    }
    if (left !== undefined) {
      if (!after.byText.has(left.text)) {
        put(left, true, l);
        l++;
        continue;
      }
      if (done.has(left.text)) l++;
    }
    if (right !== undefined) {
      done.add(right.text);
      put(right, false, -1);
      r++;
      if (shared[nextShared]?.text === right.text) nextShared++;
    }
  }
}

function own(map: Readonly<Record<string, unknown>>, name: string): unknown {
  return Object.hasOwn(map, name) ? map[name] : undefined;
}
