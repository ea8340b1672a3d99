import {
  checkOptions,
  checkValue,
  type OptionRules,
  rules,
  type ValueRule,
  valueRule,
} from '@bowline/apimachinery/arguments';
import {
  IDLE_TIMEOUT_MS,
  LEAST_WATCH_TIMEOUT_MS,
  LONGEST_BACKOFF_MS,
  OVERDUE_MARGIN_MS,
  PING_AFTER_MS,
  PING_TIMEOUT_MS,
} from './limits.ts';

/**
 * Settings of a `Reflector`. All times are milliseconds. The defaults are client-go's; what client-go lacks is marked.
 *
 * @see client-go tools/cache/reflector.go
 */
export interface ReflectorOptions {
  /** Names the reflector in logs. @default the description of its source */
  readonly name?: string | undefined;
  /**
   * Objects per list request, 0 for no limit. Setting it forces paging, also where the server could answer from memory in one go.
   * @default 500 for a first or most recent list (the server ignores it for the former), no limit when a version is known
   */
  readonly pageSize?: number | undefined;
  /** First wait after a failure; more than 0. @default 800 */
  readonly minBackoffMs?: number | undefined;
  /** Longest wait before jitter, which at most doubles it; `minBackoffMs` or more. @default 30_000 */
  readonly maxBackoffMs?: number | undefined;
  /** Waits start over after so long without a failure; more than 0. @default 120_000 */
  readonly backoffResetMs?: number | undefined;
  /** The server is asked to end each watch after a random time between this and twice this; less than the default is ignored. @default 300_000 */
  readonly minWatchTimeoutMs?: number | undefined;
  /**
   * Get the full state through a watch (`sendInitialEvents`), which costs the server least. Falls back to a list where that fails.
   * @default true
   */
  readonly watchList?: boolean | undefined;
  /** How long a watch-list may be silent before the full state is listed instead. client-go waits for ever. @default 10_000 */
  readonly initialEventsIdleMs?: number | undefined;
  /** How long a watch-list may take in all before the full state is listed instead. client-go waits for ever. @default 300_000 */
  readonly initialEventsTimeoutMs?: number | undefined;
  /**
   * How long a watch may be silent once the server has shown that it sends bookmarks (every minute); then it is taken for dead.
   * Below 75,000 healthy watches are ended. client-go relies on pings of the transport. @default 90_000
   */
  readonly idleTimeoutMs?: number | undefined;
  /** How much later than promised the server may end a watch before it is taken for dead. @default 30_000 */
  readonly overdueMarginMs?: number | undefined;
  /** How long one list request may take before its connection is taken for dead. client-go waits for ever. @default 600_000 */
  readonly listTimeoutMs?: number | undefined;
  /** How long internal errors of the server in a watch are answered by watching again instead of a new list. @default 0 */
  readonly maxInternalErrorRetryMs?: number | undefined;
  /** Where the client can ping: how long a watch may be silent before it is asked for a sign of life. client-go: 30 s. @default 30_000 */
  readonly pingAfterMs?: number | undefined;
  /** How long a ping may stay unanswered before the watch is taken for dead. client-go: 15 s. @default 15_000 */
  readonly pingTimeoutMs?: number | undefined;
  /**
   * How often, while it watches, what the port `cache` holds is compared with a fresh list of the same version; a difference is logged
   * and healed by a new list. Each comparison costs the server one most expensive list: for tests and for suspicions. 0: never.
   * @default 0
   */
  readonly consistencyCheckMs?: number | undefined;
}

/** `ReflectorOptions`, complete. */
export type ReflectorSettings = {
  readonly [Name in Exclude<keyof ReflectorOptions, 'name' | 'pageSize'>]-?: Exclude<ReflectorOptions[Name], undefined>;
} & Pick<ReflectorOptions, 'pageSize'>;

const known: OptionRules<ReflectorOptions> = {
  name: rules.nonEmptyString,
  pageSize: rules.count,
  minBackoffMs: rules.positive,
  maxBackoffMs: rules.positive,
  backoffResetMs: rules.positive,
  minWatchTimeoutMs: rules.notNegative,
  watchList: rules.boolean,
  initialEventsIdleMs: rules.positive,
  initialEventsTimeoutMs: rules.positive,
  idleTimeoutMs: rules.positive,
  overdueMarginMs: rules.notNegative,
  listTimeoutMs: rules.positive,
  maxInternalErrorRetryMs: rules.notNegative,
  pingAfterMs: rules.positive,
  pingTimeoutMs: rules.positive,
  consistencyCheckMs: rules.notNegative,
};

/** @throws {TypeError} for an unknown name or a wrong type. {RangeError} for a value out of range. */
export function resolveReflectorOptions(options: ReflectorOptions): ReflectorSettings {
  checkOptions('create reflector', options, known);
  const {
    pageSize,
    minBackoffMs = 800,
    maxBackoffMs = Math.max(LONGEST_BACKOFF_MS, minBackoffMs),
    backoffResetMs = 120_000,
    minWatchTimeoutMs = LEAST_WATCH_TIMEOUT_MS,
    watchList = true,
    initialEventsIdleMs = 10_000,
    initialEventsTimeoutMs = 300_000,
    idleTimeoutMs = IDLE_TIMEOUT_MS,
    overdueMarginMs = OVERDUE_MARGIN_MS,
    listTimeoutMs = 600_000,
    maxInternalErrorRetryMs = 0,
    pingAfterMs = PING_AFTER_MS,
    pingTimeoutMs = PING_TIMEOUT_MS,
    consistencyCheckMs = 0,
  } = options;
  checkValue('create reflector', 'maxBackoffMs', maxBackoffMs, atLeast('minBackoffMs', minBackoffMs));
  return {
    pageSize,
    minBackoffMs,
    maxBackoffMs,
    backoffResetMs,
    minWatchTimeoutMs: Math.max(minWatchTimeoutMs, LEAST_WATCH_TIMEOUT_MS),
    watchList,
    initialEventsIdleMs,
    initialEventsTimeoutMs,
    idleTimeoutMs,
    overdueMarginMs,
    listTimeoutMs,
    maxInternalErrorRetryMs,
    pingAfterMs,
    pingTimeoutMs,
    consistencyCheckMs,
  };
}

function atLeast(field: string, least: number): ValueRule {
  const isNumber = (value: unknown): value is number => typeof value === 'number';
  return valueRule(`${field} or more`, isNumber, (value) => value >= least);
}
