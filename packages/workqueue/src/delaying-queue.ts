import type { Timer } from '@bowline/apimachinery';
import { type Cause, type Caused, CauseList } from './causes.ts';
import { TimeHeap } from './heap.ts';
import type { KeyId } from './ports.ts';
import { type AddOptions, causedBy, WorkQueue } from './queue.ts';

/** How many due keys become ready in one turn of the event loop: a few milliseconds. */
const releaseBatch = 5_000;

/** How a key is added to a queue that can wait. */
export interface DelayedAddOptions<C> extends AddOptions<C> {
  /** Milliseconds to wait first, 0 or more, finite. @default 0 */
  readonly afterMs?: number | undefined;
}

/**
 * A `WorkQueue` that can add keys later.
 *
 * - **Patient**: a key never comes out before its time, and of several times the earliest counts.
 *
 * | | cost |
 * |---|---|
 * | addAfter, a key becoming ready | O(log waiting) |
 *
 * Keys that wait for their time are lost at shutdown.
 *
 * @see client-go util/workqueue/delaying_queue.go
 */
export class DelayingQueue<K = string, C = Cause> extends WorkQueue<K, C> {
  readonly #waiting = new Map<KeyId, DelayedKey<K, C>>();
  readonly #heap = new TimeHeap<DelayedKey<K, C>>();
  #order = 0;
  #timer: Timer | undefined;
  #timerAt = 0;

  /** How many keys wait for their time. */
  get waiting(): number {
    return this.#heap.length;
  }

  override keys(state: 'ready' | 'processing' | 'waiting'): K[] {
    return state === 'waiting' ? Array.from(this.#waiting.values(), ({ key }) => key) : super.keys(state);
  }

  /** Queues `key`, after `afterMs` if given. @see addAfter */
  override add(key: K, options?: DelayedAddOptions<C>): void {
    const delayMs = options?.afterMs ?? 0;
    if (delayMs === 0) super.add(key, options);
    else this.addAfter(key, delayMs, options);
  }

  /**
   * Adds `key` once `delayMs` has passed. If `key` waits already, the earlier time wins.
   *
   * After shutdown the key is ignored and counted (`droppedAfterShutdown`).
   *
   * @param delayMs Milliseconds, 0 or more, finite. 0 adds at once.
   * @throws {RangeError} when `delayMs` is negative, infinite or `NaN`.
   * @see client-go util/workqueue/delaying_queue.go `insert`, for the earlier-wins rule
   */
  addAfter(key: K, delayMs: number, options?: AddOptions<C>): void {
    this.acceptAfter(key, delayMs, causedBy(options));
  }

  protected acceptAfter(key: K, delayMs: number, caused: Caused<C> | undefined): void {
    if (!(delayMs >= 0 && delayMs < Number.POSITIVE_INFINITY)) {
      throw new RangeError(`Cannot add key: delayMs must be a finite number, 0 or more, got ${delayMs}`);
    }
    const id = this.idOf(key);
    if (delayMs > 0 && this.isClosed()) return;
    if (!this.isShuttingDown) this.countRetry();
    if (delayMs === 0) {
      this.accept(key, caused);
      return;
    }
    const at = this.clock.monotonic() + delayMs;
    const known = this.#waiting.get(id);
    if (known === undefined) {
      const delayed = new DelayedKey<K, C>(key, id, at, this.#order++);
      delayed.merge(caused);
      this.#waiting.set(id, delayed);
      this.#heap.push(delayed);
    } else {
      known.merge(caused);
      if (at < known.at) {
        known.at = at;
        this.#heap.hasten(known);
      }
    }
    this.#setTimer();
  }

  protected override onShutDown(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#heap.clear();
    this.#waiting.clear();
  }

  /** Keeps one timer, for the key that is due first. */
  #setTimer(): void {
    const first = this.#heap.first;
    if (first === undefined || (this.#timer && this.#timerAt <= first.at)) return;
    this.#timer?.cancel();
    this.#timerAt = first.at;
    this.#timer = this.clock.setTimer(Math.max(0, first.at - this.clock.monotonic()), () => this.#release());
  }

  #release(): void {
    this.#timer = undefined;
    const now = this.clock.monotonic();
    for (let i = 0; i < releaseBatch; i++) {
      const first = this.#heap.first;
      if (first === undefined || first.at > now) break;
      this.#heap.shift();
      this.#waiting.delete(first.id);
      this.accept(first.key, first);
    }
    this.#setTimer();
  }
}

class DelayedKey<K, C> extends CauseList<C> {
  readonly key: K;
  readonly id: KeyId;
  at: number;
  readonly order: number;
  position = 0;

  constructor(key: K, id: KeyId, at: number, order: number) {
    super();
    this.key = key;
    this.id = id;
    this.at = at;
    this.order = order;
  }
}
