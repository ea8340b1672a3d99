import type { Clock } from '@bowline/apimachinery';

/**
 * Lets those who have long work to do take turns: one slice of one of them per round of the event loop, so that I/O and timers
 * wait for one slice at most, however many there are.
 */
export class Turns {
  readonly #clock: Pick<Clock, 'turn'>;
  readonly #waiting: (() => void)[] = [];
  #isGiving = false;

  constructor(clock: Pick<Clock, 'turn'>) {
    this.#clock = clock;
  }

  /** Resolves when it is the caller's turn. */
  next(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      if (!this.#isGiving) void this.#give();
    });
  }

  async #give(): Promise<void> {
    this.#isGiving = true;
    while (this.#waiting.length > 0) {
      await this.#clock.turn();
      this.#waiting.shift()?.();
    }
    this.#isGiving = false;
  }
}
