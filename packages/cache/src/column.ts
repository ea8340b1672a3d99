const fewRows = 64;

/**
 * A whole number of 32 bits for each row, 0 at first: 4 bytes for each, outside of the heap.
 *
 * | | cost |
 * |---|---|
 * | get | O(1) |
 * | set | O(1) amortised |
 */
export class Column {
  #numbers: Int32Array = new Int32Array(fewRows);

  get(row: number): number {
    return row < this.#numbers.length ? (this.#numbers[row] as number) : 0;
  }

  set(row: number, number: number): void {
    if (row >= this.#numbers.length) {
      if (number === 0) return;
      this.#grow(row);
    }
    this.#numbers[row] = number;
  }

  #grow(row: number): void {
    const numbers = new Int32Array(2 * row);
    numbers.set(this.#numbers);
    this.#numbers = numbers;
  }
}
