import type { Item, Transition } from '@bowline/apimachinery';
import type { Contents } from './contents.ts';
import type { Transitions } from './ports.ts';

/** A full state that has just become current. */
export interface CommittedState<T> {
  /** The state before it, which does not change any more. */
  readonly before: Contents<T>;
  readonly next: Contents<T>;
  /** What happened to keys that are not in `next`. */
  readonly gone: readonly Transition<T>[];
  /** Keys to which nothing happened, or what was told before. */
  readonly untold: ReadonlySet<string>;
  /** There was no full state before. */
  readonly isInitial: boolean;
}

/** What a full state changed: deletions, then everything that was staged. Made as it is looped over, so that nobody holds one for each object. */
export class StateTransitions<T> implements Transitions<T> {
  readonly length: number;
  readonly #state: CommittedState<T>;
  readonly #gone: readonly Transition<T>[];

  constructor(state: CommittedState<T>) {
    const { next, gone, untold } = state;
    this.#state = state;
    this.#gone = untold.size === 0 ? gone : gone.filter(({ key }) => !untold.has(key));
    let length = this.#gone.length + next.size;
    for (const key of untold) if (next.has(key)) length--;
    this.length = length;
  }

  [Symbol.iterator](): IterableIterator<Transition<T>> {
    return new StateLoop(this.#state, this.#gone);
  }
}

/** The state is that of its start. At its end it lets go of that and of the one before, also when somebody still has the loop. */
class StateLoop<T> implements IterableIterator<Transition<T>> {
  #gone: readonly Transition<T>[];
  readonly #items: IterableIterator<Item<T>>;
  #before: Contents<T> | undefined;
  readonly #untold: ReadonlySet<string>;
  readonly #isInitial: boolean;
  #told = 0;

  constructor({ before, next, untold, isInitial }: CommittedState<T>, gone: readonly Transition<T>[]) {
    this.#gone = gone;
    this.#items = next.items((item) => item);
    this.#before = before.size > 0 ? before : undefined;
    this.#untold = untold;
    this.#isInitial = isInitial;
  }

  [Symbol.iterator](): this {
    return this;
  }

  next(): IteratorResult<Transition<T>, undefined> {
    const gone = this.#gone[this.#told++];
    if (gone !== undefined) return { done: false, value: gone };
    for (;;) {
      const result = this.#items.next();
      if (result.done) return this.return();
      const item = result.value;
      const { key } = item;
      if (this.#untold.has(key)) continue;
      const old = this.#before?.get(key);
      return { done: false, value: { key, old, new: item, initial: this.#isInitial, finalStateUnknown: false } };
    }
  }

  return(): IteratorReturnResult<undefined> {
    this.#gone = [];
    this.#before = undefined;
    this.#items.return?.();
    return { done: true, value: undefined };
  }
}
