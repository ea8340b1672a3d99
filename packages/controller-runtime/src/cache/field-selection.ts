import { FieldSelector, formatGroupKind, type Kind, type KubernetesObject, keyOf } from '@bowline/apimachinery';
import { ControllerRuntimeError } from '../errors.ts';
import type { ResourceStore } from './ports.ts';

/**
 * The objects of `store` that a field selector matches. `metadata.name` and `metadata.namespace` are read from the objects;
 * any other path needs an index of that name, because what a server calls a field is more than a path (defaults, formats).
 *
 * @throws {ControllerRuntimeError} `CONTROLLER_RUNTIME_INDEX_MISSING`, also for `!=`, which no index can answer.
 */
export function selectByFields<T extends KubernetesObject>(
  store: ResourceStore<T>,
  selector: FieldSelector,
  kind: Kind,
): Iterable<T> {
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
  const objects = first ? store.byIndex(first.path, first.value) : store.list();
  const others = rest.map(({ path, value }) => new Set(store.indexKeys(path, value)));
  if (others.length === 0 && metadata.isEmpty) return objects;
  return [...objects].filter(
    (object) =>
      others.every((keys) => keys.has(keyOf(object))) && metadata.matches((path) => readMetadata(object, path)),
  );
}

function isMetadata(path: string): boolean {
  return path === 'metadata.name' || path === 'metadata.namespace';
}

function readMetadata({ metadata }: KubernetesObject, path: string): string | undefined {
  return path === 'metadata.name' ? metadata.name : metadata.namespace;
}
