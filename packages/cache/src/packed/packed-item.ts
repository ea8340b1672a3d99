import type { EncodedItem, Encoding } from '@bowline/apimachinery';
import type { Decodable, Recent } from './recent-objects.ts';
import type { Slab } from './slab.ts';

/** An item whose bytes stand in a slab. Compaction moves it to another; bytes that were read before stay what they are. */
export class PackedItem<T> implements EncodedItem<T>, Decodable<PackedItem<T>, T> {
  readonly key: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly encoding: Encoding<T>;
  slab: Slab<T>;
  /** Where its bytes begin in the slab, and before which position they end. */
  from: number;
  to: number;
  /** Its place in the list of the slab's items; -1 once it was dropped. */
  place: number;
  recent: Recent<PackedItem<T>, T> | undefined;

  constructor(item: EncodedItem<T>, slab: Slab<T>, from: number, to: number) {
    this.key = item.key;
    this.uid = item.uid;
    this.resourceVersion = item.resourceVersion;
    this.encoding = item.encoding;
    this.slab = slab;
    this.from = from;
    this.to = to;
    this.recent = undefined;
    this.place = slab.append(this, from, to);
  }

  /** The buffer in which it stands now: read together with `start` and `end`. */
  get bytes(): Buffer {
    return this.slab.at(this.from).bytes;
  }

  get start(): number {
    return this.from - this.slab.at(this.from).from;
  }

  get end(): number {
    return this.to - this.slab.at(this.from).from;
  }

  /** The same object while it is one of those that were read last; otherwise decoded again. */
  get object(): T {
    const { slab } = this;
    const known = slab.recent?.get(this);
    if (known !== undefined) {
      slab.touch(this.from);
      return known;
    }
    const { bytes, from } = slab.at(this.from);
    const object = this.encoding.object(bytes, this.from - from, this.to - from);
    slab.work.decodes++;
    slab.recent?.set(this, object);
    return object;
  }

  read(path: readonly string[]): unknown {
    const { bytes, from } = this.slab.at(this.from);
    return this.encoding.read(bytes, this.from - from, this.to - from, path);
  }
}
