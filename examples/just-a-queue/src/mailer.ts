import { RateLimitingQueue } from '@bowline/workqueue';

/** Sends a letter, or throws. */
export type Send = (address: string) => Promise<void>;

/**
 * Sends one letter per address, however often it is asked for: never two at a time to one address, four in all,
 * and what fails is tried again, ever later.
 */
export class Mailer {
  readonly #queue = new RateLimitingQueue<string>();

  /** Asks for a letter. Asking again before it is sent changes nothing. */
  ask(address: string): void {
    this.#queue.add(address);
  }

  /** Sends until `signal` aborts. */
  run(send: Send, signal: AbortSignal, onError: (error: unknown, address: string) => void): Promise<void> {
    return this.#queue.work(send, { concurrency: 4, signal, onError });
  }
}
