import { Heap, type Ranked } from './heap.ts';
import { Link, LinkedList } from './linked-list.ts';
import type { Ordered, Ordering, QueueClock } from './ports.ts';

/** Which key comes before which. */
export interface PriorityOrderOptions<K> {
  /** Keys with the same result share their turns. Undefined: there are no turns. */
  readonly groupOf: ((key: K) => unknown) | undefined;
  readonly maxStarvationMs: number;
}

/**
 * Higher priorities first; within one priority first in, first out, or groups in turn. What has waited for too long comes next, or next
 * but one if the last key was such a key: a flood of old keys takes half of the hand-outs and no more.
 *
 * | | cost |
 * |---|---|
 * | push, touch, pop | O(1), and O(log priorities) for the first and last key of a priority |
 */
export class PriorityOrder<K> implements Ordering<Ordered<K>> {
  readonly #clock: Pick<QueueClock, 'monotonic'>;
  readonly #groupOf: ((key: K) => unknown) | undefined;
  readonly #maxStarvationMs: number;
  readonly #levels = new Map<number, Level<K>>();
  /** The highest priority comes first. A level that `pop` made empty stays until another `pop` meets it. */
  readonly #heap = new Heap<Level<K>>();
  /** Who has waited longest comes first. Undefined when keys may wait for ever. */
  readonly #ages: LinkedList<Age<K>> | undefined;
  #hasJumped = false;
  #length = 0;
  readonly hasPriorities = true;

  constructor(ports: { readonly clock: Pick<QueueClock, 'monotonic'> }, options: PriorityOrderOptions<K>) {
    this.#clock = ports.clock;
    this.#groupOf = options.groupOf;
    this.#maxStarvationMs = options.maxStarvationMs;
    this.#ages = options.maxStarvationMs < Number.POSITIVE_INFINITY ? new LinkedList() : undefined;
  }

  get length(): number {
    return this.#length;
  }

  push(item: Ordered<K>): void {
    let age: Link<Age<K>> | undefined;
    if (this.#ages) {
      age = new Link({ item, sinceMs: this.#clock.monotonic() });
      this.#ages.push(age);
    }
    this.#place(item, age);
    this.#length++;
  }

  /** A key whose priority has risen goes to the end of its new priority, and is as old as before. */
  touch(item: Ordered<K>): void {
    const { group, age } = item.place as Place<K>;
    if (group.level.priority === item.priority) return;
    this.#leave(item);
    if (group.level.first === undefined) this.#drop(group.level);
    this.#place(item, age);
  }

  pop(): Ordered<K> | undefined {
    const next = this.#next();
    if (next === undefined) return undefined;
    const oldest = this.#ages?.first?.value;
    this.#hasJumped =
      !this.#hasJumped &&
      oldest !== undefined &&
      oldest.item !== next &&
      this.#clock.monotonic() - oldest.sinceMs >= this.#maxStarvationMs;
    const item = this.#hasJumped && oldest ? oldest.item : next;
    const { group, age } = item.place as Place<K>;
    this.#leave(item);
    if (age) this.#ages?.remove(age);
    item.place = undefined; // keeps no reference to what was handed out
    this.#length--;
    if (group.first) group.level.yield(group);
    else if (this.#hasJumped && group.level.first === undefined) this.#drop(group.level);
    return item;
  }

  #next(): Ordered<K> | undefined {
    if (this.#length === 0) return undefined;
    for (let level = this.#heap.first; level; level = this.#heap.first) {
      if (level.first) return level.first;
      this.#drop(level);
    }
    return undefined;
  }

  #place(item: Ordered<K>, age: Link<Age<K>> | undefined): void {
    let level = this.#levels.get(item.priority);
    if (level === undefined) {
      level = new Level(item.priority);
      this.#levels.set(item.priority, level);
      this.#heap.push(level);
    }
    const group = level.group(this.#groupOf?.(item.key));
    const place = new Place(item, group, age);
    group.push(place);
    item.place = place;
  }

  #leave(item: Ordered<K>): void {
    const place = item.place as Place<K>;
    place.group.remove(place);
    if (this.#groupOf && place.group.first === undefined) place.group.level.drop(place.group);
  }

  #drop(level: Level<K>): void {
    this.#levels.delete(level.priority);
    this.#heap.remove(level);
  }
}

/** The keys of one priority. */
class Level<K> implements Ranked {
  readonly priority: number;
  readonly rank: number;
  readonly order = 0;
  position = 0;
  readonly #groups = new Map<unknown, Group<K>>();
  /** Whose turn it is comes first. */
  readonly #turns = new LinkedList<Group<K>>();

  constructor(priority: number) {
    this.priority = priority;
    this.rank = -priority;
  }

  get first(): Ordered<K> | undefined {
    return this.#turns.first?.value.first?.value;
  }

  group(key: unknown): Group<K> {
    let group = this.#groups.get(key);
    if (group === undefined) {
      group = new Group<K>(this, key);
      this.#groups.set(key, group);
      this.#turns.push(group.turn);
    }
    return group;
  }

  /** `group` had its turn. */
  yield(group: Group<K>): void {
    this.#turns.remove(group.turn);
    this.#turns.push(group.turn);
  }

  drop(group: Group<K>): void {
    this.#turns.remove(group.turn);
    this.#groups.delete(group.key);
  }
}

/** Keys of one priority that share their turns. */
class Group<K> extends LinkedList<Ordered<K>> {
  readonly level: Level<K>;
  readonly key: unknown;
  readonly turn: Link<Group<K>> = new Link<Group<K>>(this);

  constructor(level: Level<K>, key: unknown) {
    super();
    this.level = level;
    this.key = key;
  }
}

/** Where an item stands. */
class Place<K> extends Link<Ordered<K>> {
  readonly group: Group<K>;
  readonly age: Link<Age<K>> | undefined;

  constructor(item: Ordered<K>, group: Group<K>, age: Link<Age<K>> | undefined) {
    super(item);
    this.group = group;
    this.age = age;
  }
}

interface Age<K> {
  readonly item: Ordered<K>;
  readonly sinceMs: number;
}
