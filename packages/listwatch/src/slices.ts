import type { Clock } from '@bowline/apimachinery';

/** Milliseconds that a slice of a long synchronous work may take. */
const SLICE_MS = 3;

/** Cuts long work, so that the event loop is never blocked for long. */
export class Slices {
  /** After how many items to look at the clock. */
  static readonly length = 100;
  readonly #clock: Clock;
  #until: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#until = clock.monotonic() + SLICE_MS;
  }

  /** Whether it is time to let others work. */
  get due(): boolean {
    return this.#clock.monotonic() >= this.#until;
  }

  /** Lets others work. */
  async next(): Promise<void> {
    await this.#clock.turn();
    this.#until = this.#clock.monotonic() + SLICE_MS;
  }
}
