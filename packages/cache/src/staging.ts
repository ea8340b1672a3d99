import { abortError, type Change, type Item, keyedItems, type Replacement } from '@bowline/apimachinery';
import { checkValue, rules } from '@bowline/apimachinery/arguments';
import type { Contents } from './contents.ts';
import type { CacheClock } from './ports.ts';
import { Slices } from './slices.ts';

/** What was asked for and has not been done yet. */
type Step<T> =
  | { readonly type: 'put'; readonly items: readonly Item<T>[] }
  | { readonly type: 'remove' | 'keep'; readonly key: string };

/** A full state that has been staged. */
export interface Staged<T> {
  /** Its items, in a storage of their own and without indexes. */
  readonly next: Contents<T>;
  /** Keys whose items stay as they are. Not in `next`. */
  readonly kept: Set<string>;
}

/** Who makes a staged state current, or discards it when that fails. */
interface Committer<T> {
  commit(staging: Staging<T>, resourceVersion: string, signal?: AbortSignal): Promise<void>;
}

/** What has happened since a commit was called for. It belongs on top of the new state. */
export interface PendingCommit<T> {
  readonly late: Change<T>[];
  /** The version that the last change or bookmark brought. */
  resourceVersion: string;
}

/**
 * A full state on its way into a cache.
 *
 * What is put goes into its storage at once, so that the buffers in which it came are not needed any more. What takes longer than a slice
 * goes on in the turns that follow.
 */
export class Staging<T> implements Replacement<T>, Staged<T> {
  readonly next: Contents<T>;
  readonly kept: Set<string> = new Set<string>();
  readonly #committer: Committer<T>;
  readonly #slices: Slices;
  #steps: Step<T>[] = [];
  #state: 'open' | 'committed' | 'abandoned' = 'open';
  #signal: AbortSignal | undefined;
  #isWorking = false;
  #work: Promise<void> = Promise.resolve();
  #failure: { readonly error: unknown } | undefined;

  /** @param next An empty state. */
  constructor(next: Contents<T>, committer: Committer<T>, clock: CacheClock) {
    this.next = next;
    this.#committer = committer;
    this.#slices = new Slices(clock);
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
    if (signal !== undefined) checkValue('commit replacement', 'signal', signal, rules.signal);
    this.#mustBeOpen();
    this.#state = 'committed';
    this.#signal = signal;
    return this.#committer.commit(this, resourceVersion, signal);
  }

  /** It will not be committed: another replacement began, say. One that is committed already goes on. */
  abandon(): void {
    if (this.#state !== 'open') return;
    this.#state = 'abandoned';
    this.#steps = [];
    this.next.discard();
  }

  /** Resolves when all is in its storage. Rejects with what that threw, and with the reason of the signal of `commit`. */
  async settled(): Promise<void> {
    await this.#work;
    if (this.#failure) throw this.#failure.error;
  }

  #stage(step: Step<T>): void {
    this.#mustBeOpen();
    if (this.#failure) return; // the commit will say it
    this.#steps.push(step);
    if (!this.#isWorking) this.#work = this.#run();
  }

  /** Never rejects: who commits is told. */
  async #run(): Promise<void> {
    this.#isWorking = true;
    try {
      while (this.#steps.length > 0) {
        const steps = this.#steps;
        this.#steps = [];
        for (const step of steps) {
          if (step.type === 'put') {
            for (const item of step.items) {
              this.#put(item);
              if (this.#slices.isDue() && !(await this.#pause())) return;
            }
          } else if (step.type === 'remove') {
            this.next.delete(step.key);
            this.kept.delete(step.key);
          } else if (!this.next.has(step.key)) this.kept.add(step.key);
          if (this.#slices.isDue() && !(await this.#pause())) return;
        }
      }
    } catch (error) {
      this.#failure = { error };
      this.#steps = [];
    } finally {
      this.#isWorking = false;
    }
  }

  #put(item: Item<T>): void {
    this.next.set(item);
    if (this.kept.size > 0) this.kept.delete(item.key);
  }

  /** @returns whether to go on. */
  async #pause(): Promise<boolean> {
    await this.#slices.pause();
    if (this.#signal?.aborted) throw abortError(this.#signal);
    return this.#state !== 'abandoned';
  }

  #mustBeOpen(): void {
    if (this.#state !== 'open') throw new Error(`Cannot use replacement: it has been ${this.#state}`);
  }
}
