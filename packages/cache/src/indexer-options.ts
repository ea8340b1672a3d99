import { anyOf, type OptionRules, recordOf, rules, type ValueRule, withMethods } from '@bowline/apimachinery/arguments';
import type { CacheError } from './errors.ts';
import { pathRule } from './field-path.ts';
import type { CacheClock, Storage } from './ports.ts';
import type { IndexDefinition } from './secondary-index.ts';

/** The index that every cache has: keys by namespace. @see client-go tools/cache/index.go `NamespaceIndex` */
export const namespaceIndex = 'namespace';

/** What defines an index. */
export const definitionRule: ValueRule = anyOf(pathRule, rules.function);

/** What an index over such a storage may be of: what it finds by a field that is dropped would depend on how objects came. */
export function keptRule({ dropped = [] }: Pick<Storage<unknown>, 'dropped'>): ValueRule {
  return {
    text: `outside of what the storage drops (${dropped.join(', ')})`,
    problem: (path) => (dropped.some((field) => `${String(path)}.`.startsWith(`${field}.`)) ? 'range' : undefined),
  };
}

export const portRules: OptionRules<IndexerPorts<unknown>> = {
  storage: withMethods('a storage', 'keep', 'at', 'drop', 'empty'),
  clock: withMethods('a clock', 'monotonic', 'turn'),
};

export const optionRules: OptionRules<IndexerOptions<unknown>> = {
  indexes: recordOf(definitionRule),
  onIndexError: rules.function,
  keyOf: rules.function,
};

/** What a cache works with. */
export interface IndexerPorts<T> {
  /** A storage such as those that the cache takes: one for each full state, by `empty`. @default `plainStorage()` */
  readonly storage?: Storage<T> | undefined;
  /** @default `systemClock` */
  readonly clock?: CacheClock | undefined;
}

/** Settings of a cache. */
export interface IndexerOptions<T> {
  /** What objects are found by, besides their key and namespace. @default none */
  readonly indexes?: Readonly<Record<string, IndexDefinition<T>>> | undefined;
  /**
   * Is told when an index function fails; the object is then stored, but not found by that index.
   * Without it, what would have stored the object throws, and nothing has changed.
   */
  readonly onIndexError?: ((error: CacheError) => void) | undefined;
  /** The key of an object that is added by hand. @default namespace and name, from its metadata */
  readonly keyOf?: ((object: T) => string) | undefined;
}
