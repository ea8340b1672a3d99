/** A timer of a `FakeClock`. */
export interface HeapTimer {
  readonly deadline: number;
  /** Ties are fired in the order in which they were set. */
  readonly order: number;
  readonly callback: () => void;
  /** Its place in the heap; -1 when it is not in it. Belongs to the heap. */
  place: number;
}

/**
 * Timers by deadline.
 *
 * | | cost |
 * |---|---|
 * | add, remove, take the first | O(log n) |
 * | look at the first | O(1) |
 */
export class TimerHeap {
  readonly #timers: HeapTimer[] = [];

  get size(): number {
    return this.#timers.length;
  }

  get first(): HeapTimer | undefined {
    return this.#timers[0];
  }

  add(timer: HeapTimer): void {
    this.#timers.push(timer);
    this.#rise(timer, this.#timers.length - 1);
  }

  /** Harmless when the timer is not in the heap. */
  remove(timer: HeapTimer): void {
    const { place } = timer;
    if (place < 0) return;
    timer.place = -1;
    const last = this.#timers.pop();
    if (!last || last === timer) return;
    this.#sink(last, place);
    this.#rise(last, last.place);
  }

  #rise(timer: HeapTimer, from: number): void {
    let place = from;
    while (place > 0) {
      const parentPlace = (place - 1) >> 1;
      const parent = this.#timers[parentPlace];
      if (!parent || before(parent, timer)) break;
      this.#put(parent, place);
      place = parentPlace;
    }
    this.#put(timer, place);
  }

  #sink(timer: HeapTimer, from: number): void {
    let place = from;
    for (;;) {
      const left = this.#timers[2 * place + 1];
      const right = this.#timers[2 * place + 2];
      const child = left && right && before(right, left) ? right : left;
      if (!child || before(timer, child)) break;
      const childPlace = child.place;
      this.#put(child, place);
      place = childPlace;
    }
    this.#put(timer, place);
  }

  #put(timer: HeapTimer, place: number): void {
    this.#timers[place] = timer;
    timer.place = place;
  }
}

function before(a: HeapTimer, b: HeapTimer): boolean {
  return a.deadline < b.deadline || (a.deadline === b.deadline && a.order < b.order);
}
