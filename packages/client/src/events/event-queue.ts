import type { RecordedEvent } from './event-recorder.ts';

/** Whoever takes events from a queue. */
export interface EventConsumer {
  /** Takes one event. The next one comes when it is done. Must not reject. */
  consume(event: RecordedEvent): Promise<void>;
  /** Called with each change of the number of events that wait. */
  waiting?(count: number): void;
  /** The event found no room. */
  dropped(event: RecordedEvent): void;
}

/** Events on their way to one consumer: in order, at most so many, never in the turn of the one who adds them. */
export class EventQueue {
  readonly #consumer: EventConsumer;
  readonly #limit: number;
  #events: RecordedEvent[] = [];
  #pumping: Promise<void> | undefined;

  constructor(consumer: EventConsumer, limit: number) {
    this.#consumer = consumer;
    this.#limit = limit;
  }

  add(event: RecordedEvent): void {
    if (this.#events.length >= this.#limit) {
      this.#consumer.dropped(event);
      return;
    }
    this.#events.push(event);
    this.#consumer.waiting?.(this.#events.length);
    this.#pumping ??= this.#pump();
  }

  /** Resolves once nothing waits. */
  async idle(): Promise<void> {
    while (this.#pumping) await this.#pumping;
  }

  /** Empties it. */
  takeAll(): readonly RecordedEvent[] {
    const left = this.#events;
    this.#events = [];
    this.#consumer.waiting?.(0);
    return left;
  }

  async #pump(): Promise<void> {
    await Promise.resolve();
    for (let event = this.#events.shift(); event; event = this.#events.shift()) {
      this.#consumer.waiting?.(this.#events.length);
      await this.#consumer.consume(event);
    }
    this.#pumping = undefined;
  }
}
