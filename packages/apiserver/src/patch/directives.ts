import { isJsonObject, type StatusError, statusError } from '@bowline/apimachinery';

/** An object that is being patched. */
export type PatchObject = Record<string, unknown>;

/** A patch whose directives are malformed: 400. @see k8s.io/apimachinery pkg/util/mergepatch/errors.go */
export function badFormat(what: 'primitive list' | 'retainKeys' | 'setElementOrder list'): StatusError {
  const of = what === 'primitive list' ? 'of primitive list' : `of ${what}`;
  return statusError({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: `invalid patch format ${of}`,
    reason: 'BadRequest',
    code: 400,
  });
}

/** A patch that does not fit the object. The real server has no status for it, so it answers 500 without a reason. */
export function mergeFailed(message: string): StatusError {
  return statusError({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, code: 500 });
}

/** Lists of lists: 422. */
export function listOfLists(): StatusError {
  return statusError({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: 'lists of lists are not supported',
    reason: 'Invalid',
    details: {},
    code: 422,
  });
}

/** The list that a directive is about: `$setElementOrder/containers` → `containers`. */
export function partsOf(directive: string, prefix: string, what: 'primitive list' | 'setElementOrder list'): string {
  const slash = directive.indexOf('/');
  if (slash < 0 || directive.slice(0, slash) !== prefix) throw badFormat(what);
  return directive.slice(slash + 1);
}

/** Takes a value over as it is, apart from directives in it; a value that is a directive is not taken. */
export function take(original: PatchObject, key: string, value: unknown): void {
  const taken = withoutDirectives(value);
  if (taken === undefined) delete original[key];
  else original[key] = taken;
}

/** What is new in the object has nothing that null could delete. */
export function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) {
    for (const element of value) withoutNulls(element);
  } else if (isJsonObject(value)) {
    for (const [key, member] of Object.entries(value)) {
      if (member === null) delete (value as PatchObject)[key];
      else withoutNulls(member);
    }
  }
  return value;
}

/** Undefined: the value is an object with `$patch`. */
export function withoutDirectives(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutDirectives).filter((element) => element !== undefined);
  if (!isJsonObject(value)) return value;
  if (Object.hasOwn(value, '$patch')) return undefined;
  for (const [key, member] of Object.entries(value)) take(value as PatchObject, key, member);
  return value;
}
