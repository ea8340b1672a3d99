import { clone, type GroupVersionKind, isJsonObject } from '@bowline/apimachinery';
import { type GoField, type GoType, goType, nameOf } from '../schema/go-type.ts';
import { badFormat, mergeFailed, type PatchObject, partsOf, take, withoutNulls } from './directives.ts';
import { goTypeName, goValue } from './go-value.ts';
import { deleteFromList, mergeList, orderList } from './strategic-list.ts';

/**
 * Applies a strategic merge patch to an object of a built-in kind. Lists merge by the keys that the Go types declare; the directives
 * `$patch` (replace, delete), `$retainKeys`, `$deleteFromPrimitiveList/…` and `$setElementOrder/…` are followed; null deletes.
 *
 * @param original As the server writes it. It is not changed.
 * @returns the patched object, which may hold fields that the kind does not have: read it with `readBuiltin`.
 * @throws {RangeError} when the kind is not built in: the others have no strategic merge.
 * @throws {StatusError} with the status and the words of the real server when the patch cannot be applied.
 * @see k8s.io/apimachinery pkg/util/strategicpatch/patch.go
 */
export function applyStrategicMergePatch(
  gvk: GroupVersionKind,
  original: Readonly<Record<string, unknown>>,
  patch: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const type = goType(gvk);
  if (type === undefined) throw new RangeError(`Cannot merge a patch: its kind must be built in, got ${gvk.kind}`);
  return mergeObject(clone(original) as PatchObject, clone(patch) as PatchObject, type);
}

/** Merges `patch` into `original`; both may be changed and end up in the result. */
function mergeObject(original: PatchObject, patch: PatchObject, type: GoType): PatchObject {
  if (Object.hasOwn(patch, '$patch')) return directed(patch);
  retainKeys(original, patch);
  setElementOrders(original, patch, type);
  for (const [key, value] of Object.entries(patch)) mergeMember(original, key, value, type);
  return original;
}

/** An object with `$patch` is not merged. */
function directed(patch: PatchObject): PatchObject {
  const directive = patch.$patch;
  if (directive === 'delete') return {};
  if (directive !== 'replace') throw mergeFailed(`unknown patch type: ${goValue(directive)} in map: ${goValue(patch)}`);
  delete patch.$patch;
  return patch;
}

/** `$retainKeys` names the only keys that may remain. */
function retainKeys(original: PatchObject, patch: PatchObject): void {
  if (!Object.hasOwn(patch, '$retainKeys')) return;
  const retained = patch.$retainKeys;
  delete patch.$retainKeys;
  if (!Array.isArray(retained)) throw badFormat('retainKeys');
  for (const [key, value] of Object.entries(patch)) {
    const directive = key.startsWith('$deleteFromPrimitiveList') || key.startsWith('$setElementOrder');
    if (value !== null && !directive && !retained.includes(key)) throw badFormat('retainKeys');
  }
  for (const key of Object.keys(original)) if (!retained.includes(key)) delete original[key];
}

/** Lists with an order are merged here, together with their order. */
function setElementOrders(original: PatchObject, patch: PatchObject, type: GoType): void {
  for (const [directive, order] of Object.entries(patch)) {
    if (!directive.startsWith('$setElementOrder')) continue;
    delete patch[directive];
    if (!Array.isArray(order)) throw mergeFailed(`expected a []interface {}, but received a ${goTypeName(order)}`);
    const key = partsOf(directive, '$setElementOrder', 'setElementOrder list');
    const before = listOf(original, key);
    const patched = listOf(patch, key);
    const field = lookupList(type, key);
    const list = { element: field.element, mergeKey: field.mergeKey, merges: field.strategy === 'merge', mergeObject };
    const ordered = orderList(before, patched, order, list);
    if (ordered === undefined) continue;
    original[key] = ordered;
    delete patch[key];
  }
}

function listOf(holder: PatchObject, key: string): unknown[] | undefined {
  if (!Object.hasOwn(holder, key)) return undefined;
  const list = holder[key];
  if (!Array.isArray(list)) throw mergeFailed(`expected a []interface {}, but received a ${goTypeName(list)}`);
  return list;
}

function mergeMember(original: PatchObject, patchKey: string, value: unknown, type: GoType): void {
  const deletes = patchKey.startsWith('$deleteFromPrimitiveList');
  const key = deletes ? partsOf(patchKey, '$deleteFromPrimitiveList', 'primitive list') : patchKey;
  if (value === null) {
    delete original[key];
    return;
  }
  const before = original[key];
  if (!Object.hasOwn(original, key) || goTypeName(before) !== goTypeName(value)) {
    if (!deletes) take(original, key, withoutNulls(value));
    return;
  }
  if (isJsonObject(before) && isJsonObject(value)) {
    const field = lookup(type, key);
    const replaces = strategyOf(field) === 'replace';
    original[key] = replaces ? value : mergeObject(before as PatchObject, value as PatchObject, field.type);
  } else if (Array.isArray(before) && Array.isArray(value)) {
    const { element, mergeKey, strategy } = lookupList(type, key);
    const rules = { element, mergeKey, mergeObject };
    if (deletes) original[key] = deleteFromList(before, value, rules);
    else original[key] = strategy === 'merge' ? mergeList(before, value, rules) : value;
  } else {
    take(original, key, value);
  }
}

/** The field of a structure that a key names. @see k8s.io/apimachinery third_party/forked/golang/json/fields.go */
function lookup(type: GoType, key: string): GoField {
  if (
    type.kind !== 'struct' &&
    !['time', 'microTime', 'quantity', 'rawExtension', 'json', 'fieldsV1'].includes(type.kind)
  ) {
    const kind = type.kind === 'list' ? 'slice' : type.kind;
    throw mergeFailed(`merging an object in json but data type is not struct, instead is: ${kind}`);
  }
  const fields = type.kind === 'struct' ? type.byName : new Map<string, GoField>();
  const folded = key.toLowerCase();
  const field = fields.get(key) ?? [...fields.values()].find((one) => one.name.toLowerCase() === folded);
  if (field !== undefined) return field;
  const words = `unable to find api field in struct ${nameOf(type.go)} for the json field ${JSON.stringify(key)}`;
  throw mergeFailed(words);
}

interface ListField {
  readonly element: GoType;
  readonly mergeKey: string;
  readonly strategy: string;
}

function lookupList(type: GoType, key: string): ListField {
  const field = lookup(type, key);
  const { kind } = field.type;
  if (field.type.kind === 'list') {
    return { element: field.type.element, mergeKey: field.patchMergeKey, strategy: strategyOf(field) };
  }
  if (kind === 'bytes' || field.pointer)
    return { element: field.type, mergeKey: field.patchMergeKey, strategy: strategyOf(field) };
  throw mergeFailed('expected slice or array type, but got: struct');
}

/** How a field merges, apart from `retainKeys`. */
function strategyOf(field: GoField): string {
  return field.patchStrategies.find((strategy) => strategy !== 'retainKeys') ?? '';
}
