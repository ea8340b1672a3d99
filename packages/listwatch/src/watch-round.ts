import { ChangeFeed } from './change-feed.ts';
import { shortWatchError, silentError } from './errors.ts';
import type { End, Step, Watching } from './reflector-state.ts';
import type { Round } from './round.ts';
import type { WatchStream } from './watch-stream.ts';

/** Follows the changes until the watch ends. */
export async function watchRound<T>(
  round: Round<T>,
  step: Watching<T>,
  stream: WatchStream<T>,
  signal: AbortSignal,
): Promise<Step<T>> {
  const { sink, clock, versions, watches, journal } = round;
  const feed = new ChangeFeed<T>({ sink, clock, journal }, versions.last);
  stream.idleLimitMs = watches.idleLimitMs;
  for (;;) {
    const room = sink.drained(signal);
    if (room) await room;
    const opened = stream.accepted;
    const reading = await stream.read();
    let end: End<T> | undefined;
    if (reading.type === 'aborted') return step;
    if (reading.type === 'frames') {
      if (!opened) journal.works();
      watches.heard(reading.frames);
      stream.idleLimitMs = watches.idleLimitMs;
      const failure = await feed.feed(reading.frames, signal);
      versions.last = feed.resourceVersion;
      journal.reached(feed.resourceVersion);
      if (signal.aborted) return step;
      if (failure) end = { type: 'failed', error: failure.error };
    } else end = reading;
    if (end) {
      await watches.close(stream);
      return afterWatch(round, end, stream);
    }
  }
}

/** A watch ended, or never began: watch on at the same version, or read the full state again. */
function afterWatch<T>(
  { source, versions, internalErrors, waits, journal }: Round<T>,
  end: End<T>,
  stream: WatchStream<T>,
): Step<T> {
  const watch: Step<T> = versions.resumable ? { type: 'watching' } : { type: 'starting', cause: 'unversioned' };
  if (end.type === 'ended') {
    return stream.isShort ? waits.failed(journal.problem(shortWatchError(), 'watch')) : waits.paced(stream, watch);
  }
  if (end.type === 'silent') source.retireConnections?.();
  const error = end.type === 'silent' ? silentError(end.limitMs, silences[end.limit]) : end.error;
  const problem = journal.problem(error, 'watch');
  const { remedy, kind } = problem;
  if (!stream.accepted && end.type === 'failed') {
    return waits.failed(problem, remedy.open === 'reopen' ? watch : undefined);
  }
  if (kind === 'internal' && internalErrors.allows()) return waits.paced(stream, watch);
  if (remedy.stream === 'relist-quietly') {
    // Ordinary on a busy server: nothing is wrong, so nobody is told. The version stays: the list must not be older.
    journal.logger.debug({ resourceVersion: versions.last }, problem.message);
    return waits.quietly(problem, { type: 'starting', cause: kind });
  }
  const next: Step<T> = remedy.stream === 'reopen' ? watch : { type: 'starting', cause: kind };
  if (remedy.wait === 'backoff' || stream.isShort) return waits.failed(problem, next);
  journal.failed(problem);
  return waits.paced(stream, next);
}

const silences = {
  idle: 'nothing came',
  overdue: 'the server should have ended it but did not',
  ping: 'a ping was not answered',
} as const;
