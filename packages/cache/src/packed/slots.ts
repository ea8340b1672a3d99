import { Column } from '../column.ts';

/** Of each slot: the number of a slab, from 1 on, and a place in it. */
const NUMBERS = 2;
const SLAB = 0;
const PLACE = 1;

/** Where in which slab that stands which is in a slot. */
export class Slots {
  /** Both close together: who reads the one reads the other. */
  readonly #numbers = new Column();

  /** 0 where there is nothing. */
  slabOf(slot: number): number {
    return this.#numbers.get(slot * NUMBERS + SLAB);
  }

  /** Of a slot in which there is something. */
  placeOf(slot: number): number {
    return this.#numbers.get(slot * NUMBERS + PLACE);
  }

  set(slot: number, slab: number, place: number): void {
    this.#numbers.set(slot * NUMBERS + SLAB, slab);
    this.#numbers.set(slot * NUMBERS + PLACE, place);
  }

  empty(slot: number): void {
    this.#numbers.set(slot * NUMBERS + SLAB, 0);
  }
}
