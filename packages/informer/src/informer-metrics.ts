import {
  type Counter,
  type Gauge,
  type Histogram,
  isComparableResourceVersion,
  type MetricDescription,
  type Metrics,
} from '@bowline/apimachinery';
import type { InformerIdentity } from './options.ts';

/** component-base metrics/prometheus/clientgo, of the latency histogram */
const LATENCY_BUCKETS = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** The series of one handler. */
interface HandlerSeries {
  readonly pending: Gauge;
  readonly errors: Counter;
}

/**
 * The series of one informer, from its start to its end. The first three are upstream's; upstream has none of the others.
 *
 * @see client-go tools/cache `InformerMetricsProvider`
 */
export class InformerMetrics {
  readonly queued: Gauge;
  /** Seconds that cache and hand-over to the handlers take for one commit. */
  readonly latency: Histogram;
  readonly objects: Gauge;
  readonly #storeVersion: Gauge;
  readonly #metrics: Metrics;
  readonly #labels: Readonly<Record<string, string>>;
  readonly #handlers: Map<string, HandlerSeries> = new Map();
  readonly #descriptions: MetricDescription[] = [];

  constructor(metrics: Metrics, { name, group, version, resource }: InformerIdentity) {
    this.#metrics = metrics;
    this.#labels = { name, group, version, resource };
    this.queued = metrics.gauge(this.#describe('informer_queued_items', 'Items that wait in the queue of an informer'));
    this.latency = metrics.histogram({
      ...this.#describe('informer_processing_latency_seconds', 'Time that an informer takes to process a batch'),
      buckets: LATENCY_BUCKETS,
    });
    this.#storeVersion = metrics.gauge(
      this.#describe('informer_store_resource_version', 'Resource version of the store of an informer, last 15 digits'),
    );
    this.objects = metrics.gauge(this.#describe('informer_store_objects', 'Objects in the store of an informer'));
  }

  /** Its last 15 digits, which is what a float holds exactly. */
  storeVersion(resourceVersion: string): void {
    if (isComparableResourceVersion(resourceVersion)) this.#storeVersion.set(Number(resourceVersion.slice(-15)));
  }

  fullState(cause: string): void {
    this.#metrics
      .counter(this.#describe('informer_full_states_total', 'Times that an informer read the full state', { cause }))
      .add();
  }

  handler(handler: string): HandlerSeries {
    let series = this.#handlers.get(handler);
    if (!series) {
      const pending = this.#describe('informer_handler_pending', 'Changes that wait for a handler', { handler });
      const errors = this.#describe('informer_handler_errors_total', 'Calls of a handler that failed', { handler });
      series = { pending: this.#metrics.gauge(pending), errors: this.#metrics.counter(errors) };
      this.#handlers.set(handler, series);
    }
    return series;
  }

  removeHandler(handler: string): void {
    if (!this.#handlers.delete(handler)) return;
    for (const description of this.#descriptions) {
      if (description.labels?.handler === handler) this.#metrics.remove(description);
    }
  }

  /** Nothing is reported any more. */
  close(): void {
    for (const description of this.#descriptions) this.#metrics.remove(description);
  }

  #describe(name: string, help: string, more?: Readonly<Record<string, string>>): MetricDescription {
    const description = { name, help, labels: { ...this.#labels, ...more } };
    this.#descriptions.push(description);
    return description;
  }
}
