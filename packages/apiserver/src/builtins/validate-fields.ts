import { type FieldError, invalid, notSupported, required } from '../field-error.ts';
import type { FormatErrors } from '../meta/formats.ts';
import { isObject, type JsonObject, numberAt, stringAt, valueAt } from '../object.ts';

/** Takes note of one thing that is wrong. Validators find things in the order in which the real server finds them. */
export type Report = (error: FieldError) => void;

/** Says what is wrong with a value that stands at `field`. */
export type Check<T = JsonObject> = (value: T, field: string, report: Report) => void;

export const negativeMessage = 'must be greater than or equal to 0';
const immutableMessage = 'field is immutable';

/** All that `find` reports. */
export function gather(find: (report: Report) => void): FieldError[] {
  const errors: FieldError[] = [];
  find((error) => errors.push(error));
  return errors;
}

/** Visits the objects of a list with their paths. */
export function each(
  owner: unknown,
  name: string,
  field: string,
  visit: (item: JsonObject, field: string, index: number) => void,
): void {
  const list = valueAt(owner, name);
  if (!Array.isArray(list)) return;
  list.forEach((item: unknown, index) => {
    visit(isObject(item) ? item : {}, `${field}.${name}[${index}]`, index);
  });
}

/** Visits the texts of a list with their paths. */
export function eachText(
  owner: unknown,
  name: string,
  field: string,
  visit: (text: string, field: string, index: number) => void,
): void {
  textsAt(owner, name).forEach((text, index) => {
    visit(text, `${field}.${name}[${index}]`, index);
  });
}

export function textsAt(owner: unknown, ...path: readonly string[]): readonly string[] {
  const list = valueAt(owner, ...path);
  return Array.isArray(list) ? list.map(String) : [];
}

/** The object in a field; undefined when there is none. */
export function objectAt(owner: unknown, ...path: readonly string[]): JsonObject | undefined {
  const value = valueAt(owner, ...path);
  return isObject(value) ? value : undefined;
}

/** Whether a field has a value: pointers that are not nil. */
export function has(owner: unknown, ...path: readonly string[]): boolean {
  const value = valueAt(owner, ...path);
  return value !== undefined && value !== null;
}

/** The members of a map of texts. */
export function textMapAt(owner: unknown, ...path: readonly string[]): Readonly<Record<string, string>> {
  const map = valueAt(owner, ...path);
  return isObject(map) ? (map as Record<string, string>) : {};
}

/** Reports each sentence about a value. */
export function says(problems: FormatErrors, field: string, value: unknown, report: Report): void {
  for (const problem of problems) report(invalid(field, value, problem));
}

/** A text that must be there. @returns the text. */
export function requiredText(owner: unknown, name: string, field: string, report: Report, detail = ''): string {
  const text = stringAt(owner, name);
  if (text === '') report(required(`${field}.${name}`, detail));
  return text;
}

/** A text that must be there and of a format. */
export function requiredFormat(
  owner: unknown,
  name: string,
  field: string,
  format: (text: string) => FormatErrors,
  report: Report,
): void {
  const text = requiredText(owner, name, field, report);
  if (text !== '') says(format(text), `${field}.${name}`, text, report);
}

/** A text that is of a format unless it is empty. */
export function optionalFormat(
  owner: unknown,
  name: string,
  field: string,
  format: (text: string) => FormatErrors,
  report: Report,
): void {
  const text = stringAt(owner, name);
  if (text !== '') says(format(text), `${field}.${name}`, text, report);
}

/** One of some words. `absent`: what the empty text means. */
export function oneOf(
  owner: unknown,
  name: string,
  field: string,
  words: readonly string[],
  report: Report,
  absent: 'allowed' | 'required' | 'unsupported' = 'required',
): void {
  const word = stringAt(owner, name);
  if (word === '' && absent === 'allowed' && !has(owner, name)) return;
  if (word === '' && absent === 'required') report(required(`${field}.${name}`));
  else if (!words.includes(word)) report(notSupported(`${field}.${name}`, word, words));
}

/** Numbers that must not be below 0; absent is 0. */
export function nonNegative(owner: unknown, names: readonly string[], field: string, report: Report): void {
  for (const name of names) {
    const value = numberAt(owner, name) ?? 0;
    if (value < 0) report(invalid(`${field}.${name}`, value, negativeMessage));
  }
}

/** A number within bounds, when there is one. */
export function within(
  owner: unknown,
  name: string,
  field: string,
  bounds: readonly [number, number],
  report: Report,
): void {
  const value = numberAt(owner, name);
  if (value !== undefined && (value < bounds[0] || value > bounds[1])) {
    report(invalid(`${field}.${name}`, value, rangeMessage(...bounds)));
  }
}

export function rangeMessage(low: number, high: number): string {
  return `must be between ${low} and ${high}, inclusive`;
}

export function isAbsolute(path: string): boolean {
  return path.startsWith('/');
}

/** Reports what a validator of one field finds: the field may not change. */
export function immutable(now: unknown, old: unknown, field: string, report: Report, shown: unknown = now): void {
  if (!same(now, old)) report(invalid(field, shown ?? null, immutableMessage));
}

/** Whether two values are the same to the real server, to which empty and absent lists, maps and pointers to nothing are one. */
export function same(a: unknown, b: unknown): boolean {
  if (Array.isArray(a) || Array.isArray(b)) {
    const [left, right] = [listOf(a), listOf(b)];
    return left.length === right.length && left.every((item, index) => same(item, right[index]));
  }
  if (isObject(a) && isObject(b)) {
    const names = new Set([...Object.keys(a), ...Object.keys(b)]);
    for (const name of names) if (!same(a[name], b[name])) return false;
    return true;
  }
  if (isObject(a) || isObject(b)) return isEmptyMap(a) && isEmptyMap(b);
  return (a ?? undefined) === (b ?? undefined);
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : value === undefined || value === null ? [] : [value];
}

/** Maps that are empty equal maps that are absent; pointers to empty structures do not, so only what has no members counts. */
function isEmptyMap(value: unknown): boolean {
  return value === undefined || value === null || (isObject(value) && Object.keys(value).length === 0);
}
