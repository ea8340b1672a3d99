import type { Counter, Gauge, Histogram, MetricDescription, Metrics, StringMap, Timer } from '@bowline/apimachinery';
import type { KeyId, QueueClock } from './ports.ts';
import type { DepthGauge, ItemTimes, QueueItem } from './work-item.ts';

/** How often the gauges of unfinished work are set. client-go util/workqueue/queue.go `defaultUnfinishedWorkUpdatePeriod` */
const unfinishedPeriodMs = 500;

/** So many priorities have a series each, the others share one. controller-runtime pkg/internal/metrics/workqueue.go */
const maxPriorities = 25;
const others = 'exceeded_cardinality_limit';

/** Seconds from 10 ns, ten times each. k8s.io/component-base metrics/prometheus/workqueue/metrics.go */
const buckets: readonly number[] = [1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1, 10];

/** Seven series per named queue, with upstream's names; the depth has a series for each priority if keys have one. */
export class QueueMetrics {
  readonly retries: Counter;
  readonly #clock: QueueClock;
  readonly #adds: Counter;
  readonly #waited: Histogram;
  readonly #worked: Histogram;
  readonly #unfinished: Gauge;
  readonly #longest: Gauge;
  readonly #createDepth: (label: string) => DepthGauge;
  readonly #depths = new Map<KeyId, DepthGauge>();
  readonly #inProgress = new Set<ItemTimes>();
  #timer: Timer | undefined;

  constructor(metrics: Metrics, clock: QueueClock, queue: string, byPriority: boolean | undefined) {
    this.#clock = clock;
    const describe = (name: string, help: string, labels?: StringMap): MetricDescription => ({
      name: `workqueue_${name}`,
      help,
      labels: { name: queue, ...labels },
    });
    const seconds = (name: string, help: string): Histogram =>
      metrics.histogram({ ...describe(`${name}_duration_seconds`, help), buckets });
    const gauge = (name: string, help: string, labels?: StringMap): Gauge =>
      metrics.gauge(describe(name, help, labels));
    this.#createDepth = (priority) => {
      const depth = gauge('depth', 'Keys waiting', byPriority ? { priority } : {});
      let keys = 0;
      return (more) => {
        keys += more;
        depth.set(keys);
      };
    };
    if (!byPriority) this.#depthOf(0); // the one series is there before the first key
    this.#adds = metrics.counter(describe('adds_total', 'Keys added'));
    this.#waited = seconds('queue', 'Seconds waiting');
    this.#worked = seconds('work', 'Seconds working');
    this.#unfinished = gauge('unfinished_work_seconds', 'Seconds unfinished');
    this.#longest = gauge('longest_running_processor_seconds', 'Seconds of the longest');
    this.retries = metrics.counter(describe('retries_total', 'Keys retried'));
  }

  added(item: QueueItem<unknown, unknown>): void {
    this.#adds.add();
    item.times = { addedAtMs: this.#clock.monotonic(), startedAtMs: 0, depth: undefined };
    this.addedAgain(item);
  }

  /** The priority may have changed. */
  addedAgain({ times, priority }: QueueItem<unknown, unknown>): void {
    this.#count(times, this.#depthOf(priority));
  }

  started({ times }: QueueItem<unknown, unknown>): void {
    times.startedAtMs = this.#clock.monotonic();
    this.#waited.observe((times.startedAtMs - times.addedAtMs) / 1000);
    this.#count(times, undefined);
    this.#inProgress.add(times);
    this.#timer ??= this.#setTimer();
  }

  finished({ times }: QueueItem<unknown, unknown>): void {
    this.#worked.observe((this.#clock.monotonic() - times.startedAtMs) / 1000);
    this.#inProgress.delete(times);
  }

  /** The queue shuts down: the gauges of unfinished work keep their last values. */
  stop(): void {
    this.#timer ??= this.#setTimer(); // stays, so that there is no other
    this.#timer.cancel();
  }

  /** The same one for ever, so that what was added to it is also taken from it. */
  #depthOf(priority: number): DepthGauge {
    const label = this.#depths.has(priority) || this.#depths.size < maxPriorities ? priority : others;
    let depth = this.#depths.get(label);
    if (!depth) {
      depth = this.#createDepth(String(label));
      this.#depths.set(label, depth);
    }
    return depth;
  }

  #count(times: ItemTimes, depth: DepthGauge | undefined): void {
    if (times.depth === depth) return;
    times.depth?.(-1);
    depth?.(1);
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
    this.#timer = this.#inProgress.size ? this.#setTimer() : undefined;
  }
}
