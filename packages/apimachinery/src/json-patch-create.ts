import { equal, isJsonObject } from './json.ts';
import type { JsonPatchOperation } from './json-patch.ts';
import { formatPointer } from './json-pointer.ts';

/**
 * A JSON patch that turns `from` into `to`; empty when they are equal. Objects are compared by member; in arrays the equal beginning and
 * end are kept and what lies between is compared by place, so that one insertion or removal is one operation.
 *
 * @see RFC 6902
 */
export function createJsonPatch(from: unknown, to: unknown): JsonPatchOperation[] {
  const operations: JsonPatchOperation[] = [];
  compare(from, to, [], operations);
  return operations;
}

type Path = readonly (string | number)[];

function compare(from: unknown, to: unknown, path: Path, operations: JsonPatchOperation[]): void {
  if (equal(from, to)) return;
  if (Array.isArray(from) && Array.isArray(to)) compareArrays(from, to, path, operations);
  else if (isJsonObject(from) && isJsonObject(to)) compareObjects(from, to, path, operations);
  else operations.push({ op: 'replace', path: formatPointer(path), value: to });
}

function compareObjects(
  from: Readonly<Record<string, unknown>>,
  to: Readonly<Record<string, unknown>>,
  path: Path,
  operations: JsonPatchOperation[],
): void {
  for (const name of Object.keys(from)) {
    if (from[name] === undefined) continue;
    if (!Object.hasOwn(to, name) || to[name] === undefined) {
      operations.push({ op: 'remove', path: formatPointer([...path, name]) });
    }
  }
  for (const [name, value] of Object.entries(to)) {
    if (value === undefined) continue;
    if (!Object.hasOwn(from, name) || from[name] === undefined) {
      operations.push({ op: 'add', path: formatPointer([...path, name]), value });
    } else compare(from[name], value, [...path, name], operations);
  }
}

function compareArrays(
  from: readonly unknown[],
  to: readonly unknown[],
  path: Path,
  operations: JsonPatchOperation[],
): void {
  const shorter = Math.min(from.length, to.length);
  let start = 0;
  while (start < shorter && equal(from[start], to[start])) start++;
  let end = 0;
  while (end < shorter - start && equal(from[from.length - 1 - end], to[to.length - 1 - end])) end++;
  const common = shorter - start - end;
  for (let at = start; at < start + common; at++) compare(from[at], to[at], [...path, at], operations);
  for (let at = from.length - end - 1; at >= start + common; at--) {
    operations.push({ op: 'remove', path: formatPointer([...path, at]) });
  }
  for (let at = start + common; at < to.length - end; at++) {
    operations.push({ op: 'add', path: formatPointer([...path, at]), value: to[at] });
  }
}
