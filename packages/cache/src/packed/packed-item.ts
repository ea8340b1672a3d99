import type { EncodedItem, Encoding, Item } from '@bowline/apimachinery';
import type { Decodable, Recent } from './recent-objects.ts';
import type { Slab } from './slab.ts';

/**
 * An item whose bytes stand in a slab, which also knows what is known of it but its key. Compaction moves it to another; bytes that were read
 * before stay what they are.
 */
export class PackedItem<T> implements EncodedItem<T>, Decodable<PackedItem<T>, T> {
  readonly key: string;
  slab: Slab<T>;
  /** Its place among the entries of the slab. */
  place: number;
  recent: Recent<PackedItem<T>, T> | undefined;

  constructor(key: string, slab: Slab<T>, place: number) {
    this.key = key;
    this.slab = slab;
    this.place = place;
    this.recent = undefined;
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

  /** Where its bytes begin in the slab. */
  get from(): number {
    return this.slab.entries.startOf(this.place);
  }

  /** Before which position in the slab they end. */
  get to(): number {
    return this.slab.entries.endOf(this.place);
  }

  /** The buffer in which it stands now: read together with `start` and `end`. */
  get bytes(): Buffer {
    return this.slab.at(this.from).bytes;
  }

  get start(): number {
    const { from } = this;
    return from - this.slab.at(from).from;
  }

  get end(): number {
    return this.to - this.slab.at(this.from).from;
  }

  /** The same object while it is one of those that were read last; otherwise decoded again. */
  get object(): T {
    const { slab, place } = this;
    const { entries } = slab;
    const start = entries.startOf(place);
    const known = slab.recent?.get(this);
    if (known !== undefined) {
      slab.touch(start);
      return known;
    }
    const { bytes, from } = slab.at(start);
    const object = entries.encodingOf(place).object(bytes, start - from, entries.endOf(place) - from);
    slab.work.decodes++;
    slab.recent?.set(this, object, slab);
    return object;
  }

  read(path: readonly string[]): unknown {
    const { slab, place } = this;
    const { entries } = slab;
    const start = entries.startOf(place);
    const { bytes, from } = slab.at(start);
    return entries.encodingOf(place).read(bytes, start - from, entries.endOf(place) - from, path);
  }
}
