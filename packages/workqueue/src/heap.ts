/** What a heap holds: ordered by `rank`, then by who came first. The other two belong to the heap. */
export interface Ranked {
  rank: number;
  order: number;
  position: number;
}

/**
 * A binary heap whose first element has the lowest rank.
 *
 * | | cost |
 * |---|---|
 * | first | O(1) |
 * | push, remove, hasten | O(log n) |
 */
export class Heap<I extends Ranked> {
  readonly #items: I[] = [];
  #pushed = 0;

  get first(): I | undefined {
    return this.#items[0];
  }

  push(item: I): void {
    item.order = this.#pushed++;
    this.#rise(item, this.#items.length);
  }

  /** Restores the order after `item.rank` became lower. */
  hasten(item: I): void {
    this.#rise(item, item.position);
  }

  /** Takes out `item`, which must be in it. */
  remove(item: I): void {
    const last = this.#items.pop();
    if (!last || last === item) return;
    this.#sink(last, item.position);
    this.hasten(last);
  }

  #rise(item: I, from: number): void {
    let position = from;
    while (position > 0) {
      const parent = (position - 1) >> 1;
      const above = this.#items[parent];
      if (!above || !isBefore(item, above)) break;
      this.#put(above, position);
      position = parent;
    }
    this.#put(item, position);
  }

  #sink(item: I, from: number): void {
    let position = from;
    for (;;) {
      let child = 2 * position + 1;
      let below = this.#items[child];
      const right = this.#items[child + 1];
      if (below && right && isBefore(right, below)) {
        below = right;
        child++;
      }
      if (!below || !isBefore(below, item)) break;
      this.#put(below, position);
      position = child;
    }
    this.#put(item, position);
  }

  #put(item: I, position: number): void {
    this.#items[position] = item;
    item.position = position;
  }
}

function isBefore(a: Ranked, b: Ranked): boolean {
  return a.rank < b.rank || (a.rank === b.rank && a.order < b.order);
}
