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
}

/** `ReflectorOptions`, complete. */
export interface ReflectorSettings {
  readonly pageSize: number | undefined;
  readonly minBackoffMs: number;
  readonly maxBackoffMs: number;
  readonly backoffResetMs: number;
  readonly minWatchTimeoutMs: number;
  readonly watchList: boolean;
  readonly initialEventsIdleMs: number;
  readonly initialEventsTimeoutMs: number;
  readonly idleTimeoutMs: number;
  readonly overdueMarginMs: number;
  readonly listTimeoutMs: number;
  readonly maxInternalErrorRetryMs: number;
}

/** client-go tools/cache/reflector.go `minWatchTimeout` */
const LEAST_WATCH_TIMEOUT_MS = 300_000;

export function resolveReflectorOptions(options: ReflectorOptions): ReflectorSettings {
  const {
    pageSize,
    minBackoffMs = 800,
    maxBackoffMs = Math.max(30_000, minBackoffMs),
    backoffResetMs = 120_000,
    minWatchTimeoutMs = LEAST_WATCH_TIMEOUT_MS,
    watchList = true,
    initialEventsIdleMs = 10_000,
    initialEventsTimeoutMs = 300_000,
    idleTimeoutMs = 90_000,
    overdueMarginMs = 30_000,
    listTimeoutMs = 600_000,
    maxInternalErrorRetryMs = 0,
  } = options;
  if (pageSize !== undefined) {
    check('pageSize', pageSize, Number.isInteger(pageSize) && pageSize >= 0, 'a whole number of 0 or more');
  }
  check('minBackoffMs', minBackoffMs, minBackoffMs > 0, 'more than 0');
  check('maxBackoffMs', maxBackoffMs, maxBackoffMs >= minBackoffMs, 'minBackoffMs or more');
  check('backoffResetMs', backoffResetMs, backoffResetMs > 0, 'more than 0');
  check('minWatchTimeoutMs', minWatchTimeoutMs, minWatchTimeoutMs >= 0, '0 or more');
  check('initialEventsIdleMs', initialEventsIdleMs, initialEventsIdleMs > 0, 'more than 0');
  check('initialEventsTimeoutMs', initialEventsTimeoutMs, initialEventsTimeoutMs > 0, 'more than 0');
  check('idleTimeoutMs', idleTimeoutMs, idleTimeoutMs > 0, 'more than 0');
  check('overdueMarginMs', overdueMarginMs, overdueMarginMs >= 0, '0 or more');
  check('listTimeoutMs', listTimeoutMs, listTimeoutMs > 0, 'more than 0');
  check('maxInternalErrorRetryMs', maxInternalErrorRetryMs, maxInternalErrorRetryMs >= 0, '0 or more');
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
  };
}

function check(field: string, value: number, ok: boolean, rule: string): void {
  if (!ok) throw new RangeError(`Cannot create reflector: ${field} must be ${rule}, got ${value}`);
}
