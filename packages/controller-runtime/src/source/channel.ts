import { checkOptions, checkValue, rules } from '@bowline/apimachinery/arguments';

/** How a channel is made. */
export interface ChannelOptions {
  /** How many events may wait; 1 or more. Too small refuses bursts, too large hides that nobody keeps up. @default 1024 */
  readonly capacity?: number | undefined;
}

/**
 * Brings events from outside the cluster to controllers: `manager.controller(Repository).source(channel, map)`.
 * Every controller that was given the channel gets every event. Events that are offered before the start are kept.
 *
 * @see controller-runtime pkg/source `Channel`, whose buffer has the same size
 * @example
 * ```ts
 * import { Channel } from '@bowline/controller-runtime';
 *
 * const pushes = new Channel<{ repository: string }>({ capacity: 1024 });
 * pushes.offer({ repository: 'web' }); // true
 * ```
 */
export class Channel<E> {
  readonly capacity: number;
  /** What was offered before anybody subscribed. */
  #early: E[] = [];
  readonly #subscriptions = new Set<Subscription<E>>();
  #isClosed = false;

  constructor(options: ChannelOptions = {}) {
    checkOptions<ChannelOptions>('create channel', options, { capacity: rules.positiveCount });
    const { capacity = 1024 } = options;
    this.capacity = capacity;
  }

  /**
   * Hands an event over.
   *
   * @returns Whether it was taken. False when `capacity` events wait already, or when the manager has stopped: tell the sender to try later.
   */
  offer(event: E): boolean {
    if (this.#isClosed || this.size >= this.capacity) return false;
    if (this.#subscriptions.size === 0) this.#early.push(event);
    for (const subscription of this.#subscriptions) subscription.put(event);
    return true;
  }

  /** How many events wait for the slowest controller. */
  get size(): number {
    let size = this.#early.length;
    for (const subscription of this.#subscriptions) size = Math.max(size, subscription.size);
    return size;
  }

  /**
   * A place in line for one consumer. The channel takes nothing more when the last one has left, until another one comes.
   *
   * @param held How many events the consumer has taken that still occupy their place.
   */
  subscribe(held: () => number = () => 0): Subscription<E> {
    checkValue('subscribe to channel', 'held', held, rules.function);
    const leave = () => {
      this.#subscriptions.delete(subscription);
      this.#isClosed = this.#subscriptions.size === 0;
    };
    const subscription = new Subscription<E>({ waiting: this.#early, held, leave });
    this.#early = [];
    this.#isClosed = false;
    this.#subscriptions.add(subscription);
    return subscription;
  }
}

interface SubscriptionPorts<E> {
  readonly waiting: E[];
  readonly held: () => number;
  readonly leave: () => void;
}

/** One consumer's events, in the order in which they were offered. */
export class Subscription<E> {
  readonly #ports: SubscriptionPorts<E>;
  /** How many of `waiting` were taken already: they are dropped many at a time. */
  #taken = 0;
  #wake: (() => void) | undefined;
  #isClosed = false;

  constructor(ports: SubscriptionPorts<E>) {
    this.#ports = ports;
  }

  get size(): number {
    return this.#ports.waiting.length - this.#taken + this.#ports.held();
  }

  put(event: E): void {
    this.#ports.waiting.push(event);
    this.#wake?.();
  }

  /** Takes the next event, if there is one. */
  take(): { readonly event: E } | undefined {
    const { waiting } = this.#ports;
    if (waiting.length === this.#taken) return undefined;
    const next = { event: waiting[this.#taken++] as E };
    if (this.#taken === waiting.length || this.#taken > 1024 + waiting.length / 2) {
      waiting.splice(0, this.#taken);
      this.#taken = 0;
    }
    return next;
  }

  /** Resolves when there is an event, and once closed. */
  async arrival(): Promise<void> {
    if (this.#isClosed || this.#ports.waiting.length > this.#taken) return;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
  }

  close(): void {
    this.#isClosed = true;
    this.#ports.waiting.length = 0;
    this.#taken = 0;
    this.#ports.leave();
    this.#wake?.();
  }
}
