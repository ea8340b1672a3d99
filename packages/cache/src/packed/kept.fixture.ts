import type { EncodedItem, Encoding, Item } from '@bowline/apimachinery';
import type { PackedStorage } from './packed-storage.ts';

/** What a slot holds as it is at each look, and as it was at last when that has been dropped. */
export class Kept<T> implements EncodedItem<T> {
  readonly slot: number;
  readonly #storage: PackedStorage<T>;
  #last: EncodedItem<T> | undefined;

  constructor(storage: PackedStorage<T>, slot: number) {
    this.#storage = storage;
    this.slot = slot;
  }

  /** An item of its own: it says the same whatever happens to the slot. */
  get now(): EncodedItem<T> {
    const item = this.#last ?? this.#storage.at(this.slot);
    if (item === undefined) throw new Error(`There is nothing in slot ${this.slot}`);
    return item as EncodedItem<T>;
  }

  drop(): void {
    if (this.#last === undefined) this.#last = this.now;
    this.#storage.drop(this.slot);
  }

  get key(): string {
    return this.now.key;
  }

  get uid(): string {
    return this.now.uid;
  }

  get resourceVersion(): string {
    return this.now.resourceVersion;
  }

  get encoding(): Encoding<T> {
    return this.now.encoding;
  }

  get bytes(): Buffer {
    return this.now.bytes;
  }

  get start(): number {
    return this.now.start;
  }

  get end(): number {
    return this.now.end;
  }

  get object(): T {
    return this.now.object;
  }

  read(path: readonly string[]): unknown {
    return this.now.read(path);
  }
}

/** Gives a slot to each item, as a cache does. */
export class Keeper<T> {
  readonly storage: PackedStorage<T>;
  #slots = 0;

  constructor(storage: PackedStorage<T>) {
    this.storage = storage;
  }

  keep(item: Item<T>): Kept<T> {
    this.storage.keep(this.#slots, item);
    return new Kept(this.storage, this.#slots++);
  }
}
