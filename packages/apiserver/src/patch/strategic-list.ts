import { isJsonObject } from '@bowline/apimachinery';
import type { GoType } from '../schema/go-type.ts';
import { listOfLists, mergeFailed, type PatchObject, withoutDirectives } from './directives.ts';
import { goTypeName, goValue } from './go-value.ts';

/** How a list merges. */
export interface ListRules {
  /** The type of its elements. */
  readonly element: GoType;
  /** The field that tells its elements apart; `''` for scalars. */
  readonly mergeKey: string;
  /** Merges an element of the patch into the one that it means. */
  readonly mergeObject: (original: PatchObject, patch: PatchObject, type: GoType) => PatchObject;
}

/** Merges two lists: scalars become one set, objects merge by key. New elements take their place by the patch's order. */
export function mergeList(
  original: readonly unknown[],
  patch: readonly unknown[],
  rules: ListRules,
): readonly unknown[] {
  return merge(original, patch, rules).merged;
}

interface Merged {
  readonly merged: readonly unknown[];
  /**
   * What upstream's list of the original elements holds afterwards: deletions and additions are made in its place, as far as it reaches,
   * and an order that is applied later sees that.
   */
  readonly original: readonly unknown[];
}

function merge(original: readonly unknown[], patch: readonly unknown[], rules: ListRules): Merged {
  if (original.length === 0 && patch.length === 0) return { merged: original, original };
  const { mergeKey } = rules;
  if (kindOf(original, patch) === 'scalar') {
    const union = [...new Set([...original, ...patch])];
    return { merged: arrange(union, patch, original, mergeKey, false), original };
  }
  if (mergeKey === '') throw mergeFailed(`cannot merge lists without merge key for ${goKind(rules.element)}`);
  const special = followDirectives(original, patch as readonly PatchObject[], mergeKey);
  const all = [...special.original];
  for (const element of special.patch) {
    const at = indexByKey(all, mergeKey, keyOf(element, mergeKey));
    const before = all[at];
    if (before === undefined) all.push(element);
    else all[at] = rules.mergeObject(before as PatchObject, element, rules.element);
  }
  return {
    merged: arrange(all, special.patch, special.original, mergeKey, true),
    original: special.replaced ? original : all.slice(0, original.length),
  };
}

/** Deletes scalars from a list. */
export function deleteFromList(
  original: readonly unknown[],
  patch: readonly unknown[],
  rules: ListRules,
): readonly unknown[] {
  if (original.length === 0 && patch.length === 0) return original;
  if (kindOf(original, patch) === 'object') return mergeList(original, patch, rules);
  return original.filter((element) => !patch.includes(element));
}

/**
 * Brings a list into the order that `$setElementOrder` gives; what the order does not name keeps its place among the rest.
 *
 * @returns undefined when neither the object nor the patch has the list.
 */
export function orderList(
  original: readonly unknown[] | undefined,
  patch: readonly unknown[] | undefined,
  order: readonly unknown[],
  rules: ListRules & { readonly merges: boolean },
): readonly unknown[] | undefined {
  const { mergeKey } = rules;
  checkOrder(patch ?? [], order, mergeKey);
  let serverOrder = original ?? [];
  const ofObjects = (): boolean => kindOf(serverOrder, patch ?? []) === 'object';
  let merged: readonly unknown[];
  if (original === undefined) {
    if (patch === undefined) return undefined;
    merged = withoutDirectives(patch) as readonly unknown[];
  } else if (patch === undefined) {
    merged = original;
  } else if (rules.merges) {
    const both = merge(original, patch, rules);
    merged = both.merged;
    serverOrder = both.original;
  } else {
    merged = patch;
  }
  return arrange(merged, order, serverOrder, mergeKey, ofObjects());
}

/** The elements of the patch must be among those that the order names, in that order. */
function checkOrder(patch: readonly unknown[], order: readonly unknown[], mergeKey: string): void {
  if (patch.length === 0 || order.length === 0) return;
  const listed = mergeKey === '' ? patch : patch.filter((element) => directiveOf(element) !== 'delete');
  let at = 0;
  let next = 0;
  while (at < listed.length && next < order.length) {
    if (directiveOf(listed[at]) !== undefined) {
      at++;
      continue;
    }
    if (identity(listed[at], mergeKey) === identity(order[next], mergeKey)) at++;
    next++;
  }
  if (at < listed.length && next >= order.length) {
    const lists = `${goValue(patch)}\n doesn't match $setElementOrder list:\n${goValue(order)}\n`;
    throw mergeFailed(`The order in patch list:\n${lists}`);
  }
}

function directiveOf(element: unknown): unknown {
  return isJsonObject(element) ? element.$patch : undefined;
}

/** Removes what `$patch: delete` names, or everything on `$patch: replace`. */
function followDirectives(
  original: readonly unknown[],
  patch: readonly PatchObject[],
  mergeKey: string,
): { readonly original: readonly unknown[]; readonly patch: readonly PatchObject[]; readonly replaced: boolean } {
  let kept = original;
  let replace = false;
  const plain: PatchObject[] = [];
  for (const element of patch) {
    const directive = element.$patch;
    if (directive === undefined) {
      plain.push(element);
    } else if (directive === 'delete') {
      const gone = keyOf(element, mergeKey);
      for (const [index, one] of kept.entries()) requireObject(one, index);
      kept = kept.filter((one) => (one as PatchObject)[mergeKey] !== gone);
    } else if (directive === 'replace') {
      replace = true;
    } else if (directive === 'merge') {
      throw mergeFailed('merging lists cannot yet be specified in the patch');
    } else {
      throw mergeFailed(`unknown patch type: ${goValue(directive)} in map: ${goValue(element)}`);
    }
  }
  return replace ? { original: plain, patch: [], replaced: true } : { original: kept, patch: plain, replaced: false };
}

/** Elements of the patch in the patch's order, the others in the server's, and both interleaved as the server had them. */
function arrange(
  merged: readonly unknown[],
  patchOrder: readonly unknown[],
  serverOrder: readonly unknown[],
  mergeKey: string,
  ofObjects: boolean,
): unknown[] {
  const key = ofObjects ? mergeKey : '';
  const identities = (list: readonly unknown[]): Map<unknown, number> => {
    const at = new Map<unknown, number>();
    for (const [index, element] of list.entries()) {
      const one = identity(element, key);
      if (!at.has(one)) at.set(one, index);
    }
    return at;
  };
  const inPatch = identities(patchOrder);
  const onServer = identities(serverOrder);
  const place = (order: ReadonlyMap<unknown, number>, element: unknown): number =>
    order.get(identity(element, key)) ?? -1;
  const sort = (list: unknown[], order: ReadonlyMap<unknown, number>): unknown[] =>
    list.sort((a, b) => place(order, a) - place(order, b));
  const patched = sort(
    merged.filter((element) => place(inPatch, element) >= 0),
    inPatch,
  );
  const serverOnly = sort(
    merged.filter((element) => place(inPatch, element) < 0),
    onServer,
  );
  const result: unknown[] = [];
  let left = 0;
  let right = 0;
  while (left < serverOnly.length && right < patched.length) {
    const l = place(onServer, serverOnly[left]);
    const r = place(onServer, patched[right]);
    if (l >= 0 && r >= 0 && l < r) result.push(serverOnly[left++]);
    else result.push(patched[right++]);
  }
  return [...result, ...serverOnly.slice(left), ...patched.slice(right)];
}

/** What tells an element apart: itself, or its key. */
function identity(element: unknown, mergeKey: string): unknown {
  if (mergeKey === '') return element;
  if (!isJsonObject(element)) {
    throw mergeFailed(`expected a map[string]interface {}, but received a ${goTypeName(element)}`);
  }
  return keyOf(element, mergeKey);
}

function keyOf(element: Readonly<Record<string, unknown>>, mergeKey: string): unknown {
  if (Object.hasOwn(element, mergeKey)) return element[mergeKey];
  throw mergeFailed(`map: ${goValue(element)} does not contain declared merge key: ${mergeKey}`);
}

function indexByKey(list: readonly unknown[], mergeKey: string, value: unknown): number {
  for (const [index, element] of list.entries()) {
    if (requireObject(element, index)[mergeKey] === value) return index;
  }
  return -1;
}

function requireObject(element: unknown, index: number): Readonly<Record<string, unknown>> {
  if (isJsonObject(element)) return element;
  throw mergeFailed(`value for key ${index} is not a map`);
}

/** What the lists hold; all elements must be of one type. */
function kindOf(...lists: readonly (readonly unknown[])[]): 'object' | 'scalar' {
  let known: string | undefined;
  for (const element of lists.flat()) {
    const type = goTypeName(element);
    if (known === undefined) {
      if (Array.isArray(element)) throw listOfLists();
      known = type;
    } else if (known !== type) {
      throw mergeFailed(`list element types are not identical: ${goValue(lists)}`);
    }
  }
  if (known === undefined) throw mergeFailed('no elements in any of the given slices');
  return known === 'map[string]interface {}' ? 'object' : 'scalar';
}

/** Go's kind of a type. */
function goKind(type: GoType): string {
  if (type.kind === 'list' || type.kind === 'bytes') return 'slice';
  return ['map', 'string', 'bool', 'int32', 'int64', 'float64'].includes(type.kind) ? type.kind : 'struct';
}
