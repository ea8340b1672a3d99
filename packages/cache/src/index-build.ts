import type { Item } from '@bowline/apimachinery';
import type { Contents } from './contents.ts';
import type { Values } from './filing.ts';
import type { CacheClock } from './ports.ts';
import type { ValuesIn } from './prepare-state.ts';
import type { SecondaryIndex } from './secondary-index.ts';
import { Slices } from './slices.ts';

/** An index on its way, built in slices beside a state that goes on changing. */
export class IndexBuild<T> {
  readonly #index: SecondaryIndex<T>;
  readonly #contents: Contents<T>;
  /** Slots from this one on have not been filed. */
  #next = 0;
  /** Those before it that have changed since they were. */
  readonly #changed = new Set<number>();

  constructor(index: SecondaryIndex<T>, contents: Contents<T>) {
    this.#index = index;
    this.#contents = contents;
  }

  /** What is held under `key` is about to change: it is filed later, as it is then. */
  changing(key: string): void {
    const slot = this.#contents.slotOf(key);
    if (slot >= 0) this.#index.set(slot, undefined);
  }

  /** It has changed, or is new, or is gone. */
  changed(key: string): void {
    const slot = this.#contents.slotOf(key);
    if (slot >= 0 && slot < this.#next) this.#changed.add(slot);
  }

  /** Ends with the index among those of the state. @throws what `valuesIn` throws. */
  async run(valuesIn: ValuesIn<T>, clock: CacheClock): Promise<void> {
    const contents = this.#contents;
    const index = this.#index;
    const valuesOf = (item: Item<T>): Values => valuesIn(index, item);
    const slices = new Slices(clock);
    let hasPausedAtEnd = false;
    for (;;) {
      if (this.#next < contents.slotCount) contents.fileSlot(index, this.#next++, valuesOf);
      else {
        const [slot] = this.#changed;
        if (slot !== undefined) {
          this.#changed.delete(slot);
          contents.fileSlot(index, slot, valuesOf);
        } else if (hasPausedAtEnd) break;
        else {
          // Who waits for the index has a turn of his own, but for what changes in that pause.
          hasPausedAtEnd = true;
          await slices.pause();
          continue;
        }
      }
      if (slices.isDue()) await slices.pause();
    }
    contents.indexes.push(index); // in the turn in which the last slot was filed
  }
}
