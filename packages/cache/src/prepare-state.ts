import { abortError, type Item, type Transition } from '@bowline/apimachinery';
import type { Contents } from './contents.ts';
import type { CacheClock } from './ports.ts';
import type { SecondaryIndex, Values } from './secondary-index.ts';
import { Slices } from './slices.ts';
import type { StagingStep } from './staging.ts';

/** How a new state is prepared. */
export interface PrepareSettings {
  readonly clock: CacheClock;
  /** There was no full state before. */
  readonly isInitial: boolean;
  readonly signal: AbortSignal | undefined;
}

/** What a swap needs. */
export interface PreparedState<T> {
  readonly next: Contents<T>;
  /** From the state at the start: deletions, then everything that was staged. */
  readonly transitions: readonly Transition<T>[];
}

/** What an index files an item under. */
export type ValuesIn<T> = (index: SecondaryIndex<T>, item: Item<T>) => Values;

/**
 * Builds a state with its indexes beside the current one and compares the two, in slices.
 *
 * One map grows at a time: that is the one step that cannot be cut, some 10 ms at 150,000 entries.
 *
 * @throws the reason of the signal when that aborts, and what `valuesIn` throws.
 */
export async function prepareState<T>(
  current: Contents<T>,
  steps: readonly StagingStep<T>[],
  valuesIn: ValuesIn<T>,
  { clock, isInitial, signal }: PrepareSettings,
): Promise<PreparedState<T>> {
  if (signal?.aborted) throw abortError(signal);
  const slices = new Slices(clock);
  const next = current.empty();
  const kept = new Set<string>();
  for (const step of steps) {
    if (step.type === 'put') {
      for (const item of step.items) {
        next.set(item);
        if (kept.size > 0) kept.delete(item.key);
        if (slices.isDue()) await slices.pause(signal);
      }
    } else if (step.type === 'remove') {
      next.delete(step.key);
      kept.delete(step.key);
    } else {
      const item = next.get(step.key) ? undefined : current.get(step.key);
      if (item) {
        next.set(item);
        kept.add(step.key);
      }
    }
    if (slices.isDue()) await slices.pause(signal);
  }
  for (const index of next.indexes) {
    for (const item of next.items(itself)) {
      next.file(index, item.key, valuesIn(index, item));
      if (slices.isDue()) await slices.pause(signal);
    }
  }

  const transitions: Transition<T>[] = [];
  for (const old of current.items(itself)) {
    if (!next.get(old.key)) transitions.push({ key: old.key, old, initial: false, finalStateUnknown: true });
    if (slices.isDue()) await slices.pause(signal);
  }
  for (const item of next.items(itself)) {
    if (slices.isDue()) await slices.pause(signal);
    if (kept.has(item.key)) continue;
    const old = current.get(item.key);
    transitions.push({ key: item.key, old, new: item, initial: isInitial, finalStateUnknown: false });
  }
  return { next, transitions };
}

function itself<V>(value: V): V {
  return value;
}
