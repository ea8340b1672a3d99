import type { Awaitable, Clock, KubernetesObject, Logger, Transition } from '@bowline/apimachinery';
import { CreateEvent, DeleteEvent, type ObjectEvent, UpdateEvent } from './event.ts';
import { EventRetries } from './event-retries.ts';
import { type EventHandler, handle, priorityOf } from './handler.ts';
import type { Enqueue, EnqueueOptions } from './ports.ts';
import { type Predicate, passes } from './predicate.ts';
import type { RequestKey } from './request.ts';

/** What a delivery works with. */
export interface EventDeliveryPorts<T extends KubernetesObject> {
  readonly handler: EventHandler<T>;
  /** An event must pass all of them. */
  readonly predicates: readonly Predicate<T>[];
  readonly queue: Enqueue;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Hands what an informer saw to a handler: as events, through the predicates, one at a time, and again when the handler failed. */
export class EventDelivery<T extends KubernetesObject> {
  readonly #ports: EventDeliveryPorts<T>;
  readonly #kind: string;
  readonly #queue: CausedQueue;
  readonly #retries: EventRetries<ObjectEvent<T>>;

  constructor(ports: EventDeliveryPorts<T>, options: { readonly kind: string }) {
    const { clock, logger } = ports;
    this.#ports = ports;
    this.#kind = options.kind;
    this.#queue = new CausedQueue(ports.queue);
    this.#retries = new EventRetries({
      handle: (event) => this.#handle(event),
      describe: ({ type, kind, key }) => ({ event: type, kind, key }),
      clock,
      logger,
    });
  }

  /** How many events wait to be tried again. */
  get pending(): number {
    return this.#retries.pending;
  }

  /** Hands on all of `transitions`. Asynchronous only when the handler is. Never throws or rejects. */
  deliver(transitions: readonly Transition<T>[]): Awaitable<void> {
    let index = 0;
    for (const transition of transitions) {
      index++;
      const done = this.#deliver(transition);
      if (done) return this.#deliverRest(done, transitions.slice(index));
    }
  }

  stop(): void {
    this.#retries.stop();
  }

  async #deliverRest(first: Promise<void>, rest: readonly Transition<T>[]): Promise<void> {
    await first;
    for (const transition of rest) await this.#deliver(transition);
  }

  #deliver(transition: Transition<T>): Promise<void> | undefined {
    const event = toEvent(this.#kind, transition);
    return event && this.#passes(event) ? this.#retries.handle(event) : undefined;
  }

  #handle(event: ObjectEvent<T>): Awaitable<void> {
    this.#queue.begin(event);
    return handle(this.#ports.handler, event, this.#queue);
  }

  #passes(event: ObjectEvent<T>): boolean {
    const { predicates, logger } = this.#ports;
    try {
      for (const predicate of predicates) if (!passes(predicate, event)) return false;
    } catch (error) {
      logger.error({ kind: this.#kind, key: event.key, err: error }, 'Predicate failed, the event passes');
    }
    return true;
  }
}

function toEvent<T extends KubernetesObject>(kind: string, transition: Transition<T>): ObjectEvent<T> | undefined {
  const { old, new: now } = transition;
  if (now) return old ? new UpdateEvent(kind, old, now) : new CreateEvent(kind, now, transition.initial);
  return old && new DeleteEvent(kind, old, transition.finalStateUnknown);
}

/** Fills in cause and priority. A handler's calls come one at a time, so there is one current event. */
class CausedQueue implements Enqueue {
  #cause: ObjectEvent | undefined;
  #priority = 0;
  readonly #queue: Enqueue;

  constructor(queue: Enqueue) {
    this.#queue = queue;
  }

  begin(event: ObjectEvent): void {
    this.#cause = event;
    this.#priority = priorityOf(event);
  }

  add(key: RequestKey | string, options: EnqueueOptions = {}): void {
    const { cause = this.#cause, priority = this.#priority } = options;
    this.#queue.add(key, { ...options, cause, priority });
  }
}
