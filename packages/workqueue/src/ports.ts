import type { Clock } from '@bowline/apimachinery';

/** What a queue needs of time. Every `Clock` of apimachinery has it. */
export type QueueClock = Pick<Clock, 'monotonic' | 'setTimer' | 'turn'>;

/** What makes two keys the same key: the key itself, or what the option `keyOf` returns. */
export type KeyId = string | number;

/** What an ordering is told of a key that waits. */
export interface Ordered<K> {
  readonly key: K;
  /** Never falls while the key waits. 0 unless the queue is a `PriorityQueue`. */
  readonly priority: number;
  /** Belongs to the ordering: it may keep here where it put the key. */
  place: unknown;
}

/**
 * The order in which ready keys are handed out. A queue makes its own, so none is shared.
 *
 * @see client-go util/workqueue/queue.go `Queue`
 */
export interface Ordering<I> {
  readonly length: number;
  /** Keys come out by priority: then the metric of the depth has a series for each priority. @default false */
  readonly hasPriorities?: boolean | undefined;
  push(item: I): void;
  /** `item`, which waits here already, was added once more. */
  touch(item: I): void;
  /** Takes out the item that is next. Undefined only when there is none. */
  pop(): I | undefined;
}

/**
 * Says how long a failing key has to wait. Sees the key's identity (`KeyId`), so that a limiter works for keys of any type.
 *
 * @see client-go util/workqueue/default_rate_limiters.go `TypedRateLimiter`
 */
export interface RateLimiter {
  /** Counts one more failure of `key` and returns the delay in milliseconds before it may be tried again: 0 or more, finite. */
  when(key: KeyId): number;
  /** Forgets the failures of `key`: it succeeded, or is given up. */
  forget(key: KeyId): void;
  /** How many failures of `key` have been counted since it was forgotten. */
  numRequeues(key: KeyId): number;
}
