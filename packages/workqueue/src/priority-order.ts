import { Fifo } from './fifo.ts';
import { Heap, type Ranked } from './heap.ts';
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
  readonly #options: PriorityOrderOptions<K>;
  /** By rank. */
  readonly #levels = new Map<number, Level<K>>();
  /** The highest priority comes first. It stays when it becomes empty, until a `pop` meets it or a new priority comes; no other is empty. */
  readonly #heap = new Heap<Level<K>>();
  /** Who has waited longest comes first. Undefined when keys may wait for ever. */
  readonly #ages: Fifo<Age<K>> | undefined;
  #hasJumped = false;
  #length = 0;
  readonly hasPriorities = true;

  constructor(ports: { readonly clock: Pick<QueueClock, 'monotonic'> }, options: PriorityOrderOptions<K>) {
    this.#clock = ports.clock;
    this.#options = options;
    this.#ages =
      options.maxStarvationMs < Infinity ? new Fifo<Age<K>>(({ item }) => item.place !== undefined) : undefined;
  }

  get length(): number {
    return this.#length;
  }

  push(item: Ordered<K>): void {
    this.#ages?.push({ item, sinceMs: this.#clock.monotonic() });
    this.#place(item);
    this.#length++;
  }

  /** A key whose priority has risen goes to the end of its new priority, and is as old as before. */
  touch(item: Ordered<K>): void {
    const group = item.place as Group<K>;
    if (group.level.rank === 0 - item.priority) return;
    this.#place(item);
    group.withdraw();
    this.#left(group, false);
  }

  pop(): Ordered<K> | undefined {
    if (!this.#length) return undefined;
    this.#dropEmpty(this.#heap.first);
    const next = this.#heap.first?.item as Ordered<K>;
    const oldest = this.#hasJumped ? undefined : this.#ages?.first;
    const isDue = oldest && this.#clock.monotonic() - oldest.sinceMs >= this.#options.maxStarvationMs;
    const item = isDue ? oldest.item : next;
    this.#hasJumped = item !== next;
    const group = item.place as Group<K>;
    item.place = undefined;
    group.withdraw();
    this.#ages?.withdraw();
    this.#length--;
    this.#left(group, true);
    return item;
  }

  /** A key has left `group`. What is first stays, though empty: often a key of the same priority comes next. */
  #left(group: Group<K>, hadTurn: boolean): void {
    const { level } = group;
    if (this.#options.groupOf && (hadTurn || !group.length)) level.endTurn(group);
    if (level !== this.#heap.first) this.#dropEmpty(level);
  }

  #dropEmpty(level: Level<K> | undefined): void {
    if (!level || level.item) return;
    this.#levels.delete(level.rank);
    this.#heap.remove(level);
  }

  #place(item: Ordered<K>): void {
    const rank = 0 - item.priority; // never -0, which would be no small integer
    let level = this.#heap.first; // often the right one
    if (level?.rank !== rank) level = this.#levels.get(rank);
    if (!level) {
      this.#dropEmpty(this.#heap.first);
      level = new Level();
      level.rank = rank;
      this.#levels.set(rank, level);
      this.#heap.push(level);
    }
    const group = level.groupOf(this.#options.groupOf?.(item.key));
    group.push(item);
    item.place = group;
  }
}

/** The keys of one priority: a line of groups. Whose turn it is comes first. */
class Level<K> extends Fifo<Turn<K>> implements Ranked {
  /** The negative of the priority. */
  rank = 0;
  order = 0;
  position = 0;
  /** By id. */
  readonly #groups = new Map<unknown, Group<K>>();

  /** What is next. */
  get item(): Ordered<K> | undefined {
    return this.first?.group.first;
  }

  groupOf(id: unknown): Group<K> {
    let group = this.first?.group; // often the right one
    if (group?.id !== id) group = this.#groups.get(id);
    if (!group) {
      group = new Group<K>(this, id);
      this.#groups.set(id, group);
      this.push(group.turn);
    }
    return group;
  }

  /** Puts `group` at the end of the line, or out of it when it is empty. */
  endTurn(group: Group<K>): void {
    group.turn = { group };
    this.withdraw();
    if (group.length) this.push(group.turn);
    else this.#groups.delete(group.id);
  }

  constructor() {
    super((turn) => turn.group.turn === turn);
  }
}

/** Keys of one priority that share their turns. */
class Group<K> extends Fifo<Ordered<K>> {
  readonly level: Level<K>;
  readonly id: unknown;
  turn: Turn<K> = { group: this };

  constructor(level: Level<K>, id: unknown) {
    super((item) => item.place === this);
    this.level = level;
    this.id = id;
  }
}

/** A group's place in the line. */
interface Turn<K> {
  readonly group: Group<K>;
}

interface Age<K> {
  readonly item: Ordered<K>;
  readonly sinceMs: number;
}
