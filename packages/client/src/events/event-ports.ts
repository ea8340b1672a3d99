import type { Clock, Counter, Gauge, Logger, Metrics, Random } from '@bowline/apimachinery';
import type { RecordedEvent } from './event-recorder.ts';

export interface EventPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** Why an event was not written. */
export type DropCause =
  /** Too many waited. */
  | 'queue_full'
  /** Its source had said too much about one object. */
  | 'spam'
  /** The namespace of its object ends. */
  | 'namespace_terminating'
  /** The server did not take it. */
  | 'rejected'
  /** The server could not be reached, as often as it was tried. */
  | 'unreachable'
  /** The broadcaster was closed. */
  | 'closed';

/** Everyday life. */
const quiet: ReadonlySet<DropCause> = new Set<DropCause>(['spam', 'namespace_terminating']);

/** Counts what becomes of events, and logs what is dropped at the 1st, 2nd, 4th, 8th … time. */
export class EventCounts {
  readonly #ports: EventPorts;
  readonly #api: string;
  readonly #drops: Map<DropCause, { readonly counter: Counter; total: number }> = new Map();
  readonly #written: Counter;
  /** How many events wait. */
  readonly queued: Gauge;

  constructor(ports: EventPorts, api: string) {
    this.#ports = ports;
    this.#api = api;
    const { metrics } = ports;
    const labels = { api };
    this.#written = metrics.counter({ name: 'bowline_events_written_total', help: 'Writes of events', labels });
    this.queued = metrics.gauge({ name: 'bowline_events_queued', help: 'Events that wait to be written', labels });
  }

  written(): void {
    this.#written.add();
  }

  dropped(cause: DropCause, event: Pick<RecordedEvent, 'regarding' | 'reason'> | undefined, error?: unknown): void {
    let drop = this.#drops.get(cause);
    if (!drop) {
      const labels = { api: this.#api, cause };
      const help = 'Events that were not written';
      drop = { counter: this.#ports.metrics.counter({ name: 'bowline_events_dropped_total', help, labels }), total: 0 };
      this.#drops.set(cause, drop);
    }
    drop.counter.add();
    drop.total++;
    if ((drop.total & (drop.total - 1)) !== 0) return;
    const fields = { api: this.#api, cause, dropped: drop.total, regarding: event?.regarding, reason: event?.reason };
    if (quiet.has(cause)) this.#ports.logger.debug(fields, 'Event was dropped');
    else this.#ports.logger.warn({ ...fields, ...(error === undefined ? {} : { error }) }, 'Event was dropped');
  }
}
