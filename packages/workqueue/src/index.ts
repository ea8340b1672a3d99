/** Hands each key to one worker at a time, with delays, rate limits and retries. */
export type { Cause, Caused } from './causes.ts';
export { type DelayedAddOptions, DelayingQueue } from './delaying-queue.ts';
export {
  type BucketOptions,
  BucketRateLimiter,
  defaultControllerRateLimiter,
  defaultItemBasedRateLimiter,
  type FastSlowOptions,
  ItemExponentialFailureRateLimiter,
  ItemFastSlowRateLimiter,
  MaxOfRateLimiter,
  maxOf,
  WithMaxWaitRateLimiter,
  withMaxWait,
} from './limiters.ts';
export { type ParallelizeOptions, parallelizeUntil } from './parallelize-until.ts';
export type { KeyId, Ordered, Ordering, QueueClock, RateLimiter } from './ports.ts';
export {
  type PriorityAddOptions,
  type PriorityOptions,
  PriorityQueue,
  type PriorityQueueOptions,
} from './priority-queue.ts';
export { type AddOptions, type GetOptions, type QueueArguments, type QueueOptions, WorkQueue } from './queue.ts';
export {
  RateLimitingQueue,
  type RateLimitingQueueOptions,
  type WorkContext,
  type WorkHandler,
  type WorkOptions,
} from './rate-limiting-queue.ts';
export type { WorkItem } from './work-item.ts';
