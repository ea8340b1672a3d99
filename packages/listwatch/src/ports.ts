import type { Clock, ListCall, Logger, Page, Random, Sink, WatchCall, WatchFrame } from '@bowline/apimachinery';

/**
 * All that a reflector knows about a server.
 *
 * @see client-go tools/cache/listwatch.go
 */
export interface ListerWatcher<T> {
  /** What is listed, for messages: `pods in namespace "default"`. */
  readonly description?: string | undefined;
  /** Rejects with a `StatusError` when the server answers with an error, else with whatever the transport threw. */
  list(call: ListCall): Promise<Page<T>>;
  /**
   * One array per network chunk; an empty one says that the server has accepted the watch.
   * Must end, or throw, soon after `call.signal` aborts.
   */
  watch(call: WatchCall): AsyncIterable<readonly WatchFrame<T>[]>;
  /** Sends later requests over new connections: the present ones are suspected dead. */
  retireConnections?(): void;
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
}
