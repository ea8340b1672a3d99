import type { Change, Item, Transition } from '@bowline/apimachinery';
import type { Storage } from './ports.ts';
import type { SecondaryIndex, Values } from './secondary-index.ts';

/** One state of a cache: items and the indexes over them, which always agree. */
export class Contents<T> {
  readonly storage: Storage<T>;
  readonly indexes: SecondaryIndex<T>[];
  /** Under which small number each key's item is held, in the order in which the keys came. */
  readonly #slots = new Map<string, number>();
  readonly #items: (Item<T> | undefined)[] = [];
  /** Slots that hold nothing. */
  readonly #free: number[] = [];
  /** Loops that are under way. */
  readonly #cursors = new Set<Cursor<T, unknown>>();

  constructor(storage: Storage<T>, indexes: readonly SecondaryIndex<T>[]) {
    this.storage = storage;
    this.indexes = [...indexes];
  }

  get size(): number {
    return this.#slots.size;
  }

  /** Nothing, in a storage of its own and without indexes. */
  empty(): Contents<T> {
    return new Contents(this.storage.empty(), []);
  }

  get(key: string): Item<T> | undefined {
    const slot = this.#slots.get(key);
    return slot === undefined ? undefined : this.#items[slot];
  }

  /** Must be called before a turn's first `set` or `delete`: loops under way copy what they have not seen yet. */
  beforeChange(): void {
    if (this.#cursors.size === 0) return;
    for (const cursor of this.#cursors) cursor.detach();
    this.#cursors.clear();
  }

  /**
   * @param values What each change's object is found under, per index in their order, one change after the other.
   * @returns what was changed: nothing for a deletion of what is not there.
   */
  apply(changes: readonly Change<T>[], values: readonly Values[]): Transition<T>[] {
    const transitions: Transition<T>[] = [];
    let from = 0;
    for (const change of changes) {
      const { item } = change;
      const { key } = item;
      if (change.type !== 'deleted') {
        const slot = this.#slots.get(key);
        const old = slot === undefined ? undefined : this.#items[slot];
        const kept = this.#put(item, slot, values, from);
        transitions.push({ key, old, new: kept, initial: false, finalStateUnknown: false });
      } else if (this.delete(key) !== undefined) {
        // What the server sent with the deletion is newer than what was here.
        transitions.push({ key, old: item, initial: false, finalStateUnknown: change.finalStateUnknown });
      }
      from += this.indexes.length;
    }
    return transitions;
  }

  /** Leaves the indexes as they are. */
  set(item: Item<T>): void {
    this.#put(item, this.#slots.get(item.key), [], 0);
  }

  /** @returns the item that was there. */
  delete(key: string): Item<T> | undefined {
    const slot = this.#slots.get(key);
    if (slot === undefined) return undefined;
    const old = this.#items[slot];
    this.#slots.delete(key);
    this.#items[slot] = undefined;
    this.#free.push(slot);
    for (const index of this.indexes) index.set(slot, undefined);
    if (old !== undefined) this.storage.drop(old);
    return old;
  }

  /** @returns the item as it is held. */
  #put(item: Item<T>, known: number | undefined, values: readonly Values[], from: number): Item<T> {
    const kept = this.storage.keep(item);
    const slot = known ?? this.#free.pop() ?? this.#items.length;
    if (known === undefined) this.#slots.set(item.key, slot);
    else this.storage.drop(this.#items[known] as Item<T>);
    this.#items[slot] = kept;
    if (values.length > 0) for (let i = 0; i < this.indexes.length; i++) this.indexes[i]?.set(slot, values[from + i]);
    return kept;
  }

  /** Files what is held under `key` in `index`, which need not be one of `indexes` yet. */
  file(index: SecondaryIndex<T>, key: string, values: Values): void {
    const slot = this.#slots.get(key);
    if (slot !== undefined) index.set(slot, values);
  }

  /**
   * Files all that is held in `index`, which is empty: in steps, so that whoever asks for the next one may rest. Nothing must change
   * until the last.
   */
  *fileAll(index: SecondaryIndex<T>, valuesOf: (item: Item<T>) => Values): Generator<undefined> {
    for (let slot = 0; slot < this.#items.length; slot++) {
      const item = this.#items[slot];
      if (item !== undefined) index.set(slot, valuesOf(item));
      yield;
    }
  }

  /** Lets go of all that it holds: it never becomes the state of a cache. */
  discard(): void {
    this.#slots.clear();
    this.#items.length = 0;
    this.indexes.length = 0;
    this.storage.release?.();
  }

  /** The keys in slots that an index finds. */
  keysAt(slots: readonly number[]): string[] {
    const keys: string[] = [];
    for (const slot of slots) keys.push((this.#items[slot] as Item<T>).key);
    return keys;
  }

  /** A loop over the items as they are now, whatever changes meanwhile. */
  items<R>(read: (item: Item<T>) => R): IterableIterator<R> {
    return this.#cursor(this.#slots.values(), read);
  }

  /** The same over the items that an index finds. */
  find<R>(slots: readonly number[], read: (item: Item<T>) => R): IterableIterator<R> {
    return this.#cursor(slots[Symbol.iterator](), read);
  }

  #cursor<R>(slots: Iterator<number>, read: (item: Item<T>) => R): Cursor<T, R> {
    const cursor = new Cursor<T, R>(new ItemsAt(slots, this.#items), read, this.#cursors);
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

class ItemsAt<T> implements Iterator<Item<T>, undefined> {
  readonly #slots: Iterator<number>;
  readonly #items: readonly (Item<T> | undefined)[];

  constructor(slots: Iterator<number>, items: readonly (Item<T> | undefined)[]) {
    this.#slots = slots;
    this.#items = items;
  }

  next(): IteratorResult<Item<T>, undefined> {
    const result = this.#slots.next();
    const value = result.done ? undefined : this.#items[result.value];
    return value === undefined ? { done: true, value } : { done: false, value };
  }
}
