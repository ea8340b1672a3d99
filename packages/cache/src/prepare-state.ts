import { abortError, type Item, type Transition } from '@bowline/apimachinery';
import type { Contents } from './contents.ts';
import type { Values } from './filing.ts';
import type { CacheClock } from './ports.ts';
import type { SecondaryIndex } from './secondary-index.ts';
import { Slices } from './slices.ts';
import type { Staged } from './staging.ts';

/** How a new state is prepared. */
export interface PrepareSettings {
  readonly clock: CacheClock;
  readonly signal: AbortSignal | undefined;
}

/** What an index files an item under. */
export type ValuesIn<T> = (index: SecondaryIndex<T>, item: Item<T>) => Values;

/**
 * Completes a staged state with what is kept of the current one and with its indexes, and compares the two, in slices.
 *
 * @returns the deletions: what the current state has and the next has not.
 *
 * One map grows at a time: that is the one step that cannot be cut, some 10 ms at 150,000 entries.
 *
 * @throws the reason of the signal when that aborts, and what `valuesIn` throws.
 */
export async function prepareState<T>(
  current: Contents<T>,
  { next, kept }: Staged<T>,
  valuesIn: ValuesIn<T>,
  { clock, signal }: PrepareSettings,
): Promise<Transition<T>[]> {
  if (signal?.aborted) throw abortError(signal);
  const slices = new Slices(clock);
  for (const key of kept) {
    const item = current.get(key);
    if (item) next.set(item);
    if (slices.isDue()) await slices.pause(signal);
  }
  next.indexes.push(...current.indexes.map((index) => index.empty()));
  for (const index of next.indexes) {
    const valuesOf = (item: Item<T>): Values => valuesIn(index, item);
    for (let slot = 0; slot < next.slotCount; slot++) {
      next.fileSlot(index, slot, valuesOf);
      if (slices.isDue()) await slices.pause(signal);
    }
  }

  const gone: Transition<T>[] = [];
  for (const key of current.keys()) {
    if (!next.has(key)) gone.push({ key, old: current.get(key), initial: false, finalStateUnknown: true });
    if (slices.isDue()) await slices.pause(signal);
  }
  return gone;
}
