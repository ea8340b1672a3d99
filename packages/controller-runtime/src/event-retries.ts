import type { Awaitable, Clock, LogFields, Logger, Timer } from '@bowline/apimachinery';
import { isPromiseLike } from '@bowline/apimachinery';

/** What retries work with. */
export interface EventRetriesPorts<E> {
  readonly handle: (event: E) => Awaitable<void>;
  /** Names an event in the log. */
  readonly describe: (event: E) => LogFields;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** How long retries go on. */
export interface EventRetriesOptions {
  /** How often an event is handled before it is dropped. @default no limit */
  readonly maxTries?: number | undefined;
}

/** The first and the longest wait, those of a failed reconcile. @see client-go util/workqueue `DefaultTypedControllerRateLimiter` */
const minRetryMs = 5;
const maxRetryMs = 1_000_000;

/** Handles events one at a time, and those that fail again later, with growing delays, so that a failed lookup loses no event. */
export class EventRetries<E> {
  readonly #ports: EventRetriesPorts<E>;
  readonly #maxTries: number;
  #failed: { readonly event: E; readonly tries: number }[] = [];
  /** The call that is going on, if it is asynchronous. */
  #active: Promise<void> | undefined;
  #round = 0;
  #timer: Timer | undefined;
  #isStopped = false;

  constructor(ports: EventRetriesPorts<E>, options: EventRetriesOptions = {}) {
    this.#ports = ports;
    this.#maxTries = options.maxTries ?? Number.POSITIVE_INFINITY;
  }

  /** How many events wait to be tried again. */
  get pending(): number {
    return this.#failed.length;
  }

  /** Handles one event. Never throws or rejects; a promise only when there is something to wait for. */
  handle(event: E): Promise<void> | undefined {
    if (this.#active) return this.#track(this.#active.then(() => this.#try(event, 1)));
    const done = this.#try(event, 1);
    return done && this.#track(done);
  }

  stop(): void {
    this.#isStopped = true;
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#failed = [];
  }

  #try(event: E, tries: number): Promise<void> | undefined {
    try {
      const done: unknown = this.#ports.handle(event);
      if (!isPromiseLike(done)) return undefined;
      const handled = (): void => {};
      return Promise.resolve(done).then(handled, (error: unknown) => this.#fail(event, tries, error));
    } catch (error) {
      this.#fail(event, tries, error);
      return undefined;
    }
  }

  #fail(event: E, tries: number, error: unknown): void {
    if (this.#isStopped) return;
    const { logger, clock, describe } = this.#ports;
    if (tries >= this.#maxTries) {
      logger.error({ ...describe(event), tries, err: error }, 'Event handler failed too often, the event is dropped');
      return;
    }
    this.#failed.push({ event, tries });
    if (this.#timer) return;
    const afterMs = Math.min(minRetryMs * 2 ** this.#round, maxRetryMs);
    logger.error({ ...describe(event), afterMs, err: error }, 'Event handler failed and is called again later');
    this.#timer = clock.setTimer(afterMs, () => void this.#track(this.#retry(this.#active)));
  }

  async #retry(after: Promise<void> | undefined): Promise<void> {
    await after;
    const entries = this.#failed;
    this.#failed = [];
    this.#timer = undefined;
    this.#round++;
    for (const { event, tries } of entries) await this.#try(event, tries + 1);
    if (this.#failed.length === 0) this.#round = 0;
  }

  #track(active: Promise<void>): Promise<void> {
    const tracked = active.finally(() => {
      if (this.#active === tracked) this.#active = undefined;
    });
    this.#active = tracked;
    return tracked;
  }
}
