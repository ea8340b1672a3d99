import type {
  Clock,
  Item,
  ListCall,
  Logger,
  Metrics,
  Page,
  Random,
  Sink,
  WatchCall,
  WatchFrame,
} from '@bowline/apimachinery';
import type { WatchListMemory } from './watch-list-memory.ts';

/**
 * All that a reflector knows about a server.
 *
 * @see client-go tools/cache/listwatch.go
 */
export interface ListerWatcher<T> {
  /** What is listed, for messages: `pods in namespace "default"`. */
  readonly description?: string | undefined;
  /** False for a server that is known not to know `sendInitialEvents`. @default true */
  readonly supportsWatchList?: boolean | undefined;
  /** Rejects with a `StatusError` when the server answers with an error, else with whatever the transport threw. */
  list(call: ListCall<T>): Promise<Page<T>>;
  /**
   * One array per network chunk; an empty one says that the server has accepted the watch.
   * Must end, or throw, soon after `call.signal` aborts.
   */
  watch(call: WatchCall): AsyncIterable<readonly WatchFrame<T>[]>;
  /** Sends later requests over new connections: the present ones are suspected dead. */
  retireConnections?(): void;
  /** Asks for a sign of life on the connections of watches; rejects when they are dead. Absent where nobody can tell. */
  ping?: ((signal: AbortSignal) => Promise<void>) | undefined;
}

/** What a cache holds, and up to which version: to compare it with the server. An `Indexer` is one. */
export interface CacheView<T> {
  items(): Iterable<Item<T>>;
  readonly resourceVersion: string;
}

/** Is told that `Reflector.status()` has something new: another state, an error, a full state. Must not throw. */
export interface ReflectorObserver {
  changed(): void;
}

/** What a reflector works with. */
export interface ReflectorPorts<T> {
  readonly source: ListerWatcher<T>;
  readonly sink: Sink<T>;
  readonly clock: Clock;
  readonly random: Random;
  /** @default silent */
  readonly logger?: Logger | undefined;
  readonly observer?: ReflectorObserver | undefined;
  /** @default none */
  readonly metrics?: Metrics | undefined;
  /** Which resources' watch-lists do not work; share it to learn that once for all namespaces. @default its own */
  readonly watchLists?: WatchListMemory | undefined;
  /** What the sink fills: needed for `consistencyCheckMs`. */
  readonly cache?: CacheView<T> | undefined;
}
