import type { Event } from '@bowline/api/core/v1';
import type { Draft, Kind, KubernetesObject, ObjectKey } from '@bowline/apimachinery';
import { checkOptions, type OptionRules, oneOf, optionsOf, rules } from '@bowline/apimachinery/arguments';

/** The two APIs of events. Both show the same objects. */
export type EventApi = 'v1' | 'events.k8s.io/v1';

/** Where events are written: a `Client` is one. */
export interface EventSink {
  create<T extends KubernetesObject>(
    kind: Kind<T>,
    draft: Draft<T>,
    options: { readonly signal: AbortSignal },
  ): Promise<T>;
  patch<T extends KubernetesObject>(
    kind: Kind<T>,
    key: ObjectKey,
    patch: { readonly type: 'strategic'; readonly body: object },
    options: { readonly signal: AbortSignal },
  ): Promise<T>;
}

/**
 * How events that are alike become one, in `v1`.
 *
 * @see client-go tools/record/events_cache.go `CorrelatorOptions`
 */
export interface CorrelatorOptions {
  /** How many events, groups and senders are remembered, 1 or more each. @default 4096 */
  readonly lruCacheSize?: number | undefined;
  /** How many events a source may send about one object at once, 1 or more. @default 25 */
  readonly burst?: number | undefined;
  /** How many more it may send per second, more than 0. @default 1/300 */
  readonly qps?: number | undefined;
  /** So many events that differ in nothing but the message become one, 1 or more. @default 10 */
  readonly maxEvents?: number | undefined;
  /** … unless they are further apart than this, in milliseconds, more than 0. @default 600_000 */
  readonly maxIntervalMs?: number | undefined;
  /** Which events are alike, and what makes them differ. @default all but the message; the message */
  readonly aggregateKeyOf?:
    | ((event: Draft<Event>) => { readonly aggregateKey: string; readonly localKey: string })
    | undefined;
  /** What the one event says that stands for many. @default `(combined from similar events): ` and the last message */
  readonly messageOf?: ((event: Draft<Event>) => string) | undefined;
  /** Which events share a burst. @default those of one source about one object */
  readonly spamKeyOf?: ((event: Draft<Event>) => string) | undefined;
}

/** How events are written. */
export interface RecordingOptions {
  /** @default 'events.k8s.io/v1' */
  readonly api?: EventApi | undefined;
  /** How often one event is tried to be written while the server cannot be reached, 1 or more. @default 12 */
  readonly maxTries?: number | undefined;
  /** The wait between two tries, in milliseconds, more than 0. @default 10_000 */
  readonly retryMs?: number | undefined;
  /** How many events wait to be written at most, 1 or more: more are dropped. @default 1000 */
  readonly maxQueued?: number | undefined;
  /** Of `v1` alone. */
  readonly correlator?: CorrelatorOptions | undefined;
}

const correlator: OptionRules<CorrelatorOptions> = {
  lruCacheSize: rules.positiveCount,
  burst: rules.positiveCount,
  qps: rules.positive,
  maxEvents: rules.positiveCount,
  maxIntervalMs: rules.positive,
  aggregateKeyOf: rules.function,
  messageOf: rules.function,
  spamKeyOf: rules.function,
};
const recording: OptionRules<RecordingOptions> = {
  api: oneOf('v1', 'events.k8s.io/v1'),
  maxTries: rules.positiveCount,
  retryMs: rules.positive,
  maxQueued: rules.positiveCount,
  correlator: optionsOf<CorrelatorOptions>(correlator),
};

/** client-go tools/record/event.go `maxTriesPerEvent`, `defaultSleepDuration` and `maxQueuedEvents` */
export const MAX_TRIES = 12;
export const RETRY_MS = 10_000;
export const MAX_QUEUED = 1_000;

/** @throws {TypeError | RangeError} when an option is unknown or wrong. */
export function checkRecording(action: string, options: unknown): asserts options is RecordingOptions {
  checkOptions<RecordingOptions>(action, options, recording);
  const { api, correlator: settings } = options as RecordingOptions;
  if (settings === undefined || api === 'v1') return;
  throw new TypeError(`Cannot ${action}: correlator must be absent unless api is "v1", got both`);
}
