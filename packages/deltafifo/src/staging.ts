import { abortError, type Item, type KeyError, keyedItems, type Replacement } from '@bowline/apimachinery';
import { checkValue, rules } from '@bowline/apimachinery/arguments';
import type { Transformer } from './transformer.ts';

/** What is staged in the queue, in order. */
export type StagingStep<T> =
  | { readonly type: 'put'; readonly items: readonly Item<T>[] }
  | { readonly type: 'remove'; readonly key: string }
  | { readonly type: 'keep'; readonly key: string };

/** A full state that waits to be delivered. */
export interface StagedState<T> {
  readonly type: 'replacement';
  /** Where it is staged in the sink, as far as it is; undefined: nowhere. */
  readonly inSink: Replacement<T> | undefined;
  /** What comes after that. */
  readonly steps: readonly StagingStep<T>[];
  readonly resourceVersion: string;
  /** What the producer waits for. */
  readonly outcome: Outcome;
}

/** The promise that a commit returns. */
export class Outcome {
  readonly signal: AbortSignal | undefined;
  readonly promise: Promise<void>;
  #resolve: () => void = () => {};
  #reject: (reason: unknown) => void = () => {};

  constructor(signal: AbortSignal | undefined) {
    this.signal = signal;
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    if (signal?.aborted) this.#abort();
    else signal?.addEventListener('abort', this.#abort, { once: true });
  }

  /** From here on only the sink decides. @returns whether it is still wanted. */
  begin(): boolean {
    this.signal?.removeEventListener('abort', this.#abort);
    return !this.signal?.aborted;
  }

  resolve(): void {
    this.#resolve();
  }

  reject(reason: unknown): void {
    this.signal?.removeEventListener('abort', this.#abort);
    this.#reject(reason);
  }

  readonly #abort = (): void => {
    if (this.signal) this.#reject(abortError(this.signal));
  };
}

/** Where a state is put. */
interface StateQueue<T> {
  enqueue(state: StagedState<T>): void;
  readonly onKeyError: ((error: KeyError) => void) | undefined;
  readonly transformer: Transformer<T>;
  /** How many items the sink is given in one turn. */
  readonly batchSize: number;
  /** Where the sink stages it; undefined while the sink is to stage another one. */
  readonly inSink: Replacement<T> | undefined;
}

/**
 * A full state on its way into a queue. It is staged in the sink at once, where it takes the least memory; what must wait, or is too much
 * for one turn, waits here, with all that follows it.
 */
export class Staging<T> implements Replacement<T> {
  readonly #queue: StateQueue<T>;
  #steps: StagingStep<T>[] = [];
  #state: 'open' | 'committed' | 'abandoned' = 'open';
  #isWanted = true;

  constructor(queue: StateQueue<T>) {
    this.#queue = queue;
  }

  put(items: readonly Item<T>[]): void {
    this.#mustBeOpen();
    const { onKeyError, transformer } = this.#queue;
    for (const step of transformer.steps(keyedItems('put items', items, onKeyError))) this.#stage(step);
  }

  remove(key: string): void {
    this.#mustBeOpen();
    checkValue('remove item', 'key', key, rules.string);
    this.#stage({ type: 'remove', key });
  }

  keep(key: string): void {
    this.#mustBeOpen();
    checkValue('keep item', 'key', key, rules.string);
    this.#stage({ type: 'keep', key });
  }

  commit(resourceVersion: string, signal?: AbortSignal): Promise<void> {
    checkValue('commit replacement', 'resourceVersion', resourceVersion, rules.string);
    if (signal !== undefined) checkValue('commit replacement', 'signal', signal, rules.signal);
    const steps = this.#steps;
    this.#end('committed');
    const outcome = new Outcome(signal);
    const { inSink } = this.#queue;
    this.#queue.enqueue({ type: 'replacement', inSink, steps, resourceVersion, outcome });
    return outcome.promise;
  }

  /** One that is committed already goes on. */
  abandon(): void {
    if (this.#state !== 'open') return;
    this.#end('abandoned');
    this.#queue.inSink?.abandon?.();
  }

  /** The queue has ended: what is staged takes no memory, and its commit will say so. */
  stop(): void {
    if (this.#state !== 'open') return;
    this.#isWanted = false;
    this.#steps = [];
    this.#queue.inSink?.abandon?.();
  }

  #stage(step: StagingStep<T>): void {
    if (!this.#isWanted) return;
    const { inSink, batchSize } = this.#queue;
    // What is kept is what the sink holds then, not what it holds now.
    const waits =
      this.#steps.length > 0 || step.type === 'keep' || (step.type === 'put' && step.items.length > batchSize);
    if (inSink === undefined || waits) this.#steps.push(step);
    else stage(step, inSink);
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

/** Does a step where it counts. */
export function stage<T>(step: StagingStep<T>, replacement: Replacement<T>): void {
  if (step.type === 'put') replacement.put(step.items);
  else if (step.type === 'remove') replacement.remove(step.key);
  else replacement.keep?.(step.key);
}
