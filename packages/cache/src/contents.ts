import type { Change, Item, Transition } from '@bowline/apimachinery';
import type { Values } from './filing.ts';
import { plainStorage } from './plain-storage.ts';
import type { Storage } from './ports.ts';
import type { SecondaryIndex } from './secondary-index.ts';

/** One state of a cache: items and the indexes over them, which always agree. */
export class Contents<T> {
  readonly indexes: SecondaryIndex<T>[];
  #storage: Storage<T>;
  /** In which slot of the storage each key's item is, in the order in which the keys came. */
  readonly #slots = new Map<string, number>();
  /** How many slots have been in use: those above have never been. */
  #slotCount = 0;
  /** Slots that hold nothing. */
  readonly #free: number[] = [];
  /** Loops that are under way. */
  readonly #cursors = new Set<Cursor<unknown, unknown>>();

  constructor(storage: Storage<T>, indexes: readonly SecondaryIndex<T>[]) {
    this.#storage = storage;
    this.indexes = [...indexes];
  }

  get storage(): Storage<T> {
    return this.#storage;
  }

  get size(): number {
    return this.#slots.size;
  }

  /** Nothing, in a storage of its own and without indexes. */
  empty(): Contents<T> {
    return new Contents(this.#storage.empty(), []);
  }

  get(key: string): Item<T> | undefined {
    const slot = this.#slots.get(key);
    return slot === undefined ? undefined : this.#storage.at(slot);
  }

  has(key: string): boolean {
    return this.#slots.has(key);
  }

  /** Must be called before a turn's first `set` or `delete`: loops under way copy what they have not seen yet. */
  beforeChange(): void {
    if (this.#cursors.size === 0) return;
    const copies = new Map<unknown, Copy<unknown>>();
    // The one that has seen the least makes the copy for all over the same: handlers, say, that are being told of one full state.
    for (const cursor of [...this.#cursors].sort((a, b) => a.seen - b.seen)) {
      const copy = copies.get(cursor.over) ?? cursor.copy();
      copies.set(cursor.over, copy);
      cursor.detach(copy);
    }
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
        const old = slot === undefined ? undefined : this.#storage.at(slot);
        const kept = this.#storage.at(this.#put(item, slot, values, from));
        transitions.push({ key, old, new: kept, initial: false, finalStateUnknown: false });
      } else if (this.delete(key)) {
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

  /** @returns whether there was something. */
  delete(key: string): boolean {
    const slot = this.#slots.get(key);
    if (slot === undefined) return false;
    this.#slots.delete(key);
    this.#free.push(slot);
    for (const index of this.indexes) index.set(slot, undefined);
    this.#storage.drop(slot);
    return true;
  }

  /** @returns the slot in which the item is now. */
  #put(item: Item<T>, known: number | undefined, values: readonly Values[], from: number): number {
    const slot = known ?? this.#free.at(-1) ?? this.#slotCount;
    this.#storage.keep(slot, item);
    if (known === undefined) {
      if (slot === this.#slotCount) this.#slotCount++;
      else this.#free.pop();
      this.#slots.set(item.key, slot);
    }
    if (values.length > 0) for (let i = 0; i < this.indexes.length; i++) this.indexes[i]?.set(slot, values[from + i]);
    return slot;
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
    for (let slot = 0; slot < this.#slotCount; slot++) {
      const item = this.#storage.at(slot);
      if (item !== undefined) index.set(slot, valuesOf(item));
      yield;
    }
  }

  /** Lets go of all that it holds: it never becomes the state of a cache. */
  discard(): void {
    this.#slots.clear();
    this.indexes.length = 0;
    this.#storage.release?.();
    this.#storage = plainStorage(); // whoever holds the state holds nothing of it
  }

  /** The keys in slots that an index finds. */
  keysAt(slots: readonly number[]): string[] {
    const keys: string[] = [];
    for (const slot of slots) keys.push((this.#storage.at(slot) as Item<T>).key);
    return keys;
  }

  /** A loop over the keys as they are now, whatever changes meanwhile. */
  keys(): IterableIterator<string> {
    return this.#cursor(this.#slots, this.#slots.keys(), itself);
  }

  /** The same over the items. */
  items<R>(read: (item: Item<T>) => R): IterableIterator<R> {
    return this.#cursor(this.#storage, new ItemsAt(this.#slots.values(), this.#storage), read);
  }

  /** The same over the items that an index finds. */
  find<R>(slots: readonly number[], read: (item: Item<T>) => R): IterableIterator<R> {
    return this.#cursor(slots, new ItemsAt(slots[Symbol.iterator](), this.#storage), read);
  }

  #cursor<V, R>(over: unknown, source: Iterator<V>, read: (value: V) => R): Cursor<V, R> {
    const cursor = new Cursor<V, R>(over, source, read, this.#cursors);
    this.#cursors.add(cursor as Cursor<unknown, unknown>);
    return cursor;
  }
}

/** What loops over the same had not seen before a change. */
interface Copy<V> {
  /** How many values came before. */
  readonly from: number;
  readonly values: readonly V[];
}

/** Reads live data for as long as it does not change, and a copy of the rest from then on. */
class Cursor<V, R> implements IterableIterator<R> {
  /** Those over the same get the same values in the same order. Undefined once it reads live data no longer, so that it keeps none alive. */
  over: unknown;
  /** How many values it has given. */
  seen = 0;
  #source: Iterator<V>;
  readonly #read: (value: V) => R;
  readonly #active: Set<Cursor<unknown, unknown>>;

  constructor(over: unknown, source: Iterator<V>, read: (value: V) => R, active: Set<Cursor<unknown, unknown>>) {
    this.over = over;
    this.#source = source;
    this.#read = read;
    this.#active = active;
  }

  [Symbol.iterator](): this {
    return this;
  }

  next(): IteratorResult<R, undefined> {
    const result = this.#source.next();
    if (result.done) return this.return();
    this.seen++;
    return { done: false, value: this.#read(result.value) };
  }

  return(): IteratorReturnResult<undefined> {
    this.#active.delete(this as Cursor<unknown, unknown>);
    this.over = undefined;
    this.#source = [][Symbol.iterator]();
    return { done: true, value: undefined };
  }

  /** Of what it has not seen. It must `detach` then. */
  copy(): Copy<V> {
    const values: V[] = [];
    for (let result = this.#source.next(); !result.done; result = this.#source.next()) values.push(result.value);
    return { from: this.seen, values };
  }

  detach({ from, values }: Copy<V>): void {
    this.over = undefined;
    this.#source = valuesFrom(values, this.seen - from);
  }
}

class ItemsAt<T> implements Iterator<Item<T>, undefined> {
  readonly #slots: Iterator<number>;
  readonly #storage: Storage<T>;

  constructor(slots: Iterator<number>, storage: Storage<T>) {
    this.#slots = slots;
    this.#storage = storage;
  }

  next(): IteratorResult<Item<T>, undefined> {
    const result = this.#slots.next();
    const value = result.done ? undefined : this.#storage.at(result.value);
    return value === undefined ? { done: true, value } : { done: false, value };
  }
}

function* valuesFrom<V>(values: readonly V[], first: number): Generator<V, undefined> {
  for (let i = first; i < values.length; i++) yield values[i] as V;
}

function itself<V>(value: V): V {
  return value;
}
