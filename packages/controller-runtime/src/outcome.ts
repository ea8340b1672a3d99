import type { ReconcileOutcomeLabel } from './controller-metrics.ts';
import type { Reconcile } from './reconcile.ts';

/** How a run ended. */
export type Outcome =
  | { readonly type: 'success' | 'requeue' }
  | { readonly type: 'requeue_after'; readonly afterMs: number }
  | { readonly type: 'error'; readonly error: unknown };

// The labels of the metric are the types of the union.
type _OutcomesAreLabels = Outcome['type'] extends ReconcileOutcomeLabel ? true : never;

const success: Outcome = Object.freeze({ type: 'success' });
const requeue: Outcome = Object.freeze({ type: 'requeue' });

/** What a reconciler's result asks for. A result that makes no sense is an error of the reconciler. */
export function outcomeOf(result: Awaited<ReturnType<Reconcile>>): Outcome {
  if (!result) return success;
  const { requeueAfterMs } = result;
  if (requeueAfterMs === undefined) return result.requeue === true ? requeue : success;
  if (requeueAfterMs === 0) return success;
  if (Number.isFinite(requeueAfterMs) && requeueAfterMs > 0) {
    return { type: 'requeue_after', afterMs: requeueAfterMs };
  }
  const rule = 'a finite number, 0 or more';
  return {
    type: 'error',
    error: new RangeError(`Cannot requeue: requeueAfterMs must be ${rule}, got ${requeueAfterMs}`),
  };
}
