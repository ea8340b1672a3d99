import type { Timer } from '@bowline/apimachinery';
import { type Asked, type Cause, Request } from './causes.ts';
import { aDelay, check, checkOptions, type Rules } from './checks.ts';
import { Heap } from './heap.ts';
import type { KeyId } from './ports.ts';
import { type AddOptions, adding, addRules, WorkQueue } from './queue.ts';

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
  #heap = new Heap<DelayedKey<K, C>>();
  #timer: Timer | undefined;
  #timerAt = Infinity;

  /** How many keys wait for their time. */
  get waiting(): number {
    return this.#waiting.size;
  }

  override keys(state: 'ready' | 'processing' | 'waiting'): K[] {
    return state === 'waiting' ? [...this.#waiting.values()].map(({ key }) => key) : super.keys(state);
  }

  /** Queues `key`, after `afterMs` if given. @see addAfter */
  override add(key: K, options?: DelayedAddOptions<C>): void {
    checkOptions(adding, options, delayRules);
    this.acceptIn(key, options);
  }

  /**
   * Adds `key` once `delayMs` has passed. If `key` waits already, the earlier time wins.
   *
   * After shutdown the key is ignored and counted (`droppedAfterShutdown`).
   *
   * @param delayMs Milliseconds, 0 or more, finite. 0 adds at once. When it ends is rounded up to a whole millisecond.
   * @throws {RangeError} when `delayMs` is negative, infinite or `NaN`.
   * @see client-go util/workqueue/delaying_queue.go `insert`, for the earlier-wins rule
   */
  addAfter(key: K, delayMs: number, options?: AddOptions<C>): void {
    check(adding, 'delayMs', delayMs, aDelay);
    checkOptions(adding, options, addRules);
    this.acceptAfter(key, delayMs, options);
  }

  /** `add`: a delay of 0 is none. */
  protected acceptIn(key: K, options: DelayedAddOptions<C> | undefined): void {
    if (options?.afterMs) this.acceptAfter(key, options.afterMs, options);
    else this.accept(key, options);
  }

  /** `addAfter`: counts as a retry. */
  protected acceptAfter(key: K, delayMs: number, asked: Asked<C> | undefined): void {
    const id = this.idOf(key);
    this.countRetry();
    if (delayMs === 0) {
      this.accept(key, asked);
      return;
    }
    if (this.isClosed()) return;
    const at = Math.ceil(this.clock.monotonic() + delayMs); // as timers count; other numbers would each take memory of their own
    let delayed = this.#waiting.get(id);
    if (delayed) {
      delayed.merge(asked);
      if (at < delayed.rank) {
        delayed.rank = at;
        this.#heap.hasten(delayed);
      }
    } else {
      delayed = new DelayedKey<K, C>(key, id, asked);
      delayed.rank = at;
      this.#waiting.set(id, delayed);
      this.#heap.push(delayed);
    }
    this.#setTimer();
  }

  /** Ends the wait of a key: it is no longer here. */
  protected endWait(id: KeyId): Request<K, C> | undefined {
    const delayed = this.#waiting.get(id);
    if (delayed) {
      this.#waiting.delete(id);
      this.#heap.remove(delayed);
    }
    return delayed;
  }

  protected override onShutDown(): void {
    this.#timer?.cancel();
    this.#heap = new Heap();
    this.#waiting.clear();
  }

  /** Keeps one timer, for the key that is due first. */
  #setTimer(): void {
    const first = this.#heap.first;
    if (!first || this.#timerAt <= first.rank) return;
    this.#timer?.cancel();
    this.#timerAt = first.rank;
    this.#timer = this.clock.setTimer(Math.max(0, first.rank - this.clock.monotonic()), () => this.#release());
  }

  #release(): void {
    this.#timerAt = Infinity;
    const now = this.clock.monotonic();
    for (let i = 0; i < releaseBatch; i++) {
      const first = this.#heap.first;
      if (!first || first.rank > now) break;
      this.endWait(first.id);
      this.accept(first.key, first);
    }
    this.#setTimer();
  }
}

const delayRules: Rules = { ...addRules, afterMs: aDelay };

class DelayedKey<K, C> extends Request<K, C> {
  /** When it is due. */
  rank = 0;
  order = 0;
  position = 0;
}
