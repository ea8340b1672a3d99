import type { Metrics } from '@bowline/apimachinery';
import type { Cause, Caused } from './causes.ts';
import {
  aClock,
  aFunction,
  anything,
  aPort,
  aSignal,
  aString,
  check,
  checkOptions,
  type Rule,
  type Rules,
} from './checks.ts';
import { Fifo } from './fifo.ts';
import { QueueMetrics } from './metrics.ts';
import type { KeyId, Ordered, Ordering, QueueClock } from './ports.ts';
import { systemClock } from './system-clock.ts';
import { type ItemOwner, QueueItem, type WorkItem } from './work-item.ts';

/** Settings of a queue. */
export interface QueueOptions<K> {
  /** Gives a key its identity. @default the key itself, which must then be a string or a number */
  readonly keyOf?: ((key: K) => KeyId) | undefined;
  /** Label of the queue's metrics. @default none, and no metrics */
  readonly name?: string | undefined;
  /** Where the metrics of a named queue go. @default nowhere */
  readonly metrics?: Metrics | undefined;
  /** @default first in, first out */
  readonly ordering?: (<I extends Ordered<K>>() => Ordering<I>) | undefined;
  /** @default the time of the machine */
  readonly clock?: QueueClock | undefined;
}

/** Arguments of a queue's constructor: options, which may be left out when keys are strings or numbers. */
export type QueueArguments<K, O extends QueueOptions<K> = QueueOptions<K>> = [K] extends [KeyId]
  ? [options?: O]
  : [options: O & { readonly keyOf: (key: K) => KeyId }];

/** How a key is added. */
export interface AddOptions<C> {
  /** Handed out with the key, so that its worker knows why it runs. */
  readonly cause?: C | undefined;
}

/** How to wait for a key. */
export interface GetOptions {
  /** Ends the wait. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Hands each key to one worker at a time.
 *
 * - **Stingy**: a key is never handed to two workers at once.
 * - **Collapsing**: a key that waits already is not queued twice; however often it is added while it is being processed, it runs once more.
 * - **Fair**: keys come out in the order in which they were added.
 *
 * | | cost |
 * |---|---|
 * | add, get, done | O(1) |
 * | add of a key that waits | O(1), allocates nothing unless it has a cause |
 *
 * @see client-go util/workqueue/queue.go
 */
export class WorkQueue<K = string, C = Cause> {
  /** Every key that waits or is being processed; what waits behind the latter is its `next`. */
  readonly #items = new Map<KeyId, QueueItem<K, C>>();
  readonly #ready: Ordering<QueueItem<K, C>>;
  readonly #waiters = new Set<(item: WorkItem<K, C> | undefined) => void>();
  readonly #keyOf: ((key: K) => KeyId) | undefined;
  readonly #metrics: QueueMetrics | undefined;
  readonly #owner: ItemOwner<K, C>;
  #processing = 0;
  /** Keys that were added while they are being processed. */
  #blocked = 0;
  #isShuttingDown = false;
  #dropped = 0;
  #drained: (() => void)[] = [];
  protected readonly clock: QueueClock;

  /** @throws {TypeError} when an option has another type or an unknown name. */
  constructor(...[options = {}]: QueueArguments<K> | []) {
    checkOptions(creating, options, queueRules);
    const { keyOf, name, metrics, ordering, clock = systemClock }: QueueOptions<K> = options;
    this.clock = clock;
    this.#keyOf = keyOf;
    this.#ready = ordering ? ordering() : new Fifo();
    check(creating, 'ordering()', this.#ready, anOrdering);
    const byPriority = this.#ready.hasPriorities === true;
    this.#metrics = name && metrics ? new QueueMetrics({ metrics, clock }, { name, byPriority }) : undefined;
    this.#owner = {
      done: (item) => this.#done(item),
      retry: (item) => this.requeue(item),
      forget: (item) => this.forget(item.key),
    };
  }

  /** How many keys wait to be handed out. */
  get length(): number {
    return this.#ready.length;
  }

  /** How many keys are being processed. */
  get processing(): number {
    return this.#processing;
  }

  get isShuttingDown(): boolean {
    return this.#isShuttingDown;
  }

  /** How many adds came after shutdown and were ignored, so that who adds may outlive the queue. */
  get droppedAfterShutdown(): number {
    return this.#dropped;
  }

  /** The keys in a state, for people and tests. O(keys). */
  keys(state: 'ready' | 'processing'): K[] {
    check('list keys', 'state', state, aState);
    const keys: K[] = [];
    for (const item of this.#items.values()) if (item.state === state) keys.push(item.key);
    return keys;
  }

  /**
   * Queues `key`. If it waits already nothing happens; if it is being processed it waits until that is done.
   * After shutdown the key is ignored and counted (`droppedAfterShutdown`).
   */
  add(key: K, options?: AddOptions<C>): void {
    if (options !== undefined) checkOptions(adding, options, addRules);
    this.accept(key, causedBy(options), 0);
  }

  /**
   * Resolves with the next key, once there is one. With `undefined` after shutdown when none is left, and when `signal` aborts.
   *
   * Keys that wait cost no turn of the event loop: a loop that always finds one must give way to others itself.
   */
  get(options?: GetOptions): Promise<WorkItem<K, C> | undefined> {
    if (options !== undefined) checkOptions('get key', options, getRules);
    const signal = options?.signal;
    if (signal?.aborted) return Promise.resolve(undefined);
    const item = this.tryGet();
    if (item !== undefined || this.#isShuttingDown) return Promise.resolve(item);
    return new Promise((resolve) => {
      const settle = (next: WorkItem<K, C> | undefined): void => {
        signal?.removeEventListener('abort', abandon);
        this.#waiters.delete(settle);
        resolve(next);
      };
      const abandon = (): void => settle(undefined);
      signal?.addEventListener('abort', abandon, { once: true });
      this.#waiters.add(settle);
    });
  }

  /** The next key, or `undefined` when none waits. */
  tryGet(): WorkItem<K, C> | undefined {
    const item = this.#ready.pop();
    if (item === undefined) return undefined;
    item.state = 'processing';
    this.#processing++;
    this.#metrics?.started(item);
    this.#metrics?.depth(this.#ready.length);
    return item;
  }

  /** Says that the work on `key` is done; disposing of its item does the same. Of a key that is not being processed: nothing. */
  done(key: K): void {
    const item = this.#items.get(this.idOf(key));
    if (item) this.#done(item);
  }

  /** Forgets the failures of `key`. They are counted by `RateLimitingQueue`; here there is nothing to forget. */
  forget(_key: K): void {}

  /** Takes no more keys. Those that wait are still handed out, also those that were added again while being processed. */
  shutDown(): void {
    this.#close();
    this.#releaseDrains();
  }

  /** Shuts down and resolves once nothing waits and nothing is being processed, or when `shutDown` is called. */
  shutDownWithDrain(): Promise<void> {
    this.#close();
    if (this.#isIdle()) return Promise.resolve();
    return new Promise((resolve) => this.#drained.push(resolve));
  }

  /** How many keys were added while they are being processed. */
  protected get blocked(): number {
    return this.#blocked;
  }

  protected idOf(key: K): KeyId {
    const id: unknown = this.#keyOf === undefined ? key : this.#keyOf(key);
    if (typeof id === 'string' || typeof id === 'number') return id;
    check('use key', this.#keyOf === undefined ? 'key (without the option keyOf)' : 'keyOf(key)', id, anId);
    return id as never;
  }

  /** Counts a key that comes too late. Every way into the queue asks first. */
  protected isClosed(): boolean {
    if (this.#isShuttingDown) this.#dropped++;
    return this.#isShuttingDown;
  }

  /** Whether a stay of the key has begun that was not handed out yet. */
  protected isQueued(id: KeyId): boolean {
    const item = this.#items.get(id);
    return item !== undefined && (item.state === 'ready' || item.next !== undefined);
  }

  protected accept(key: K, caused: Caused<C> | undefined, priority: number): void {
    const id = this.idOf(key);
    if (this.isClosed()) return;
    const item = this.#items.get(id);
    if (item === undefined) {
      const added = this.#create(key, id, caused, priority);
      this.#items.set(id, added);
      this.#push(added);
    } else if (item.state === 'ready') {
      this.#merge(item, caused, priority);
      this.#ready.touch(item);
    } else if (item.next === undefined) {
      item.next = this.#create(key, id, caused, priority);
      this.#blocked++;
    } else {
      this.#merge(item.next, caused, priority);
    }
  }

  protected requeue(item: QueueItem<K, C>): void {
    this.accept(item.key, item, item.priority);
  }

  protected countRetry(): void {
    this.#metrics?.retried();
  }

  /** Runs once, when the queue begins to shut down. */
  protected onShutDown(): void {}

  #create(key: K, id: KeyId, caused: Caused<C> | undefined, priority: number): QueueItem<K, C> {
    const item = new QueueItem<K, C>(this.#owner, key, id, priority);
    item.merge(caused);
    this.#metrics?.added(item);
    return item;
  }

  #merge(item: QueueItem<K, C>, caused: Caused<C> | undefined, priority: number): void {
    item.merge(caused);
    if (priority <= item.priority) return;
    item.priority = priority;
    this.#metrics?.addedAgain(item);
  }

  #push(item: QueueItem<K, C>): void {
    this.#ready.push(item);
    this.#metrics?.depth(this.#ready.length);
    if (this.#waiters.size === 0) return;
    const [settle] = this.#waiters;
    settle?.(this.tryGet());
  }

  #done(item: QueueItem<K, C>): void {
    if (item.state !== 'processing') return;
    item.state = 'done';
    this.#processing--;
    this.#metrics?.finished(item);
    if (item.next === undefined) this.#items.delete(item.id);
    else {
      this.#blocked--;
      this.#items.set(item.id, item.next);
      this.#push(item.next);
    }
    if (this.#drained.length > 0 && this.#isIdle()) this.#releaseDrains();
  }

  #isIdle(): boolean {
    return this.#processing === 0 && this.#ready.length === 0;
  }

  #close(): void {
    if (this.#isShuttingDown) return;
    this.#isShuttingDown = true;
    this.#metrics?.stop();
    this.onShutDown();
    for (const settle of this.#waiters) settle(undefined);
  }

  #releaseDrains(): void {
    for (const resolve of this.#drained.splice(0)) resolve();
  }
}

const anId: Rule = ['a string or a number', () => false]; // those two need no check
const states = ['ready', 'processing', 'waiting'];
const aState: Rule = [`one of ${states.join(', ')}`, aString[1], (state: string) => states.includes(state)];
const anOrdering = aPort('an Ordering', 'push', 'touch', 'pop');

/** What queues can be told. */
export const queueRules: Rules = {
  keyOf: aFunction,
  name: aString,
  metrics: aPort('a Metrics', 'counter', 'gauge', 'histogram'),
  ordering: aFunction,
  clock: aClock,
};
const getRules: Rules = { signal: aSignal };

/** What every add can be told. */
export const addRules: Rules = { cause: anything };

/** What the messages of constructors begin with. */
export const creating = 'create queue';

/** What the messages of adds begin with. */
export const adding = 'add key';

/** Allocates only for a cause. */
export function causedBy<C>(options: AddOptions<C> | undefined): Caused<C> | undefined {
  return options?.cause === undefined ? undefined : { causes: [options.cause], causeCount: 1 };
}
