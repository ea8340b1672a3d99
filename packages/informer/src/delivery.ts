import type { Awaitable, Transition } from '@bowline/apimachinery';
import type { Backlog } from './backlog.ts';
import type { Handler, HandlerFailure, ItemHandler } from './ports.ts';

/** How many changes an `ItemHandler` gets at once, at most. @see client-go tools/cache/the_real_fifo.go, whose batches are as large */
const BATCH = 1_000;

/** How a registration tells its handler: one call after the other, of which it keeps the present one only. */
export interface Delivery<T> {
  /** What the present call is called, and the first object that it is about. */
  readonly call: HandlerFailure['call'];
  readonly key: string;
  /** Takes what the next call is about off the backlog. @returns whether there was anything. */
  next(backlog: Backlog<T>): boolean;
  /** Calls the handler. Once for each `next`. */
  run(): Awaitable<void>;
}

/** Tells objects. What the handler does not want to know is not even decoded. */
export class ObjectDelivery<T> implements Delivery<T> {
  call: HandlerFailure['call'] = 'onAdd';
  key = '';
  readonly #handler: Handler<T>;
  #transition: Transition<T> | undefined;

  constructor(handler: Handler<T>) {
    this.#handler = handler;
  }

  next(backlog: Backlog<T>): boolean {
    const transition = backlog.shift();
    this.#transition = transition;
    if (transition === undefined) return false;
    const { key, old, new: now } = transition;
    this.key = key;
    this.call = now === undefined ? 'onDelete' : old === undefined ? 'onAdd' : 'onUpdate';
    return true;
  }

  run(): Awaitable<void> {
    const transition = this.#transition;
    this.#transition = undefined; // nobody keeps an object because it was the last
    if (transition === undefined) return undefined;
    const { old, new: now, initial, finalStateUnknown } = transition;
    if (now && old) return this.#handler.onUpdate?.(old.object, now.object);
    if (now) return this.#handler.onAdd?.(now.object, { initial });
    return old && this.#handler.onDelete?.(old.object, { finalStateUnknown });
  }
}

/** Tells items, in batches. */
export class ItemDelivery<T> implements Delivery<T> {
  readonly call = 'onTransitions';
  key = '';
  readonly #handler: ItemHandler<T>;
  #batch: Transition<T>[] = [];

  constructor(handler: ItemHandler<T>) {
    this.#handler = handler;
  }

  next(backlog: Backlog<T>): boolean {
    const first = backlog.shift();
    if (first === undefined) return false;
    this.key = first.key;
    const batch = [first];
    for (let next = backlog.shift(false); next; next = batch.length < BATCH ? backlog.shift(false) : undefined) {
      batch.push(next);
    }
    this.#batch = batch;
    return true;
  }

  run(): Awaitable<void> {
    const batch = this.#batch;
    this.#batch = [];
    return this.#handler.onTransitions(batch);
  }
}
