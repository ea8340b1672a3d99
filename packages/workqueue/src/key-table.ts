import { minSlots, slotsPerUsed } from './fifo.ts';
import type { KeyId } from './ports.ts';
import type { QueueItem } from './work-item.ts';

/** What stands for a key: its item, or its id as long as nobody asks for more. */
export type Entry<K, C> = KeyId | QueueItem<K, C>;

/**
 * Every key that waits or is being processed, each in a seat, in the order in which they came: that is also the order of a queue that has no other.
 *
 * To take a key out of a large `Map` costs as much as to put it in. So a key that is done leaves its seat empty, and its id is forgotten when most
 * seats are empty and those who have one move together.
 *
 * | | cost |
 * |---|---|
 * | find, add, pop | O(1) |
 * | delete | O(1), amortized |
 */
export class KeyTable<K, C> {
  readonly #itemOf: (id: KeyId) => QueueItem<K, C>;
  readonly #seats = new Map<KeyId, number>();
  readonly #entries: (Entry<K, C> | undefined)[] = [];
  #size = 0;
  /** How many wait for `pop`: they have the last seats. Counts on and means nothing in a queue with another order. */
  #waiting = 0;

  /** `itemOf` makes the item of a key that was added as its id. */
  constructor(itemOf: (id: KeyId) => QueueItem<K, C>) {
    this.#itemOf = itemOf;
  }

  /** How many keys there are. */
  get size(): number {
    return this.#size;
  }

  /** How many of them wait for `pop`. */
  get length(): number {
    return this.#waiting;
  }

  /** O(keys). */
  keys(state: string): K[] {
    const items = this.#entries.map((_, seat) => this.#itemIn(seat)).filter((item) => item?.state === state);
    return items.map((item) => (item as QueueItem<K, C>).key);
  }

  find(id: KeyId): QueueItem<K, C> | undefined {
    const seat = this.#seats.get(id);
    return seat === undefined ? undefined : this.#itemIn(seat);
  }

  /** A key that is not there. */
  add(entry: Entry<K, C>): void {
    this.#size++;
    this.#waiting++;
    this.#sit(entry, this.#entries.length);
  }

  /** Of a queue without another order: what is next. */
  pop(): QueueItem<K, C> | undefined {
    return this.#waiting ? this.#itemIn(this.#entries.length - this.#waiting--) : undefined;
  }

  delete(item: QueueItem<K, C>): void {
    this.#entries[item.seat] = undefined;
    this.#size--;
    if (this.#entries.length < minSlots + this.#size * slotsPerUsed) return;
    this.#seats.clear();
    let seat = 0;
    for (const entry of this.#entries) if (entry !== undefined) this.#sit(entry, seat++);
    this.#entries.length = seat;
  }

  #sit(entry: Entry<K, C>, seat: number): void {
    this.#entries[seat] = entry;
    if (typeof entry === 'object') entry.seat = seat;
    this.#seats.set(typeof entry === 'object' ? entry.id : entry, seat);
  }

  #itemIn(seat: number): QueueItem<K, C> | undefined {
    const entry = this.#entries[seat];
    return entry === undefined || typeof entry === 'object' ? entry : this.#become(entry, seat);
  }

  /** Apart, so that V8 inlines what is short and done for every add. */
  #become(id: KeyId, seat: number): QueueItem<K, C> {
    const item = this.#itemOf(id);
    this.#entries[seat] = item;
    item.seat = seat;
    return item;
  }
}
