import type { MetricDescription, Metrics } from '@bowline/apimachinery';

/** From 10 ns, ten times each. @see controller-runtime pkg/metrics/workqueue.go, which has two buckets more than client-go */
const buckets: readonly number[] = Array.from({ length: 12 }, (_, power) => 10 ** (power - 8));

/**
 * Gives the metrics of a work queue the labels and buckets that controller-runtime gives them. The depth has a series per priority;
 * the label is empty where the queue has none.
 */
export function queueMetrics(metrics: Metrics, controller: string): Metrics {
  const adapt = (description: MetricDescription): MetricDescription => ({
    ...description,
    ...(description.buckets ? { buckets } : {}),
    labels: {
      ...(description.name === 'workqueue_depth' ? { priority: '' } : {}),
      ...description.labels,
      controller,
    },
  });
  return {
    counter: (description) => metrics.counter(adapt(description)),
    gauge: (description) => metrics.gauge(adapt(description)),
    histogram: (description) => metrics.histogram(adapt(description)),
    remove: (description) => metrics.remove(adapt(description)),
  };
}
