import { formatKey, type Item, type Kind, LabelSelector, type ObjectKey, type StringMap } from '@bowline/apimachinery';
import {
  anyOf,
  checkOptions,
  checkValue,
  describeValue,
  type OptionRules,
  oneOf,
  rules,
  selectorOf,
  withMethods,
} from '@bowline/apimachinery/arguments';
import type { Indexer } from './indexer.ts';
import { namespaceIndex } from './indexer-options.ts';
import { readAt } from './item-of.ts';

/** Which objects to list. */
export interface ListerQuery {
  /** @default all namespaces */
  readonly namespace?: string | undefined;
  /** As an object, or in kubectl's syntax. @default everything */
  readonly labelSelector?: LabelSelector | string | undefined;
}

/** What a lister knows of the objects it reads. */
export interface ListerOptions {
  /** Whether they live in namespaces; keys and namespaces that cannot be are then refused. @default unknown: they are not found */
  readonly scope?: Kind['scope'] | undefined;
}

const listerRules: OptionRules<ListerOptions> = { scope: oneOf('Namespaced', 'Cluster') };
const indexerRule = withMethods('a cache', 'get', 'list', 'byIndex', 'items', 'itemsByIndex');
const keyRule = anyOf(rules.string, rules.object);
const queryRules: OptionRules<ListerQuery> = {
  namespace: rules.string,
  labelSelector: anyOf(rules.string, withMethods('a label selector', 'matches')),
};

/** What a lister reads: a cache, or several that are read as one. */
type Listed<T> = Pick<Indexer<T>, 'get' | 'list' | 'byIndex' | 'items' | 'itemsByIndex'>;

const labelsPath: readonly string[] = ['metadata', 'labels'];

/**
 * Reads a cache by namespace and labels.
 *
 * | | cost |
 * |---|---|
 * | get | O(1) |
 * | list | O(objects of the namespace); a selector that matches nothing reads none, others decode what they match |
 *
 * @see client-go tools/cache/listers.go
 */
export class Lister<T> {
  readonly #indexer: Listed<T>;
  readonly #scope: Kind['scope'] | undefined;

  constructor(indexer: Listed<T>, options: ListerOptions = {}) {
    checkValue('create lister', 'indexer', indexer, indexerRule);
    checkOptions<ListerOptions>('create lister', options, listerRules);
    this.#indexer = indexer;
    this.#scope = options.scope;
  }

  /**
   * The object, or `undefined` when there is none.
   *
   * @throws {TypeError} {RangeError} when `key` is none, or, where the scope is known, no object could have it.
   */
  get(key: ObjectKey | string): T | undefined {
    if (typeof key !== 'string') {
      checkValue('get object', 'key', key, keyRule);
      checkValue('get object', 'key.name', key.name, rules.nonEmptyString);
      if (key.namespace) checkValue('get object', 'key.namespace', key.namespace, rules.string);
    }
    const text = typeof key === 'string' ? key : formatKey(key);
    const object = this.#indexer.get(text);
    if (object === undefined) this.#checkKey(text); // one that is found was right
    return object;
  }

  /**
   * The objects that match, each read when the loop comes to it.
   *
   * @throws {TypeError} {RangeError} when the query is none, its selector cannot be parsed, or it asks for a namespace of objects that are known
   * to live in none.
   */
  list(query: ListerQuery = {}): Iterable<T> {
    checkOptions<ListerQuery>('list objects', query, queryRules, 'query');
    const { namespace, labelSelector = LabelSelector.everything } = query;
    if (namespace && this.#scope === 'Cluster') {
      const rule = 'absent, as the objects are cluster-scoped';
      throw new RangeError(`Cannot list objects: query.namespace must be ${rule}, got ${describeValue(namespace)}`);
    }
    const selector = selectorOf('list objects', 'query.labelSelector', labelSelector, LabelSelector);
    if (selector === LabelSelector.nothing) return [];
    if (selector.isEmpty) return namespace ? this.#indexer.byIndex(namespaceIndex, namespace) : this.#indexer.list();
    const items = namespace ? this.#indexer.itemsByIndex(namespaceIndex, namespace) : this.#indexer.items();
    return matching(items, selector);
  }

  #checkKey(key: string): void {
    if (this.#scope === undefined) return;
    const parts = key.split('/');
    if (parts.length === (this.#scope === 'Cluster' ? 1 : 2) && !parts.includes('')) return;
    const rule =
      this.#scope === 'Cluster'
        ? 'a name without a namespace, as the objects are cluster-scoped'
        : '"namespace/name" or { namespace, name }, as the objects live in namespaces';
    throw new RangeError(`Cannot get object: key must be ${rule}, got ${describeValue(key)}`);
  }
}

/** The objects whose labels match; those of the others are not decoded. */
function matching<T>(items: Iterable<Item<T>>, selector: LabelSelector): Iterable<T> {
  return {
    *[Symbol.iterator]() {
      for (const item of items) {
        if (selector.matches(readAt(item, labelsPath) as StringMap | undefined)) yield item.object;
      }
    },
  };
}
