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
 * | add | O(1) amortised |
 */
export class SlotTable {
  readonly #holder: KeyHolder;
  /** By the last bits of a hash: the first slot of its chain, from 1 on; 0 for none. */
  #chains = new Int32Array(fewChains);
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
    if (this.#size === this.#chains.length) this.#grow();
    this.#slots.set(slot * NUMBERS + HASH, encodeKey(text).hash);
    this.#link(slot);
    this.#size++;
  }

  /** A slot that is in here. */
  delete(slot: number): void {
    const behind = this.#behind(slot);
    let before = this.#first(this.#hashOf(slot));
    if (before === slot) this.#chains[this.#chainOf(slot)] = behind + 1;
    else {
      while (this.#behind(before) !== slot) before = this.#behind(before);
      this.#slots.set(before * NUMBERS + NEXT, behind + 1);
    }
    this.#size--;
  }

  clear(): void {
    this.#chains = new Int32Array(fewChains);
    this.#size = 0;
  }

  #link(slot: number): void {
    const chain = this.#chainOf(slot);
    this.#slots.set(slot * NUMBERS + NEXT, this.#chains[chain] as number);
    this.#chains[chain] = slot + 1;
  }

  #grow(): void {
    const before = this.#chains;
    this.#chains = new Int32Array(2 * before.length);
    for (let chain = 0; chain < before.length; chain++) {
      let slot = (before[chain] as number) - 1;
      while (slot >= 0) {
        const behind = this.#behind(slot);
        this.#link(slot);
        slot = behind;
      }
    }
  }

  #chainOf(slot: number): number {
    return this.#hashOf(slot) & (this.#chains.length - 1);
  }

  #hashOf(slot: number): number {
    return this.#slots.get(slot * NUMBERS + HASH);
  }

  /** @returns less than 0 when no key has such a hash. */
  #first(hash: number): number {
    return (this.#chains[hash & (this.#chains.length - 1)] as number) - 1;
  }

  /** @returns less than 0 at the end of a chain. */
  #behind(slot: number): number {
    return this.#slots.get(slot * NUMBERS + NEXT) - 1;
  }
}
