import type { Change } from '@bowline/apimachinery';
import type { Backlog, Batch } from './backlog.ts';
import { ChangeQueue } from './change-queue.ts';

/**
 * Hands on changes in the order they came: of all objects, none dropped, none merged.
 *
 * | | cost |
 * |---|---|
 * | apply, replace, commit | O(1) |
 * | delivery | O(1) per change |
 *
 * @see client-go tools/cache/the_real_fifo.go
 */
export class InOrderQueue<T> extends ChangeQueue<T> {
  protected override createBacklog(): Backlog<T> {
    return new InOrderBacklog();
  }
}

interface Chunk<T> extends Batch<T> {
  next?: Chunk<T>;
}

class InOrderBacklog<T> implements Backlog<T> {
  #first: Chunk<T> | undefined;
  #last: Chunk<T> | undefined;
  /** How many changes of the first chunk are taken. */
  #taken = 0;
  #length = 0;
  /** Everything up to here is taken. */
  #floor = '';

  get length(): number {
    return this.#length;
  }

  get isEmpty(): boolean {
    return this.#first === undefined;
  }

  /** A resync takes its place in the order, whatever follows. */
  has(): boolean {
    return false;
  }

  add(changes: readonly Change<T>[], resourceVersion: string): void {
    const chunk: Chunk<T> = { changes, resourceVersion };
    if (this.#last) this.#last.next = chunk;
    else this.#first = chunk;
    this.#last = chunk;
    this.#length += changes.length;
  }

  take(limit: number): Batch<T> {
    const first = this.#first;
    if (first !== undefined && first === this.#last && this.#taken === 0 && first.changes.length <= limit) {
      return this.#takeAll(first);
    }
    const changes: Change<T>[] = [];
    for (let chunk = this.#first; chunk; chunk = this.#first) {
      const end = Math.min(this.#taken + limit - changes.length, chunk.changes.length);
      for (const change of chunk.changes.slice(this.#taken, end)) changes.push(change);
      this.#taken = end;
      if (end < chunk.changes.length) break;
      this.#floor = chunk.resourceVersion || this.#floor;
      this.#first = chunk.next;
      this.#taken = 0;
    }
    if (!this.#first) this.#last = undefined;
    this.#length -= changes.length;
    return { changes, resourceVersion: this.#floor };
  }

  /** The usual case: what came is handed on as it came. */
  #takeAll({ changes, resourceVersion }: Chunk<T>): Batch<T> {
    this.#floor = resourceVersion || this.#floor;
    this.#first = undefined;
    this.#last = undefined;
    this.#length = 0;
    return { changes, resourceVersion: this.#floor };
  }
}
