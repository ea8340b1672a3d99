import { clone, setMember } from '@bowline/apimachinery';
import type { SchemaNode } from './schema-node.ts';

/**
 * Fills in defaults, in place: where a member is missing, and where it is null and may not be.
 *
 * @see apiextensions-apiserver schema/defaulting/algorithm.go
 */
export function applyDefaults(value: unknown, node: SchemaNode): void {
  if (Array.isArray(value)) {
    const { items } = node;
    if (items === undefined) return;
    for (const [index, item] of value.entries()) {
      if (isRefusedNull(item, items)) value[index] = defaultOf(items);
      applyDefaults(value[index], items);
    }
    return;
  }
  if (!isMutableObject(value)) return;
  for (const [name, member] of node.properties) {
    if (!hasDefault(member)) continue;
    if (!Object.hasOwn(value, name) || isRefusedNull(value[name], member)) {
      setMember(value, name, defaultOf(member));
    }
  }
  for (const name of Object.keys(value)) {
    const own = node.properties.get(name);
    if (own !== undefined) applyDefaults(value[name], own);
    else if (typeof node.additional === 'object') {
      if (isRefusedNull(value[name], node.additional)) setMember(value, name, defaultOf(node.additional));
      applyDefaults(value[name], node.additional);
    }
  }
}

function hasDefault(node: SchemaNode): boolean {
  return node.source.default !== undefined && node.source.default !== null;
}

function defaultOf(node: SchemaNode): unknown {
  return hasDefault(node) ? clone(node.source.default) : null;
}

function isRefusedNull(value: unknown, node: SchemaNode): boolean {
  return value === null && !node.nullable;
}

function isMutableObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
