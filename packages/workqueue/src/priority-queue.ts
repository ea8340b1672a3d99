import type { Asked, Cause } from './causes.ts';
import { aBoolean, aDelay, aFunction, aNumber, check, checkOptions, type Rules } from './checks.ts';
import type { DelayedAddOptions } from './delaying-queue.ts';
import { aRateLimiter, perKeyFrom } from './limiters.ts';
import type { KeyId, Ordered, Ordering } from './ports.ts';
import { PriorityOrder } from './priority-order.ts';
import { type AddOptions, adding, addRules, commonRules, creating, type QueueArguments } from './queue.ts';
import { RateLimitingQueue, type RateLimitingQueueOptions } from './rate-limiting-queue.ts';
import { systemClock } from './system-clock.ts';

/** Settings of a priority queue. */
export interface PriorityQueueOptions<K> extends Omit<RateLimitingQueueOptions<K>, 'ordering'> {
  /**
   * How long a key may wait for keys of higher priority, in milliseconds, above 0. After that it comes next, or next but one if the last key was
   * such a key. If this is shorter than a flood takes to be worked off, half of the workers' time goes to the flood.
   *
   * @default Infinity: as long as there are keys of higher priority
   */
  readonly maxStarvationMs?: number | undefined;
  /**
   * Between keys of one priority: who takes turns, so that a flood of one does not hold up the others. `'namespace'` is what comes before the last `/`
   * of the key's identity; a function names the group of a key.
   *
   * @default nobody: first in, first out
   */
  readonly fairBy?: 'namespace' | ((key: K) => KeyId) | undefined;
}

/** How a key is ranked. */
export interface PriorityOptions<C> extends AddOptions<C> {
  /** An integer; keys with a higher one come first. @default 0 */
  readonly priority?: number | undefined;
}

/** How a key is added to a priority queue. */
export interface PriorityAddOptions<C> extends PriorityOptions<C>, DelayedAddOptions<C> {
  /** Waits as long as the limiter asks for, which counts this as a failure; with `afterMs` the longer of both. @default false */
  readonly rateLimited?: boolean | undefined;
}

/**
 * A `RateLimitingQueue` that hands out keys of higher priority first.
 *
 * A key is in it once: added again, it has the highest of its priorities and the earliest of its times, and one that could be handed out already
 * does not wait again. If its priority rises it goes to the end of those that have it.
 *
 * - **Urgent**: of the keys that can be handed out one of the highest priority comes first.
 * - **Aging**: no key waits longer than `maxStarvationMs` for keys of higher priority.
 * - **Even-handed**: with `fairBy` the groups of one priority take turns.
 *
 * Upstream's default limiter here is per key alone, 5 ms to 1000 s, and so is ours.
 *
 * | | cost |
 * |---|---|
 * | add, get, done | O(1), and O(log priorities) for the first and last key of a priority |
 * | add of a key that waits | O(1), allocates nothing unless it has a cause or a higher priority |
 *
 * @example
 * ```ts
 * import { PriorityQueue } from '@bowline/workqueue';
 *
 * const queue = new PriorityQueue<string>({ maxStarvationMs: 60_000, fairBy: 'namespace' });
 * queue.add('default/old', { priority: -100 });
 * queue.add('default/new');
 * (await queue.get())?.key; // 'default/new'
 * ```
 * @see controller-runtime pkg/controller/priorityqueue/priorityqueue.go
 */
export class PriorityQueue<K = string, C = Cause> extends RateLimitingQueue<K, C> {
  /**
   * @throws {TypeError} when an option has another type or an unknown name.
   * @throws {RangeError} when `maxStarvationMs` is not above 0.
   */
  constructor(...args: QueueArguments<K, PriorityQueueOptions<K>>) {
    super(...queueArguments(args));
  }

  /** How many keys wait to be handed out, with those that wait until their present work is done. */
  override get length(): number {
    return super.length + this.blocked;
  }

  /**
   * Queues `key`, or ranks it anew if it is queued already.
   *
   * After shutdown the key is ignored and counted (`droppedAfterShutdown`).
   *
   * @throws {RangeError} when `priority` is not an integer, or `afterMs` negative, infinite or `NaN`.
   * @see controller-runtime pkg/controller/priorityqueue/priorityqueue.go `AddWithOpts`
   */
  override add(key: K, options?: PriorityAddOptions<C>): void {
    checkOptions(adding, options, allRules);
    if (options?.rateLimited) this.acceptRateLimited(key, options, options.afterMs);
    else this.acceptIn(key, options);
  }

  override addAfter(key: K, delayMs: number, options?: PriorityOptions<C>): void {
    check(adding, 'delayMs', delayMs, aDelay);
    checkOptions(adding, options, rankRules);
    this.acceptAfter(key, delayMs, options);
  }

  override addRateLimited(key: K, options?: PriorityOptions<C>): void {
    checkOptions(adding, options, rankRules);
    this.acceptRateLimited(key, options);
  }

  /** What is queued already does not wait again. */
  protected override acceptAfter(key: K, delayMs: number, asked: Asked<C> | undefined): void {
    super.acceptAfter(key, this.isQueued(this.idOf(key)) ? 0 : delayMs, asked);
  }

  protected override accept(key: K, asked: Asked<C> | undefined): void {
    const waited = this.waiting === 0 ? undefined : this.endWait(this.idOf(key));
    waited?.merge(asked);
    super.accept(key, waited ?? asked);
  }
}

const rankRules: Rules = { ...addRules, priority: aNumber('an integer', Number.isInteger) };
const allRules: Rules = { ...rankRules, afterMs: aDelay, rateLimited: aBoolean };
const priorityQueueRules: Rules = {
  ...commonRules,
  limiter: aRateLimiter,
  maxStarvationMs: aNumber('above 0', (ms) => ms > 0),
  fairBy: [aFunction[0], (value) => value === 'namespace' || aFunction[1](value)],
};

/** Gives the queue its order. */
function queueArguments<K>(
  args: QueueArguments<K, PriorityQueueOptions<K>>,
): QueueArguments<K, RateLimitingQueueOptions<K>> {
  const [options = {}] = args as [options?: PriorityQueueOptions<K>];
  checkOptions(creating, options, priorityQueueRules);
  const { maxStarvationMs = Infinity, fairBy, clock = systemClock, limiter = perKeyFrom(5), ...others } = options;
  const namespaceOf = (key: K): string => {
    return /^(.*)\//s.exec(String(options.keyOf?.(key) ?? key))?.[1] ?? '';
  };
  const groupOf = fairBy === 'namespace' ? namespaceOf : fairBy;
  const order = (): Ordering<Ordered<K>> => new PriorityOrder({ clock }, { groupOf, maxStarvationMs });
  return [{ ...others, clock, limiter, ordering: order }] as unknown as QueueArguments<K, RateLimitingQueueOptions<K>>;
}
