import { type Clock, type Item, systemClock } from '@bowline/apimachinery';
import {
  anyOf,
  checkOptions,
  checkValue,
  type OptionRules,
  required,
  rules,
  withMethods,
} from '@bowline/apimachinery/arguments';
import { itemFor } from './item-of.ts';

/** What an expiration cache works with. */
export interface ExpirationCachePorts {
  /** @default `systemClock` */
  readonly clock?: Pick<Clock, 'monotonic'> | undefined;
}

/** Settings of an expiration cache. */
export interface ExpirationCacheOptions<T> {
  /**
   * How long objects are held: milliseconds, more than 0, `Infinity` for ever. A function says it for each object when that is added.
   * An object is still there when exactly this time has passed, and gone afterwards.
   */
  readonly ttlMs: number | ((object: T) => number);
  /** The key of an object. @default namespace and name, from its metadata */
  readonly keyOf?: ((object: T) => string) | undefined;
}

interface Entry<T> {
  readonly item: Item<T>;
  /** The last moment at which it is held. */
  readonly until: number;
}

const portRules: OptionRules<ExpirationCachePorts> = {
  clock: withMethods('a clock', 'monotonic'),
};

const optionRules: OptionRules<ExpirationCacheOptions<unknown>> = {
  ttlMs: required(anyOf(rules.positive, rules.function)),
  keyOf: rules.function,
};

/**
 * Holds objects by key for a time, which begins anew when an object is added again.
 *
 * It needs no timer: what has expired goes when somebody reads or adds. With one lifetime for all, an addition takes all that has expired;
 * with lifetimes of their own, what expires behind an object that lives on is held until somebody reads it or the list.
 *
 * | | cost |
 * |---|---|
 * | get, delete | O(1) |
 * | add | O(1), and O(1) once per object that has expired |
 * | list, keys, size | O(objects) |
 *
 * @example
 * ```ts
 * import { ExpirationCache } from '@bowline/cache';
 *
 * const tokens = new ExpirationCache<{ user: string }>({}, { ttlMs: 60_000, keyOf: ({ user }) => user });
 * tokens.add({ user: 'ada' });
 * tokens.get('ada'); // undefined after a minute
 * ```
 * @see client-go tools/cache/expiration_cache.go
 */
export class ExpirationCache<T> {
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #ttlMs: number | ((object: T) => number);
  readonly #keyOf: ((object: T) => string) | undefined;
  /** In the order in which they were added last. */
  #entries = new Map<string, Entry<T>>();

  constructor(ports: ExpirationCachePorts, options: ExpirationCacheOptions<T>) {
    checkOptions<ExpirationCachePorts>('create expiration cache', ports, portRules, 'ports');
    checkOptions<ExpirationCacheOptions<T>>('create expiration cache', options, optionRules);
    this.#clock = ports.clock ?? systemClock;
    this.#ttlMs = options.ttlMs;
    this.#keyOf = options.keyOf;
  }

  /** How many objects have not expired. */
  get size(): number {
    this.#expireAll();
    return this.#entries.size;
  }

  /** The object under `key`, frozen, unless it has expired. */
  get(key: string): T | undefined {
    checkValue('get object', 'key', key, rules.string);
    return this.#live(key)?.item.object;
  }

  /** Every object that has not expired, oldest first. */
  list(): T[] {
    this.#expireAll();
    return Array.from(this.#entries.values(), ({ item }) => item.object);
  }

  /** The keys of the objects that have not expired, oldest first. */
  keys(): string[] {
    this.#expireAll();
    return [...this.#entries.keys()];
  }

  /**
   * Adds or replaces an object, which is taken over: it is frozen when it is first read. Its time begins anew.
   *
   * @throws {TypeError} when it has no `metadata.name`, unless `keyOf` was given. `APIMACHINERY_KEY_INVALID` when that fails.
   * {TypeError|RangeError} when `ttlMs` is a function that returns no lifetime.
   */
  add(object: T): void {
    const entry = this.#entryFor('add object', object);
    this.#expireOldest();
    this.#entries.delete(entry.item.key);
    this.#entries.set(entry.item.key, entry);
  }

  /** Removes an object. @returns whether there was one that had not expired. */
  delete(key: string): boolean {
    checkValue('delete object', 'key', key, rules.string);
    const isLive = this.#live(key) !== undefined;
    this.#entries.delete(key);
    return isLive;
  }

  /** Holds these objects and no others. The time of each begins anew. @throws as `add`; nothing has changed then. */
  replace(objects: readonly T[]): void {
    checkValue('replace objects', 'objects', objects, rules.array);
    const entries = objects.map((object) => this.#entryFor('replace objects', object));
    this.#entries = new Map(entries.map((entry) => [entry.item.key, entry]));
  }

  #entryFor(action: string, object: T): Entry<T> {
    const item = itemFor(action, object, this.#keyOf);
    const ttlMs = typeof this.#ttlMs === 'function' ? this.#ttlMs(object) : this.#ttlMs;
    checkValue(action, 'ttlMs', ttlMs, rules.positive);
    return { item, until: this.#clock.monotonic() + ttlMs };
  }

  #live(key: string): Entry<T> | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined || this.#clock.monotonic() <= entry.until) return entry;
    this.#entries.delete(key);
    return undefined;
  }

  /** Takes what has expired before the first that has not. */
  #expireOldest(): void {
    const now = this.#clock.monotonic();
    for (const [key, { until }] of this.#entries) {
      if (now <= until) return;
      this.#entries.delete(key);
    }
  }

  #expireAll(): void {
    const now = this.#clock.monotonic();
    for (const [key, { until }] of this.#entries) if (now > until) this.#entries.delete(key);
  }
}
