import { compareBytes, isJsonObject } from '@bowline/apimachinery';

/**
 * One step of a path into an object: a field, the element of a keyed list, the member of a set, or a position.
 * Two steps are the same when their `text` is.
 *
 * @see sigs.k8s.io/structured-merge-diff fieldpath/element.go
 */
export type PathElement =
  | { readonly type: 'field'; readonly text: string; readonly name: string }
  | { readonly type: 'key'; readonly text: string; readonly keys: readonly (readonly [name: string, value: unknown])[] }
  | { readonly type: 'value'; readonly text: string; readonly value: unknown }
  | { readonly type: 'index'; readonly text: string; readonly index: number };

/** A path from an object's root. */
export type Path = readonly PathElement[];

/** A step into a field. */
export function fieldElement(name: string): PathElement {
  return { type: 'field', text: `f:${name}`, name };
}

/** A step to the element of a list whose key fields have these values. */
export function keyElement(keys: Iterable<readonly [string, unknown]>): PathElement {
  const sorted = [...keys].sort(([a], [b]) => compareBytes(a, b));
  const members = sorted.map(([name, value]) => `${JSON.stringify(name)}:${writeValue(value)}`);
  return { type: 'key', text: `k:{${members.join(',')}}`, keys: sorted };
}

/** A step to a member of a set. */
export function valueElement(value: unknown): PathElement {
  return { type: 'value', text: `v:${writeValue(value)}`, value };
}

/** A step to a position of a list. */
export function indexElement(index: number): PathElement {
  return { type: 'index', text: `i:${index}`, index };
}

/** A path of field names: `pathOf('metadata', 'name')`. */
export function pathOf(...names: string[]): Path {
  return names.map(fieldElement);
}

/**
 * Reads a step from its text in `fieldsV1`.
 *
 * @returns undefined for types of steps that are not known, which are dropped.
 * @throws {SyntaxError} when the text is no step.
 */
export function parseElement(text: string): PathElement | undefined {
  if (text.length < 2) throw new SyntaxError('key must be 2 characters long:');
  if (text[1] !== ':') throw new SyntaxError(`missing colon: ${text}`);
  const rest = text.slice(2);
  switch (text[0]) {
    case 'f':
      return fieldElement(rest);
    case 'v':
      return valueElement(JSON.parse(rest));
    case 'k': {
      const keys: unknown = JSON.parse(rest);
      if (!isJsonObject(keys)) throw new SyntaxError(`expect object: ${text}`);
      return keyElement(Object.entries(keys));
    }
    case 'i': {
      if (!/^[+-]?\d+$/.test(rest)) throw new SyntaxError(`invalid index: ${text}`);
      return indexElement(Number(rest));
    }
    default:
      return undefined;
  }
}

/** JSON as it stands in steps: with sorted members, and what is special in HTML escaped. */
function writeValue(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(writeValue).join(',')}]`;
  if (isJsonObject(value)) {
    const members = Object.entries(value).sort(([a], [b]) => compareBytes(a, b));
    return `{${members.map(([name, member]) => `${escaped(name)}:${writeValue(member)}`).join(',')}}`;
  }
  return typeof value === 'string' ? escaped(value) : JSON.stringify(value);
}

function escaped(text: string): string {
  return JSON.stringify(text).replace(/[<>&\u2028\u2029]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

const ranks = { field: 0, key: 1, value: 2, index: 3 } as const;

/** Orders steps as `fieldsV1` has them: fields, keys, values, positions; each by what they hold. */
export function compareElements(a: PathElement, b: PathElement): number {
  if (a.type === 'field' && b.type === 'field') return compareBytes(a.name, b.name);
  if (a.type === 'key' && b.type === 'key') return compareKeys(a.keys, b.keys);
  if (a.type === 'value' && b.type === 'value') return compareValues(a.value, b.value);
  if (a.type === 'index' && b.type === 'index') return a.index - b.index;
  return ranks[a.type] - ranks[b.type];
}

type Keys = readonly (readonly [string, unknown])[];

function compareKeys(a: Keys, b: Keys): number {
  for (let at = 0; at < Math.min(a.length, b.length); at++) {
    const [nameA, valueA] = a[at] ?? ['', undefined];
    const [nameB, valueB] = b[at] ?? ['', undefined];
    const order = compareBytes(nameA, nameB) || compareValues(valueA, valueB);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

/** Numbers, strings, booleans, lists, objects, null. @see sigs.k8s.io/structured-merge-diff value/value.go `Compare` */
function compareValues(a: unknown, b: unknown): number {
  const rank = rankOf(a) - rankOf(b);
  if (rank !== 0) return rank;
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (typeof a === 'string' && typeof b === 'string') return compareBytes(a, b);
  if (typeof a === 'boolean' && typeof b === 'boolean') return Number(a) - Number(b);
  return compareBytes(writeValue(a), writeValue(b));
}

function rankOf(value: unknown): number {
  if (typeof value === 'number') return 0;
  if (typeof value === 'string') return 1;
  if (typeof value === 'boolean') return 2;
  if (Array.isArray(value)) return 3;
  return value === null || value === undefined ? 5 : 4;
}

/** A path as it stands in messages: `.spec.containers[name="a"].image`. */
export function formatPath(path: Path): string {
  return path.map(formatElement).join('');
}

/** A step as it stands in messages: `.spec`, `[name="a"]`, `[="x"]`. */
export function formatElement(element: PathElement): string {
  switch (element.type) {
    case 'field':
      return `.${element.name}`;
    case 'key':
      return `[${element.keys.map(([name, value]) => `${name}=${formatValue(value)}`).join(',')}]`;
    case 'value':
      return `[=${formatValue(element.value)}]`;
    case 'index':
      return `[${element.index}]`;
  }
}

function formatValue(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(formatValue).join(',')}]`;
  if (isJsonObject(value)) {
    return Object.entries(value)
      .map(([name, member]) => `${name}=${formatValue(member)}`)
      .join('');
  }
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}
