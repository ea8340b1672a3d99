import { Column } from './column.ts';

/** What one slot is filed under: mostly one value, which then takes no array. */
export type Values = string | readonly string[] | undefined;

/** What is filed under one value. Never empty. */
interface Bucket {
  readonly value: string;
  /** From 1 on. */
  readonly number: number;
  readonly slots: number[];
}

/** In place of the number of a bucket. */
const NOWHERE = 0;
const SEVERAL = -1;

/** Where a slot is filed that is filed under several values, and its place in each of them. */
interface Several {
  readonly buckets: readonly Bucket[];
  readonly places: number[];
}

/**
 * Which slots are filed under which values: 16 bytes for a slot with one value.
 *
 * | | cost |
 * |---|---|
 * | set | O(values of the slot) |
 * | find | O(1) |
 */
export class Filing {
  readonly #buckets = new Map<string, Bucket>();
  readonly #byNumber: (Bucket | undefined)[] = [undefined];
  /** Numbers of buckets that are no more. */
  readonly #free: number[] = [];
  /** By slot: the number of its bucket. */
  readonly #filed = new Column();
  /** By slot: its place in its bucket. */
  readonly #places = new Column();
  readonly #several = new Map<number, Several>();

  /** Files `slot` under `values` instead of what it is filed under. */
  set(slot: number, values: Values): void {
    if (this.#isFiled(slot, values)) return;
    this.#unfile(slot);
    if (typeof values === 'string') {
      const bucket = this.#bucket(values);
      this.#filed.set(slot, bucket.number);
      this.#places.set(slot, bucket.slots.push(slot) - 1);
    } else if (values !== undefined) {
      const buckets = values.map((value) => this.#bucket(value));
      this.#filed.set(slot, SEVERAL);
      this.#several.set(slot, { buckets, places: buckets.map(({ slots }) => slots.push(slot) - 1) });
    }
  }

  /** The slots under `value`. Not to be read on after a change. */
  find(value: string): readonly number[] {
    return this.#buckets.get(value)?.slots ?? [];
  }

  /** All values under which there is something. */
  values(): Iterable<string> {
    return this.#buckets.keys();
  }

  #isFiled(slot: number, values: Values): boolean {
    const number = this.#filed.get(slot);
    if (number === NOWHERE || values === undefined) return number === NOWHERE && values === undefined;
    if (number !== SEVERAL) return this.#byNumber[number]?.value === values;
    const { buckets } = this.#severalOf(slot);
    return (
      typeof values === 'object' &&
      values.length === buckets.length &&
      buckets.every(({ value }, index) => value === values[index])
    );
  }

  #severalOf(slot: number): Several {
    return this.#several.get(slot) as Several;
  }

  #bucket(value: string): Bucket {
    let bucket = this.#buckets.get(value);
    if (bucket === undefined) {
      bucket = { value, number: this.#free.pop() ?? this.#byNumber.length, slots: [] };
      this.#buckets.set(value, bucket);
      this.#byNumber[bucket.number] = bucket;
    }
    return bucket;
  }

  #unfile(slot: number): void {
    const number = this.#filed.get(slot);
    this.#filed.set(slot, NOWHERE);
    if (number === SEVERAL) {
      const { buckets, places } = this.#severalOf(slot);
      this.#several.delete(slot);
      for (const [index, bucket] of buckets.entries()) this.#remove(bucket, places[index] as number);
    } else if (number !== NOWHERE) this.#remove(this.#byNumber[number] as Bucket, this.#places.get(slot));
  }

  /** The last of the bucket takes the place that becomes free. */
  #remove(bucket: Bucket, place: number): void {
    const { slots, value, number } = bucket;
    const last = slots.pop();
    if (slots.length === 0) {
      this.#buckets.delete(value);
      this.#byNumber[number] = undefined;
      this.#free.push(number);
    }
    if (last === undefined || place === slots.length) return;
    slots[place] = last;
    if (this.#filed.get(last) !== SEVERAL) this.#places.set(last, place);
    else {
      const { buckets, places } = this.#severalOf(last);
      places[buckets.indexOf(bucket)] = place;
    }
  }
}
