import { equal, isJsonObject, setMember } from './json.ts';

/**
 * What a JSON merge patch makes of a document: members of `patch` replace those of `document`, objects merge, `null` deletes.
 * Neither argument is changed; the result shares what it can with them.
 *
 * @see RFC 7396
 */
export function applyMergePatch(document: unknown, patch: unknown): unknown {
  if (!isJsonObject(patch)) return patch;
  const merged: Record<string, unknown> = isJsonObject(document) ? { ...document } : {};
  for (const [name, change] of Object.entries(patch)) {
    if (change === undefined) continue;
    if (change === null) delete merged[name];
    else setMember(merged, name, applyMergePatch(Object.hasOwn(merged, name) ? merged[name] : undefined, change));
  }
  return merged;
}

/**
 * The smallest merge patch that turns `from` into `to`; `{}` when they are equal.
 * A merge patch cannot set a member to `null`, so members of `to` that are `null` count as absent, as they do in Kubernetes.
 *
 * @see RFC 7396
 */
export function createMergePatch(from: unknown, to: unknown): unknown {
  if (!isJsonObject(from) || !isJsonObject(to)) return isJsonObject(to) ? withoutNulls(to) : to;
  const patch: Record<string, unknown> = {};
  for (const [name, target] of Object.entries(to)) {
    if (target === null || target === undefined) continue;
    const source = Object.hasOwn(from, name) ? from[name] : undefined;
    if (equal(source, target)) continue;
    if (isJsonObject(source) && isJsonObject(target)) {
      const inner = createMergePatch(source, target);
      if (isJsonObject(inner) && Object.keys(inner).length === 0) continue; // They differ in nulls alone.
      setMember(patch, name, inner);
    } else setMember(patch, name, isJsonObject(target) ? withoutNulls(target) : target);
  }
  for (const name of Object.keys(from)) {
    const target = Object.hasOwn(to, name) ? to[name] : undefined;
    const source = from[name];
    if ((target === undefined || target === null) && source !== undefined && source !== null)
      setMember(patch, name, null);
  }
  return patch;
}

function withoutNulls(value: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const [name, member] of Object.entries(value)) {
    if (member !== null && member !== undefined)
      setMember(result, name, isJsonObject(member) ? withoutNulls(member) : member);
  }
  return result;
}
