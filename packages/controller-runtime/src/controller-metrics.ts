import type { Counter, Gauge, Histogram, Metrics } from '@bowline/apimachinery';

/** How a reconcile ended, as the label `result` says it. */
export type ReconcileOutcomeLabel = 'success' | 'error' | 'requeue' | 'requeue_after';

/** @see controller-runtime pkg/internal/controller/metrics `ReconcileTime` */
const reconcileTimeBuckets = [
  0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.25, 1.5, 1.75,
  2.0, 2.5, 3.0, 3.5, 4.0, 4.5, 5, 6, 7, 8, 9, 10, 15, 20, 25, 30, 40, 50, 60,
];

/** The metrics of one controller, under the names that controller-runtime gives them. @see pkg/internal/controller/metrics */
export interface ControllerMetrics {
  readonly total: Readonly<Record<ReconcileOutcomeLabel, Counter>>;
  readonly errors: Counter;
  readonly terminalErrors: Counter;
  readonly timeouts: Counter;
  readonly timeSeconds: Histogram;
  readonly maxConcurrent: Gauge;
  readonly activeWorkers: Gauge;
}

/** Makes the series of `controller`. */
export function controllerMetrics(metrics: Metrics, controller: string): ControllerMetrics {
  const labels = { controller };
  const counter = (name: string, help: string): Counter => metrics.counter({ name, help, labels });
  const result = (label: ReconcileOutcomeLabel): Counter =>
    metrics.counter({
      name: 'controller_runtime_reconcile_total',
      help: 'Reconciliations by how they ended',
      labels: { ...labels, result: label },
    });
  return {
    total: {
      success: result('success'),
      error: result('error'),
      requeue: result('requeue'),
      requeue_after: result('requeue_after'),
    },
    errors: counter('controller_runtime_reconcile_errors_total', 'Reconciliations that failed'),
    terminalErrors: counter(
      'controller_runtime_terminal_reconcile_errors_total',
      'Reconciliations that failed with an error that is not retried',
    ),
    timeouts: counter('controller_runtime_reconcile_timeouts_total', 'Reconciliations that took longer than allowed'),
    timeSeconds: metrics.histogram({
      name: 'controller_runtime_reconcile_time_seconds',
      help: 'How long reconciliations take',
      labels,
      buckets: reconcileTimeBuckets,
    }),
    maxConcurrent: metrics.gauge({
      name: 'controller_runtime_max_concurrent_reconciles',
      help: 'How many reconciliations may run at the same time',
      labels,
    }),
    activeWorkers: metrics.gauge({
      name: 'controller_runtime_active_workers',
      help: 'How many reconciliations run now',
      labels,
    }),
  };
}
