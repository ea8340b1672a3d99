import {
  type Backoff,
  type Clock,
  compareResourceVersions,
  exponentialBackoff,
  isComparableResourceVersion,
  type Random,
  type WatchFrame,
} from '@bowline/apimachinery';
import { checkOptions, required, rules, valueRule } from '@bowline/apimachinery/arguments';
import { checkPorts } from './check-ports.ts';
import { problemOf } from './classification.ts';
import { noVersionError, silentError } from './errors.ts';
import {
  IDLE_TIMEOUT_MS,
  LEAST_WATCH_INTERVAL_MS,
  LEAST_WATCH_TIMEOUT_MS,
  LONGEST_BACKOFF_MS,
  LONGEST_RETRY_AFTER_MS,
  OVERDUE_MARGIN_MS,
  PING_AFTER_MS,
  PING_TIMEOUT_MS,
} from './limits.ts';
import type { ListerWatcher } from './ports.ts';
import { type Reading, type WatchLimits, WatchStream } from './watch-stream.ts';

const limits: WatchLimits = {
  minWatchTimeoutMs: LEAST_WATCH_TIMEOUT_MS,
  overdueMarginMs: OVERDUE_MARGIN_MS,
  pingAfterMs: PING_AFTER_MS,
  pingTimeoutMs: PING_TIMEOUT_MS,
};

/** What a `RetryWatcher` yields. */
export type WatcherFrame<T> = Exclude<WatchFrame<T>, { readonly type: 'bookmark' }>;

/** What a `RetryWatcher` works with. */
export interface RetryWatcherPorts<T> {
  readonly source: ListerWatcher<T>;
  readonly clock: Clock;
  readonly random: Random;
}

/** Where a `RetryWatcher` begins, and what ends it. */
export interface RetryWatcherOptions {
  /** The version after which it begins: of a list, or of an object. Neither `''` nor `'0'`, after which nothing can be resumed. */
  readonly resourceVersion: string;
  /** Ends it, without an error. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * A watch that goes on where it was, through ends, broken connections and errors that pass: no change is lost and none comes twice.
 *
 * Each iteration begins at `resourceVersion`. What cannot be retried (the version has expired, access is denied, …) is its last frame, of
 * type `error`; it waits a second or more between two requests, longer after errors, or as long as the server asks for, up to 5 min.
 *
 * @throws {TypeError} {RangeError} when a port or an option is missing or wrong.
 * @example
 * ```ts
 * import { systemClock, systemRandom } from '@bowline/apimachinery';
 * import { RetryWatcher } from '@bowline/listwatch';
 * import { FakeListerWatcher } from '@bowline/listwatch/testing';
 *
 * const source = new FakeListerWatcher(); // stands for `new ListWatch(client, Pod)`
 * const stop = new AbortController();
 * const ports = { source, clock: systemClock, random: systemRandom };
 * const watcher = new RetryWatcher(ports, { resourceVersion: '7', signal: stop.signal });
 * source.nextWatch().then(() => stop.abort());
 * for await (const frame of watcher) console.log(frame.type);
 * ```
 * @see client-go tools/watch/retrywatcher.go
 */
export class RetryWatcher<T> implements AsyncIterable<WatcherFrame<T>> {
  readonly #ports: RetryWatcherPorts<T>;
  readonly #resourceVersion: string;
  readonly #signal: AbortSignal | undefined;

  constructor(ports: RetryWatcherPorts<T>, options: RetryWatcherOptions) {
    checkPorts('create retry watcher', ports);
    checkOptions('create retry watcher', options, {
      resourceVersion: required(startVersion),
      signal: rules.signal,
    });
    this.#ports = ports;
    this.#resourceVersion = options.resourceVersion;
    this.#signal = options.signal;
  }

  [Symbol.asyncIterator](): AsyncIterator<WatcherFrame<T>, undefined, undefined> {
    const stop = new AbortController();
    const onAbort = (): void => stop.abort();
    if (this.#signal?.aborted) onAbort();
    else this.#signal?.addEventListener('abort', onAbort, { once: true });
    const release = (): void => this.#signal?.removeEventListener('abort', onAbort);
    const frames = watchOn(this.#ports, this.#resourceVersion, stop.signal, release);
    return {
      next: () => frames.next(),
      return: () => {
        stop.abort(); // so that a `next` under way ends first
        release(); // of a generator that has not begun, the `finally` does not run
        return frames.return(undefined);
      },
    };
  }
}

/** A version after which a watch can be resumed. */
export const startVersion: ReturnType<typeof valueRule> = valueRule(
  'a resource version other than "" and "0"',
  (value): value is string => typeof value === 'string',
  (value) => value !== '' && value !== '0',
);

/** How far it is, and what it knows of its server. */
interface Progress {
  version: string;
  /** So that silence means something. */
  bookmarksSeen: boolean;
}

/** How one watch of several ended. */
type End = { readonly over: true } | { readonly over: false; readonly waitMs: number };

async function* watchOn<T>(
  ports: RetryWatcherPorts<T>,
  resourceVersion: string,
  signal: AbortSignal,
  release: () => void,
): AsyncGenerator<WatcherFrame<T>, undefined, undefined> {
  const { clock, random } = ports;
  const progress: Progress = { version: resourceVersion, bookmarksSeen: false };
  const backoff = exponentialBackoff({
    initialMs: LEAST_WATCH_INTERVAL_MS,
    capMs: LONGEST_BACKOFF_MS,
    jitter: 1,
    random,
  });
  try {
    while (!signal.aborted) {
      const openedAt = clock.monotonic();
      const end = yield* watchOnce(ports, progress, backoff, signal);
      if (end.over) return;
      const waitMs = Math.max(end.waitMs, openedAt + LEAST_WATCH_INTERVAL_MS - clock.monotonic());
      if (waitMs > 0) await clock.sleep(waitMs, signal);
    }
  } finally {
    release();
  }
}

async function* watchOnce<T>(
  ports: RetryWatcherPorts<T>,
  progress: Progress,
  backoff: Backoff,
  signal: AbortSignal,
): AsyncGenerator<WatcherFrame<T>, End, undefined> {
  const from = progress.version;
  const { source } = ports;
  const stream = WatchStream.open(ports, { resourceVersion: from, signal }, limits);
  if (progress.bookmarksSeen) stream.idleLimitMs = IDLE_TIMEOUT_MS;
  try {
    for (;;) {
      const reading = await stream.read();
      if (reading.type === 'aborted') return { over: true };
      if (reading.type !== 'frames') {
        if (reading.type === 'ended') return { over: false, waitMs: 0 };
        if (reading.type === 'silent') source.retireConnections?.();
        return yield* ended(errorOf(reading), source, backoff);
      }
      for (const frame of reading.frames) {
        if (signal.aborted) return { over: true };
        if (frame.type === 'bookmark') {
          progress.version = newer(progress.version, frame.resourceVersion);
          progress.bookmarksSeen = true;
          stream.idleLimitMs = IDLE_TIMEOUT_MS;
        } else if (frame.type !== 'error') {
          const { key, resourceVersion } = frame.item;
          if (!resourceVersion) {
            yield { type: 'error', error: noVersionError(key) };
            return { over: true };
          }
          if (isRepeat(resourceVersion, from)) continue;
          progress.version = newer(progress.version, resourceVersion);
          backoff.reset();
          yield frame;
        } else if (frame.undecodable) {
          yield frame;
        } else {
          return yield* ended(frame.error, source, backoff);
        }
      }
    }
  } finally {
    await stream.close();
  }
}

function errorOf(reading: Exclude<Reading<unknown>, { type: 'frames' | 'ended' | 'aborted' }>): Error {
  if (reading.type === 'silent') return silentError(reading.limitMs, 'the watch was silent');
  const { error } = reading;
  return error instanceof Error ? error : new Error(String(error), { cause: error });
}

function* ended<T>(
  error: Error,
  source: ListerWatcher<T>,
  backoff: Backoff,
): Generator<WatcherFrame<T>, End, undefined> {
  const what = source.description ?? 'the resource';
  const { kind, remedy, retryAfterMs = 0 } = problemOf(error, { verb: 'watch', what });
  if (kind !== 'expired' && !remedy.lasting) {
    return { over: false, waitMs: Math.max(Math.min(retryAfterMs, LONGEST_RETRY_AFTER_MS), backoff.next()) };
  }
  yield { type: 'error', error };
  return { over: true };
}

/** A server that sends what is not after `from` sends what has been seen. */
function isRepeat(version: string, from: string): boolean {
  return isComparable(version, from) && compareResourceVersions(version, from) <= 0;
}

function newer(old: string, version: string): string {
  return isComparable(old, version) && compareResourceVersions(version, old) < 0 ? old : version;
}

function isComparable(...versions: readonly string[]): boolean {
  return versions.every((version) => isComparableResourceVersion(version));
}
