import { abortError, type Clock, type Transport, untilAborted } from '@bowline/apimachinery';

/** So many requests without time moving are an operator that answers its own changes. */
const mostRequestsAtOneInstant = 20_000;

/**
 * A transport that notices when virtual time cannot move because requests follow one another for ever: from then on it answers nothing, so that
 * the loop ends and the test can be told.
 */
export class RunawayGuard implements Transport {
  readonly #transport: Transport;
  readonly #clock: Clock;
  #instant = 0;
  #requests = 0;
  #isTripped = false;

  constructor(transport: Transport, clock: Clock) {
    this.#transport = transport;
    this.#clock = clock;
  }

  /** What went wrong; undefined while all is well. */
  get reason(): string | undefined {
    if (!this.#isTripped) return undefined;
    return `more than ${mostRequestsAtOneInstant.toLocaleString('en-US')} requests without time moving: an operator answers its own changes`;
  }

  async request(request: Parameters<Transport['request']>[0]): ReturnType<Transport['request']> {
    const instant = this.#clock.monotonic();
    this.#requests = instant === this.#instant ? this.#requests + 1 : 1;
    this.#instant = instant;
    this.#isTripped ||= this.#requests > mostRequestsAtOneInstant;
    if (!this.#isTripped) return this.#transport.request(request);
    const { signal = new AbortController().signal } = request;
    await untilAborted(signal);
    throw abortError(signal);
  }
}
