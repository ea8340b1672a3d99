import { type Change, type Item, keyedItems, type Replacement } from '@bowline/apimachinery';
import { checkValue, rules } from '@bowline/apimachinery/arguments';

/** What is staged, in order. Kept as it came, so that staging costs nothing: all work is done in slices at the commit. */
export type StagingStep<T> =
  | { readonly type: 'put'; readonly items: readonly Item<T>[] }
  | { readonly type: 'remove' | 'keep'; readonly key: string };

/** Who makes a staged state current. */
interface Committer<T> {
  commit(steps: readonly StagingStep<T>[], resourceVersion: string, signal?: AbortSignal): Promise<void>;
}

/** What has happened since a commit was called for. It belongs on top of the new state. */
export interface PendingCommit<T> {
  readonly late: Change<T>[];
  /** The version that the last change or bookmark brought. */
  resourceVersion: string;
}

/** A full state on its way into a cache. */
export class Staging<T> implements Replacement<T> {
  readonly #committer: Committer<T>;
  #steps: StagingStep<T>[] = [];
  #state: 'open' | 'committed' | 'abandoned' = 'open';

  constructor(committer: Committer<T>) {
    this.#committer = committer;
  }

  put(items: readonly Item<T>[]): void {
    keyedItems('put items', items);
    this.#stage({ type: 'put', items });
  }

  remove(key: string): void {
    checkValue('remove item', 'key', key, rules.string);
    this.#stage({ type: 'remove', key });
  }

  keep(key: string): void {
    checkValue('keep item', 'key', key, rules.string);
    this.#stage({ type: 'keep', key });
  }

  commit(resourceVersion: string, signal?: AbortSignal): Promise<void> {
    checkValue('commit replacement', 'resourceVersion', resourceVersion, rules.string);
    const steps = this.#steps;
    this.#end('committed');
    return this.#committer.commit(steps, resourceVersion, signal);
  }

  /** Another replacement began. One that is committed already goes on. */
  abandon(): void {
    if (this.#state === 'open') this.#end('abandoned');
  }

  #stage(step: StagingStep<T>): void {
    this.#mustBeOpen();
    this.#steps.push(step);
  }

  #end(state: 'committed' | 'abandoned'): void {
    this.#mustBeOpen();
    this.#state = state;
    this.#steps = [];
  }

  #mustBeOpen(): void {
    if (this.#state !== 'open') throw new Error(`Cannot use replacement: it has been ${this.#state}`);
  }
}
