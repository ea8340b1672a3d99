import type { EncodedItem, Item } from '@bowline/apimachinery';
import { isEncoded } from '../encoded-item.ts';
import type { Storage, StorageStats } from '../ports.ts';
import { Cooler } from './cooler.ts';
import { type PackedStorageOptions, resolveOptions } from './options.ts';
import { PackedItem } from './packed-item.ts';
import { pageBuffer } from './pages.ts';
import type { SlabAllocator } from './ports.ts';
import { RecentObjects } from './recent-objects.ts';
import { Slab, type SlabSettings } from './slab.ts';
import type { Tally, Work } from './tally.ts';

/** How large slabs are: the first of a storage, the largest, and the blocks in which they are compressed. In bytes. */
export interface SlabSizes {
  readonly first: number;
  readonly largest: number;
  readonly block: number;
}

const usualSizes: SlabSizes = { first: 65_536, largest: 1_048_576, block: 65_536 };

/** What one call may do for compaction. */
const maxMoves = 64;
const maxLooks = 1_024;
const maxMovedBytes = 262_144;

const systemAllocator: SlabAllocator = { allocate: (sizeBytes) => Buffer.allocUnsafeSlow(sizeBytes) };

/** For storages that compress: what they free is to be free. Reading is a little slower. */
const pageAllocator: SlabAllocator = { allocate: pageBuffer };

/** What storages that follow one another by `empty` share. */
interface Family {
  readonly sizes: SlabSizes;
  readonly allocator: SlabAllocator;
  readonly drop: readonly (readonly string[])[];
  readonly recentObjects: number;
  readonly cooler: Cooler | undefined;
  readonly work: Work;
}

/** A storage that packs the bytes of objects. */
export interface PackedStorage<T> extends Storage<T>, Disposable {
  stats(): StorageStats;
  empty(): PackedStorage<T>;
  release(): void;
  /** Ends compression for all storages that came from this one by `empty`, or it from them. What they hold stays readable. */
  [Symbol.dispose](): void;
}

/**
 * Keeps the bytes of objects close together instead of objects: for many objects of which few are read. An object is decoded when somebody
 * reads it, again and again when that is seldom. Items without bytes are kept as they are.
 *
 * | | cost |
 * |---|---|
 * | keep, drop | O(bytes of the item), and at most 256 KiB of compaction |
 * | object | O(1) for those read last, else O(bytes) |
 * | memory | at most twice the bytes of what is held, and a slab |
 *
 * @throws {TypeError} {RangeError} when an option is none, `drop` has a path that no item can be without, or this Node cannot compress.
 * @example
 * ```ts
 * import { Indexer } from '@bowline/cache';
 * import { packedStorage } from '@bowline/cache/packed';
 *
 * new Indexer({ storage: packedStorage({ drop: ['status.images'] }) });
 * ```
 */
export function packedStorage<T>(options: PackedStorageOptions = {}): PackedStorage<T> {
  return createPackedStorage(options, options?.compressAfterMs === undefined ? systemAllocator : pageAllocator);
}

/** The same with an allocator and sizes of its own. */
export function createPackedStorage<T>(
  options: PackedStorageOptions,
  allocator: SlabAllocator,
  sizes: SlabSizes = usualSizes,
): PackedStorage<T> {
  const { drop, recentObjects, compressAfterMs, clock } = resolveOptions(options);
  const cooler = compressAfterMs === undefined ? undefined : new Cooler(clock, compressAfterMs);
  return new SlabStorage<T>({ sizes, allocator, drop, recentObjects, cooler, work: { decodes: 0 } });
}

class SlabStorage<T> implements PackedStorage<T> {
  readonly #family: Family;
  readonly #tally: Tally = { sizeBytes: 0, liveBytes: 0, slabs: 0, compressedSlabs: 0 };
  readonly #settings: SlabSettings<T>;
  readonly #slabs = new Set<Slab<T>>();
  /** Those whose live items are on their way elsewhere, and those that wait for it. */
  readonly #sparse: Slab<T>[] = [];
  /** The one that is written to. */
  #current: Slab<T> | undefined;

  constructor(family: Family) {
    this.#family = family;
    const { allocator, sizes, work, cooler, recentObjects } = family;
    const recent = new RecentObjects<PackedItem<T>, T>(recentObjects);
    this.#settings = { allocator, work, cooling: cooler, recent, tally: this.#tally, blockBytes: sizes.block };
  }

  get sizeBytes(): number {
    return this.#tally.sizeBytes;
  }

  stats(): StorageStats {
    return { ...this.#tally, decodes: this.#family.work.decodes };
  }

  keep(item: Item<T>): Item<T> {
    if (!isEncoded(item)) return item;
    const kept = this.#pack(item);
    if (this.#sparse.length > 0) this.#compact();
    return kept;
  }

  drop(item: Item<T>): void {
    if (!(item instanceof PackedItem)) return;
    const slab: Slab<T> = item.slab;
    if (!slab.remove(item)) return;
    this.#look(slab);
    if (this.#sparse.length > 0) this.#compact();
  }

  empty(): PackedStorage<T> {
    return new SlabStorage<T>(this.#family);
  }

  release(): void {
    this.#settings.recent.clear();
    for (const slab of this.#slabs) slab.retire();
    this.#slabs.clear();
    this.#sparse.length = 0;
    this.#current = undefined;
  }

  [Symbol.dispose](): void {
    this.#family.cooler?.close();
  }

  #pack(item: EncodedItem<T>): PackedItem<T> {
    const { encoding } = item;
    const { drop } = this.#family;
    const room = encoding.room(item);
    const slab = this.#slabFor(room);
    if (slab !== undefined) {
      const at = slab.used;
      return slab.append(item, at + encoding.copy(item, slab.target, at, drop));
    }
    // What it has after all is known once it has been copied.
    const copy = Buffer.allocUnsafeSlow(room);
    const length = encoding.copy(item, copy, 0, drop);
    const own = this.#slabFor(length) ?? this.#open(length);
    const at = own.used;
    copy.copy(own.target, at, 0, length);
    const kept = own.append(item, at + length);
    if (own !== this.#current) this.#close(own);
    return kept;
  }

  /** Where there is room for so many bytes; undefined when they are to have a slab of their own. */
  #slabFor(length: number): Slab<T> | undefined {
    const current = this.#current;
    if (current !== undefined && current.room >= length) return current;
    const { first, largest } = this.#family.sizes;
    const size = Math.min(largest, Math.max(first, this.#tally.sizeBytes));
    if (length > size / 4) return undefined;
    if (current !== undefined) this.#close(current);
    this.#current = this.#open(size);
    return this.#current;
  }

  #open(size: number): Slab<T> {
    const slab = new Slab<T>(size, this.#settings);
    this.#slabs.add(slab);
    return slab;
  }

  #close(slab: Slab<T>): void {
    slab.close();
    this.#look(slab);
  }

  /** Begins compaction of a slab that has become sparse. */
  #look(slab: Slab<T>): void {
    if (!slab.isSparse || slab.compactedTo !== undefined) return;
    slab.compactedTo = 0;
    this.#sparse.push(slab);
  }

  /** Moves live items out of sparse slabs, a few at a time, and lets go of those slabs that have none left. */
  #compact(): void {
    let moves = 0;
    let looks = 0;
    let bytes = 0;
    for (let slab = this.#sparse[0]; slab !== undefined; slab = this.#sparse[0]) {
      let place = slab.compactedTo ?? 0;
      while (slab.live > 0 && place < slab.places) {
        if (moves === maxMoves || ++looks > maxLooks || bytes >= maxMovedBytes) {
          slab.compactedTo = place;
          return;
        }
        const item = slab.itemAt(place++);
        if (item === undefined) continue;
        moves++;
        const { from, to } = item;
        bytes += slab.missingAt(from) + to - from;
        this.#move(item, from, to);
      }
      this.#sparse.shift();
      this.#slabs.delete(slab);
      slab.retire();
    }
  }

  #move(item: PackedItem<T>, from: number, to: number): void {
    const { slab } = item;
    const length = to - from;
    const before = slab.at(from);
    slab.recent?.forget(item); // its object reads from where the item was
    slab.remove(item);
    const target = this.#slabFor(length) ?? this.#open(length);
    const at = target.used;
    before.bytes.copy(target.target, at, from - before.from, to - before.from);
    target.adopt(item, at + length);
    if (target !== this.#current) this.#close(target);
  }
}
