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
  readonly merged: Counter;
  readonly errors: Counter;
  /** How many merged changes have been counted. */
  counted: number;
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
  /** What the storage takes; 0 for plain objects, which nobody can measure. */
  readonly bytes: Gauge;
  /** 1 once the cache has had a full state. */
  readonly synced: Gauge;
  readonly #storeVersion: Gauge;
  readonly #lastEvent: Gauge;
  readonly #metrics: Metrics;
  readonly #labels: Readonly<Record<string, string>>;
  readonly #handlers: Map<string, HandlerSeries> = new Map();
  readonly #descriptions: Map<string, MetricDescription> = new Map();

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
    this.bytes = metrics.gauge(
      this.#describe('informer_store_bytes', 'Bytes that the store of an informer takes, 0 for plain objects'),
    );
    this.synced = metrics.gauge(this.#describe('informer_synced', '1 once the store of an informer is complete'));
    this.#lastEvent = metrics.gauge(
      this.#describe(
        'informer_last_event_timestamp_seconds',
        'Unix time at which an informer last got something from the server; time() minus this is its age',
      ),
    );
  }

  /** Its last 15 digits, which is what a float holds exactly. */
  storeVersion(resourceVersion: string): void {
    if (isComparableResourceVersion(resourceVersion)) this.#storeVersion.set(Number(resourceVersion.slice(-15)));
  }

  /** @param at Milliseconds since the Unix epoch. */
  lastEvent(at: number | undefined): void {
    if (at !== undefined) this.#lastEvent.set(at / 1000);
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
      const merged = this.#describe(
        'informer_handler_merged_total',
        'Changes that were merged into later ones because their handler was behind',
        { handler },
      );
      const errors = this.#describe('informer_handler_errors_total', 'Calls of a handler that failed', { handler });
      series = {
        pending: this.#metrics.gauge(pending),
        merged: this.#metrics.counter(merged),
        errors: this.#metrics.counter(errors),
        counted: 0,
      };
      this.#handlers.set(handler, series);
    }
    return series;
  }

  /** How far a handler is behind. */
  backlog(handler: string, { pending, merged }: { readonly pending: number; readonly merged: number }): void {
    const series = this.handler(handler);
    series.pending.set(pending);
    if (merged > series.counted) series.merged.add(merged - series.counted);
    series.counted = merged;
  }

  removeHandler(handler: string): void {
    if (!this.#handlers.delete(handler)) return;
    for (const [id, description] of this.#descriptions) {
      if (description.labels?.handler !== handler) continue;
      this.#metrics.remove(description);
      this.#descriptions.delete(id);
    }
  }

  /** Nothing is reported any more. */
  close(): void {
    for (const description of this.#descriptions.values()) this.#metrics.remove(description);
  }

  #describe(name: string, help: string, more: Readonly<Record<string, string>> = {}): MetricDescription {
    const description = { name, help, labels: { ...this.#labels, ...more } };
    this.#descriptions.set(JSON.stringify([name, more]), description);
    return description;
  }
}
