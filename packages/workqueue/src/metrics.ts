import type { Gauge, MetricDescription, Metrics, Timer } from '@bowline/apimachinery';
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
  readonly #series: ReturnType<typeof seriesOf>;
  readonly #wholeDepth: Gauge | undefined;
  readonly #depths: DepthGauges | undefined;
  readonly #unfinished = new Set<ItemTimes>();
  #timer: Timer | undefined;
  #isStopped = false;

  constructor(
    { metrics, clock }: { readonly metrics: Metrics; readonly clock: QueueClock },
    { name, byPriority }: { readonly name: string; readonly byPriority: boolean },
  ) {
    this.#clock = clock;
    this.#series = seriesOf(metrics, name);
    if (byPriority) this.#depths = new DepthGauges((priority) => this.#series.depth(priority));
    else this.#wholeDepth = this.#series.depth();
  }

  /** So many keys can be handed out. Counts for queues without priorities. */
  depth(length: number): void {
    this.#wholeDepth?.set(length);
  }

  added(item: QueueItem<unknown, unknown>): void {
    this.#series.adds.add();
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
    this.#series.queueDuration.observe((times.startedAtMs - times.addedAtMs) / 1000);
    this.#count(times, undefined);
    this.#unfinished.add(times);
    if (!this.#isStopped) this.#timer ??= this.#setTimer();
  }

  finished({ times }: QueueItem<unknown, unknown>): void {
    if (!times) return;
    this.#series.workDuration.observe((this.#clock.monotonic() - times.startedAtMs) / 1000);
    this.#unfinished.delete(times);
  }

  retried(): void {
    this.#series.retries.add();
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
    for (const { startedAtMs } of this.#unfinished) {
      total += now - startedAtMs;
      longest = Math.max(longest, now - startedAtMs);
    }
    this.#series.unfinished.set(total / 1000);
    this.#series.longestRunning.set(longest / 1000);
    this.#timer = this.#unfinished.size > 0 ? this.#setTimer() : undefined;
  }
}

function seriesOf(metrics: Metrics, queue: string) {
  const labels = { name: queue };
  const describe = (name: string, help: string): MetricDescription => ({ name: `workqueue_${name}`, help, labels });
  const histogram = (name: string, help: string) => metrics.histogram({ ...describe(name, help), buckets });
  return {
    depth: (priority?: string) =>
      metrics.gauge({
        ...describe('depth', 'Keys that wait to be handed out'),
        labels: priority === undefined ? labels : { ...labels, priority },
      }),
    adds: metrics.counter(
      describe('adds_total', 'Keys that were added; adds of a key that waits already do not count'),
    ),
    queueDuration: histogram('queue_duration_seconds', 'How long a key waited before it was handed out'),
    workDuration: histogram('work_duration_seconds', 'How long a key was being processed'),
    unfinished: metrics.gauge(
      describe('unfinished_work_seconds', 'Seconds of work in progress that work_duration has not observed yet'),
    ),
    longestRunning: metrics.gauge(
      describe('longest_running_processor_seconds', 'How long the longest key in progress has been processed'),
    ),
    retries: metrics.counter(describe('retries_total', 'Keys that were added with a delay')),
  };
}
