import { Event } from '@bowline/api/core/v1';
import { formatTime, isNotFound } from '@bowline/apimachinery';
import { type Correlated, EventCorrelator, type EventDraft } from './event-correlator.ts';
import type { EventNames } from './event-name.ts';
import type { EventCounts, EventPorts } from './event-ports.ts';
import type { RecordedEvent } from './event-recorder.ts';
import type { EventWriter } from './event-writer.ts';
import type { EventSink, RecordingOptions } from './options.ts';
import { WriteAttempts } from './write-attempts.ts';

/**
 * Events of `v1`: repeats are counted, and what is alike becomes one. One write at a time.
 *
 * @see client-go tools/record/event.go
 */
export class CoreEventWriter implements EventWriter {
  readonly #sink: EventSink;
  readonly #ports: EventPorts;
  readonly #counts: EventCounts;
  readonly #correlator: EventCorrelator;
  readonly #attempts: WriteAttempts;
  readonly #stopped = new AbortController();

  constructor(sink: EventSink, ports: EventPorts, counts: EventCounts, names: EventNames, options: RecordingOptions) {
    this.#sink = sink;
    this.#ports = ports;
    this.#counts = counts;
    this.#correlator = new EventCorrelator(ports.clock, (name) => names.next(name), options.correlator ?? {});
    this.#attempts = new WriteAttempts(ports, counts, options);
  }

  async write(recorded: RecordedEvent): Promise<void> {
    const correlated = this.#correlator.correlate(coreEvent(recorded));
    if (!correlated) return this.#counts.dropped('spam', recorded);
    const { random } = this.#ports;
    const { retryMs } = this.#attempts;
    await this.#attempts.deliver(
      {
        event: recorded,
        send: (signal) => this.#send(correlated, signal),
        // The first wait is of random length, so that clients of a server that comes back do not come all at once.
        waitMs: (tries) => (tries === 1 ? retryMs * random.next() : retryMs),
      },
      this.#stopped.signal,
    );
  }

  async flush(): Promise<void> {}

  stop(): void {
    this.#stopped.abort();
  }

  async #send({ event, patch }: Correlated, signal: AbortSignal): Promise<void> {
    const { namespace, name } = event.metadata;
    try {
      if (!patch) return await this.#create(event, signal);
      const key = { ...(namespace !== undefined && { namespace }), name };
      await this.#sink.patch(Event, key, { type: 'strategic', body: patch }, { signal });
    } catch (error) {
      if (!patch || !isNotFound(error)) throw error;
      await this.#create(event, signal); // Servers forget events after an hour.
    }
  }

  async #create(event: EventDraft, signal: AbortSignal): Promise<void> {
    await this.#sink.create(Event, event, { signal });
  }
}

function coreEvent(recorded: RecordedEvent): EventDraft {
  const { name, namespace, annotations, regarding, related, type, reason, action, note, host } = recorded;
  const at = formatTime(recorded.atMs);
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name, namespace, ...(annotations && { annotations }) },
    involvedObject: regarding,
    ...(related && { related }),
    ...(action !== reason && { action }),
    type,
    reason,
    message: note,
    source: { component: recorded.reportingController, ...(host !== undefined && { host }) },
    reportingComponent: recorded.reportingController,
    // What has no eventTime is judged by the old rules, in which an instance is the host.
    ...(host !== undefined && { reportingInstance: host }),
    firstTimestamp: at,
    lastTimestamp: at,
    count: 1,
  };
}
