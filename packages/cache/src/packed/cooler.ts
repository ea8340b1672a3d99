import type { Timer } from '@bowline/apimachinery';
import { Slices } from '../slices.ts';
import { compress } from './cold-blocks.ts';
import { isNoMemory } from './no-memory.ts';
import type { Coolable, Cooling, StorageClock } from './ports.ts';

/** How many hours of a cooler make the time after which something is cold. */
const hoursUntilCold = 4;

/** Compresses slabs that nobody has read for a time. Its timer runs only while there is something that can become cold. */
export class Cooler implements Cooling {
  hour = 0;
  readonly #clock: StorageClock;
  readonly #hourMs: number;
  readonly #slabs = new Set<Coolable>();
  #timer: Timer | undefined;
  #isCooling = false;
  #isClosed = false;

  /** @param coldAfterMs Milliseconds, more than 0. What was not read for that long is cold, a quarter of it later at most. */
  constructor(clock: StorageClock, coldAfterMs: number) {
    this.#clock = clock;
    this.#hourMs = coldAfterMs / hoursUntilCold;
  }

  add(slab: Coolable): void {
    if (this.#isClosed) return;
    this.#slabs.add(slab);
    this.#wait();
  }

  remove(slab: Coolable): void {
    this.#slabs.delete(slab);
    if (this.#slabs.size === 0) this.#rest();
  }

  /** Compresses nothing any more. What is compressed stays so. */
  close(): void {
    this.#isClosed = true;
    this.#slabs.clear();
    this.#rest();
  }

  #wait(): void {
    if (this.#timer !== undefined || this.#isCooling || this.#slabs.size === 0) return;
    this.#timer = this.#clock.setTimer(this.#hourMs, () => void this.#strike(), { unref: true });
  }

  #rest(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  /** An hour has passed. */
  async #strike(): Promise<void> {
    this.#timer = undefined;
    this.#isCooling = true;
    this.hour++;
    // What was read in the hour before has not been cold for the whole of the oldest one.
    const hour = this.hour - hoursUntilCold - 1;
    const slices = new Slices(this.#clock, 1);
    try {
      for (const slab of [...this.#slabs]) {
        if (slab.readAt <= hour) await this.#compress(slab, hour, slices);
        if (!slab.cool(hour) && slab.pieces().length === 0) this.#slabs.delete(slab);
      }
    } catch (error) {
      if (!isNoMemory(error)) throw error;
      // What is left stays as it is, and can be read, until the next hour.
    } finally {
      this.#isCooling = false;
      this.#wait();
    }
  }

  async #compress(slab: Coolable, hour: number, slices: Slices): Promise<void> {
    const compressed: Buffer[] = [];
    for (const piece of slab.pieces()) {
      compressed.push(compress(piece));
      if (slices.isDue()) await slices.pause();
      if (slab.readAt > hour || !this.#slabs.has(slab)) return;
    }
    if (compressed.length > 0) slab.freeze(compressed);
  }
}
