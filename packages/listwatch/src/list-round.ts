import type { Item } from '@bowline/apimachinery';
import { Pager } from './pager.ts';
import type { Listing, Step } from './reflector-state.ts';
import { commit, type Round } from './round.ts';
import { Staging } from './staging.ts';

/** Pages that are read while the one before is stored. */
const PAGES_AHEAD = 1;

/** Reads the full state by a list. A version that the server does not have is answered at once by asking for the most recent one. */
export async function listRound<T>(round: Round<T>, step: Listing, signal: AbortSignal): Promise<Step<T>> {
  const { lister, sink, clock, settings, versions, waits, journal } = round;
  const resourceVersion = versions.forList;
  const pageSize = step.again?.pageSize ?? settings.pageSize ?? versions.pageSizeFor(resourceVersion);
  const pager = new Pager<T>(lister, { pageSize, pageBufferSize: PAGES_AHEAD });
  const onRetry = (error: unknown): void => journal.retried(error, 'list');
  let staging: Staging<T> | undefined;
  /** The answer that is next has begun to come. */
  let begun = false;
  let failure: Error | undefined;
  const onItems = (items: readonly Item<T>[], restart: boolean): void => {
    try {
      if (restart) staging = new Staging(sink, clock);
      staging?.putNow(items);
      begun = true;
    } catch (error) {
      failure ??= error as Error; // of the sink; the client that calls this has nothing to do with it
    }
  };
  let version = '';
  try {
    for await (const { page, restart } of pager.pages({ resourceVersion, signal, onRetry, onItems })) {
      if (failure) throw failure;
      journal.heard();
      if ((restart && !begun) || !staging) staging = new Staging(sink, clock);
      begun = false;
      await staging.put(page.items, signal);
      for (const object of page.undecodable ?? []) staging.keep(object);
      version = page.resourceVersion;
      if (page.continue) versions.paged(resourceVersion);
    }
    await commit(round, staging, version, step, signal);
    return { type: 'watching' };
  } catch (error) {
    if (signal.aborted) return step;
    const problem = journal.problem(error, 'list');
    if (step.again || problem.remedy.list === 'wait') return waits.failed(problem);
    versions.unavailable = true;
    journal.logger.debug({ resourceVersion }, problem.message);
    return { ...step, again: { pageSize } };
  } finally {
    staging?.abandon(); // unless it was committed
  }
}
