import { formatKey, LabelSelector, type ObjectKey, type StringMap } from '@bowline/apimachinery';
import { anyOf, checkOptions, checkValue, type OptionRules, rules, withMethods } from '@bowline/apimachinery/arguments';
import { type Indexer, namespaceIndex } from './indexer.ts';

/** Which objects to list. */
export interface ListerQuery {
  /** @default all namespaces */
  readonly namespace?: string | undefined;
  /** As an object, or in kubectl's syntax. @default everything */
  readonly labelSelector?: LabelSelector | string | undefined;
}

const indexerRule = withMethods('a cache', 'get', 'list', 'byIndex');
const keyRule = anyOf(rules.string, rules.object);
const queryRules: OptionRules<ListerQuery> = {
  namespace: rules.string,
  labelSelector: anyOf(rules.string, withMethods('a label selector', 'matches')),
};

/**
 * Reads a cache by namespace and labels.
 *
 * | | cost |
 * |---|---|
 * | get | O(1) |
 * | list | O(objects of the namespace); a selector that matches nothing reads none |
 *
 * @see client-go tools/cache/listers.go
 */
export class Lister<T> {
  readonly #indexer: Pick<Indexer<T>, 'get' | 'list' | 'byIndex'>;

  constructor(indexer: Pick<Indexer<T>, 'get' | 'list' | 'byIndex'>) {
    checkValue('create lister', 'indexer', indexer, indexerRule);
    this.#indexer = indexer;
  }

  /** The object, or `undefined` when there is none. */
  get(key: ObjectKey | string): T | undefined {
    if (typeof key === 'string') return this.#indexer.get(key);
    checkValue('get object', 'key', key, keyRule);
    checkValue('get object', 'key.name', key.name, rules.nonEmptyString);
    return this.#indexer.get(formatKey(key));
  }

  /**
   * The objects that match, each read when the loop comes to it.
   *
   * @throws {SelectorError} `APIMACHINERY_SELECTOR_INVALID` when the selector cannot be parsed.
   */
  list(query: ListerQuery = {}): Iterable<T> {
    checkOptions<ListerQuery>('list objects', query, queryRules, 'query');
    const { namespace, labelSelector = LabelSelector.everything } = query;
    const selector = typeof labelSelector === 'string' ? LabelSelector.parse(labelSelector) : labelSelector;
    if (selector === LabelSelector.nothing) return [];
    const all = namespace ? this.#indexer.byIndex(namespaceIndex, namespace) : this.#indexer.list();
    return selector.isEmpty ? all : filter(all, (object) => selector.matches(labelsOf(object)));
  }
}

function filter<T>(values: Iterable<T>, passes: (value: T) => boolean): Iterable<T> {
  return {
    *[Symbol.iterator]() {
      for (const value of values) if (passes(value)) yield value;
    },
  };
}

function labelsOf(object: unknown): StringMap | undefined {
  return (object as { readonly metadata?: { readonly labels?: StringMap } }).metadata?.labels;
}
