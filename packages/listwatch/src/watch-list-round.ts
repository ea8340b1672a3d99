import { resourceOf } from './classification.ts';
import { seconds } from './errors.ts';
import type { Journal } from './journal.ts';
import type { End, Step, Streaming } from './reflector-state.ts';
import { commit, type Round } from './round.ts';
import { Staging } from './staging.ts';
import type { WatchStream } from './watch-stream.ts';

/** How often a watch-list is tried before the full state is listed. client-go tries for ever. */
const ATTEMPTS = 5;

/** Reads the full state through a watch, which then goes on as the watch for changes. */
export async function watchListRound<T>(
  round: Round<T>,
  step: Streaming<T>,
  stream: WatchStream<T>,
  signal: AbortSignal,
): Promise<Step<T>> {
  const { sink, clock, settings, watchLists, watches, journal } = round;
  const limitMs = settings.initialEventsTimeoutMs;
  const deadline = clock.monotonic() + limitMs;
  const staging = new Staging(sink, clock);
  try {
    for (;;) {
      const reading = await stream.read();
      if (reading.type === 'aborted') return step;
      let end: End<T> | undefined;
      if (reading.type === 'frames') {
        watches.heard(reading.frames);
        const streamed = await staging.stream(reading.frames, signal);
        if (signal.aborted) return step;
        if (streamed.type === 'complete') {
          stream.unread(reading.frames.slice(streamed.next));
          await commit(round, staging, streamed.resourceVersion, step, signal);
          watchLists.worked(resourceOf(journal.what));
          journal.works();
          return { type: 'watching', stream };
        }
        if (streamed.type === 'error') end = { type: 'failed', error: streamed.error };
        else if (clock.monotonic() >= deadline) end = { type: 'silent', limit: 'overdue', limitMs };
      } else end = reading;
      if (end) {
        await watches.close(stream);
        return afterWatchList(round, end, stream, step);
      }
    }
  } finally {
    staging.abandon(); // unless it was committed
  }
}

/** A watch-list ended without its final bookmark: once more, or a list. */
function afterWatchList<T>(
  { source, versions, watchLists, waits, journal }: Round<T>,
  end: End<T>,
  stream: WatchStream<T>,
  { cause, since, attempt }: Streaming<T>,
): Step<T> {
  const list: Step<T> = { type: 'listing', cause, since };
  const again: Step<T> = attempt < ATTEMPTS ? { type: 'streaming', cause, since, attempt: attempt + 1 } : list;
  if (end.type === 'ended') return stream.isShort ? list : waits.paced(stream, again);
  if (end.type === 'silent') {
    // Who has not even answered may be dead; who has answered does not end what it has begun.
    if (!stream.accepted || end.limit === 'ping') source.retireConnections?.();
    else watchLists.missed(resourceOf(journal.what));
    journal.logger.warn({ waitedMs: end.limitMs, frames: stream.frameCount }, noEnd(journal, stream));
    return list;
  }
  const problem = journal.problem(end.error, 'watch');
  const { watchList } = problem.remedy;
  if (watchList === 'recent' && !versions.unavailable) {
    versions.unavailable = true;
    return again;
  }
  if (watchList === 'again') return waits.failed(problem, again);
  journal.logger.debug({ kind: problem.kind }, `${problem.message}; listing instead`);
  return list;
}

function noEnd<T>(journal: Journal, { accepted, frameCount, silentMs, lastRetry }: WatchStream<T>): string {
  const { what } = journal;
  if (!accepted && lastRetry !== undefined) return `${journal.problem(lastRetry, 'watch').message}; listing instead`;
  const last = frameCount > 0 ? `the last of ${frameCount} events came ${seconds(silentMs)} ago` : 'nothing came';
  const said = `No end of the initial events of ${what}: ${accepted ? last : 'no answer came'}; listing instead`;
  return accepted ? `${said}; set watchList to false for a server that does not know sendInitialEvents` : said;
}
