import type { Item } from '@bowline/apimachinery';
import type { Storage } from './ports.ts';
import type { SecondaryIndex, Values } from './secondary-index.ts';

/** One state of a cache: items and the indexes over them, which always agree. */
export class Contents<T> {
  readonly storage: Storage<T>;
  readonly indexes: SecondaryIndex<T>[];
  /** Loops that are under way. */
  readonly #cursors = new Set<Cursor<T, unknown>>();

  constructor(storage: Storage<T>, indexes: readonly SecondaryIndex<T>[]) {
    this.storage = storage;
    this.indexes = [...indexes];
  }

  /** Nothing, in the same order. */
  empty(): Contents<T> {
    return new Contents(
      this.storage.empty(),
      this.indexes.map((index) => index.empty()),
    );
  }

  /** Must be called before a turn's first `set` or `delete`: loops under way copy what they have not seen yet. */
  beforeChange(): void {
    if (this.#cursors.size === 0) return;
    for (const cursor of this.#cursors) cursor.detach();
    this.#cursors.clear();
  }

  /** @param values Per index, in their order. @returns the item that was there. */
  set(item: Item<T>, values: readonly Values[]): Item<T> | undefined {
    const old = this.storage.get(item.key);
    this.storage.set(item);
    for (let i = 0; i < values.length; i++) this.indexes[i]?.set(item.key, old, values[i]);
    return old;
  }

  /** @returns the item that was there. */
  delete(key: string): Item<T> | undefined {
    const old = this.storage.get(key);
    if (old === undefined) return undefined;
    this.storage.delete(key);
    for (const index of this.indexes) index.set(key, old, undefined);
    return old;
  }

  /** A loop over the items as they are now, whatever changes meanwhile. */
  items<R>(read: (item: Item<T>) => R): IterableIterator<R> {
    return this.#cursor(this.storage.values()[Symbol.iterator](), read);
  }

  /** The same over the items that an index finds. */
  find<R>(keys: Iterable<string>, read: (item: Item<T>) => R): IterableIterator<R> {
    return this.#cursor(new ItemsOf(keys[Symbol.iterator](), this.storage), read);
  }

  #cursor<R>(source: Iterator<Item<T>>, read: (item: Item<T>) => R): Cursor<T, R> {
    const cursor = new Cursor<T, R>(source, read, this.#cursors);
    this.#cursors.add(cursor);
    return cursor;
  }
}

/** Reads live data for as long as it does not change, and a copy of the rest from then on. */
class Cursor<T, R> implements IterableIterator<R> {
  #source: Iterator<Item<T>>;
  readonly #read: (item: Item<T>) => R;
  readonly #active: Set<Cursor<T, unknown>>;

  constructor(source: Iterator<Item<T>>, read: (item: Item<T>) => R, active: Set<Cursor<T, unknown>>) {
    this.#source = source;
    this.#read = read;
    this.#active = active;
  }

  [Symbol.iterator](): this {
    return this;
  }

  next(): IteratorResult<R, undefined> {
    const result = this.#source.next();
    return result.done ? this.return() : { done: false, value: this.#read(result.value) };
  }

  return(): IteratorReturnResult<undefined> {
    this.#active.delete(this);
    this.#source = [][Symbol.iterator]();
    return { done: true, value: undefined };
  }

  detach(): void {
    const rest: Item<T>[] = [];
    for (let result = this.#source.next(); !result.done; result = this.#source.next()) rest.push(result.value);
    this.#source = rest[Symbol.iterator]();
  }
}

class ItemsOf<T> implements Iterator<Item<T>, undefined> {
  readonly #keys: Iterator<string>;
  readonly #storage: Storage<T>;

  constructor(keys: Iterator<string>, storage: Storage<T>) {
    this.#keys = keys;
    this.#storage = storage;
  }

  next(): IteratorResult<Item<T>, undefined> {
    const result = this.#keys.next();
    const value = result.done ? undefined : this.#storage.get(result.value);
    return value === undefined ? { done: true, value } : { done: false, value };
  }
}
