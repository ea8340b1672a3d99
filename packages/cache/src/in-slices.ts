import { systemClock } from '@bowline/apimachinery';
import { checkOptions, checkValue, rules, valueRule, withMethods } from '@bowline/apimachinery/arguments';
import type { CacheClock } from './ports.ts';
import { Slices } from './slices.ts';

/** How a loop gives way. */
export interface InSlicesOptions {
  /** @default `systemClock` */
  readonly clock?: CacheClock | undefined;
  /** Ends the loop with its reason. */
  readonly signal?: AbortSignal | undefined;
}

const iterableRule = valueRule(
  'an iterable',
  (value): value is Iterable<unknown> => typeof value === 'object' && value !== null && Symbol.iterator in value,
);

/**
 * The same values, a few milliseconds' worth at a time: timers and connections have their turn in between. For long loops over a cache,
 * which see the state at their start to their end, and may decode what they read.
 *
 * @throws {TypeError} when `values` is no iterable. The reason of `signal` once that aborts.
 * @example
 * ```ts
 * import type { KubernetesObject } from '@bowline/apimachinery';
 * import { Indexer, inSlices } from '@bowline/cache';
 *
 * const cache = new Indexer<KubernetesObject>();
 * for await (const object of inSlices(cache.list())) console.log(object.metadata.name);
 * ```
 */
export function inSlices<V>(values: Iterable<V>, options: InSlicesOptions = {}): AsyncGenerator<V, void, undefined> {
  checkValue('loop in slices', 'values', values, iterableRule);
  checkOptions<InSlicesOptions>('loop in slices', options, {
    clock: withMethods('a clock', 'monotonic', 'turn'),
    signal: rules.signal,
  });
  return loop(values, new Slices(options.clock ?? systemClock, 1), options.signal);
}

async function* loop<V>(
  values: Iterable<V>,
  slices: Slices,
  signal: AbortSignal | undefined,
): AsyncGenerator<V, void, undefined> {
  signal?.throwIfAborted();
  for (const value of values) {
    yield value;
    if (slices.isDue()) await slices.pause(signal);
  }
}
