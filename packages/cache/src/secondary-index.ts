import type { Item } from '@bowline/apimachinery';
import { CacheError } from './errors.ts';
import { type FieldPath, textsOf } from './field-path.ts';
import { Filing, type Values } from './filing.ts';
import { readAt } from './item-of.ts';

/** Under which values an object is found. `undefined` and `[]`: under none. Must not change the object, and depend on nothing else. */
export type IndexFunction<T> = (object: T) => string | readonly string[] | undefined;

/** A field path, or a function for what no path can say. Paths to namespace, name and uid need no decoding. */
export type IndexDefinition<T> = FieldPath<T> | IndexFunction<T>;

/**
 * Finds slots by value: a slot is the small number under which a cache holds an item.
 *
 * It knows itself what each slot is filed under, so that neither a function that changes its mind nor an item that has changed can leave
 * anything behind.
 *
 * | | cost |
 * |---|---|
 * | set | O(values of the item) |
 * | find | O(1) |
 */
export class SecondaryIndex<T> {
  readonly name: string;
  readonly definition: string | IndexFunction<T>;
  readonly #hasNameKeys: boolean;
  readonly #read: (item: Item<T>) => unknown;
  readonly #filing = new Filing();

  /** @param hasNameKeys Keys are made of namespace and name, so that neither has to be read from the object. */
  constructor(name: string, definition: string | IndexFunction<T>, hasNameKeys: boolean) {
    this.name = name;
    this.definition = definition;
    this.#hasNameKeys = hasNameKeys;
    this.#read =
      typeof definition === 'string' ? fieldReader(definition, hasNameKeys) : ({ object }) => definition(object);
  }

  /** An empty index of the same definition. */
  empty(): SecondaryIndex<T> {
    return new SecondaryIndex(this.name, this.definition, this.#hasNameKeys);
  }

  /** What `item` is to be found under. @throws `CACHE_INDEX_FAILED` when the function throws or returns something else. */
  valuesOf(item: Item<T>): Values {
    let values: unknown;
    try {
      values = this.#read(item);
    } catch (cause) {
      throw this.#failed(item, cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause), cause);
    }
    if (values === undefined || typeof values === 'string') return values;
    if (!Array.isArray(values) || !values.every((value) => typeof value === 'string')) {
      throw this.#failed(item, `it must return a string, an array of strings or undefined, got ${describe(values)}`);
    }
    return values.length > 1 ? [...new Set(values)] : values[0];
  }

  /** Files `slot` under `values` instead of what it is filed under. */
  set(slot: number, values: Values): void {
    this.#filing.set(slot, values);
  }

  /** The slots under `value`. Not to be read on after a change. */
  find(value: string): readonly number[] {
    return this.#filing.find(value);
  }

  /** All values under which there is something. */
  values(): Iterable<string> {
    return this.#filing.values();
  }

  #failed(item: Item<T>, why: string, cause?: unknown): CacheError {
    const message = `Index ${JSON.stringify(this.name)} failed for object "${item.key}": ${why}`;
    return new CacheError(message, { code: 'CACHE_INDEX_FAILED', index: this.name, key: item.key, cause });
  }
}

function fieldReader(path: string, hasNameKeys: boolean): (item: Item<unknown>) => Values {
  if (hasNameKeys && path === 'metadata.namespace') {
    return ({ key }) => {
      const slash = key.indexOf('/');
      return slash < 0 ? undefined : key.slice(0, slash);
    };
  }
  if (hasNameKeys && path === 'metadata.name') return ({ key }) => key.slice(key.indexOf('/') + 1);
  if (path === 'metadata.uid') return ({ uid }) => uid || undefined;
  const names = path.split('.');
  return (item) => textsOf(readAt(item, names));
}

function describe(value: unknown): string {
  return Array.isArray(value) ? 'an array with something else' : value === null ? 'null' : typeof value;
}
