import type { EncodedItem } from '@bowline/apimachinery';
import { ColdBlocks, type Stretch } from './cold-blocks.ts';
import { Entries } from './entries.ts';
import type { Coolable, Cooling, SlabAllocator } from './ports.ts';
import type { RecentObjects } from './recent-objects.ts';
import type { Tally, Work } from './tally.ts';

/** A single object that is larger is not compressed: that would stop the event loop for some 10 ms. */
const maxColdBytes = 2_097_152;

/** Objects are seldom smaller. */
const SMALL_OBJECT_BYTES = 2_048;

/** What the slabs of one state share. */
export interface SlabSettings<T> {
  readonly allocator: SlabAllocator;
  readonly tally: Tally;
  readonly work: Work;
  readonly recent: RecentObjects<T>;
  readonly cooling: Cooling | undefined;
  /** How many bytes a block has at least, unless it is the last: what one read of a compressed slab decompresses. */
  readonly blockBytes: number;
}

/**
 * Objects one behind the other in one buffer. What is written stays as it is for ever: whoever holds an item, or an object that is decoded
 * when it is read, keeps the buffer alive.
 */
export class Slab<T> implements Coolable {
  /** Its own among the slabs of its storage. */
  readonly number: number;
  readonly size: number;
  /** What was written, also of those items that are no longer here. */
  readonly entries: Entries<T>;
  /** How many bytes belong to items of the state. */
  live = 0;
  /** When it was read last, or became full, in hours of the cooling. */
  readAt = 0;
  readonly #work: Work;
  readonly #blockBytes: number;
  #isFull = false;
  /** Undefined once it is retired, so that an item that somebody holds keeps no others alive. */
  #settings: SlabSettings<T> | undefined;
  #whole: Stretch | undefined;
  #cold: ColdBlocks | undefined;
  /** Where blocks begin: always with an item. */
  readonly #cuts: number[] = [0];

  constructor(number: number, size: number, settings: SlabSettings<T>) {
    this.number = number;
    this.size = size;
    this.#work = settings.work;
    this.entries = new Entries<T>(Math.floor(size / SMALL_OBJECT_BYTES));
    this.#blockBytes = settings.blockBytes;
    this.#settings = settings;
    this.#whole = { bytes: settings.allocator.allocate(size), from: 0 };
    settings.tally.slabs++;
    settings.tally.sizeBytes += size;
  }

  /** Where the next item goes. */
  get used(): number {
    return this.entries.end;
  }

  /** Undefined once it is retired. */
  get recent(): RecentObjects<T> | undefined {
    return this.#settings?.recent;
  }

  /** How many bytes can still be written. */
  get room(): number {
    return this.#isFull ? 0 : this.size - this.used;
  }

  /** Where items are written. */
  get target(): Buffer {
    if (this.#whole === undefined) throw new Error('Cannot write to slab: it is compressed');
    return this.#whole.bytes;
  }

  /** Whether nothing will be written any more. */
  get isFull(): boolean {
    return this.#isFull;
  }

  /** Where `position` can be read now. */
  at(position: number): Stretch {
    const hour = this.#settings?.cooling?.hour ?? 0;
    this.readAt = hour;
    if (this.#whole !== undefined) return this.#whole;
    return this.#warmAt(position, hour);
  }

  /** The same object while it is one of those that were read last; otherwise decoded again. */
  objectAt(place: number): T {
    const { entries, recent } = this;
    const start = entries.startOf(place);
    const known = recent?.get(entries, place);
    if (known !== undefined) {
      this.#touch(start);
      return known;
    }
    const { bytes, from } = this.at(start);
    const object = entries.encodingOf(place).object(bytes, start - from, entries.endOf(place) - from);
    this.#work.decodes++;
    recent?.set(entries, place, object);
    return object;
  }

  /** How many bytes must be decompressed to read at `position`. */
  missingAt(position: number): number {
    return this.#cold?.missingAt(position) ?? 0;
  }

  /** What `item` says now stands from `used` to `to`, and is that of `slot`. @returns its place. */
  append(item: EncodedItem<T>, to: number, slot: number): number {
    this.#extend(to);
    return this.entries.add(item, to, slot);
  }

  /** What stands in another slab now stands here too, from `used` to `to`. @returns its place. */
  adopt({ entries }: Slab<T>, place: number, to: number): number {
    this.#extend(to);
    return this.entries.addFrom(entries, place, to);
  }

  /** The state has no longer what stands at `place`: its bytes stay. */
  remove(place: number): void {
    this.entries.leave(place);
    this.#count(this.entries.startOf(place) - this.entries.endOf(place));
  }

  /** Nothing will be written any more. */
  close(): void {
    this.#isFull = true;
    this.entries.close();
    const cooling = this.#settings?.cooling;
    if (cooling === undefined || this.size > maxColdBytes) return;
    this.readAt = cooling.hour; // what was just written is not cold
    cooling.add(this);
  }

  /** The state lets go of it. Whoever holds an item or an object of it does not. */
  retire(): void {
    const settings = this.#settings;
    if (settings === undefined) return;
    const { tally, allocator, cooling } = settings;
    cooling?.remove(this);
    this.#forgetObjects();
    const warm = this.#cold?.cool(Number.POSITIVE_INFINITY) ?? [];
    tally.slabs--;
    tally.sizeBytes -= this.#cold?.sizeBytes ?? this.size;
    for (const { length } of warm) tally.sizeBytes -= length;
    tally.liveBytes -= this.live;
    if (this.#cold) tally.compressedSlabs--;
    this.#settings = undefined;
    if (this.#whole) allocator.retired?.(this.#whole.bytes);
    for (const bytes of warm) allocator.retired?.(bytes);
  }

  pieces(): Buffer[] {
    const { bytes } = this.#whole ?? {};
    return bytes ? this.#cuts.map((from, index) => bytes.subarray(from, this.#cuts[index + 1] ?? this.used)) : [];
  }

  freeze(pieces: readonly Buffer[]): void {
    const { bytes } = this.#whole ?? {};
    if (bytes === undefined || this.#settings === undefined) return;
    this.#cold = new ColdBlocks([...this.#cuts, this.used], pieces);
    this.#whole = undefined;
    this.#forgetObjects();
    const { tally, allocator } = this.#settings;
    tally.compressedSlabs++;
    tally.sizeBytes += this.#cold.sizeBytes - this.size;
    allocator.retired?.(bytes);
  }

  cool(hour: number): boolean {
    if (this.#cold === undefined || this.#settings === undefined) return false;
    const cooled = this.#cold.cool(hour);
    if (cooled.length > 0) this.#forgetObjects();
    for (const bytes of cooled) {
      this.#settings.tally.sizeBytes -= bytes.length;
      this.#settings.allocator.retired?.(bytes);
    }
    return this.#cold.isWarm;
  }

  /** What is at `position` was read without its bytes. */
  #touch(position: number): void {
    const cooling = this.#settings?.cooling;
    if (cooling === undefined) return;
    this.readAt = cooling.hour;
    this.#cold?.touch(position, cooling.hour);
  }

  #warmAt(position: number, hour: number): Stretch {
    const cold = this.#cold;
    if (cold === undefined) throw new Error('Cannot read slab: it has no bytes');
    const before = cold.sizeBytes;
    const stretch = cold.at(position, hour);
    const more = cold.sizeBytes - before;
    if (more > 0 && this.#settings) {
      this.#settings.tally.sizeBytes += more;
      this.#settings.cooling?.add(this);
    }
    return stretch;
  }

  /** Objects that read bytes which the state does not need any more. */
  #forgetObjects(): void {
    this.recent?.forgetAll(this.entries);
  }

  /** Bytes up to `to` belong to one more item. */
  #extend(to: number): void {
    const { used } = this;
    if (used - (this.#cuts.at(-1) ?? 0) >= this.#blockBytes) this.#cuts.push(used);
    this.#count(to - used);
  }

  #count(bytes: number): void {
    this.live += bytes;
    if (this.#settings) this.#settings.tally.liveBytes += bytes;
  }
}
