import type { Clock } from '@bowline/apimachinery';

/** The event loop is to stop for less than 20 ms, with what connections, collector and other lists take on top. */
const SLICE_MS = 3;
/** 64 KiB of JSON are split in a fraction of a millisecond. */
export const STEP_BYTES = 65_536;

/** Cuts long work into slices, so that timers and connections have their turn between them. */
export class Slices {
  readonly #clock: Clock;
  #busyMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Does a small piece of work. What it returns is to be awaited before the next one, if it is a promise. */
  do(piece: () => void): Promise<void> | undefined {
    const start = this.#clock.monotonic();
    piece();
    this.#busyMs += this.#clock.monotonic() - start;
    if (this.#busyMs < SLICE_MS) return undefined;
    this.#busyMs = 0;
    return this.#clock.turn();
  }
}

/** A chunk in pieces that are small enough for one step. */
export function* steps(chunk: Uint8Array): Generator<Uint8Array> {
  if (chunk.length <= STEP_BYTES) yield chunk;
  else for (let from = 0; from < chunk.length; from += STEP_BYTES) yield chunk.subarray(from, from + STEP_BYTES);
}
