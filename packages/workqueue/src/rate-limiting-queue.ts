import type { Awaitable } from '@bowline/apimachinery';
import type { Asked, Cause, Caused } from './causes.ts';
import { aFunction, anInteger, aSignal, check, checkOptions, type Rules } from './checks.ts';
import { DelayingQueue } from './delaying-queue.ts';
import { aRateLimiter, defaultControllerRateLimiter } from './limiters.ts';
import type { RateLimiter } from './ports.ts';
import {
  type AddOptions,
  adding,
  addRules,
  creating,
  type QueueArguments,
  type QueueOptions,
  queueRules,
} from './queue.ts';
import type { WorkItem } from './work-item.ts';

/** How long workers may go on without giving way to timers and I/O. */
const sliceMs = 10;

/** Settings of a rate-limiting queue. */
export interface RateLimitingQueueOptions<K> extends QueueOptions<K> {
  /** How long a failing key waits. @default `defaultControllerRateLimiter()` */
  readonly limiter?: RateLimiter | undefined;
}

/** What a handler is told besides the key. */
export interface WorkContext<C> extends Caused<C> {
  /** 0 unless the queue is a `PriorityQueue`. */
  readonly priority: number;
  /** Aborts when `work` is asked to end. */
  readonly signal: AbortSignal;
}

/** Does the work on one key. Throwing means: retry with backoff. Returning means: done, forget earlier failures. */
export type WorkHandler<K, C> = (key: K, context: WorkContext<C>) => Awaitable<unknown>;

/** How to work on a queue. */
export interface WorkOptions<K> {
  /** How many keys are processed at a time: an integer, 1 or more. @default 1 */
  readonly concurrency?: number | undefined;
  /** Ends the work: what is being processed is finished, what waits stays in the queue. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Is told of every failure, and waited for. What it throws ends the work. Without it a failure only shows in the metrics and in
   * `numRequeues`.
   */
  readonly onError?: ((error: unknown, key: K) => Awaitable<unknown>) | undefined;
}

/**
 * A `DelayingQueue` whose limiter says how long a failing key waits.
 *
 * - **Insistent**: what fails is tried again, ever later, until it succeeds.
 *
 * @example
 * ```ts
 * import { RateLimitingQueue } from '@bowline/workqueue';
 *
 * const queue = new RateLimitingQueue<string>();
 * queue.add('default/web');
 * queue.shutDown(); // a real one runs until its signal aborts
 * await queue.work(async (key) => console.log(key), { concurrency: 4 });
 * ```
 * @see client-go util/workqueue/rate_limiting_queue.go
 */
export class RateLimitingQueue<K = string, C = Cause> extends DelayingQueue<K, C> {
  readonly #limiter: RateLimiter;

  /** @throws {TypeError} when an option has another type or an unknown name. */
  constructor(...args: QueueArguments<K, RateLimitingQueueOptions<K>>) {
    const [options = {}] = args as [options?: RateLimitingQueueOptions<K>];
    checkOptions(creating, options, rateLimitingRules);
    const { limiter, ...others } = options;
    super(...([others] as unknown as QueueArguments<K>));
    this.#limiter = limiter ?? defaultControllerRateLimiter({ clock: this.clock });
  }

  /** Adds `key` after the delay that the limiter asks for, which counts this as a failure. After shutdown: as `add`. */
  addRateLimited(key: K, options?: AddOptions<C>): void {
    checkOptions(adding, options, addRules);
    this.acceptRateLimited(key, options);
  }

  /** Forgets the failures of `key`; if it waits it stays. */
  override forget(key: K): void {
    this.#limiter.forget(this.idOf(key));
  }

  /** How often `key` failed since it was forgotten. */
  numRequeues(key: K): number {
    return this.#limiter.numRequeues(this.idOf(key));
  }

  /**
   * Works until the queue is shut down and empty, or `signal` aborts; resolves when the last handler has ended. Keys that wait for their
   * time keep the process alive until the queue is shut down: others may work on it.
   *
   * @throws {TypeError} when an argument has another type or an option has an unknown name.
   * @throws {RangeError} when `concurrency` is not an integer of 1 or more.
   */
  async work(handler: WorkHandler<K, C>, options: WorkOptions<K> = {}): Promise<void> {
    check('work', 'handler', handler, aFunction);
    checkOptions('work', options, workRules);
    const { concurrency = 1, signal, onError } = options;
    const stop = new AbortController();
    const either = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal;
    const workers = Array.from({ length: concurrency }, () =>
      this.#work(handler, either, onError).catch((error: unknown) => {
        stop.abort(error);
        throw error;
      }),
    );
    await Promise.allSettled(workers);
    await Promise.all(workers); // throws what one of them threw
  }

  protected override requeue(item: WorkItem<K, C>): void {
    this.acceptRateLimited(item.key, item);
  }

  /** Waits as long as the limiter asks for, and not less than `leastMs`. */
  protected acceptRateLimited(key: K, asked: Asked<C> | undefined, leastMs = 0): void {
    this.acceptAfter(key, Math.max(leastMs, this.#limiter.when(this.idOf(key))), asked);
  }

  async #work(handler: WorkHandler<K, C>, signal: AbortSignal, onError: WorkOptions<K>['onError']): Promise<void> {
    const options = { signal };
    let sliceStart = this.clock.monotonic();
    while (!signal.aborted) {
      const item = this.tryGet() ?? (await this.get(options));
      if (!item) return;
      try {
        if (signal.aborted) return super.requeue(item); // arrived in the same turn as the abort: somebody else may work on it
        const { key, priority, causes, causeCount } = item;
        await handler(key, { signal, priority, causes, causeCount });
        item.forget();
      } catch (error) {
        item.retry();
        await onError?.(error, item.key);
      } finally {
        item[Symbol.dispose]();
      }
      if (this.clock.monotonic() - sliceStart < sliceMs) continue;
      await this.clock.turn();
      sliceStart = this.clock.monotonic();
    }
  }
}

const rateLimitingRules: Rules = { ...queueRules, limiter: aRateLimiter };
const workRules: Rules = { concurrency: anInteger(1), signal: aSignal, onError: aFunction };
