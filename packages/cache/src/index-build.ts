import type { Contents } from './contents.ts';
import type { CacheClock } from './ports.ts';
import type { ValuesIn } from './prepare-state.ts';
import type { SecondaryIndex } from './secondary-index.ts';
import { Slices } from './slices.ts';

/** An index on its way, built in slices beside a state that goes on changing. */
export class IndexBuild<T> {
  readonly #index: SecondaryIndex<T>;
  readonly #contents: Contents<T>;
  /** A key is either filed or in here. */
  readonly #unfiled = new Set<string>();

  constructor(index: SecondaryIndex<T>, contents: Contents<T>) {
    this.#index = index;
    this.#contents = contents;
  }

  /** What is held under `key` is about to change: it is filed later, as it is then. */
  changing(key: string): void {
    if (this.#unfiled.has(key)) return;
    this.#contents.file(this.#index, key, undefined);
    this.#unfiled.add(key);
  }

  /** Ends with the index among those of the state. @throws what `valuesIn` throws. */
  async run(valuesIn: ValuesIn<T>, clock: CacheClock): Promise<void> {
    const contents = this.#contents;
    const slices = new Slices(clock);
    for (const key of contents.keys()) {
      this.#unfiled.add(key);
      if (slices.isDue()) await slices.pause();
    }
    let hasPausedAtEnd = false;
    for (const key of this.#unfiled) {
      const item = contents.get(key);
      if (item) contents.file(this.#index, key, valuesIn(this.#index, item));
      this.#unfiled.delete(key); // comes back when the object changes
      // Who waits for the index has a turn of his own, but for what changes in that pause.
      const isEnd = this.#unfiled.size === 0 && !hasPausedAtEnd;
      if (isEnd) hasPausedAtEnd = true;
      if (slices.isDue() || isEnd) await slices.pause();
    }
    contents.indexes.push(this.#index); // in the turn in which the last key was filed
  }
}
