import type { Item } from '@bowline/apimachinery';
import { CacheError } from './errors.ts';
import { type FieldPath, readerOf } from './field-path.ts';

/** Under which values an object is found. `undefined` and `[]`: under none. Must not change the object, and depend on nothing else. */
export type IndexFunction<T> = (object: T) => string | readonly string[] | undefined;

/** A field path, or a function for what no path can say. Paths to namespace, name and uid need no decoding. */
export type IndexDefinition<T> = FieldPath<T> | IndexFunction<T>;

/** A compiled definition. */
interface Reader<T> {
  read(item: Item<T>): unknown;
  /** Whether the same item always gives the same values. A path does, as items are frozen; a function may not. */
  readonly isPure: boolean;
}

/** Makes an index of a definition. @throws {TypeError} when a path is not one. */
export function indexOf<T>(name: string, definition: string | IndexFunction<T>): SecondaryIndex<T> {
  return typeof definition === 'string'
    ? new SecondaryIndex<T>(name, { read: fieldReader(definition), isPure: true })
    : new SecondaryIndex<T>(name, { read: ({ object }) => definition(object), isPure: false });
}

/** What one item is found under: mostly one value, which then takes no array. */
export type Values = string | readonly string[] | undefined;

/**
 * Finds keys by value.
 *
 * | | cost |
 * |---|---|
 * | set, delete | O(values of the item) |
 * | find | O(1) |
 */
export class SecondaryIndex<T> {
  readonly name: string;
  readonly #reader: Reader<T>;
  /** Under most values of most indexes there is one key, which then takes no set. Never an empty set. */
  readonly #keys = new Map<string, string | Set<string>>();
  /** What each key was filed under, so that a function that changes its mind cannot leave anything behind. */
  readonly #filed: Map<string, Values> | undefined;

  constructor(name: string, reader: Reader<T>) {
    this.name = name;
    this.#reader = reader;
    this.#filed = reader.isPure ? undefined : new Map();
  }

  /** An empty index of the same definition. */
  empty(): SecondaryIndex<T> {
    return new SecondaryIndex(this.name, this.#reader);
  }

  /** What `item` is to be found under. @throws `CACHE_INDEX_FAILED` when the function throws or returns something else. */
  valuesOf(item: Item<T>): Values {
    let values: unknown;
    try {
      values = this.#reader.read(item);
    } catch (cause) {
      throw this.#failed(item, cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause), cause);
    }
    if (values === undefined || typeof values === 'string') return values;
    if (!Array.isArray(values) || !values.every((value) => typeof value === 'string')) {
      throw this.#failed(item, `it must return a string, an array of strings or undefined, got ${describe(values)}`);
    }
    return values.length > 1 ? [...new Set(values)] : values[0];
  }

  /**
   * Files `key` under `values` instead of those of `old`.
   *
   * @param old The item that is filed under `key`, if one is.
   */
  set(key: string, old: Item<T> | undefined, values: Values): void {
    const before = old && (this.#filed ? this.#filed.get(key) : this.valuesOf(old));
    if (before === values) return;
    if (values === undefined) this.#filed?.delete(key);
    else this.#filed?.set(key, values);
    for (const value of toArray(before)) if (!has(values, value)) this.#remove(value, key);
    for (const value of toArray(values)) if (!has(before, value)) this.#add(value, key);
  }

  /** The keys under `value`. Not to be read on after a change. */
  find(value: string): Iterable<string> {
    const keys = this.#keys.get(value);
    return typeof keys === 'string' ? [keys] : (keys ?? []);
  }

  /** All values under which there is a key. */
  values(): Iterable<string> {
    return this.#keys.keys();
  }

  #add(value: string, key: string): void {
    const keys = this.#keys.get(value);
    if (keys === undefined) this.#keys.set(value, key);
    else if (typeof keys === 'string') this.#keys.set(value, new Set([keys, key]));
    else keys.add(key);
  }

  #remove(value: string, key: string): void {
    const keys = this.#keys.get(value);
    if (typeof keys === 'object') {
      keys.delete(key);
      if (keys.size > 0) return;
    }
    this.#keys.delete(value);
  }

  #failed(item: Item<T>, why: string, cause?: unknown): CacheError {
    const message = `Index ${JSON.stringify(this.name)} failed for object "${item.key}": ${why}`;
    return new CacheError(message, { code: 'CACHE_INDEX_FAILED', index: this.name, key: item.key, cause });
  }
}

function fieldReader(path: string): (item: Item<unknown>) => Values {
  const slash = (key: string): number => key.indexOf('/');
  if (path === 'metadata.namespace') return ({ key }) => (slash(key) < 0 ? undefined : key.slice(0, slash(key)));
  if (path === 'metadata.name') return ({ key }) => key.slice(slash(key) + 1);
  if (path === 'metadata.uid') return ({ uid }) => uid || undefined;
  const read = readerOf(path);
  return ({ object }) => read(object);
}

function toArray(values: Values): readonly string[] {
  return values === undefined ? [] : typeof values === 'string' ? [values] : values;
}

function has(values: Values, value: string): boolean {
  return typeof values === 'object' ? values.includes(value) : values === value;
}

function describe(value: unknown): string {
  return Array.isArray(value) ? 'an array with something else' : value === null ? 'null' : typeof value;
}
