import type { Clock, Sink } from '@bowline/apimachinery';
import type { BoundedLister } from './bounded-lister.ts';
import type { Journal } from './journal.ts';
import type { ReflectorSettings } from './options.ts';
import type { ListerWatcher } from './ports.ts';
import type { FullState } from './reflector-state.ts';
import type { RetryWindow } from './retry-window.ts';
import type { Staging } from './staging.ts';
import type { Versions } from './versions.ts';
import type { Waits } from './waits.ts';
import type { WatchListMemory } from './watch-list-memory.ts';
import type { Watches } from './watches.ts';

/**
 * What the rounds of a reflector share. A round is one list (`list-round.ts`), one watch-list (`watch-list-round.ts`) or one watch
 * (`watch-round.ts`): a function from the state that begins it to the one that follows.
 */
export interface Round<T> {
  readonly source: ListerWatcher<T>;
  readonly lister: BoundedLister<T>;
  readonly sink: Sink<T>;
  readonly clock: Clock;
  readonly settings: ReflectorSettings;
  readonly versions: Versions;
  readonly watchLists: WatchListMemory;
  readonly watches: Watches<T>;
  readonly waits: Waits;
  readonly internalErrors: RetryWindow;
  readonly journal: Journal;
}

/** Makes the staged full state the sink's. @throws `LISTWATCH_SINK_FAILED`, or after an abort: then nothing is committed. */
export async function commit<T>(
  { clock, versions, journal }: Round<T>,
  staging: Staging<T> | undefined,
  resourceVersion: string,
  { cause, since }: FullState,
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted();
  await staging?.commit(resourceVersion, signal);
  signal.throwIfAborted();
  versions.committed(resourceVersion);
  journal.replaced(resourceVersion, cause, {
    durationMs: clock.monotonic() - since,
    objects: staging?.size ?? 0,
    undecodable: staging?.undecodable ?? [],
  });
}
