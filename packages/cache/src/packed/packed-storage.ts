import type { EncodedItem, Item } from '@bowline/apimachinery';
import { isEncoded } from '../encoded-item.ts';
import type { EncodedKey } from '../encoded-key.ts';
import type { Storage, StorageStats } from '../ports.ts';
import { Cooler } from './cooler.ts';
import { isNoMemory } from './no-memory.ts';
import { type PackedStorageOptions, resolveOptions } from './options.ts';
import { PackedItem } from './packed-item.ts';
import { pageBuffer } from './pages.ts';
import type { SlabAllocator } from './ports.ts';
import { RecentObjects } from './recent-objects.ts';
import { Slab, type SlabSettings } from './slab.ts';
import { Slots } from './slots.ts';
import type { Tally, Work } from './tally.ts';

/** How large slabs are: the first of a storage, the largest, and the blocks in which they are compressed. In bytes. */
export interface SlabSizes {
  readonly first: number;
  readonly largest: number;
  readonly block: number;
}

const usualSizes: SlabSizes = { first: 65_536, largest: 1_048_576, block: 65_536 };

/** How much of the full slabs is live, or the sparsest of them is compacted. Most slabs need not be: what comes later replaces the rest of them, too. */
const LEAST_LIVE = 2 / 3;

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
 * | memory | one and a half times the bytes of what is held, and a slab; more until as many calls have moved small objects whose large neighbours went |
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
  readonly #slots = new Slots();
  /** Items without bytes, by slot. */
  readonly #others = new Map<number, Item<T>>();
  /** By number; undefined where there is none. */
  readonly #slabs: (Slab<T> | undefined)[] = [undefined];
  /** Numbers of slabs that have been let go of. */
  readonly #free: number[] = [];
  /** The one whose live items are on their way elsewhere, and up to which place they are. */
  #sparse: Slab<T> | undefined;
  #sparsePlace = 0;
  /** How large all slabs are together that are full. */
  #fullBytes = 0;
  /** The one that is written to. */
  #current: Slab<T> | undefined;

  constructor(family: Family) {
    this.#family = family;
    const { allocator, sizes, work, cooler, recentObjects } = family;
    const recent = new RecentObjects<T>(recentObjects);
    this.#settings = { allocator, work, cooling: cooler, recent, tally: this.#tally, blockBytes: sizes.block };
  }

  get sizeBytes(): number {
    return this.#tally.sizeBytes;
  }

  get dropped(): readonly string[] {
    return this.#family.drop.map((path) => path.join('.'));
  }

  stats(): StorageStats {
    return { ...this.#tally, decodes: this.#family.work.decodes };
  }

  keep(slot: number, item: Item<T>): void {
    if (isEncoded(item)) this.#pack(slot, item);
    else {
      this.#leave(slot);
      this.#others.set(slot, item);
    }
    this.#compact();
  }

  at(slot: number): Item<T> | undefined {
    const slab = this.#slabs[this.#slots.slabOf(slot)];
    if (slab === undefined) return this.#others.get(slot);
    return new PackedItem(slab, this.#slots.placeOf(slot));
  }

  hasKey(slot: number, key: EncodedKey): boolean {
    const slab = this.#slabs[this.#slots.slabOf(slot)];
    if (slab === undefined) return this.#others.get(slot)?.key === key.text;
    return slab.entries.hasKey(this.#slots.placeOf(slot), key);
  }

  drop(slot: number): void {
    this.#leave(slot);
    this.#compact();
  }

  empty(): PackedStorage<T> {
    return new SlabStorage<T>(this.#family);
  }

  release(): void {
    this.#settings.recent.clear();
    for (const slab of this.#slabs) slab?.retire();
    this.#fullBytes = 0;
    this.#sparse = undefined;
    this.#current = undefined;
  }

  [Symbol.dispose](): void {
    this.#family.cooler?.close();
  }

  #pack(slot: number, item: EncodedItem<T>): void {
    const { encoding } = item;
    const { drop } = this.#family;
    const room = encoding.room(item);
    const slab = this.#slabFor(room);
    if (slab !== undefined) {
      const at = slab.used;
      const to = at + encoding.copy(item, slab.target, at, drop);
      this.#leave(slot);
      this.#slots.set(slot, slab.number, slab.append(item, to, slot));
      item.movedTo?.(slab.target, at, to);
      return;
    }
    // What it has after all is known once it has been copied.
    const copy = Buffer.allocUnsafeSlow(room);
    const length = encoding.copy(item, copy, 0, drop);
    const own = this.#slabFor(length) ?? this.#open(length);
    const at = own.used;
    copy.copy(own.target, at, 0, length);
    this.#leave(slot);
    this.#slots.set(slot, own.number, own.append(item, at + length, slot));
    item.movedTo?.(own.target, at, at + length);
    if (own !== this.#current) this.#close(own);
  }

  /** Lets go of what is in a slot. */
  #leave(slot: number): void {
    const slab = this.#slabs[this.#slots.slabOf(slot)];
    if (slab === undefined) {
      if (this.#others.size > 0) this.#others.delete(slot);
      return;
    }
    slab.remove(this.#slots.placeOf(slot));
    this.#slots.empty(slot);
    this.#look(slab);
  }

  /** Where there is room for so many bytes; undefined when they are to have a slab of their own. */
  #slabFor(length: number): Slab<T> | undefined {
    const current = this.#current;
    if (current !== undefined && current.room >= length) return current;
    const { first, largest } = this.#family.sizes;
    const size = Math.min(largest, Math.max(first, this.#tally.sizeBytes));
    if (length > size / 4) return undefined;
    const next = this.#open(size); // throws where there is no memory: nothing has changed then
    if (current !== undefined) this.#close(current);
    this.#current = next;
    return next;
  }

  #open(size: number): Slab<T> {
    const slab = new Slab<T>(this.#free.at(-1) ?? this.#slabs.length, size, this.#settings);
    this.#free.pop();
    this.#slabs[slab.number] = slab;
    return slab;
  }

  #close(slab: Slab<T>): void {
    slab.close();
    this.#fullBytes += slab.size;
    this.#look(slab);
  }

  /** Lets go of a slab that nobody needs. */
  #look(slab: Slab<T>): void {
    if (slab.live === 0 && slab.isFull) this.#retire(slab);
  }

  #retire(slab: Slab<T>): void {
    if (slab === this.#sparse) this.#sparse = undefined;
    this.#fullBytes -= slab.size;
    this.#slabs[slab.number] = undefined;
    this.#free.push(slab.number);
    slab.retire();
  }

  /** The full slab of which the least is live, once too little of all of them is. */
  #sparsest(): Slab<T> | undefined {
    const live = this.#tally.liveBytes - (this.#current?.live ?? 0);
    if (live >= this.#fullBytes * LEAST_LIVE) return undefined;
    let least: Slab<T> | undefined;
    for (const slab of this.#slabs) {
      if (slab === undefined || !slab.isFull) continue;
      if (least === undefined || slab.live * least.size < least.live * slab.size) least = slab;
    }
    this.#sparsePlace = 0;
    return least;
  }

  /**
   * Moves live items out of the sparsest slab, a few at a time, and lets go of it when it has none left. Where there is no memory for that
   * they stay: the change that asked for it is done.
   */
  #compact(): void {
    let moves = 0;
    let looks = 0;
    let bytes = 0;
    for (;;) {
      this.#sparse ??= this.#sparsest();
      const slab = this.#sparse;
      if (slab === undefined) return;
      const { entries } = slab;
      while (slab.live > 0 && this.#sparsePlace < entries.length) {
        if (moves === maxMoves || ++looks > maxLooks || bytes >= maxMovedBytes) return;
        const place = this.#sparsePlace;
        const slot = entries.slotOf(place);
        if (slot >= 0) {
          moves++;
          const from = entries.startOf(place);
          bytes += slab.missingAt(from) + entries.endOf(place) - from;
          if (!this.#move(slab, place, slot)) return;
        }
        this.#sparsePlace++;
      }
      this.#retire(slab);
    }
  }

  /** @returns false where there is no memory for it: it stays where it is. */
  #move(slab: Slab<T>, place: number, slot: number): boolean {
    const { entries } = slab;
    const [from, to] = [entries.startOf(place), entries.endOf(place)];
    const length = to - from;
    const before = slab.at(from);
    const target = this.#targetFor(length);
    if (target === undefined) return false;
    slab.recent?.forget(entries, place); // its object reads from where it was
    const at = target.used;
    before.bytes.copy(target.target, at, from - before.from, to - before.from);
    this.#slots.set(slot, target.number, target.adopt(slab, place, at + length));
    slab.remove(place);
    if (target !== this.#current) this.#close(target);
    return true;
  }

  #targetFor(length: number): Slab<T> | undefined {
    try {
      return this.#slabFor(length) ?? this.#open(length);
    } catch (error) {
      if (!isNoMemory(error)) throw error;
      return undefined; // the next item that comes needs a slab too, and whoever brings it is told
    }
  }
}
