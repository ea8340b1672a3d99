/**
 * What stands at a path in JSON data; undefined when nothing (or null) does.
 *
 * An array on the way, or at the end, gives an array of what its elements have there, those that have nothing left out. The last names
 * of the path may be one name with dots in it, as the key of a label: `['metadata', 'labels', 'example', 'com/app']`. An object or array
 * that has the first of these names alone comes first.
 *
 * @example
 * ```ts
 * import { valueAt } from '@bowline/apimachinery';
 *
 * valueAt({ spec: { containers: [{ image: 'a' }, { name: 'b' }] } }, ['spec', 'containers', 'image']); // ['a']
 * valueAt({ metadata: { labels: { 'example.com/app': 'web' } } }, ['metadata', 'labels', 'example', 'com/app']); // 'web'
 * ```
 */
export function valueAt(data: unknown, path: readonly string[]): unknown {
  return from(data, path, 0);
}

function from(data: unknown, path: readonly string[], start: number): unknown {
  let value = data;
  let depth = start;
  while (typeof value === 'object' && value !== null) {
    if (Array.isArray(value)) return inElements(value, path, depth);
    const name = path[depth];
    if (name === undefined) return value;
    const here = value as Readonly<Record<string, unknown>>;
    const next = ownOf(here, name);
    if (depth + 1 === path.length || (typeof next === 'object' && next !== null)) {
      value = next;
      depth++;
    } else {
      const rest = path.slice(depth).join('.');
      return Object.hasOwn(here, rest) ? from(here[rest], path, path.length) : undefined;
    }
  }
  return depth === path.length ? (value ?? undefined) : undefined;
}

/** What an object has itself. Of JSON data nothing is inherited but functions and the prototype, so that most need no second look. */
function ownOf(here: Readonly<Record<string, unknown>>, name: string): unknown {
  const value = here[name];
  if (value === undefined || (typeof value !== 'function' && name !== '__proto__')) return value;
  return Object.hasOwn(here, name) ? value : undefined;
}

function inElements(elements: readonly unknown[], path: readonly string[], depth: number): unknown[] {
  return elements.flatMap((element) => from(element, path, depth) ?? []);
}
