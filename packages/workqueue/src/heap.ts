/** What a heap holds: ordered by `at`, then by `order`; `position` belongs to the heap. */
export interface Timed {
  at: number;
  readonly order: number;
  position: number;
}

/**
 * A binary heap whose first element is due first.
 *
 * | | cost |
 * |---|---|
 * | first | O(1) |
 * | push, shift, hasten | O(log n) |
 */
export class TimeHeap<I extends Timed> {
  #items: I[] = [];

  get length(): number {
    return this.#items.length;
  }

  get first(): I | undefined {
    return this.#items[0];
  }

  push(item: I): void {
    this.#items.push(item);
    this.#rise(item, this.#items.length - 1);
  }

  /** Restores the order after `item.at` became earlier. */
  hasten(item: I): void {
    this.#rise(item, item.position);
  }

  shift(): I | undefined {
    const first = this.#items[0];
    const last = this.#items.pop();
    if (first && last && first !== last) this.#sink(last);
    return first;
  }

  clear(): void {
    this.#items = [];
  }

  #rise(item: I, position: number): void {
    while (position > 0) {
      const parent = (position - 1) >> 1;
      const above = this.#items[parent];
      if (!above || !isBefore(item, above)) break;
      this.#put(above, position);
      position = parent;
    }
    this.#put(item, position);
  }

  #sink(item: I): void {
    let position = 0;
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

function isBefore(a: Timed, b: Timed): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
