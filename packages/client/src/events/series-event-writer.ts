import { Event } from '@bowline/api/events/v1';
import { type Draft, formatMicroTime, isNotFound, type Timer } from '@bowline/apimachinery';
import type { EventCounts, EventPorts } from './event-ports.ts';
import type { RecordedEvent } from './event-recorder.ts';
import type { EventWriter } from './event-writer.ts';
import { LruMap } from './lru-map.ts';
import type { EventSink, RecordingOptions } from './options.ts';
import { WriteAttempts } from './write-attempts.ts';

/** client-go tools/events/event_broadcaster.go */
const FINISH_MS = 6 * 60_000;
const REFRESH_MS = 30 * 60_000;
const RETRY_JITTER = 0.25;
const MAX_PARALLEL_WRITES = 8;
/** Upstream's map has no bound: this is that of the other API. */
const MAX_SERIES = 4_096;
/** k8s.io/kubernetes pkg/apis/core/validation/events.go `NoteLengthLimit` */
const LONGEST_NOTE_BYTES = 1_024;

/** An event, and how often it has happened. */
interface Series {
  readonly key: string;
  readonly recorded: RecordedEvent;
  count: number;
  lastSeenAtMs: number;
  /** On the scale of `monotonic()`. */
  lastSeen: number;
  /** How many the server knows of; 0 before it knows the event. */
  toldCount: number;
  /** On the scale of `monotonic()`. */
  lastTold: number;
  writing: Promise<void> | undefined;
  /** It has to be told once more when the present write is done. */
  again: boolean;
}

/**
 * Events of `events.k8s.io/v1`: what is alike but for its note and time is one event with a series. The second occurrence starts it, the
 * count of further ones is told every 30 min and when there was none for 6 min.
 *
 * @see client-go tools/events/event_broadcaster.go
 */
export class SeriesEventWriter implements EventWriter {
  readonly #sink: EventSink;
  readonly #ports: EventPorts;
  readonly #attempts: WriteAttempts;
  readonly #series: LruMap<Series> = new LruMap(MAX_SERIES);
  readonly #writes: Set<Promise<void>> = new Set();
  readonly #stopped = new AbortController();
  #timer: Timer | undefined;

  constructor(sink: EventSink, ports: EventPorts, counts: EventCounts, options: RecordingOptions) {
    this.#sink = sink;
    this.#ports = ports;
    this.#attempts = new WriteAttempts(ports, counts, options);
  }

  async write(recorded: RecordedEvent): Promise<void> {
    const key = keyOf(recorded);
    const lastSeen = this.#ports.clock.monotonic();
    const known = this.#series.get(key);
    if (known) {
      known.count++;
      known.lastSeenAtMs = recorded.atMs;
      known.lastSeen = lastSeen;
      if (known.count === 2) await this.#tell(known);
      return;
    }
    const lastSeenAtMs = recorded.atMs;
    const state = { count: 1, lastSeenAtMs, lastSeen, toldCount: 0, lastTold: lastSeen, writing: undefined };
    const series: Series = { key, recorded, ...state, again: false };
    const displaced = this.#series.set(key, series);
    this.#timer ??= this.#nextSweep();
    if (displaced && isUntold(displaced)) await this.#tell(displaced);
    await this.#tell(series);
  }

  async flush(): Promise<void> {
    for (const series of [...this.#series.values()]) if (isUntold(series)) await this.#tell(series);
    await Promise.all(this.#writes);
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#stopped.abort();
  }

  /** Starts to write what the server does not know of a series, as soon as there is room for another write. */
  async #tell(series: Series): Promise<void> {
    series.again = true;
    while (!series.writing && this.#writes.size >= MAX_PARALLEL_WRITES) await Promise.race(this.#writes);
    if (series.writing || !series.again) return; // It is seen to.
    const writing = this.#write(series).finally(() => {
      series.writing = undefined;
      this.#writes.delete(writing);
    });
    series.writing = writing;
    this.#writes.add(writing);
  }

  async #write(series: Series): Promise<void> {
    const { random } = this.#ports;
    while (series.again) {
      series.again = false;
      await this.#attempts.deliver(
        {
          event: series.recorded,
          send: (signal) => this.#send(series, signal),
          // Its creation had come through after all: the next try finds it.
          againWhenItExists: () => series.count > 1,
          waitMs: () => this.#attempts.retryMs * (1 + RETRY_JITTER * random.next()),
        },
        this.#stopped.signal,
      );
    }
  }

  async #send(series: Series, signal: AbortSignal): Promise<void> {
    const { count, lastSeenAtMs, recorded } = series;
    const body = count === 1 ? undefined : { count, lastObservedTime: formatMicroTime(lastSeenAtMs) };
    const { namespace, name } = recorded;
    try {
      if (!body) await this.#sink.create(Event, seriesEvent(recorded), { signal });
      else
        await this.#sink.patch(Event, { namespace, name }, { type: 'strategic', body: { series: body } }, { signal });
    } catch (error) {
      if (!body || !isNotFound(error)) throw error;
      // Servers forget events after an hour, and may not have got this one.
      await this.#sink.create(Event, { ...seriesEvent(recorded), series: body }, { signal });
    }
    series.toldCount = count;
    series.lastTold = this.#ports.clock.monotonic();
  }

  #nextSweep(): Timer {
    return this.#ports.clock.setTimer(FINISH_MS, () => void this.#sweep(), { unref: true });
  }

  /** Ends the series that are quiet, and tells the count of those that go on. */
  async #sweep(): Promise<void> {
    const now = this.#ports.clock.monotonic();
    for (const series of [...this.#series.values()]) {
      const isQuiet = now - series.lastSeen >= FINISH_MS;
      if (isUntold(series) && (isQuiet || now - series.lastTold >= REFRESH_MS)) await this.#tell(series);
      if (isQuiet && this.#ports.clock.monotonic() - series.lastSeen >= FINISH_MS) this.#series.delete(series.key);
    }
    if (this.#stopped.signal.aborted) return;
    this.#timer = this.#series.size > 0 ? this.#nextSweep() : undefined;
  }
}

/** Whether the server knows less of it than we do, of what is a series. */
function isUntold({ count, toldCount }: Series): boolean {
  return count > 1 && count !== toldCount;
}

/** What is the same in all events of a series. The version of its object is not: what a controller reports on, it changes. */
function keyOf(event: RecordedEvent): string {
  const { type, action, reason, reportingController, reportingInstance, regarding, related } = event;
  return JSON.stringify([
    type,
    action,
    reason,
    reportingController,
    reportingInstance,
    parts(regarding),
    parts(related),
  ]);
}

function parts(reference: RecordedEvent['related']): readonly (string | undefined)[] {
  const { apiVersion, kind, namespace, name, uid, fieldPath } = reference ?? {};
  return [apiVersion, kind, namespace, name, uid, fieldPath];
}

function seriesEvent(recorded: RecordedEvent): Draft<Event> {
  const { name, namespace, annotations, regarding, related, type, reason, action, note } = recorded;
  return {
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    metadata: { name, namespace, ...(annotations && { annotations }) },
    eventTime: formatMicroTime(recorded.atMs),
    reportingController: recorded.reportingController,
    reportingInstance: recorded.reportingInstance,
    type,
    reason,
    action,
    note: cutNote(note),
    regarding,
    ...(related && { related }),
  };
}

/** The server refuses longer notes, and with them the event. */
function cutNote(note: string): string {
  const bytes = Buffer.from(note);
  if (bytes.length <= LONGEST_NOTE_BYTES) return note;
  let end = LONGEST_NOTE_BYTES - 3; // Room for the ellipsis.
  while (((bytes[end] ?? 0) & 0xc0) === 0x80) end--; // Not within a character.
  return `${bytes.toString('utf8', 0, end)}…`;
}
