import type { Change, Item, Transition } from '@bowline/apimachinery';
import type { EncodedKey } from './encoded-key.ts';
import type { Values } from './filing.ts';
import { plainStorage } from './plain-storage.ts';
import type { Storage } from './ports.ts';
import type { SecondaryIndex } from './secondary-index.ts';
import { SlotTable } from './slot-table.ts';

/** One state of a cache: items and the indexes over them, which always agree. */
export class Contents<T> {
  readonly indexes: SecondaryIndex<T>[];
  #storage: Storage<T>;
  /** In which slot of the storage each key's item is. */
  readonly #slots: SlotTable;
  #slotCount = 0;
  /** Slots that hold nothing. */
  readonly #free: number[] = [];
  /** Loops that are under way. */
  readonly #cursors = new Set<Cursor<unknown, unknown>>();

  constructor(storage: Storage<T>, indexes: readonly SecondaryIndex<T>[]) {
    this.#storage = storage;
    this.indexes = [...indexes];
    this.#slots = new SlotTable({ hasKey: (slot, key) => this.#hasKey(slot, key) });
  }

  get storage(): Storage<T> {
    return this.#storage;
  }

  get size(): number {
    return this.#slots.size;
  }

  /** How many slots have been in use: those from this one on have never been. */
  get slotCount(): number {
    return this.#slotCount;
  }

  /** Nothing, in a storage of its own and without indexes. */
  empty(): Contents<T> {
    return new Contents(this.#storage.empty(), []);
  }

  get(key: string): Item<T> | undefined {
    const slot = this.#slots.find(key);
    return slot < 0 ? undefined : this.#storage.at(slot);
  }

  has(key: string): boolean {
    return this.slotOf(key) >= 0;
  }

  /** The slot in which `key` is; less than 0 when there is none. */
  slotOf(key: string): number {
    return this.#slots.find(key);
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
   * @param transitions Gets what was changed: nothing for a deletion of what is not there.
   * @throws what the storage throws. The changes before that one are done.
   */
  apply(changes: readonly Change<T>[], values: readonly Values[], transitions: Transition<T>[]): void {
    let from = 0;
    for (const change of changes) {
      const { item } = change;
      const { key } = item;
      if (change.type !== 'deleted') {
        const slot = this.#slots.find(key);
        const old = slot < 0 ? undefined : this.#storage.at(slot);
        const kept = this.#storage.at(this.#put(item, slot, values, from));
        transitions.push({ key, old, new: kept, initial: false, finalStateUnknown: false });
      } else if (this.delete(key)) {
        // What the server sent with the deletion is newer than what was here.
        transitions.push({ key, old: item, initial: false, finalStateUnknown: change.finalStateUnknown });
      }
      from += this.indexes.length;
    }
  }

  /** Leaves the indexes as they are. */
  set(item: Item<T>): void {
    this.#put(item, this.#slots.find(item.key), [], 0);
  }

  /** @returns whether there was something. */
  delete(key: string): boolean {
    const slot = this.#slots.find(key);
    if (slot < 0) return false;
    this.#slots.delete(slot);
    this.#free.push(slot);
    for (const index of this.indexes) index.set(slot, undefined);
    this.#storage.drop(slot);
    return true;
  }

  /**
   * @param known The slot that has the key; less than 0 when there is none.
   * @returns the slot in which the item is now.
   */
  #put(item: Item<T>, known: number, values: readonly Values[], from: number): number {
    const slot = known < 0 ? (this.#free.at(-1) ?? this.#slotCount) : known;
    this.#storage.keep(slot, item);
    if (known < 0) {
      if (slot === this.#slotCount) this.#slotCount++;
      else this.#free.pop();
      this.#slots.add(slot, item.key);
    }
    if (values.length > 0) for (let i = 0; i < this.indexes.length; i++) this.indexes[i]?.set(slot, values[from + i]);
    return slot;
  }

  /** Files what is in a slot, if there is anything, in `index`, which need not be one of `indexes` yet. */
  fileSlot(index: SecondaryIndex<T>, slot: number, valuesOf: (item: Item<T>) => Values): void {
    const item = this.#storage.at(slot);
    if (item !== undefined) index.set(slot, valuesOf(item));
  }

  /** Lets go of all that it holds: it never becomes the state of a cache. */
  discard(): void {
    this.#slots.clear();
    this.#slotCount = 0;
    this.#free.length = 0;
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
    return this.items(({ key }) => key);
  }

  /** The same over the items. */
  items<R>(read: (item: Item<T>) => R): IterableIterator<R> {
    return this.#cursor(this.#storage, new ItemsIn(this.#storage, this.#slotCount), read);
  }

  /** The same over the items that an index finds. */
  find<R>(slots: readonly number[], read: (item: Item<T>) => R): IterableIterator<R> {
    return this.#cursor(slots, new ItemsIn(this.#storage, slots.length, slots), read);
  }

  #hasKey(slot: number, key: EncodedKey): boolean {
    const storage = this.#storage;
    return storage.hasKey ? storage.hasKey(slot, key) : storage.at(slot)?.key === key.text;
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

/** The items in slots; those that are empty are passed over. */
class ItemsIn<T> implements Iterator<Item<T>, undefined> {
  readonly #storage: Storage<T>;
  readonly #slots: readonly number[] | undefined;
  readonly #count: number;
  #next = 0;

  /** @param slots Those from 0 on when absent. */
  constructor(storage: Storage<T>, count: number, slots?: readonly number[]) {
    this.#storage = storage;
    this.#count = count;
    this.#slots = slots;
  }

  next(): IteratorResult<Item<T>, undefined> {
    while (this.#next < this.#count) {
      const number = this.#next++;
      const value = this.#storage.at(this.#slots === undefined ? number : (this.#slots[number] as number));
      if (value !== undefined) return { done: false, value };
    }
    return { done: true, value: undefined };
  }
}

function* valuesFrom<V>(values: readonly V[], first: number): Generator<V, undefined> {
  for (let i = first; i < values.length; i++) yield values[i] as V;
}
