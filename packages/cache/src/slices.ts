import { abortError } from '@bowline/apimachinery';
import type { CacheClock } from './ports.ts';

/** Milliseconds that a slice of long work may take. */
const sliceMs = 3;

/** Cuts long work into slices, so that the event loop is never blocked for long. */
export class Slices {
  readonly #clock: CacheClock;
  readonly #stepsPerLook: number;
  #start: number;
  #steps = 0;

  /** @param stepsPerLook How many steps go by between two looks at the clock. */
  constructor(clock: CacheClock, stepsPerLook = 32) {
    this.#clock = clock;
    this.#stepsPerLook = stepsPerLook;
    this.#start = clock.monotonic();
  }

  /** Counts a step and says whether to `pause` after it. */
  isDue(): boolean {
    return ++this.#steps % this.#stepsPerLook === 0 && this.#clock.monotonic() - this.#start >= sliceMs;
  }

  /** Lets others work. @throws the reason of `signal` when it has aborted. */
  async pause(signal?: AbortSignal): Promise<void> {
    await this.#clock.turn();
    if (signal?.aborted) throw abortError(signal);
    this.#start = this.#clock.monotonic();
  }
}
