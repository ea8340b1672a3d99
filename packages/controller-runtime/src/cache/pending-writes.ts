import { isComparableResourceVersion } from '@bowline/apimachinery';
import type { Progress, ProgressMark } from '@bowline/cache';

/** A write that a cache does not show yet. */
export interface PendingWrite {
  readonly key: string;
  /** Resolves once the cache shows the write, or when nobody waits for it any more. Never rejects. */
  readonly visible: Promise<void>;
  readonly isVisible: boolean;
}

/**
 * The writes that one cache does not show yet. The cache only ever holds states that the server really had; who needs a newer one waits.
 *
 * | | cost |
 * |---|---|
 * | add | O(1) |
 * | before | O(writes that are not visible yet) |
 */
export class PendingWrites {
  readonly #progress: Progress;
  readonly #waiting = new Set<Wait>();

  constructor(progress: Progress) {
    this.#progress = progress;
  }

  get size(): number {
    return this.#waiting.size;
  }

  /** Waits for the cache to show a write of `key`. Earlier writes go on being waited for. */
  add(key: string, mark: ProgressMark): PendingWrite {
    const wait = new Wait(key, mark, this.#progress, () => this.#waiting.delete(wait));
    this.#waiting.add(wait);
    return wait;
  }

  /** The writes that a read of `key`, or of everything, has to show. */
  before(key?: string): PendingWrite[] {
    const writes: PendingWrite[] = [];
    for (const write of this.#waiting) if (key === undefined || write.key === key) writes.push(write);
    return writes;
  }

  /** A read has waited for `writes` in vain. Those whose versions have no order are given up: the cache may have skipped them. */
  timedOut(writes: readonly PendingWrite[]): void {
    for (const wait of this.#waiting) if (writes.includes(wait) && !wait.isOrdered) wait.abandon();
  }

  /** Stops waiting. */
  clear(): void {
    for (const wait of this.#waiting) wait.abandon();
  }
}

class Wait implements PendingWrite {
  readonly key: string;
  readonly visible: Promise<void>;
  readonly isOrdered: boolean;
  isVisible = false;
  readonly #abort = new AbortController();

  constructor(key: string, mark: ProgressMark, progress: Progress, ended: () => void) {
    this.key = key;
    this.isOrdered = 'goneUid' in mark || isComparableResourceVersion(mark.resourceVersion);
    const end = (): void => {
      this.isVisible = true;
      ended();
    };
    this.visible = progress.reached(mark, this.#abort.signal).then(end, end);
  }

  abandon(): void {
    this.#abort.abort();
  }
}
