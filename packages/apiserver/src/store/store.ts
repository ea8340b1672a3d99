import type { Clock, Timer } from '@bowline/apimachinery';
import { Collection, type Revisions } from './collection.ts';
import type { HistoryLimits } from './history.ts';

/**
 * All objects of a server, under one counter: every write of whatever resource takes the next revision, and no revision is used twice.
 *
 * @see k8s.io/apiserver storage/etcd3 and storage/cacher, whose jobs these are there
 */
export class Store implements Revisions {
  readonly #clock: Clock;
  readonly #limits: HistoryLimits;
  readonly #collections = new Map<string, Collection>();
  readonly #waiters = new Set<{ readonly revision: number; readonly wake: () => void }>();
  readonly #followers = new Set<(collection: Collection) => void>();
  #current = 1;

  constructor(clock: Clock, limits: HistoryLimits) {
    this.#clock = clock;
    this.#limits = limits;
  }

  get current(): number {
    return this.#current;
  }

  nowMs(): number {
    return this.#clock.now();
  }

  next(): number {
    this.#current++;
    for (const waiter of this.#waiters) {
      if (waiter.revision <= this.#current) waiter.wake();
    }
    return this.#current;
  }

  /** The objects of a resource, by any unique name: `deployments.apps`. */
  collection(name: string): Collection {
    let collection = this.#collections.get(name);
    if (collection === undefined) {
      collection = new Collection(this, this.#limits);
      this.#collections.set(name, collection);
      for (const follower of this.#followers) follower(collection);
    }
    return collection;
  }

  /** Tells of every collection: those that are there, at once, and those to come. @returns how to stop. */
  follow(follower: (collection: Collection) => void): () => void {
    this.#followers.add(follower);
    for (const collection of [...this.#collections.values()]) follower(collection);
    return () => {
      this.#followers.delete(follower);
    };
  }

  /** Forgets a resource whose definition is gone. */
  drop(name: string): void {
    this.#collections.delete(name);
  }

  /** Forgets the past of all resources up to and with `revision`: older watches and continue tokens expire. */
  compact(revision: number): void {
    for (const collection of this.#collections.values()) collection.compact(revision);
  }

  /** Waits until `revision` was written, at most `timeoutMs`. @returns whether it was. */
  async reached(revision: number, timeoutMs: number, signal?: AbortSignal): Promise<boolean> {
    if (revision <= this.#current) return true;
    if (signal?.aborted) return false;
    let timer: Timer | undefined;
    let stop: (() => void) | undefined;
    await new Promise<void>((resolve) => {
      const wake = (): void => resolve();
      const waiter = { revision, wake };
      this.#waiters.add(waiter);
      signal?.addEventListener('abort', wake, { once: true });
      timer = this.#clock.setTimer(timeoutMs, wake);
      stop = () => {
        this.#waiters.delete(waiter);
        signal?.removeEventListener('abort', wake);
      };
    });
    timer?.cancel();
    stop?.();
    return revision <= this.#current;
  }
}
