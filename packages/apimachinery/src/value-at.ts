/**
 * What stands at a path in JSON data; undefined when nothing (or null) does.
 *
 * An array on the way, or at the end, gives an array of what its elements have there, those that have nothing left out. The last names
 * of the path may be one name with dots in it, as the key of a label: `['metadata', 'labels', 'example', 'com/app']`.
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
    if (Object.hasOwn(here, name) && depth + 1 === path.length) {
      value = here[name];
      depth++;
      continue;
    }
    const rest = path.slice(depth).join('.');
    if (Object.hasOwn(here, rest)) {
      value = here[rest];
      depth = path.length;
    } else if (Object.hasOwn(here, name)) {
      value = here[name];
      depth++;
    } else return undefined;
  }
  return depth === path.length ? (value ?? undefined) : undefined;
}

function inElements(elements: readonly unknown[], path: readonly string[], depth: number): unknown[] {
  return elements.flatMap((element) => from(element, path, depth) ?? []);
}
