import type { Item, Transition } from '@bowline/apimachinery';
import type { Transitions } from '@bowline/cache';

/** A batch of this size that fills the backlog is kept as it came: merging it would take too long in one turn. The next one is merged. */
const BIG_BATCH = 10_000;

type Segment<T> =
  | { readonly type: 'batch'; readonly transitions: Iterator<Transition<T>>; left: number }
  | { readonly type: 'merged'; readonly byKey: Map<string, Transition<T>>; readonly values: Iterator<Transition<T>> }
  | {
      readonly type: 'snapshot';
      readonly items: Iterator<Item<T>>;
      first: Item<T> | undefined;
      left: number;
      readonly kind: SnapshotKind;
    }
  | { readonly type: 'marker'; readonly reached: () => void };

/** Why a whole state is delivered: to a handler that joins, or once more. */
type SnapshotKind = 'initial' | 'resync';

/**
 * What one handler has not been told yet, in order. Up to `limit` every change is kept; beyond it the changes of one object are merged
 * into one (states in between may be skipped), so that it stays as small as the number of objects.
 *
 * | | cost |
 * |---|---|
 * | push, pushSnapshot | O(1); O(changes) when full |
 * | shift | O(1) |
 */
export class Backlog<T> {
  readonly #limit: number;
  #segments: Segment<T>[] = [];
  #head = 0;
  /** The second half of a replaced object: it counts as deleted and added. */
  #second: Transition<T> | undefined;
  #size = 0;
  /** How much of that is in snapshots. */
  #snapshotLeft = 0;
  #merged = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** How many changes wait; some may turn out to be none. */
  get size(): number {
    return this.#size + (this.#second ? 1 : 0);
  }

  /** Of those, how many are changes: what joins, or is read again at once, does not count. */
  get changes(): number {
    return this.#size - this.#snapshotLeft;
  }

  /** How many changes have been merged into others. */
  get merged(): number {
    return this.#merged;
  }

  /** Whether it is full, so that changes are merged. */
  get isMerging(): boolean {
    return this.#segments.at(-1)?.type === 'merged';
  }

  /** @param transitions An array of them must not change any more. Others are made when their time comes, and must then be as they are now. */
  push(transitions: Transitions<T>): void {
    if (transitions.length === 0) return;
    const isFull = this.#size + transitions.length > this.#limit;
    if (isFull && (transitions.length < BIG_BATCH || this.#size > this.#limit)) {
      for (const transition of transitions) this.#merge(transition);
    } else {
      this.#segments.push({ type: 'batch', transitions: transitions[Symbol.iterator](), left: transitions.length });
      this.#size += transitions.length;
    }
  }

  /** A whole state, `count` items of it. They are read when their time comes, and must then be as they are now. */
  pushSnapshot(items: Iterable<Item<T>>, count: number, kind: SnapshotKind): void {
    const iterator = items[Symbol.iterator]();
    const first = iterator.next(); // begins the loop: the state is that of now
    if (first.done) return;
    this.#segments.push({ type: 'snapshot', items: iterator, first: first.value, left: count, kind });
    this.#size += count;
    this.#snapshotLeft += count;
  }

  /** Calls `reached` once everything before it has been dealt with. */
  pushMarker(reached: () => void): void {
    this.#segments.push({ type: 'marker', reached });
  }

  /**
   * The next change; asking for it says that those before have been dealt with.
   *
   * @param passMarkers False: they have not, so stop at a marker.
   */
  shift(passMarkers: boolean = true): Transition<T> | undefined {
    const second = this.#second;
    this.#second = undefined;
    if (second) return second;
    for (;;) {
      const segment = this.#segments[this.#head];
      if (!segment || (segment.type === 'marker' && !passMarkers)) return undefined;
      const transition = this.#take(segment);
      if (!transition) {
        this.#drop();
        continue;
      }
      const { key, old, new: now } = transition;
      if (!old || !now || old === now) return transition;
      if (!(old.hasUidOf?.(now) ?? old.uid === now.uid)) {
        this.#second = { key, new: now, initial: false, finalStateUnknown: false };
        return { key, old, initial: false, finalStateUnknown: true };
      }
      if (!(old.hasVersionOf?.(now) ?? old.resourceVersion === now.resourceVersion)) return transition;
    }
  }

  /** Forgets everything. */
  clear(): void {
    for (const segment of this.#segments) {
      if (segment.type === 'snapshot') segment.items.return?.();
      else if (segment.type === 'batch') segment.transitions.return?.();
    }
    this.#segments = [];
    this.#head = 0;
    this.#size = 0;
    this.#snapshotLeft = 0;
    this.#second = undefined;
  }

  #take(segment: Segment<T>): Transition<T> | undefined {
    switch (segment.type) {
      case 'batch': {
        if (segment.left === 0) {
          segment.transitions.return?.();
          return undefined;
        }
        segment.left -= 1;
        this.#size -= 1;
        return segment.transitions.next().value;
      }
      case 'merged': {
        const next = segment.values.next();
        if (next.done) return undefined;
        segment.byKey.delete(next.value.key);
        this.#size -= 1;
        return next.value;
      }
      case 'snapshot': {
        const item = segment.first ?? this.#read(segment.items);
        segment.first = undefined;
        if (!item) {
          this.#size -= segment.left;
          this.#snapshotLeft -= segment.left;
          return undefined;
        }
        segment.left -= 1;
        this.#size -= 1;
        this.#snapshotLeft -= 1;
        const old = segment.kind === 'resync' ? item : undefined;
        return { key: item.key, old, new: item, initial: segment.kind === 'initial', finalStateUnknown: false };
      }
      case 'marker':
        segment.reached();
        return undefined;
    }
  }

  #read(items: Iterator<Item<T>>): Item<T> | undefined {
    const next = items.next();
    return next.done ? undefined : next.value;
  }

  #drop(): void {
    this.#head += 1;
    if (this.#head < 1_024 && this.#head < this.#segments.length) return;
    this.#segments.splice(0, this.#head);
    this.#head = 0;
  }

  #merge(transition: Transition<T>): void {
    const last = this.#segments.at(-1);
    const byKey = last?.type === 'merged' ? last.byKey : this.#startMerging();
    const before = byKey.get(transition.key);
    if (!before) {
      byKey.set(transition.key, transition);
      this.#size += 1;
      return;
    }
    this.#merged += 1;
    const { key, new: now } = transition;
    // The handler knows the object as it was before all of them. If that one was replaced meanwhile, its own last state is what it gets back.
    const replaced = before.old !== undefined && transition.old !== undefined && before.old.uid !== transition.old.uid;
    const old = now || replaced ? before.old : before.old && transition.old;
    if (old || now) {
      const finalStateUnknown = transition.finalStateUnknown || (!now && replaced);
      byKey.set(key, { key, old, new: now, initial: before.initial && !old, finalStateUnknown });
    } else {
      byKey.delete(key); // came and went unseen
      this.#size -= 1;
    }
  }

  #startMerging(): Map<string, Transition<T>> {
    const byKey = new Map<string, Transition<T>>();
    this.#segments.push({ type: 'merged', byKey, values: byKey.values() });
    return byKey;
  }
}
