import { Column } from './column.ts';
import { type EncodedKey, encodeKey } from './encoded-key.ts';

/** Knows which slot has which key. */
export interface KeyHolder {
  hasKey(slot: number, key: EncodedKey): boolean;
}

/** Of each slot: the hash of its key, and the slot behind it in its chain. */
const NUMBERS = 2;
const HASH = 0;
const NEXT = 1;

const fewChains = 64;

/**
 * Finds the slot of a key and holds neither keys nor objects: 12 to 16 bytes for a slot, outside of the heap. Whoever keeps what is in the slots
 * has the keys anyway.
 *
 * | | cost |
 * |---|---|
 * | find, delete | O(1) |
 * | add | O(1), and a copy of 4 to 12 bytes for each slot when their number has doubled |
 */
export class SlotTable {
  readonly #holder: KeyHolder;
  /** By the last bits of a hash: the first slot of its chain, from 1 on; 0 for none. */
  #chains = new Int32Array(fewChains);
  /** How many chains are in use: each that is added takes over half of another, so that they never all change at once. */
  #chainCount = fewChains;
  readonly #slots = new Column();
  #size = 0;

  constructor(holder: KeyHolder) {
    this.#holder = holder;
  }

  get size(): number {
    return this.#size;
  }

  /** @returns less than 0 when no slot has this key. */
  find(text: string): number {
    const key = encodeKey(text);
    const { hash } = key;
    let slot = this.#first(hash);
    while (slot >= 0 && !(this.#hashOf(slot) === hash && this.#holder.hasKey(slot, key))) slot = this.#behind(slot);
    return slot;
  }

  /** A slot that is not in here gets a key that no other has. */
  add(slot: number, text: string): void {
    if (this.#size === this.#chainCount) this.#split();
    this.#slots.set(slot * NUMBERS + HASH, encodeKey(text).hash);
    this.#link(slot);
    this.#size++;
  }

  /** A slot that is in here. */
  delete(slot: number): void {
    const behind = this.#behind(slot);
    const hash = this.#hashOf(slot);
    let before = this.#first(hash);
    if (before === slot) this.#chains[this.#chainOf(hash)] = behind + 1;
    else {
      while (this.#behind(before) !== slot) before = this.#behind(before);
      this.#slots.set(before * NUMBERS + NEXT, behind + 1);
    }
    this.#size--;
  }

  clear(): void {
    this.#chains = new Int32Array(fewChains);
    this.#chainCount = fewChains;
    this.#size = 0;
  }

  #link(slot: number): void {
    const chain = this.#chainOf(this.#hashOf(slot));
    this.#slots.set(slot * NUMBERS + NEXT, this.#chains[chain] as number);
    this.#chains[chain] = slot + 1;
  }

  /** One chain more: what belongs there leaves the one that had the same last bits but the first of them. */
  #split(): void {
    if (this.#chainCount === this.#chains.length) {
      const chains = new Int32Array(2 * this.#chains.length);
      chains.set(this.#chains);
      this.#chains = chains;
    }
    const from = this.#chainCount++ - this.#chains.length / 2;
    let slot = (this.#chains[from] as number) - 1;
    this.#chains[from] = 0;
    while (slot >= 0) {
      const behind = this.#behind(slot);
      this.#link(slot);
      slot = behind;
    }
  }

  #chainOf(hash: number): number {
    const { length } = this.#chains;
    const chain = hash & (length - 1);
    return chain < this.#chainCount ? chain : chain - length / 2;
  }

  #hashOf(slot: number): number {
    return this.#slots.get(slot * NUMBERS + HASH);
  }

  /** @returns less than 0 when no key has such a hash. */
  #first(hash: number): number {
    return (this.#chains[this.#chainOf(hash)] as number) - 1;
  }

  /** @returns less than 0 at the end of a chain. */
  #behind(slot: number): number {
    return this.#slots.get(slot * NUMBERS + NEXT) - 1;
  }
}
