import { BowlineError } from '@bowline/apimachinery';
import { describeValue } from '@bowline/apimachinery/arguments';

/**
 * Codes of the errors that this package makes. `Reflector.run` throws none of them: there they reach users as text in `status()`.
 *
 * - `LISTWATCH_SILENT`: nothing came although something had to; the connection is taken for dead.
 * - `LISTWATCH_SHORT_WATCH`: a watch ended at once with nothing in it.
 * - `LISTWATCH_SINK_FAILED`: the sink threw.
 * - `LISTWATCH_INCONSISTENT`: the cache differs from a fresh list of the same version.
 * - `LISTWATCH_NO_VERSION`: an object in a watch has no resource version, so that nothing can be resumed after it.
 * - `LISTWATCH_ENDED`: `untilWithoutRetry`: the changes ended before the conditions were met.
 * - `LISTWATCH_TIMED_OUT`: `until` and its like: the conditions were not met in time.
 */
export type ListWatchErrorCode =
  | 'LISTWATCH_SILENT'
  | 'LISTWATCH_SHORT_WATCH'
  | 'LISTWATCH_SINK_FAILED'
  | 'LISTWATCH_INCONSISTENT'
  | 'LISTWATCH_NO_VERSION'
  | 'LISTWATCH_ENDED'
  | 'LISTWATCH_TIMED_OUT';

function listWatchError(code: ListWatchErrorCode, message: string, cause?: unknown): BowlineError {
  return new BowlineError(message, { code, retryable: true, cause });
}

/** Nothing came although something had to: the connection is taken for dead. */
export function silentError(limitMs: number, nothing: string, lastFailure?: unknown): BowlineError {
  const last = lastFailure instanceof Error ? `; the last try failed: ${lastFailure.message}` : '';
  return listWatchError('LISTWATCH_SILENT', `${nothing} for ${seconds(limitMs)}${last}`, lastFailure);
}

/** A watch ended at once with nothing in it. @see client-go tools/cache/reflector.go `VeryShortWatchError` */
export function shortWatchError(): BowlineError {
  return listWatchError('LISTWATCH_SHORT_WATCH', 'it ended within a second, without an event');
}

export function inconsistentError(difference: string): BowlineError {
  return listWatchError('LISTWATCH_INCONSISTENT', difference);
}

export function noVersionError(key: string): BowlineError {
  return listWatchError(
    'LISTWATCH_NO_VERSION',
    `"${key}" has no resource version: the watch cannot be resumed after it`,
  );
}

export function endedError(progress: string): BowlineError {
  return listWatchError('LISTWATCH_ENDED', `The changes ended before they met all conditions: ${progress}`);
}

export function timedOutError(timeoutMs: number, progress: string): BowlineError {
  return listWatchError('LISTWATCH_TIMED_OUT', `Not all conditions were met within ${seconds(timeoutMs)}: ${progress}`);
}

/** A source is not one: what its watch yields are no frames. */
export function notFramesError(value: unknown): TypeError {
  return new TypeError(
    `Cannot read watch: what the watch of the source yields must be an array of frames, got ${describeValue(value)}`,
  );
}

/** A source is not one: its frames are of a type that there is not. */
export function frameTypeError(frame: { readonly type?: unknown }): TypeError {
  return new TypeError(
    `Cannot read watch: the type of a frame must be "added", "modified", "deleted", "bookmark" or "error", got ${describeValue(frame.type)}`,
  );
}

/** A duration for people. */
export function seconds(ms: number): string {
  return ms < 1_000 ? `${ms} ms` : `${Math.round(ms / 100) / 10} s`;
}

/** Does something with the sink, whose errors then say that they are the sink's. @throws `LISTWATCH_SINK_FAILED` */
export function inSink<R>(action: () => R): R {
  try {
    const result = action();
    return (result instanceof Promise ? result.catch(sinkFailed) : result) as R;
  } catch (error) {
    return sinkFailed(error);
  }
}

function sinkFailed(cause: unknown): never {
  throw listWatchError('LISTWATCH_SINK_FAILED', cause instanceof Error ? cause.message : String(cause), cause);
}
