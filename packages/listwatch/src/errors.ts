import { BowlineError } from '@bowline/apimachinery';

/** Codes of the errors that this package makes. They reach users as text in `Reflector.status()`; `run` throws none of them. */
export type ListWatchErrorCode = 'LISTWATCH_SILENT' | 'LISTWATCH_SHORT_WATCH' | 'LISTWATCH_SINK_FAILED';

function listWatchError(code: ListWatchErrorCode, message: string, cause?: unknown): BowlineError {
  return new BowlineError(message, { code, retryable: true, cause });
}

/** Nothing came although something had to: the connection is taken for dead. */
export function silentError(limitMs: number, nothing: string): BowlineError {
  return listWatchError('LISTWATCH_SILENT', `${nothing} for ${Math.round(limitMs / 1000)} s`);
}

/** A watch ended at once with nothing in it. @see client-go tools/cache/reflector.go `VeryShortWatchError` */
export function shortWatchError(): BowlineError {
  return listWatchError('LISTWATCH_SHORT_WATCH', 'it ended within a second, without an event');
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
