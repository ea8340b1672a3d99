import { setMember, valueAt } from '@bowline/apimachinery';
import { NamedItem, type SplitItem } from './split-item.ts';

/** A whole number from 0 to `below - 1`. */
export type Dice = (below: number) => number;

type Path = readonly string[];

/**
 * Says what differs between an item and the object that it should be, in any of the ways to read it, or to read copies of it.
 *
 * @param canonical How an object without some of its fields looks once it is decoded.
 */
export function viewsDiffer(
  item: SplitItem<unknown>,
  expected: object,
  dice: Dice,
  canonical: (object: unknown) => unknown = (object) => object,
): string | undefined {
  const wrong = readsDiffer(item, expected, dice);
  if (wrong !== undefined || dice(3) > 0) return wrong;
  if (JSON.stringify(canonical(expected)) !== JSON.stringify(expected)) return undefined; // It was broken so that it cannot be written again.
  return copiesDiffer(item, expected, dice, canonical);
}

function readsDiffer(item: SplitItem<unknown>, expected: object, dice: Dice): string | undefined {
  const text = JSON.stringify(expected);
  if (JSON.stringify(item.decode()) !== text) return 'decode()';
  const { object } = item;
  if (JSON.stringify(object) !== text) return 'object';
  if (!Object.isFrozen(object)) return 'object is not frozen';
  const paths = [[], ['spec', 'none'], ...pathsOf(expected)];
  for (let tries = 3; tries > 0; tries--) {
    const path = pick(paths, dice);
    if (JSON.stringify(item.read(path)) !== JSON.stringify(valueAt(expected, path))) return `read(${path.join(' › ')})`;
  }
  return undefined;
}

/** The same of a copy without some fields, and of a copy of that. */
function copiesDiffer(
  item: SplitItem<unknown>,
  expected: object,
  dice: Dice,
  canonical: (object: unknown) => unknown,
): string | undefined {
  let source = item;
  let left = expected;
  const dropped: string[] = [];
  for (let copies = 2; copies > 0; copies--) {
    const paths = [['metadata', 'managedFields'], ['none'], ...pathsOf(left)];
    const drop = Array.from({ length: dice(4) }, () => pick(paths, dice)).filter(canBeDropped);
    dropped.push(drop.map((path) => path.join(' › ')).join(', '));
    const copied = copyOf(source, drop);
    if (typeof copied === 'string') return `copy without ${dropped.join(' and then ')}: ${copied}`;
    left = canonical(without(left, drop, true)) as object;
    const wrong = readsDiffer(copied, left, dice);
    if (wrong !== undefined) return `copy without ${dropped.join(' and then ')}: ${wrong}`;
    source = copied;
  }
  return undefined;
}

/** Types are filled in where they are missing; and what protobuf holds as JSON is dropped whole or not at all. */
function canBeDropped(path: Path): boolean {
  const [name, ...rest] = path;
  return !(rest.length === 0 && (name === 'apiVersion' || name === 'kind')) && !path.slice(0, -1).includes('fieldsV1');
}

/** A copy among other bytes; what went wrong where there is none. */
function copyOf(item: SplitItem<unknown>, drop: readonly Path[]): SplitItem<unknown> | string {
  const { key, uid, resourceVersion, encoding } = item;
  const before = 3;
  const room = encoding.room(item);
  const target = Buffer.alloc(room + before + 2, '#');
  const length = encoding.copy(item, target, before, drop);
  if (length > room) return 'longer than there is room for';
  if (target[before - 1] !== 0x23 || target[before + room] !== 0x23) return 'written beyond its place';
  return new NamedItem(key, uid, resourceVersion, encoding, target, before, before + length);
}

/** Every path of an object, through arrays as well. */
function pathsOf(value: unknown, path: Path = []): Path[] {
  if (Array.isArray(value)) return value.flatMap((element) => pathsOf(element, path));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, member]) => [[...path, name], ...pathsOf(member, [...path, name])]);
}

/** What is left of data when the fields at these paths are dropped. */
function without(value: unknown, paths: readonly Path[], isTop: boolean): unknown {
  if (Array.isArray(value)) return value.map((element) => without(element, paths, false));
  if (typeof value !== 'object' || value === null) return value;
  const rest: Record<string, unknown> = {};
  for (const [name, member] of Object.entries(value)) {
    if (paths.some((path) => path.length > 0 && (path.length === 1 || !isTop) && path.join('.') === name)) continue;
    const below = paths.filter((path) => path.length > 1 && path[0] === name).map((path) => path.slice(1));
    setMember(rest, name, below.length > 0 ? without(member, below, false) : member);
  }
  return rest;
}

export function pick<E>(from: readonly E[], dice: Dice): E {
  return from[dice(from.length)] as E;
}
