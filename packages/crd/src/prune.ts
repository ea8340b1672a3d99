import { compareStrings } from './go-text.ts';
import { memberNode, type SchemaNode } from './schema-node.ts';

/** What every object has, with a schema or without. */
function isMetaMember(name: string): boolean {
  return name === 'apiVersion' || name === 'kind' || name === 'metadata';
}

/**
 * Removes members without a schema from JSON data, in place, and returns their paths in byte order.
 *
 * @param isRoot Whether `value` is a whole object, whose apiVersion, kind and metadata stay.
 * @see apiextensions-apiserver schema/pruning/algorithm.go
 */
export function prune(value: unknown, node: SchemaNode, isRoot: boolean): string[] {
  const removed: string[] = [];
  pruneValue(value, isRoot ? { ...node, embedded: true } : node, '', removed);
  return removed.sort(compareStrings);
}

/** Without a schema every member goes, at any depth. */
function pruneValue(value: unknown, node: SchemaNode | undefined, path: string, removed: string[]): void {
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) {
      if (node?.preserves) pruneBelowPreserved(item, node.items, `${path}[${index}]`, removed);
      else pruneValue(item, node?.items, `${path}[${index}]`, removed);
    }
    return;
  }
  if (!isMutableObject(value)) return;
  for (const [name, member] of Object.entries(value)) {
    if (node?.embedded && isMetaMember(name)) continue;
    const memberPath = path === '' ? name : `${path}.${name}`;
    if (node !== undefined && (node.properties.has(name) || node.additional !== undefined)) {
      pruneValue(member, memberNode(node, name), memberPath, removed);
    } else if (!node?.preserves) {
      if (path !== '' || !isMetaMember(name)) removed.push(memberPath);
      delete value[name];
    }
  }
}

/** In a list whose unknown members stay, items stay too, but what has a schema is pruned by it. */
function pruneBelowPreserved(value: unknown, node: SchemaNode | undefined, path: string, removed: string[]): void {
  if (node !== undefined) pruneValue(value, { ...node, preserves: true }, path, removed);
}

/**
 * Removes members and items that are null although neither `nullable` nor a default allows it. In place.
 *
 * @see apiextensions-apiserver schema/defaulting/prunenulls.go
 */
export function dropNulls(value: unknown, node: SchemaNode | undefined): void {
  if (Array.isArray(value)) {
    for (const item of value) dropNulls(item, node?.items);
    return;
  }
  if (!isMutableObject(value)) return;
  for (const [name, member] of Object.entries(value)) {
    const schema = node && memberNode(node, name);
    if (member === null && schema && !schema.nullable && schema.source.default === undefined) delete value[name];
    else dropNulls(member, schema);
  }
}

function isMutableObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
