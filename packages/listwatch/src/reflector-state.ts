import type { ReflectorState, RelistCause } from './status.ts';
import type { Reading, WatchStream } from './watch-stream.ts';

/** A full state that is being read. */
export interface FullState {
  readonly cause: RelistCause;
  /** When it was begun, on the monotonic clock. */
  readonly since: number;
}

/** Reads the full state by a list. */
export interface Listing extends FullState {
  readonly type: 'listing';
  /** Set when the version before was unavailable: one more request, of the same page size. */
  readonly again?: { readonly pageSize: number } | undefined;
}

/** Reads the full state through a watch. */
export interface Streaming<T> extends FullState {
  readonly type: 'streaming';
  readonly attempt: number;
  readonly stream?: WatchStream<T> | undefined;
}

/** Has the full state, and follows the changes. */
export interface Watching<T> {
  readonly type: 'watching';
  readonly stream?: WatchStream<T> | undefined;
}

/** Where to begin a full state: a watch-list where possible. */
interface Starting {
  readonly type: 'starting';
  readonly cause: RelistCause;
}

interface Waiting<T> {
  readonly type: 'waiting';
  readonly delayMs: number;
  /** Wall time. */
  readonly until: number;
  readonly next: Step<T>;
}

/** Where the loop is while it runs. Each state is left by one function, which returns the next one. */
export type Step<T> = Starting | Listing | Streaming<T> | Watching<T> | Waiting<T>;

/** Where a reflector is. */
export type State<T> = Step<T> | { readonly type: 'idle' | 'stopped' };

/** How a watch ended, other than by abort. */
export type End<T> = Exclude<Reading<T>, { readonly type: 'frames' | 'aborted' }>;

/** The watch that a state holds open. */
export function streamOf<T>(step: State<T>): WatchStream<T> | undefined {
  return step.type === 'watching' || step.type === 'streaming' ? step.stream : undefined;
}

/** What `Reflector.status()` calls a state. */
export function publicState<T>(state: State<T>): ReflectorState {
  switch (state.type) {
    case 'starting':
      return 'listing';
    case 'watching':
      return state.stream?.accepted ? 'watching' : 'opening';
    default:
      return state.type;
  }
}
