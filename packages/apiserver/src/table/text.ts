import { LabelSelector, type StringMap } from '@bowline/apimachinery';
import { listAt, type ServerObject, stringAt, valueAt } from '../object.ts';
import { since } from './duration.ts';

/** The cells of one row, in the order of the resource's columns. */
export type Cells = (object: ServerObject, nowMs: number) => readonly unknown[];

/** What stands where there is nothing. */
export const none = '<none>';

/** The object's name. */
export function name(object: ServerObject): string {
  return object.metadata.name ?? '';
}

/** How long ago the object was created. */
export function age(object: ServerObject, nowMs: number): string {
  return since(object.metadata.creationTimestamp, nowMs);
}

/** The integer at a path, 0 when there is none: what a Go client reads. */
export function count(object: unknown, ...path: readonly string[]): number {
  const value = valueAt(object, ...path);
  return typeof value === 'number' ? value : 0;
}

/** Up to `limit` texts, then how many more there are. */
export function firstOf(texts: readonly string[], limit: number, separator = ','): string {
  const shown = texts.slice(0, limit).join(separator);
  return texts.length > limit ? `${shown} + ${texts.length - limit} more...` : shown;
}

/** Names and images of containers, as two cells. */
export function containers(podSpec: unknown): [names: string, images: string] {
  const all = listAt(podSpec, 'containers');
  return [all.map((each) => stringAt(each, 'name')).join(','), all.map((each) => stringAt(each, 'image')).join(',')];
}

/** Labels as `a=b,c=d`, sorted. */
export function labels(value: unknown): string {
  const pairs = Object.entries((value ?? {}) as StringMap).map(([key, text]) => `${key}=${text}`);
  return pairs.length === 0 ? none : pairs.sort().join(',');
}

/** A label selector as kubectl writes it; `empty` for none or one that selects everything. */
export function selector(value: unknown, empty: string = none): string {
  if (value === undefined || value === null) return empty;
  const text = String(LabelSelector.from(value as Parameters<typeof LabelSelector.from>[0]));
  return text === '' ? empty : text;
}

/** A value of type int-or-string, or `absent`. */
export function intOrString(value: unknown, absent: string): string {
  return typeof value === 'number' || typeof value === 'string' ? String(value) : absent;
}

/** The status of the condition of a type, `undefined` when there is no such condition. */
export function conditionStatus(object: unknown, type: string): string | undefined {
  const condition = listAt(object, 'status', 'conditions').find((each) => stringAt(each, 'type') === type);
  return condition === undefined ? undefined : stringAt(condition, 'status');
}
