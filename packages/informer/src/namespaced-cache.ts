import type { Item } from '@bowline/apimachinery';
import { checkValue, rules } from '@bowline/apimachinery/arguments';
import { type Indexer, Lister } from '@bowline/cache';

/** The caches of several namespaces, read as one. An object is in the cache of its own namespace and in no other. */
export class NamespacedCache<T> {
  /** Reads by namespace and labels. */
  readonly lister: Lister<T>;
  readonly #caches: ReadonlyMap<string, Indexer<T>>;

  /** @param caches By namespace; may change. */
  constructor(caches: ReadonlyMap<string, Indexer<T>>) {
    this.#caches = caches;
    this.lister = new Lister(this, { scope: 'Namespaced' });
  }

  get size(): number {
    return [...this.#caches.values()].reduce((sum, { size }) => sum + size, 0);
  }

  /** The object under `key` (`namespace/name`), frozen. */
  get(key: string): T | undefined {
    checkValue('get object', 'key', key, rules.string);
    return this.#caches.get(key.split('/', 1)[0] ?? '')?.get(key);
  }

  /** Every object. A loop sees the state at its start. */
  list(): Iterable<T> {
    return together(() => [...this.#caches.values()].map((cache) => cache.list()));
  }

  /** Every item, undecoded. A loop sees the state at its start. */
  items(): Iterable<Item<T>> {
    return together(() => [...this.#caches.values()].map((cache) => cache.items()));
  }

  /** The objects that are found under `value`. @throws `CACHE_INDEX_UNKNOWN` */
  byIndex(name: string, value: string): Iterable<T> {
    return together(() => [...this.#caches.values()].map((cache) => cache.byIndex(name, value)));
  }

  /** The items that are found under `value`, undecoded. @throws `CACHE_INDEX_UNKNOWN` */
  itemsByIndex(name: string, value: string): Iterable<Item<T>> {
    return together(() => [...this.#caches.values()].map((cache) => cache.itemsByIndex(name, value)));
  }

  /** The keys under `value`, sorted. @throws `CACHE_INDEX_UNKNOWN` */
  indexKeys(name: string, value: string): string[] {
    return [...this.#caches.values()].flatMap((cache) => cache.indexKeys(name, value)).sort();
  }

  /** All values under which there is something, sorted. @throws `CACHE_INDEX_UNKNOWN` */
  indexValues(name: string): string[] {
    return [...new Set([...this.#caches.values()].flatMap((cache) => cache.indexValues(name)))].sort();
  }
}

/** One loop after the other, all of which begin when the first does: what changes later is not seen. */
function together<V>(parts: () => readonly Iterable<V>[]): Iterable<V> {
  return {
    *[Symbol.iterator]() {
      const loops = parts().map((part) => {
        const loop = part[Symbol.iterator]();
        return { loop, first: loop.next() };
      });
      try {
        for (const { loop, first } of loops) {
          for (let next = first; !next.done; next = loop.next()) yield next.value;
        }
      } finally {
        for (const { loop } of loops) loop.return?.();
      }
    },
  };
}
