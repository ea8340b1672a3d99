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
  readonly #groupOf: ((key: K) => unknown) | undefined;
  readonly #maxStarvationMs: number;
  readonly #levels = new Map<number, Level<K>>();
  /** The highest priority comes first. It stays when it becomes empty, until a `pop` meets it. */
  readonly #heap = new Heap<Level<K>>();
  /** Who has waited longest comes first. Undefined when keys may wait for ever. */
  readonly #ages: Ages<K> | undefined;
  #hasJumped = false;
  #length = 0;
  readonly hasPriorities = true;

  constructor(ports: { readonly clock: Pick<QueueClock, 'monotonic'> }, options: PriorityOrderOptions<K>) {
    this.#clock = ports.clock;
    this.#groupOf = options.groupOf;
    this.#maxStarvationMs = options.maxStarvationMs;
    this.#ages = options.maxStarvationMs < Infinity ? new Ages() : undefined;
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
    if (group.level.priority === item.priority) return;
    group.withdraw();
    this.#place(item);
    this.#left(group, false);
  }

  pop(): Ordered<K> | undefined {
    const next = this.#next();
    if (!next) return undefined;
    const oldest = this.#ages?.first;
    this.#hasJumped =
      !this.#hasJumped &&
      !!oldest &&
      oldest.item !== next &&
      this.#clock.monotonic() - oldest.sinceMs >= this.#maxStarvationMs;
    const item = this.#hasJumped && oldest ? oldest.item : next;
    const group = item.place as Group<K>;
    if (item === next) group.pop();
    else group.withdraw();
    item.place = undefined;
    this.#ages?.withdraw();
    this.#length--;
    this.#left(group, true);
    return item;
  }

  #next(): Ordered<K> | undefined {
    if (this.#length === 0) return undefined;
    for (let level = this.#heap.first; level; level = this.#heap.first) {
      const { item } = level;
      if (item) return item;
      this.#drop(level);
    }
    return undefined;
  }

  /** A key has left `group`. What is first stays, though empty: often a key of the same priority comes next. */
  #left(group: Group<K>, hadTurn: boolean): void {
    const { level } = group;
    level.left(group, hadTurn);
    if (level !== this.#heap.first && !level.item) this.#drop(level);
  }

  #drop(level: Level<K>): void {
    this.#levels.delete(level.priority);
    this.#heap.remove(level);
  }

  #place(item: Ordered<K>): void {
    let level = this.#levels.get(item.priority);
    if (!level) {
      level = new Level(item.priority, this.#groupOf);
      this.#levels.set(item.priority, level);
      this.#heap.push(level);
    }
    const group = level.groupOf(item.key);
    group.push(item);
    item.place = group;
  }
}

/** The keys of one priority: a line of groups. Whose turn it is comes first. */
class Level<K> extends Fifo<Turn<K>> implements Ranked {
  readonly priority: number;
  readonly rank: number;
  readonly order = 0;
  position = 0;
  readonly #groupOf: ((key: K) => unknown) | undefined;
  readonly #groups = new Map<unknown, Group<K>>();

  constructor(priority: number, groupOf: ((key: K) => unknown) | undefined) {
    super();
    this.priority = priority;
    this.rank = -priority;
    this.#groupOf = groupOf;
  }

  /** What is next. */
  get item(): Ordered<K> | undefined {
    return this.first?.group.first;
  }

  groupOf(key: K): Group<K> {
    const id = this.#groupOf?.(key);
    let group = this.#groups.get(id);
    if (!group) {
      group = new Group<K>(this, id);
      this.#groups.set(id, group);
      this.push(group.turn);
    }
    return group;
  }

  /** A key has left `group`, which goes to the end of the line if that was its turn. */
  left(group: Group<K>, hadTurn: boolean): void {
    if (!this.#groupOf || (group.length && !hadTurn)) return;
    this.withdraw();
    group.turn = { group };
    if (group.length) this.push(group.turn);
    else this.#groups.delete(group.id);
  }

  protected override isLive(turn: Turn<K>): boolean {
    return turn.group.turn === turn;
  }
}

/** Keys of one priority that share their turns. */
class Group<K> extends Fifo<Ordered<K>> {
  readonly level: Level<K>;
  readonly id: unknown;
  turn: Turn<K> = { group: this };

  constructor(level: Level<K>, id: unknown) {
    super();
    this.level = level;
    this.id = id;
  }

  protected override isLive(item: Ordered<K>): boolean {
    return item.place === this;
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

class Ages<K> extends Fifo<Age<K>> {
  protected override isLive({ item }: Age<K>): boolean {
    return item.place !== undefined;
  }
}
