import type { Counter, Gauge, Histogram, MetricDescription, Metrics, StringMap, Timer } from '@bowline/apimachinery';
import { type DepthGauge, DepthGauges } from './depth-gauges.ts';
import type { QueueClock } from './ports.ts';
import type { ItemTimes, QueueItem } from './work-item.ts';

/** How often the gauges of unfinished work are set. client-go util/workqueue/queue.go `defaultUnfinishedWorkUpdatePeriod` */
const unfinishedPeriodMs = 500;

/** Seconds from 10 ns, ten times each. k8s.io/component-base metrics/prometheus/workqueue/metrics.go */
const buckets: readonly number[] = [1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1, 10];

/** Seven series per named queue, with upstream's names; the depth has a series for each priority if keys have one. */
export class QueueMetrics {
  readonly #clock: QueueClock;
  readonly #adds: Counter;
  readonly #retries: Counter;
  readonly #waited: Histogram;
  readonly #worked: Histogram;
  readonly #unfinished: Gauge;
  readonly #longest: Gauge;
  readonly #depth: Gauge | undefined;
  readonly #depths: DepthGauges | undefined;
  readonly #inProgress = new Set<ItemTimes>();
  #timer: Timer | undefined;
  #isStopped = false;

  constructor(
    { metrics, clock }: { readonly metrics: Metrics; readonly clock: QueueClock },
    queue: { readonly name: string; readonly byPriority: boolean },
  ) {
    this.#clock = clock;
    const series = (name: string, help: string, labels?: StringMap): MetricDescription => ({
      name: `workqueue_${name}`,
      help,
      labels: { name: queue.name, ...labels },
    });
    const seconds = (name: string, help: string): Histogram =>
      metrics.histogram({ ...series(`${name}_duration_seconds`, help), buckets });
    const depth = (labels?: StringMap): Gauge => metrics.gauge(series('depth', 'Keys that wait', labels));
    if (queue.byPriority) this.#depths = new DepthGauges((priority) => depth({ priority }));
    else this.#depth = depth();
    this.#adds = metrics.counter(series('adds_total', 'Keys added, without those that waited already'));
    this.#waited = seconds('queue', 'How long keys waited');
    this.#worked = seconds('work', 'How long keys were processed');
    this.#unfinished = metrics.gauge(series('unfinished_work_seconds', 'How long all keys in progress are processed'));
    this.#longest = metrics.gauge(
      series('longest_running_processor_seconds', 'How long the longest key in progress is processed'),
    );
    this.#retries = metrics.counter(series('retries_total', 'Keys added with a delay'));
  }

  /** So many keys can be handed out. Counts for queues without priorities. */
  depth(length: number): void {
    this.#depth?.set(length);
  }

  added(item: QueueItem<unknown, unknown>): void {
    this.#adds.add();
    item.times = { addedAtMs: this.#clock.monotonic(), startedAtMs: 0, depth: undefined };
    this.addedAgain(item);
  }

  /** The priority may have changed. */
  addedAgain({ times, priority }: QueueItem<unknown, unknown>): void {
    if (times) this.#count(times, this.#depths?.of(priority));
  }

  started(item: QueueItem<unknown, unknown>): void {
    const { times } = item;
    if (!times) return;
    times.startedAtMs = this.#clock.monotonic();
    this.#waited.observe((times.startedAtMs - times.addedAtMs) / 1000);
    this.#count(times, undefined);
    this.#inProgress.add(times);
    if (!this.#isStopped) this.#timer ??= this.#setTimer();
  }

  finished({ times }: QueueItem<unknown, unknown>): void {
    if (!times) return;
    this.#worked.observe((this.#clock.monotonic() - times.startedAtMs) / 1000);
    this.#inProgress.delete(times);
  }

  retried(): void {
    this.#retries.add();
  }

  /** The queue shuts down: the gauges of unfinished work keep their last values. */
  stop(): void {
    this.#isStopped = true;
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #count(times: ItemTimes, depth: DepthGauge | undefined): void {
    if (times.depth === depth) return;
    times.depth?.add(-1);
    depth?.add(1);
    times.depth = depth;
  }

  #setTimer(): Timer {
    return this.#clock.setTimer(unfinishedPeriodMs, () => this.#measure(), { unref: true });
  }

  /** Runs while something is unfinished, and once more to say that nothing is. */
  #measure(): void {
    const now = this.#clock.monotonic();
    let total = 0;
    let longest = 0;
    for (const { startedAtMs } of this.#inProgress) {
      total += now - startedAtMs;
      longest = Math.max(longest, now - startedAtMs);
    }
    this.#unfinished.set(total / 1000);
    this.#longest.set(longest / 1000);
    this.#timer = this.#inProgress.size > 0 ? this.#setTimer() : undefined;
  }
}
