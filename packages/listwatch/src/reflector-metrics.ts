import {
  type Counter,
  type Gauge,
  type Histogram,
  isComparableResourceVersion,
  type MetricDescription,
  type Metrics,
} from '@bowline/apimachinery';

/** Upstream measured summaries; histograms can be added up. Bounds of requests, from milliseconds to minutes. */
const LIST_SECONDS = [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60, 120, 300];
/** A watch lives for five to ten minutes when nothing disturbs it. */
const WATCH_SECONDS = [0.1, 1, 10, 30, 60, 120, 300, 450, 600, 1_200, 3_600];
const ITEMS = [0, 1, 10, 100, 1_000, 10_000, 100_000, 1_000_000];

/**
 * The series of one reflector, from its start to its end. The first eight are client-go's, which exist there but are never filled.
 *
 * @see client-go tools/cache/reflector_metrics.go
 */
export class ReflectorMetrics {
  readonly #metrics: Metrics;
  readonly #name: string;
  readonly #descriptions: MetricDescription[] = [];
  readonly #counters: Map<string, Counter> = new Map();
  readonly #lists: Counter;
  readonly #listSeconds: Histogram;
  readonly #listItems: Histogram;
  readonly #watches: Counter;
  readonly #shortWatches: Counter;
  readonly #watchSeconds: Histogram;
  readonly #watchItems: Histogram;
  readonly #lastVersion: Gauge;

  constructor(metrics: Metrics, name: string) {
    this.#metrics = metrics;
    this.#name = name;
    this.#lists = metrics.counter(this.#describe('reflector_lists_total', 'Full states that were read'));
    this.#listSeconds = metrics.histogram(
      this.#describe('reflector_list_duration_seconds', 'Time that a full state took', LIST_SECONDS),
    );
    this.#listItems = metrics.histogram(this.#describe('reflector_items_per_list', 'Objects in a full state', ITEMS));
    this.#watches = metrics.counter(this.#describe('reflector_watches_total', 'Watches that were asked for'));
    this.#shortWatches = metrics.counter(
      this.#describe('reflector_short_watches_total', 'Watches that ended within a second, without an event'),
    );
    this.#watchSeconds = metrics.histogram(
      this.#describe('reflector_watch_duration_seconds', 'Time that a watch lasted', WATCH_SECONDS),
    );
    this.#watchItems = metrics.histogram(this.#describe('reflector_items_per_watch', 'Events in a watch', ITEMS));
    this.#lastVersion = metrics.gauge(
      this.#describe('reflector_last_resource_version', 'Resource version that was reached, last 15 digits'),
    );
  }

  /** A full state of so many objects was read. */
  listed(durationMs: number, items: number, cause: string): void {
    this.#lists.add();
    this.#listSeconds.observe(durationMs / 1000);
    this.#listItems.observe(items);
    this.#counter(`cause ${cause}`, 'reflector_relists_total', 'Full states that were read, by cause', { cause }).add();
  }

  /** A watch was asked for. */
  opened(): void {
    this.#watches.add();
  }

  /** A watch with so many events is over. */
  closed(durationMs: number, events: number, isShort: boolean): void {
    this.#watchSeconds.observe(durationMs / 1000);
    this.#watchItems.observe(events);
    if (isShort) this.#shortWatches.add();
  }

  failed(kind: string): void {
    this.#counter(`kind ${kind}`, 'reflector_failures_total', 'Lists and watches that failed, by kind', { kind }).add();
  }

  /** Its last 15 digits, which is what a float holds exactly. */
  reached(resourceVersion: string): void {
    if (isComparableResourceVersion(resourceVersion)) this.#lastVersion.set(Number(resourceVersion.slice(-15)));
  }

  /** Nothing is reported any more. */
  close(): void {
    for (const description of this.#descriptions) this.#metrics.remove(description);
  }

  #counter(id: string, name: string, help: string, labels: Readonly<Record<string, string>>): Counter {
    let counter = this.#counters.get(id);
    if (!counter) {
      counter = this.#metrics.counter(this.#describe(name, help, undefined, labels));
      this.#counters.set(id, counter);
    }
    return counter;
  }

  #describe(
    name: string,
    help: string,
    buckets?: readonly number[],
    labels?: Readonly<Record<string, string>>,
  ): MetricDescription {
    const description = { name, help, labels: { name: this.#name, ...labels }, buckets };
    this.#descriptions.push(description);
    return description;
  }
}
