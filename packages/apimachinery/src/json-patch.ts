import { BowlineError } from './errors.ts';
import { clone, equal, setMember } from './json.ts';
import { childOf, isContainer, JsonPatchError, PatchDraft } from './json-patch-draft.ts';
import { parsePointer } from './json-pointer.ts';

/** One step of a JSON patch. Paths are JSON pointers: `/metadata/labels/example.com~1tier`. @see RFC 6902 */
export type JsonPatchOperation =
  | { readonly op: 'add' | 'replace' | 'test'; readonly path: string; readonly value: unknown }
  | { readonly op: 'remove'; readonly path: string }
  | { readonly op: 'move' | 'copy'; readonly from: string; readonly path: string };

/** Limits and manners of `applyJsonPatch`. */
export interface JsonPatchOptions {
  /** More operations than that are refused with `APIMACHINERY_PATCH_TOO_LARGE`. @default no limit */
  readonly maxOperations?: number | undefined;
  /** What all `copy` operations may add, in bytes of JSON; more is refused with `APIMACHINERY_PATCH_TOO_LARGE`. @default no limit */
  readonly maxCopyBytes?: number | undefined;
  /**
   * `kubernetes` forgives what the library of the API server forgives: `replace` of a missing member adds it, a missing member
   * passes a `test` for null and is copied as null, a missing `value` is null; `add` at the root is refused.
   *
   * @default 'rfc6902'
   */
  readonly dialect?: 'rfc6902' | 'kubernetes' | undefined;
}

/**
 * Carries out a JSON patch: all of it, or nothing. Neither argument is changed; the result shares with them what was not touched.
 * Negative array indices are refused in every dialect.
 *
 * @throws {JsonPatchError} `APIMACHINERY_PATCH_TEST_FAILED` when a `test` fails, `APIMACHINERY_PATCH_FAILED` when an operation does not apply,
 * `APIMACHINERY_PATCH_INVALID` when it is no operation; its message is the API server's, `index` says which operation.
 * @throws {BowlineError} `APIMACHINERY_PATCH_TOO_LARGE` beyond a limit.
 * @see RFC 6902
 */
export function applyJsonPatch(
  document: unknown,
  operations: readonly JsonPatchOperation[],
  options: JsonPatchOptions = {},
): unknown {
  const { maxOperations, maxCopyBytes, dialect = 'rfc6902' } = options;
  if (maxOperations !== undefined && operations.length > maxOperations) {
    throw tooLarge(`The allowed maximum operations in a JSON patch is ${maxOperations}, got ${operations.length}`);
  }
  const draft = new PatchDraft(document);
  const budget = { bytes: 0, limit: maxCopyBytes };
  for (const [index, operation] of operations.entries()) {
    try {
      applyOperation(draft, operation, dialect === 'rfc6902', budget);
    } catch (error) {
      throw error instanceof JsonPatchError ? error.at(index) : error;
    }
  }
  return draft.root;
}

interface CopyBudget {
  bytes: number;
  readonly limit: number | undefined;
}

function applyOperation(draft: PatchDraft, operation: JsonPatchOperation, strict: boolean, budget: CopyBudget): void {
  const { op, path } = operation;
  if (typeof path !== 'string') throw invalid(`${String(op)} operation failed to decode path: missing value`);
  const pointer = parsePointer(path);
  if (!pointer) throw invalid(`${op} operation failed to decode path: ${JSON.stringify(path)} is not a JSON pointer`);
  switch (op) {
    case 'add':
      addValue(draft, pointer, path, givenValue(operation, strict), strict);
      break;
    case 'remove':
      removeAt(
        draft,
        pointer,
        `remove operation does not apply: doc is missing path: "${path}"`,
        `error in remove for path: '${path}'`,
      );
      break;
    case 'replace':
      replaceValue(draft, pointer, path, givenValue(operation, strict), strict);
      break;
    case 'test':
      testValue(draft, pointer, path, givenValue(operation, strict), strict);
      break;
    case 'move': {
      const { from, source } = sourceOf(operation);
      if (strict && path.startsWith(`${from}/`))
        throw failed(`move operation does not apply: ${from} contains ${path}`);
      const key = source.at(-1) ?? '';
      const missing = `move operation does not apply: doc is missing from path: ${from}`;
      const moved = readAt(draft, source, missing, `error in move for path: '${key}'`, false);
      removeAt(draft, source, missing, `error in move for path: '${key}'`);
      insert(draft, pointer, moved, {
        root: strict,
        missing: `move operation does not apply: doc is missing destination path: ${path}`,
        context: `error in move for path: '${path}'`,
      });
      break;
    }
    case 'copy': {
      const { from, source } = sourceOf(operation);
      const missing = `copy operation does not apply: doc is missing from path: ${from}`;
      const copied = readAt(draft, source, missing, `error in copy for from: '${from}'`, strict) ?? null;
      budget.bytes += Buffer.byteLength(JSON.stringify(copied));
      if (budget.limit !== undefined && budget.limit > 0 && budget.bytes > budget.limit) {
        throw tooLarge(
          `Unable to complete the copy, the accumulated size increase of copy is ${budget.bytes}, exceeding the limit ${budget.limit}`,
        );
      }
      insert(draft, pointer, clone(copied), {
        root: strict,
        missing: `copy operation does not apply: doc is missing destination path: ${path}`,
        context: 'error while adding value during copy',
      });
      break;
    }
    default:
      throw invalid(`Unexpected kind: ${String(op)}`);
  }
}

/** How an insertion reports what is wrong. */
interface Insertion {
  /** Whether the whole document may be replaced. */
  readonly root: boolean;
  readonly missing: string;
  readonly context: string;
}

function addValue(draft: PatchDraft, pointer: readonly string[], path: string, value: unknown, strict: boolean): void {
  insert(draft, pointer, value, {
    root: strict,
    missing: `add operation does not apply: doc is missing path: "${path}"`,
    context: `error in add for path: '${path}'`,
  });
}

function insert(draft: PatchDraft, pointer: readonly string[], value: unknown, insertion: Insertion): void {
  const key = pointer.at(-1);
  if (key === undefined && insertion.root) {
    draft.root = value;
    return;
  }
  const parent = key === undefined ? undefined : draft.writableParent(pointer);
  if (!parent || key === undefined) throw failed(`${insertion.missing}: missing value`);
  if (Array.isArray(parent)) {
    const index = key === '-' ? parent.length : indexOf(key, insertion.context, true);
    if (index > parent.length) throw outOfRange(insertion.context, index);
    parent.splice(index, 0, value);
  } else setMember(parent, key, value);
}

function removeAt(draft: PatchDraft, pointer: readonly string[], missing: string, context: string): void {
  const key = pointer.at(-1);
  const parent = key === undefined ? undefined : draft.writableParent(pointer);
  if (!parent || key === undefined) throw failed(`${missing}: missing value`);
  if (Array.isArray(parent)) {
    const index = indexOf(key, context, false);
    if (index >= parent.length) throw outOfRange(context, index);
    parent.splice(index, 1);
  } else {
    if (!Object.hasOwn(parent, key))
      throw failed(`${context}: Unable to remove nonexistent key: ${key}: missing value`);
    delete parent[key];
  }
}

function replaceValue(
  draft: PatchDraft,
  pointer: readonly string[],
  path: string,
  value: unknown,
  strict: boolean,
): void {
  const key = pointer.at(-1);
  if (key === undefined) {
    if (!strict && !isContainer(value)) throw failed('replace operation value must be object or array');
    draft.root = value;
    return;
  }
  const parent = draft.writableParent(pointer);
  if (!parent) throw failed(`replace operation does not apply: doc is missing path: ${path}: missing value`);
  const present = childOf(parent, key);
  if (!present && (strict || Array.isArray(parent))) {
    throw failed(`replace operation does not apply: doc is missing key: ${path}: missing value`);
  }
  if (Array.isArray(parent)) parent[Number(key)] = value;
  else setMember(parent, key, value);
}

function testValue(draft: PatchDraft, pointer: readonly string[], path: string, value: unknown, strict: boolean): void {
  const missing = `test operation does not apply: is missing path: ${path}`;
  const present =
    pointer.length === 0 ? draft.root : readAt(draft, pointer, missing, `error in test for path: '${path}'`, strict);
  if (!equal(present ?? null, value)) {
    throw new JsonPatchError(`testing value ${path} failed: test failed`, 'APIMACHINERY_PATCH_TEST_FAILED');
  }
}

/** The value there; undefined for a missing member of an object, unless that is an error. */
function readAt(
  draft: PatchDraft,
  pointer: readonly string[],
  missing: string,
  context: string,
  strict: boolean,
): unknown {
  const key = pointer.at(-1);
  if (key === undefined) {
    if (!strict) throw failed(`${missing}: missing value`);
    return draft.root;
  }
  const parent = draft.parent(pointer);
  if (!parent) throw failed(`${missing}: missing value`);
  const child = childOf(parent, key);
  if (child) return child.value;
  if (Array.isArray(parent)) throw outOfRange(context, indexOf(key, context, false));
  if (strict) throw failed(`${missing}: missing value`);
  return undefined;
}

function sourceOf(operation: { readonly op: string; readonly from: string }): { from: string; source: string[] } {
  const { op, from } = operation;
  if (typeof from !== 'string')
    throw invalid(`${op} operation failed to decode from: operation, missing from field: missing value`);
  const source = parsePointer(from);
  if (!source) throw invalid(`${op} operation failed to decode from: ${JSON.stringify(from)} is not a JSON pointer`);
  return { from, source };
}

function givenValue(operation: { readonly op: string; readonly value: unknown }, strict: boolean): unknown {
  if (operation.value !== undefined) return operation.value;
  if (strict) throw invalid(`${operation.op} operation failed to decode value: missing value`);
  return null;
}

function indexOf(key: string, context: string, adding: boolean): number {
  if (/^(?:0|[1-9][0-9]*)$/.test(key)) return Number(key);
  if (/^-[0-9]+$/.test(key)) throw outOfRange(context, Number(key));
  const detail = adding ? `value was not a proper array index: '${key}': ` : '';
  throw failed(`${context}: ${detail}strconv.Atoi: parsing ${JSON.stringify(key)}: invalid syntax`);
}

function outOfRange(context: string, index: number): JsonPatchError {
  return failed(`${context}: Unable to access invalid index: ${index}: invalid index referenced`);
}

function failed(message: string): JsonPatchError {
  return new JsonPatchError(message, 'APIMACHINERY_PATCH_FAILED');
}

function invalid(message: string): JsonPatchError {
  return new JsonPatchError(message, 'APIMACHINERY_PATCH_INVALID');
}

function tooLarge(message: string): BowlineError {
  return new BowlineError(message, { code: 'APIMACHINERY_PATCH_TOO_LARGE' });
}
