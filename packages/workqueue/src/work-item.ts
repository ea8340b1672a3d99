import { type Asked, type Caused, Request } from './causes.ts';
import type { KeyId, Ordered } from './ports.ts';

/**
 * A key that was handed out. Nobody else gets it until the item is disposed of, which tells the queue that its work is done.
 *
 * @example
 * ```ts
 * import { WorkQueue } from '@bowline/workqueue';
 *
 * const queue = new WorkQueue<string>();
 * queue.add('default/web');
 * {
 *   using item = await queue.get();
 *   item?.key; // 'default/web'
 * } // done: another worker may get the key
 * ```
 */
export interface WorkItem<K, C> extends Caused<C>, Disposable {
  readonly key: K;
  /** 0 unless the queue is a `PriorityQueue`. */
  readonly priority: number;
  /** Adds the key once more, with the same causes and priority: at once, or after the delay that the queue's rate limiter asks for. */
  retry(): void;
  /** Forgets the failures of the key. */
  forget(): void;
}

/** Counts keys that wait: adds to their number. */
export type DepthGauge = (keys: number) => void;

/** What the metrics keep of an item. */
export interface ItemTimes {
  readonly addedAtMs: number;
  startedAtMs: number;
  /** Where it counts while it waits. */
  depth: DepthGauge | undefined;
}

/** What an item asks of its queue. */
export interface ItemOwner<K, C> {
  done(item: QueueItem<K, C>): void;
  retry(item: QueueItem<K, C>): void;
  forget(key: K): void;
}

/** One stay of a key in the queue. It is handed out at most once, so that an item that outlived its work cannot end later work. */
export class QueueItem<K, C> extends Request<K, C> implements WorkItem<K, C>, Ordered<K> {
  state: 'ready' | 'processing' | 'done' = 'ready';
  /** The stay that begins when this one is done: the key was added while it was being processed. */
  next: QueueItem<K, C> | undefined;
  place: unknown;
  /** Belongs to the table of keys. */
  seat!: number;
  /** Only items of metered queues have them. */
  times!: ItemTimes;
  readonly #owner: ItemOwner<K, C>;

  constructor(owner: ItemOwner<K, C>, key: K, id: KeyId, asked: Asked<C> | undefined) {
    super(key, id, asked);
    this.#owner = owner;
  }

  retry(): void {
    this.#owner.retry(this);
  }

  forget(): void {
    this.#owner.forget(this.key);
  }

  [Symbol.dispose](): void {
    this.#owner.done(this);
  }
}
