import type { Awaitable, Logger } from '@bowline/apimachinery';
import type { CachedClient } from './cached-client.ts';
import type { Cause } from './cause.ts';
import type { RequestKey } from './request.ts';

/**
 * Brings the world closer to what the object named `key` asks for. It is told that something may have changed, not what: it reads the
 * present state and may run at any time, also when nothing has.
 *
 * Return: done until something changes. Throw: try again, with growing delays. `TerminalError`: trying again cannot help.
 */
// biome-ignore lint/suspicious/noConfusingVoidType: a function that returns nothing is the usual one
export type Reconcile = (context: ReconcileContext) => Awaitable<ReconcileResult | void>;

/** What a reconciler wants besides "done". */
export type ReconcileResult =
  | {
      /** Run again after so many milliseconds, even if nothing changes; 0 is the same as "done". A run that comes earlier decides anew. */
      readonly requeueAfterMs: number;
      readonly requeue?: undefined;
      /** How urgent that run is: an integer, higher ones come first. @default as urgent as this one */
      readonly priority?: number | undefined;
    }
  | {
      /** Run again soon, with growing delays as after an error, but without one. */
      readonly requeue: true;
      readonly requeueAfterMs?: undefined;
      /** As above. */
      readonly priority?: number | undefined;
    };

/** What a reconciler works with. `client`, `log` and `signal` are bound to this run. */
export interface ReconcileContext {
  readonly key: RequestKey;
  /** Why it runs: the first 16 things that happened since the last run, oldest first. For logs and decisions about cost, never about correctness. */
  readonly causes: readonly Cause[];
  /** How many there were. */
  readonly causeCount: number;
  /** Reads from the cache, at least as new as what was written through the manager's clients; writes to the server. */
  readonly client: CachedClient;
  /** Names the controller, the key and the run in every line. */
  readonly log: Logger;
  /** Aborts when the run should end: its time is up, or the controller has to stop. */
  readonly signal: AbortSignal;
  /** Identifies this run in logs. */
  readonly reconcileId: string;
}
