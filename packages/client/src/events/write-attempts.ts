import { type Clock, isAlreadyExists, statusOf } from '@bowline/apimachinery';
import type { EventCounts, EventPorts } from './event-ports.ts';
import type { RecordedEvent } from './event-recorder.ts';
import { MAX_TRIES, RETRY_MS, type RecordingOptions } from './options.ts';

/** Whoever would send the same again gets the same answer. */
const hopeless: ReadonlySet<unknown> = new Set([
  'CLIENT_CLOSED',
  'CLIENT_CONFIG_INVALID',
  'CLIENT_CONFIG_NOT_FOUND',
  'CLIENT_NOT_IN_CLUSTER',
  'CLIENT_EXEC_UNSUPPORTED',
]);

/** One event on its way. */
export interface Delivery {
  /** What messages are about. */
  readonly event: Pick<RecordedEvent, 'regarding' | 'reason'>;
  send(signal: AbortSignal): Promise<unknown>;
  /** Whether `API_ALREADY_EXISTS` means that another try may succeed. */
  readonly againWhenItExists?: (() => boolean) | undefined;
  /** How long to wait after so many tries, in milliseconds. */
  waitMs(tries: number): number;
}

/** Writes events until the server has taken or refused them. What the server answers is final; only silence is tried again. */
export class WriteAttempts {
  readonly retryMs: number;
  readonly #ports: EventPorts;
  readonly #counts: EventCounts;
  readonly #maxTries: number;

  constructor(ports: EventPorts, counts: EventCounts, { maxTries = MAX_TRIES, retryMs = RETRY_MS }: RecordingOptions) {
    this.#ports = ports;
    this.#counts = counts;
    this.#maxTries = maxTries;
    this.retryMs = retryMs;
  }

  /** Never rejects. An abort ends it where it is. */
  async deliver(delivery: Delivery, signal: AbortSignal): Promise<void> {
    const { event } = delivery;
    for (let tries = 1; ; tries++) {
      try {
        if (signal.aborted) throw signal.reason;
        await delivery.send(signal);
        return this.#counts.written();
      } catch (error) {
        if (signal.aborted) return this.#counts.dropped('closed', event);
        if (this.#isFinal(delivery, error)) return;
        if (tries >= this.#maxTries) return this.#counts.dropped('unreachable', event, error);
        this.#ports.logger.debug({ ...event, tries, error }, 'Event could not be written, it is tried again');
        await idleSleep(this.#ports.clock, delivery.waitMs(tries), signal);
      }
    }
  }

  /** @see client-go tools/record/event.go `recordEvent` */
  #isFinal(delivery: Delivery, error: unknown): boolean {
    const exists = isAlreadyExists(error);
    if (exists && delivery.againWhenItExists?.()) return false;
    const refused = exists || statusOf(error) !== undefined;
    const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined;
    const wrong = error instanceof TypeError || error instanceof RangeError || hopeless.has(code);
    if (!refused && !wrong) return false;
    if (exists) this.#ports.logger.debug({ ...delivery.event }, 'Event exists already');
    else this.#counts.dropped(isTerminating(error) ? 'namespace_terminating' : 'rejected', delivery.event, error);
    return true;
  }
}

/** core/v1 `NamespaceTerminatingCause` */
function isTerminating(error: unknown): boolean {
  return statusOf(error)?.details?.causes?.some(({ reason }) => reason === 'NamespaceTerminating') ?? false;
}

/** A sleep that keeps no process alive: events are not worth it. */
function idleSleep(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const wake = (): void => {
      timer.cancel();
      signal.removeEventListener('abort', wake);
      resolve();
    };
    const timer = clock.setTimer(ms, wake, { unref: true });
    signal.addEventListener('abort', wake, { once: true });
  });
}
