import type { Metrics } from '@bowline/apimachinery';
import type { Asked, Cause } from './causes.ts';
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
import { type Entry, KeyTable } from './key-table.ts';
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
 * | add, get, done | O(1), amortized |
 * | add of a key that waits | O(1), allocates nothing unless it has a cause; the first one makes the item that will be handed out |
 *
 * Ids of keys that are done are remembered for a while: 256 of them, and eight times as many as there are keys in the queue.
 *
 * @see client-go util/workqueue/queue.go
 */
export class WorkQueue<K = string, C = Cause> {
  /** Every key that waits or is being processed; what waits behind the latter is its `next`. */
  readonly #table = new KeyTable<K, C>((id) => this.#create(id as K, id, undefined));
  readonly #ordering: Ordering<QueueItem<K, C>> | undefined;
  readonly #ready: Pick<Ordering<QueueItem<K, C>>, 'length' | 'pop'>;
  readonly #waiters = new Set<(item?: WorkItem<K, C>) => void>();
  readonly #keyOf: ((key: K) => KeyId) | undefined;
  readonly #metrics: QueueMetrics | undefined;
  readonly #owner: ItemOwner<K, C>;
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
    this.#ordering = ordering?.();
    this.#ready = this.#ordering ?? this.#table;
    if (ordering) check(creating, 'ordering()', this.#ordering, anOrdering);
    if (name && metrics) this.#metrics = new QueueMetrics(metrics, clock, name, this.#ordering?.hasPriorities);
    this.#owner = {
      done: (item) => this.#done(item),
      retry: (item) => this.requeue(item),
      forget: (key) => this.forget(key),
    };
  }

  /** How many keys wait to be handed out. */
  get length(): number {
    return this.#ready.length;
  }

  /** How many keys are being processed. */
  get processing(): number {
    return this.#table.size - this.#ready.length;
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
    return this.#table.keys(state);
  }

  /**
   * Queues `key`. If it waits already nothing happens; if it is being processed it waits until that is done.
   * After shutdown the key is ignored and counted (`droppedAfterShutdown`).
   */
  add(key: K, options?: AddOptions<C>): void {
    checkOptions(adding, options, addRules);
    this.accept(key, options);
  }

  /**
   * Resolves with the next key, once there is one. With `undefined` after shutdown when none is left, and when `signal` aborts.
   *
   * Keys that wait cost no turn of the event loop: a loop that always finds one must give way to others itself.
   */
  get(options?: GetOptions): Promise<WorkItem<K, C> | undefined> {
    checkOptions('get key', options, getRules);
    const signal = options?.signal;
    const item = signal?.aborted ? undefined : this.tryGet();
    if (item || signal?.aborted || this.#isShuttingDown) return Promise.resolve(item);
    return new Promise((resolve) => {
      const settle = (next?: WorkItem<K, C>): void => {
        signal?.removeEventListener('abort', abandon);
        this.#waiters.delete(settle);
        resolve(next);
      };
      const abandon = (): void => settle();
      signal?.addEventListener('abort', abandon);
      this.#waiters.add(settle);
    });
  }

  /** The next key, or `undefined` when none waits. */
  tryGet(): WorkItem<K, C> | undefined {
    const item = this.#ready.pop();
    if (item) {
      item.state = 'processing';
      this.#metrics?.started(item);
    }
    return item;
  }

  /** Says that the work on `key` is done; disposing of its item does the same. Of a key that is not being processed: nothing. */
  done(key: K): void {
    const item = this.#table.find(this.idOf(key));
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
    return new Promise((resolve) => {
      this.#drained.push(resolve);
      this.#checkDrained();
    });
  }

  /** How many keys were added while they are being processed. */
  protected get blocked(): number {
    return this.#blocked;
  }

  protected idOf(key: K): KeyId {
    const id: unknown = this.#keyOf ? this.#keyOf(key) : key;
    if (typeof id !== 'string' && typeof id !== 'number')
      check('use key', this.#keyOf ? 'keyOf(key)' : 'key (without the option keyOf)', id, anId);
    return id as KeyId;
  }

  /** Counts a key that comes too late. Every way into the queue asks first. */
  protected isClosed(): boolean {
    if (this.#isShuttingDown) this.#dropped++;
    return this.#isShuttingDown;
  }

  /** Whether a stay of the key has begun that was not handed out yet. */
  protected isQueued(id: KeyId): boolean {
    const item = this.#table.find(id);
    return item?.state === 'ready' || item?.next !== undefined;
  }

  protected accept(key: K, asked: Asked<C> | undefined): void {
    const id = this.idOf(key);
    if (this.isClosed()) return;
    const present = this.#table.find(id);
    if (present === undefined)
      this.#push(asked || this.#ordering || this.#keyOf || this.#metrics ? this.#create(key, id, asked) : id);
    else if (present.state === 'ready') {
      this.#merge(present, asked);
      this.#ordering?.touch(present);
    } else if (present.next) this.#merge(present.next, asked);
    else {
      present.next = this.#create(key, id, asked);
      this.#blocked++;
    }
  }

  protected requeue(item: WorkItem<K, C>): void {
    this.accept(item.key, item);
  }

  protected countRetry(): void {
    if (!this.#isShuttingDown) this.#metrics?.retries.add();
  }

  /** Runs once, when the queue begins to shut down. */
  protected onShutDown(): void {}

  #create(key: K, id: KeyId, asked: Asked<C> | undefined): QueueItem<K, C> {
    const item = new QueueItem<K, C>(this.#owner, key, id, asked);
    this.#metrics?.added(item);
    return item;
  }

  #merge(item: QueueItem<K, C>, asked: Asked<C> | undefined): void {
    if (item.merge(asked)) this.#metrics?.addedAgain(item);
  }

  #push(entry: Entry<K, C>): void {
    this.#table.add(entry);
    this.#ordering?.push(entry as QueueItem<K, C>); // with an ordering every entry is an item
    if (!this.#waiters.size) return;
    const [settle] = this.#waiters;
    settle?.(this.tryGet());
  }

  #done(item: QueueItem<K, C>): void {
    if (item.state !== 'processing') return;
    item.state = 'done';
    this.#metrics?.finished(item);
    this.#table.delete(item);
    if (item.next) {
      this.#blocked--;
      this.#push(item.next);
    }
    this.#checkDrained();
  }

  #checkDrained(): void {
    if (this.#drained.length && !this.#table.size) this.#releaseDrains();
  }

  #close(): void {
    if (this.#isShuttingDown) return;
    this.#isShuttingDown = true;
    this.#metrics?.stop();
    this.onShutDown();
    for (const settle of this.#waiters) settle();
  }

  #releaseDrains(): void {
    for (const resolve of this.#drained.splice(0)) resolve();
  }
}

const anId: Rule = ['a string or a number', () => false]; // those two need no check
const states = 'ready, processing, waiting';
const aState: Rule = [`one of ${states}`, aString[1], (state: string) => states.split(', ').includes(state)];
const anOrdering = aPort('an Ordering', 'push', 'touch', 'pop');

/** What every queue can be told. */
export const commonRules: Rules = {
  keyOf: aFunction,
  name: aString,
  metrics: aPort('a Metrics', 'counter', 'gauge', 'histogram'),
  clock: aClock,
};
/** What queues can be told whose order can be chosen. */
export const queueRules: Rules = { ...commonRules, ordering: aFunction };
const getRules: Rules = { signal: aSignal };

/** What every add can be told. */
export const addRules: Rules = { cause: anything };

/** What the messages of constructors begin with. */
export const creating = 'create queue';

/** What the messages of adds begin with. */
export const adding = 'add key';
