import { type Clock, labelKeyProblems, type Random } from '@bowline/apimachinery';

/**
 * Names for events: `<object>.<nanoseconds as hex>`, or a UUID where that is no name that a server accepts.
 *
 * @see client-go tools/internal/events/interfaces.go `GenerateEventName`
 */
export class EventNames {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #random: Random;
  #last = 0n;

  constructor(clock: Pick<Clock, 'now'>, random: Random) {
    this.#clock = clock;
    this.#random = random;
  }

  /** A name that this process has not given before. Chance stands for the digits below the clock's milliseconds. */
  next(objectName: string): string {
    const drawn = BigInt(Math.floor(this.#clock.now())) * 1_000_000n + BigInt(Math.floor(this.#random.next() * 1e6));
    this.#last = drawn > this.#last ? drawn : this.#last + 1n;
    const name = `${objectName}.${this.#last.toString(16)}`;
    // The prefix of a qualified name is a DNS subdomain.
    return labelKeyProblems(`${name}/x`).length === 0 ? name : this.#random.uuid();
  }
}
