import type { Item } from '@bowline/apimachinery';
import { CacheError } from './errors.ts';
import { type FieldPath, textsOf } from './field-path.ts';
import { readAt } from './item-of.ts';

/** Under which values an object is found. `undefined` and `[]`: under none. Must not change the object, and depend on nothing else. */
export type IndexFunction<T> = (object: T) => string | readonly string[] | undefined;

/** A field path, or a function for what no path can say. Paths to namespace, name and uid need no decoding. */
export type IndexDefinition<T> = FieldPath<T> | IndexFunction<T>;

/** What one item is found under: mostly one value, which then takes no array. */
export type Values = string | readonly string[] | undefined;

/** What is found under one value. Never empty. */
interface Bucket {
  readonly value: string;
  readonly slots: number[];
}

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
  readonly #buckets = new Map<string, Bucket>();
  /** By slot: where it is filed; several buckets when it is filed under several values. */
  readonly #filed: (Bucket | readonly Bucket[] | undefined)[] = [];
  /** By slot: its place in its bucket, or in each of them. */
  readonly #places: (number | number[])[] = [];

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
    if (slot < this.#filed.length) {
      if (isFiledUnder(this.#filed[slot], values)) return;
      this.#unfile(slot);
    } else if (values === undefined) return;
    // Far beyond the end V8 would make a hash table of an array.
    while (this.#filed.length < slot) {
      this.#filed.push(undefined);
      this.#places.push(0);
    }
    if (typeof values === 'string') {
      const bucket = this.#bucket(values);
      this.#filed[slot] = bucket;
      this.#places[slot] = bucket.slots.push(slot) - 1;
    } else if (values !== undefined) {
      const buckets = values.map((value) => this.#bucket(value));
      this.#filed[slot] = buckets;
      this.#places[slot] = buckets.map(({ slots }) => slots.push(slot) - 1);
    }
  }

  /** The slots under `value`. Not to be read on after a change. */
  find(value: string): readonly number[] {
    return this.#buckets.get(value)?.slots ?? [];
  }

  /** All values under which there is something. */
  values(): Iterable<string> {
    return this.#buckets.keys();
  }

  #bucket(value: string): Bucket {
    let bucket = this.#buckets.get(value);
    if (bucket === undefined) {
      bucket = { value, slots: [] };
      this.#buckets.set(value, bucket);
    }
    return bucket;
  }

  #unfile(slot: number): void {
    const filed = this.#filed[slot];
    const places = this.#places[slot];
    this.#filed[slot] = undefined;
    if (filed === undefined || places === undefined) return;
    if (typeof places === 'number') this.#remove(filed as Bucket, places);
    else for (const [index, bucket] of (filed as readonly Bucket[]).entries()) this.#remove(bucket, places[index] ?? 0);
  }

  /** The last of the bucket takes the place that becomes free. */
  #remove(bucket: Bucket, place: number): void {
    const { slots, value } = bucket;
    const last = slots.pop();
    if (slots.length === 0) this.#buckets.delete(value);
    if (last === undefined || place === slots.length) return;
    slots[place] = last;
    const places = this.#places[last];
    if (typeof places === 'object') places[(this.#filed[last] as readonly Bucket[]).indexOf(bucket)] = place;
    else this.#places[last] = place;
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

function isFiledUnder(filed: Bucket | readonly Bucket[] | undefined, values: Values): boolean {
  if (filed === undefined || values === undefined) return filed === values;
  if ('value' in filed) return filed.value === values;
  return (
    typeof values === 'object' &&
    values.length === filed.length &&
    filed.every(({ value }, index) => value === values[index])
  );
}

function describe(value: unknown): string {
  return Array.isArray(value) ? 'an array with something else' : value === null ? 'null' : typeof value;
}
