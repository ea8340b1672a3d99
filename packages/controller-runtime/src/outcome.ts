import { checkOptions, type OptionRules, rules, valueRule } from '@bowline/apimachinery/arguments';
import type { ReconcileOutcomeLabel } from './controller-metrics.ts';
import type { Reconcile, ReconcileResult } from './reconcile.ts';

/** How a run ended. */
export type Outcome =
  | { readonly type: 'success' }
  | { readonly type: 'requeue'; readonly priority?: number | undefined }
  | { readonly type: 'requeue_after'; readonly afterMs: number; readonly priority?: number | undefined }
  | { readonly type: 'error'; readonly error: unknown };

// The labels of the metric are the types of the union.
type _OutcomesAreLabels = Outcome['type'] extends ReconcileOutcomeLabel ? true : never;

const success: Outcome = Object.freeze({ type: 'success' });
const requeue: Outcome = Object.freeze({ type: 'requeue' });

const resultRules: OptionRules<ReconcileResult> = {
  requeueAfterMs: valueRule(
    'a finite number, 0 or more',
    (value): value is number => typeof value === 'number',
    (value) => value >= 0 && value < Number.POSITIVE_INFINITY,
  ),
  requeue: rules.boolean,
  priority: valueRule(
    'an integer',
    (value): value is number => typeof value === 'number',
    (value) => Number.isInteger(value),
  ),
};

/** What a reconciler's result asks for. A result that makes no sense is an error of the reconciler. */
export function outcomeOf(result: Awaited<ReturnType<Reconcile>>): Outcome {
  if (!result) return success;
  try {
    checkOptions<ReconcileResult>('requeue', result, resultRules, 'result');
  } catch (error) {
    return { type: 'error', error };
  }
  const { requeueAfterMs: afterMs, priority } = result;
  const ranked = priority === undefined ? {} : { priority };
  if (afterMs !== undefined) return afterMs === 0 ? success : { type: 'requeue_after', afterMs, ...ranked };
  if (!result.requeue) return success;
  return priority === undefined ? requeue : { type: 'requeue', priority };
}
