import {
  FieldSelector,
  formatGroupKind,
  type Item,
  type Kind,
  type KubernetesObject,
  parseKey,
} from '@bowline/apimachinery';
import { ControllerRuntimeError } from '../errors.ts';
import type { ResourceStore } from './ports.ts';

/**
 * The items of `store` that a field selector matches. `metadata.name` and `metadata.namespace` are read from their keys;
 * any other path needs an index of that name, because what a server calls a field is more than a path (defaults, formats).
 *
 * @throws {ControllerRuntimeError} `CONTROLLER_RUNTIME_INDEX_MISSING`, also for `!=`, which no index can answer.
 */
export function selectByFields<T extends KubernetesObject>(
  store: ResourceStore<T>,
  selector: FieldSelector,
  kind: Kind,
): Iterable<Item<T>> {
  const [first, ...rest] = selector.requirements.filter(({ path }) => !isMetadata(path));
  const metadata = new FieldSelector(selector.requirements.filter(({ path }) => isMetadata(path)));
  for (const requirement of first ? [first, ...rest] : []) {
    const { path, operator, value } = requirement;
    if (operator === '=' && store.indexNames.includes(path)) continue;
    throw new ControllerRuntimeError(
      `Cannot select ${formatGroupKind(kind)} by "${path}${operator}${value}": the cache has no index "${path}". ` +
        `Add one with cache.addIndex(${kind.kind}, "${path}", …), select with = only, or read with consistency: 'live'`,
      { code: 'CONTROLLER_RUNTIME_INDEX_MISSING' },
    );
  }
  const items = first ? store.itemsByIndex(first.path, first.value) : store.items();
  const others = rest.map(({ path, value }) => new Set(store.indexKeys(path, value)));
  if (others.length === 0 && metadata.isEmpty) return items;
  return [...items].filter(({ key }) => {
    const { namespace, name } = parseKey(key);
    return (
      others.every((keys) => keys.has(key)) && metadata.matches((path) => (path === 'metadata.name' ? name : namespace))
    );
  });
}

function isMetadata(path: string): boolean {
  return path === 'metadata.name' || path === 'metadata.namespace';
}
