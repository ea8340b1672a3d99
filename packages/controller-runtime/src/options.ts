import type { RateLimiter } from '@bowline/workqueue';

/** Settings of a controller. What is left out comes from the manager's `controller` option. */
export interface ControllerOptions {
  /** How many keys are reconciled at the same time; an integer of 1 or more. The same key never is. @default 1 */
  readonly maxConcurrentReconciles?: number | undefined;
  /**
   * Milliseconds after which a run's signal aborts and the run counts as failed; 0 means never. The worker is free then, but the key does
   * not run again before its reconciler has really ended. @default 0
   */
  readonly reconciliationTimeoutMs?: number | undefined;
  /**
   * Milliseconds in which everything that exists must have been seen at the start, more than 0. Too little fails on big clusters,
   * too much hides that a kind cannot be watched. @default 120_000
   */
  readonly cacheSyncTimeoutMs?: number | undefined;
  /** Milliseconds that running reconciles may go on undisturbed after the stop, before their signals abort. @default a third of the manager's grace period */
  readonly drainMs?: number | undefined;
  /**
   * How long a failing key waits.
   *
   * @default 5 ms, doubled with each failure up to 1,000 s, per key; without priority queue also 10 keys per second in all, in bursts of 100
   */
  readonly rateLimiter?: (() => RateLimiter) | undefined;
  /** Reconciles what changes now before what existed at the start and what a resync brings. False: first in, first out. @default true */
  readonly usePriorityQueue?: boolean | undefined;
  /**
   * Milliseconds that a key may wait for keys of higher priority, more than 0; after that it comes next, or next but one. `Infinity` lets it
   * wait as long as there are any. Only with priority queue. @default 60_000
   */
  readonly maxStarvationMs?: number | undefined;
}

/** `ControllerOptions` with every default filled in. */
export interface ResolvedControllerOptions {
  readonly maxConcurrentReconciles: number;
  readonly reconciliationTimeoutMs: number;
  readonly cacheSyncTimeoutMs: number;
  readonly drainMs: number;
  readonly usePriorityQueue: boolean;
  readonly maxStarvationMs: number;
}

/**
 * Fills in the defaults. Options were checked when they were given.
 *
 * @see controller-runtime pkg/controller `Options`; there a stop aborts running reconciles at once, and low priorities may wait for ever
 */
export function resolveControllerOptions(
  options: ControllerOptions,
  defaults: ControllerOptions & { readonly drainMs: number },
): ResolvedControllerOptions {
  const {
    maxConcurrentReconciles = defaults.maxConcurrentReconciles ?? 1,
    reconciliationTimeoutMs = defaults.reconciliationTimeoutMs ?? 0,
    cacheSyncTimeoutMs = defaults.cacheSyncTimeoutMs ?? 120_000,
    drainMs = defaults.drainMs,
    usePriorityQueue = defaults.usePriorityQueue ?? true,
    maxStarvationMs = defaults.maxStarvationMs ?? 60_000,
  } = options;
  return {
    maxConcurrentReconciles,
    reconciliationTimeoutMs,
    cacheSyncTimeoutMs,
    drainMs,
    usePriorityQueue,
    maxStarvationMs,
  };
}
