import type { Item } from '@bowline/apimachinery';
import type { Storage } from './ports.ts';

/** Keeps items as they are, in a `Map`. */
export function plainStorage<T>(): Storage<T> {
  return new PlainStorage<T>();
}

class PlainStorage<T> implements Storage<T> {
  readonly #items = new Map<string, Item<T>>();
  readonly sizeBytes = 0;

  get size(): number {
    return this.#items.size;
  }

  get(key: string): Item<T> | undefined {
    return this.#items.get(key);
  }

  set(item: Item<T>): Item<T> {
    this.#items.set(item.key, item);
    return item;
  }

  delete(key: string): void {
    this.#items.delete(key);
  }

  values(): Iterable<Item<T>> {
    return this.#items.values();
  }

  empty(): Storage<T> {
    return new PlainStorage<T>();
  }
}
