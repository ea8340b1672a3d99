import type { Event } from '@bowline/api/core/v1';
import { type Clock, type Draft, formatTime } from '@bowline/apimachinery';
import { TokenBucket } from '../request/token-bucket.ts';
import { LruMap } from './lru-map.ts';
import type { CorrelatorOptions } from './options.ts';

/** An event that is not stored yet. */
export type EventDraft = Draft<Event> & { readonly metadata: { readonly name: string } };

/** client-go tools/record/events_cache.go */
const LRU_CACHE_SIZE = 4_096;
const SPAM_BURST = 25;
const SPAM_QPS = 1 / 300;
const MAX_EVENTS = 10;
const MAX_INTERVAL_MS = 600_000;

/** What is to be written. */
export interface Correlated {
  readonly event: EventDraft;
  /** What changes in the event that was written before; undefined when it is a new one. */
  readonly patch: Pick<Event, 'count' | 'lastTimestamp' | 'message'> | undefined;
}

/** Messages that were alike but for their text. */
interface Group {
  readonly localKeys: Set<string>;
  lastMs: number;
}

/** An event that was seen before, under the name it is stored. */
interface Observation {
  readonly name: string;
  readonly count: number;
  readonly firstTimestamp: string | undefined;
}

/**
 * Makes one event of many: repeats are counted, events that differ only in their message become one once there are ten of them, and a
 * source that has too much to say about one object is cut short.
 *
 * @see client-go tools/record/events_cache.go `EventCorrelator`
 */
export class EventCorrelator {
  readonly #clock: Clock;
  readonly #nameOf: (objectName: string) => string;
  readonly #options: Required<{ [K in keyof CorrelatorOptions]: NonNullable<CorrelatorOptions[K]> }>;
  readonly #groups: LruMap<Group>;
  readonly #observations: LruMap<Observation>;
  readonly #senders: LruMap<TokenBucket>;

  constructor(clock: Clock, nameOf: (objectName: string) => string, options: CorrelatorOptions) {
    const { lruCacheSize = LRU_CACHE_SIZE, burst = SPAM_BURST, qps = SPAM_QPS } = options;
    const { maxEvents = MAX_EVENTS, maxIntervalMs = MAX_INTERVAL_MS } = options;
    const { aggregateKeyOf = byReason, messageOf = combined, spamKeyOf = bySourceAndObject } = options;
    this.#clock = clock;
    this.#nameOf = nameOf;
    this.#options = { lruCacheSize, burst, qps, maxEvents, maxIntervalMs, aggregateKeyOf, messageOf, spamKeyOf };
    this.#groups = new LruMap(lruCacheSize);
    this.#observations = new LruMap(lruCacheSize);
    this.#senders = new LruMap(lruCacheSize);
  }

  /** What is to be written for an event; undefined when its source has said too much. It is counted all the same. */
  correlate(event: EventDraft): Correlated | undefined {
    const correlated = this.#observe(...this.#aggregate(event));
    return this.#isSpam(correlated.event) ? undefined : correlated;
  }

  #aggregate(event: EventDraft): [event: EventDraft, key: string] {
    const { aggregateKeyOf, maxEvents, maxIntervalMs, messageOf } = this.#options;
    const { aggregateKey, localKey } = aggregateKeyOf(event);
    const now = this.#clock.monotonic();
    let group = this.#groups.get(aggregateKey);
    if (!group || now - group.lastMs > maxIntervalMs) group = { localKeys: new Set(), lastMs: now };
    group.localKeys.add(localKey);
    group.lastMs = now;
    this.#groups.set(aggregateKey, group);
    if (group.localKeys.size < maxEvents) return [event, `event ${eventKey(event)}`];
    group.localKeys.delete(localKey); // The first nine keep their events; the group grows no further.
    const { type, reason, source, reportingComponent, reportingInstance, involvedObject } = event;
    const at = formatTime(this.#clock.now());
    const name = this.#nameOf(involvedObject.name ?? '');
    const one: EventDraft = {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { ...event.metadata, name },
      involvedObject,
      type,
      reason,
      message: messageOf(event),
      source,
      reportingComponent,
      reportingInstance,
      firstTimestamp: at,
      lastTimestamp: at,
      count: 1,
    };
    return [one, `group ${aggregateKey}`];
  }

  #observe(event: EventDraft, key: string): Correlated {
    const last = this.#observations.get(key);
    const { name, count, firstTimestamp } = last
      ? { ...last, count: last.count + 1 }
      : { name: event.metadata.name, count: event.count ?? 1, firstTimestamp: event.firstTimestamp };
    this.#observations.set(key, { name, count, firstTimestamp });
    if (!last) return { event, patch: undefined };
    const patch = { count, lastTimestamp: event.lastTimestamp, message: event.message };
    return { event: { ...event, metadata: { ...event.metadata, name }, firstTimestamp, count }, patch };
  }

  #isSpam(event: EventDraft): boolean {
    const { spamKeyOf, qps, burst } = this.#options;
    const key = spamKeyOf(event);
    const bucket = this.#senders.get(key) ?? new TokenBucket(this.#clock, { qps, burst });
    this.#senders.set(key, bucket);
    const isOver = bucket.reserve() > 0;
    if (isOver) bucket.giveBack();
    return isOver;
  }
}

/** Texts of any content, told apart. */
function keyOf(...parts: readonly (string | undefined)[]): string {
  return JSON.stringify(parts);
}

function bySourceAndObject({
  source,
  involvedObject: { kind, namespace, name, uid, apiVersion },
}: Draft<Event>): string {
  return keyOf(source?.component, source?.host, kind, namespace, name, uid, apiVersion);
}

function byReason(event: Draft<Event>): { readonly aggregateKey: string; readonly localKey: string } {
  const { type, reason, reportingComponent, reportingInstance, message = '' } = event;
  const aggregateKey = keyOf(bySourceAndObject(event), type, reason, reportingComponent, reportingInstance);
  return { aggregateKey, localKey: message };
}

function eventKey(event: Draft<Event>): string {
  const { type, reason, message, involvedObject } = event;
  return keyOf(bySourceAndObject(event), involvedObject.fieldPath, type, reason, message);
}

function combined({ message = '' }: Draft<Event>): string {
  return `(combined from similar events): ${message}`;
}
