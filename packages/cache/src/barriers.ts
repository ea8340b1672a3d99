import { abortError, compareResourceVersions, type Item, isComparableResourceVersion } from '@bowline/apimachinery';
import type { Progress, ProgressMark, Transitions } from './ports.ts';

/** What is waited for. */
interface Watched {
  readonly resourceVersion: string;
  readonly hasSynced: boolean;
  item(key: string): Item<unknown> | undefined;
}

/** Whether a state is reached, by now or by one of the changes that just happened. */
type Test = (transitions: Transitions<unknown>) => boolean;

interface Barrier {
  readonly isReached: Test;
  /** Waits for a version, which a restored etcd may never reach. */
  readonly isVersion: boolean;
  readonly release: () => void;
}

/**
 * Promises that wait for a state of a cache.
 *
 * | | cost |
 * |---|---|
 * | check | O(waiting) |
 */
export class Barriers implements Progress {
  readonly #watched: Watched;
  readonly #waiting = new Set<Barrier>();

  constructor(watched: Watched) {
    this.#watched = watched;
  }

  synced(signal: AbortSignal): Promise<void> {
    return this.#wait(() => this.#watched.hasSynced, false, signal);
  }

  reached(mark: ProgressMark, signal: AbortSignal): Promise<void> {
    if (!('goneUid' in mark)) return this.#wait((transitions) => this.#hasSeen(mark, transitions), true, signal);
    const { key, goneUid } = mark;
    return this.#wait(() => this.#watched.hasSynced && this.#watched.item(key)?.uid !== goneUid, false, signal);
  }

  /** Must be called after every change. */
  check(transitions: Transitions<unknown>): void {
    for (const barrier of this.#waiting) if (barrier.isReached(transitions)) barrier.release();
  }

  /** The cache went back in time. */
  releaseVersions(): void {
    for (const barrier of this.#waiting) if (barrier.isVersion) barrier.release();
  }

  #hasSeen(mark: Exclude<ProgressMark, { goneUid: string }>, transitions: Transitions<unknown>): boolean {
    const { resourceVersion, key } = mark;
    const reached = this.#watched.resourceVersion;
    if (isComparableResourceVersion(reached) && isComparableResourceVersion(resourceVersion)) {
      return compareResourceVersions(reached, resourceVersion) >= 0;
    }
    if (reached === resourceVersion) return true;
    if (key === undefined) return false;
    const isIt = (item: Item<unknown> | undefined): boolean => item?.resourceVersion === resourceVersion;
    if (isIt(this.#watched.item(key))) return true;
    for (const each of transitions) if (each.key === key && (isIt(each.new) || isIt(each.old))) return true;
    return false;
  }

  #wait(isReached: Test, isVersion: boolean, signal: AbortSignal): Promise<void> {
    if (isReached([])) return Promise.resolve();
    if (signal.aborted) return Promise.reject(abortError(signal));
    return new Promise((resolve, reject) => {
      const end = (): void => {
        signal.removeEventListener('abort', abort);
        this.#waiting.delete(barrier);
      };
      const abort = (): void => {
        end();
        reject(abortError(signal));
      };
      const release = (): void => {
        end();
        resolve();
      };
      const barrier: Barrier = { isReached, isVersion, release };
      signal.addEventListener('abort', abort, { once: true });
      this.#waiting.add(barrier);
    });
  }
}
