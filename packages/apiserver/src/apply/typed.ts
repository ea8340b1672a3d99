import { isJsonObject } from '@bowline/apimachinery';
import { goTypeName, goValue } from '../patch/go-value.ts';
import type { ListType, TypeSchema } from '../schema/index.ts';
import {
  fieldElement,
  formatElement,
  indexElement,
  keyElement,
  type PathElement,
  valueElement,
} from './path-element.ts';

/** A value does not fit its type. The message is that of the real server, which lists all problems with their paths. */
export class TypedError extends Error {
  override readonly name = 'TypedError';

  constructor(problems: readonly Problem[]) {
    const lines = problems.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`));
    super(lines.length === 1 ? lines[0] : ['errors:', ...lines.map((line) => `  ${line}`)].join('\n'));
  }
}

/** What is wrong, and where. */
export interface Problem {
  readonly path: string;
  readonly message: string;
}

/** The one form that a value takes, of those that its type allows. */
export type Form = 'map' | 'list' | 'scalar' | 'none';

/**
 * Which forms a type leaves for a value: its own if that is allowed; else, and for null, all.
 *
 * @see sigs.k8s.io/structured-merge-diff typed/helpers.go `deduceAtom`
 */
export function deduce(type: TypeSchema, value: unknown): TypeSchema {
  if (value === undefined || value === null) return type;
  if (Array.isArray(value)) return type.list === undefined ? type : { list: type.list };
  if (typeof value === 'object') return type.map === undefined ? type : { map: type.map };
  return type.scalar === undefined ? type : { scalar: type.scalar };
}

/** The form as which a value of a deduced type is handled. */
export function formOf(type: TypeSchema): Form {
  if (type.map !== undefined) return 'map';
  if (type.scalar !== undefined) return 'scalar';
  return type.list === undefined ? 'none' : 'list';
}

/** Whether two deduced types of one type are the same. */
export function sameForms(a: TypeSchema, b: TypeSchema): boolean {
  return (
    (a.map === undefined) === (b.map === undefined) &&
    (a.list === undefined) === (b.list === undefined) &&
    (a.scalar === undefined) === (b.scalar === undefined)
  );
}

/** An object, or undefined for null and for what is none. */
export function asMap(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return isJsonObject(value) ? value : undefined;
}

/** A list, or undefined for null and for what is none. */
export function asList(value: unknown): readonly unknown[] | undefined {
  return Array.isArray(value) ? value : undefined;
}

/** The step to an element of a set or a keyed list, or why it has none. */
export function elementOf(type: ListType, child: unknown): PathElement | { readonly problem: string } {
  if (type.relationship === 'atomic') return { problem: 'invalid indexing of non-associative list' };
  if (type.keys.length > 0) return keyedElement(type, child);
  if (isJsonObject(child)) return { problem: "associative list without keys has an element that's a map type" };
  if (Array.isArray(child)) return { problem: 'not supported: associative list with lists as elements' };
  if (child === null) return { problem: "associative list without keys has an element that's an explicit null" };
  return valueElement(child);
}

function keyedElement(type: ListType, child: unknown): PathElement | { readonly problem: string } {
  if (child === null) return { problem: 'associative list with keys may not have a null element' };
  if (!isJsonObject(child)) return { problem: 'associative list with keys may not have non-map elements' };
  const keys: [string, unknown][] = [];
  for (const name of type.keys) {
    if (Object.hasOwn(child, name)) {
      keys.push([name, child[name]]);
      continue;
    }
    const { map } = type.element;
    if (map === undefined) {
      return { problem: `couldn't find default value for ${name}: associative list may not have non-map types` };
    }
    const value = map.fields.get(name)?.default;
    if (value !== undefined && value !== null) keys.push([name, value]);
  }
  if (keys.length > 0) return keyElement(keys);
  const names = `[${type.keys.map((name) => JSON.stringify(name)).join(' ')}]`;
  const words = `associative list with keys has an element that omits all key fields ${names}`;
  return { problem: `${words} (and doesn't have default values for any key fields)` };
}

/** The type of a member of an object; undefined when it may not be there. */
export function memberType(type: NonNullable<TypeSchema['map']>, name: string): TypeSchema | undefined {
  return type.fields.get(name)?.type ?? type.values;
}

/** Why a scalar does not fit. Null and nothing fit always. */
export function scalarProblem(type: TypeSchema['scalar'], value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  switch (type) {
    case 'number':
      return typeof value === 'number' ? undefined : `expected numeric (int or float), got ${goTypeName(value)}`;
    case 'string':
      return typeof value === 'string'
        ? undefined
        : `expected string, got &value.valueUnstructured{Value:${goSyntax(value)}}`;
    case 'boolean':
      return typeof value === 'boolean' ? undefined : `expected boolean, got &{${goValue(value)}}`;
    default:
      return typeof value === 'object' ? `expected any scalar, got &{${goValue(value)}}` : undefined;
  }
}

/** A value in Go's syntax (`%#v`). */
function goSyntax(value: unknown): string {
  if (value === null) return 'interface {}(nil)';
  if (typeof value === 'string') return JSON.stringify(value);
  if (Array.isArray(value)) return `[]interface {}{${value.map(goSyntax).join(', ')}}`;
  if (isJsonObject(value)) {
    const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
    return `map[string]interface {}{${members.map(([name, member]) => `${JSON.stringify(name)}:${goSyntax(member)}`).join(', ')}}`;
  }
  return goValue(value);
}

/**
 * Checks a value against its type.
 *
 * @param allowDuplicates Sets and keyed lists may hold an element twice, as objects do that were stored before that was checked.
 * @throws {TypedError} with everything that is wrong.
 */
export function checkTyped(type: TypeSchema, value: unknown, allowDuplicates: boolean): void {
  const problems: Problem[] = [];
  check(type, value, allowDuplicates, '', problems);
  if (problems.length > 0) throw new TypedError(problems);
}

function check(type: TypeSchema, value: unknown, allowDuplicates: boolean, path: string, problems: Problem[]): void {
  const deduced = deduce(type, value);
  const { map, list } = deduced;
  switch (formOf(deduced)) {
    case 'map':
      if (map !== undefined) checkMap(map, value, allowDuplicates, path, problems);
      break;
    case 'list':
      if (list !== undefined) checkList(list, value, allowDuplicates, path, problems);
      break;
    case 'scalar': {
      const message = scalarProblem(deduced.scalar, value);
      if (message !== undefined) problems.push({ path, message });
      break;
    }
    default:
      problems.push({ path, message: 'schema error: invalid atom: inlined' });
  }
}

function checkMap(
  type: NonNullable<TypeSchema['map']>,
  value: unknown,
  allowDuplicates: boolean,
  path: string,
  problems: Problem[],
): void {
  if (value === null) return;
  if (!isJsonObject(value)) {
    problems.push({ path, message: `expected map, got &{${goValue(value)}}` });
    return;
  }
  for (const [name, member] of Object.entries(value)) {
    const at = `${path}${formatElement(fieldElement(name))}`;
    const below = memberType(type, name);
    if (below === undefined) {
      // Upstream stops here: one undeclared field per object is reported.
      problems.push({ path: at, message: 'field not declared in schema' });
      return;
    }
    check(below, member, allowDuplicates, at, problems);
  }
}

function checkList(type: ListType, value: unknown, allowDuplicates: boolean, path: string, problems: Problem[]): void {
  if (value === null) return;
  if (!Array.isArray(value)) {
    problems.push({ path, message: `expected list, got &{${goValue(value)}}` });
    return;
  }
  const seen = new Set<string>();
  for (const [index, child] of (value as readonly unknown[]).entries()) {
    const element = type.relationship === 'atomic' ? indexElement(index) : elementOf(type, child);
    if ('problem' in element) {
      problems.push({ path, message: `element ${index}: ${element.problem}` });
      return;
    }
    if (seen.has(element.text) && !allowDuplicates) {
      problems.push({ path, message: `duplicate entries for key ${formatElement(element)}` });
    }
    if (type.relationship !== 'atomic') seen.add(element.text);
    check(type.element, child, allowDuplicates, `${path}${formatElement(element)}`, problems);
  }
}
