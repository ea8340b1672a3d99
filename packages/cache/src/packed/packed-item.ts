import type { EncodedItem, Encoding, Item } from '@bowline/apimachinery';
import type { Slab } from './slab.ts';

/**
 * What stands at a place of a slab, as an item: made when somebody asks for it, so that what is held and not read is no object. It says the same for
 * ever and keeps its slab alive, also when the state has something else since, or the same in another slab.
 */
export class PackedItem<T> implements EncodedItem<T> {
  readonly slab: Slab<T>;
  readonly place: number;
  #key: string | undefined;

  constructor(slab: Slab<T>, place: number) {
    this.slab = slab;
    this.place = place;
  }

  get key(): string {
    this.#key ??= this.slab.entries.keyOf(this.place);
    return this.#key;
  }

  get uid(): string {
    return this.slab.entries.uidOf(this.place);
  }

  hasUidOf(other: Item<unknown>): boolean {
    if (!(other instanceof PackedItem)) return this.uid === other.uid;
    return this.slab.entries.hasUidOf(this.place, other.slab.entries, other.place);
  }

  hasVersionOf(other: Item<unknown>): boolean {
    if (!(other instanceof PackedItem)) return this.resourceVersion === other.resourceVersion;
    return this.slab.entries.hasVersionOf(this.place, other.slab.entries, other.place);
  }

  get resourceVersion(): string {
    return this.slab.entries.resourceVersionOf(this.place);
  }

  get encoding(): Encoding<T> {
    return this.slab.entries.encodingOf(this.place);
  }

  /** The buffer in which it stands now: read together with `start` and `end`. */
  get bytes(): Buffer {
    return this.slab.at(this.from).bytes;
  }

  get start(): number {
    return this.from - this.slab.at(this.from).from;
  }

  get end(): number {
    return this.slab.entries.endOf(this.place) - this.slab.at(this.from).from;
  }

  /** The same object while it is one of those that were read last; otherwise decoded again. */
  get object(): T {
    return this.slab.objectAt(this.place);
  }

  read(path: readonly string[]): unknown {
    const { slab, place } = this;
    const { entries } = slab;
    const start = entries.startOf(place);
    const { bytes, from } = slab.at(start);
    return entries.encodingOf(place).read(bytes, start - from, entries.endOf(place) - from, path);
  }

  /** Where it begins in the slab. */
  get from(): number {
    return this.slab.entries.startOf(this.place);
  }
}
