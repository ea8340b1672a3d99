import type { Clock, Metrics } from '@bowline/apimachinery';
import {
  defaultControllerRateLimiter,
  ItemExponentialFailureRateLimiter,
  PriorityQueue,
  type RateLimiter,
  RateLimitingQueue,
} from '@bowline/workqueue';
import type { Cause } from './cause.ts';
import type { ResolvedControllerOptions } from './options.ts';
import type { EnqueueOptions, ReconcileQueue } from './ports.ts';
import { queueMetrics } from './queue-metrics.ts';

/** What a queue works with. */
export interface ReconcileQueuePorts {
  readonly clock: Clock;
  readonly metrics: Metrics;
  /** @default per key, 5 ms to 1,000 s; without priorities also 10 per second for all keys together */
  readonly limiter?: RateLimiter | undefined;
}

/** Makes the queue of a controller. @see controller-runtime pkg/controller `NewTypedUnmanaged` */
export function reconcileQueue(
  { clock, metrics, limiter }: ReconcileQueuePorts,
  options: Pick<ResolvedControllerOptions, 'usePriorityQueue' | 'maxStarvationMs'> & { readonly name: string },
): ReconcileQueue {
  const { name, usePriorityQueue, maxStarvationMs } = options;
  const common = { name, clock, metrics: queueMetrics(metrics, name) };
  if (!usePriorityQueue)
    return new PlainQueue({ ...common, limiter: limiter ?? defaultControllerRateLimiter({ clock }) });
  const perKey = { baseDelayMs: 5, maxDelayMs: 1_000_000 };
  return new PriorityQueue<string, Cause>({
    ...common,
    maxStarvationMs,
    limiter: limiter ?? new ItemExponentialFailureRateLimiter(perKey),
  });
}

/** First in, first out, whatever priorities are asked for. */
class PlainQueue extends RateLimitingQueue<string, Cause> implements ReconcileQueue {
  override add(key: string, options: EnqueueOptions = {}): void {
    const { priority: _, ...others } = options;
    super.add(key, others);
  }

  override addRateLimited(key: string, options: EnqueueOptions = {}): void {
    const { priority: _, ...others } = options;
    super.addRateLimited(key, others);
  }
}
