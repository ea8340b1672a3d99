import type { Clock, Item, Sink } from '@bowline/apimachinery';

/** What is behind the queue already. The `Indexer` of `@bowline/cache` is one. */
export interface KnownObjects<T> {
  /** Must go on safely when what is known changes during the loop. */
  keys(): Iterable<string>;
  item(key: string): Item<T> | undefined;
}

/** What a queue works with. */
export interface QueuePorts<T> {
  /** Gets what was put into the queue. */
  readonly sink: Sink<T>;
  readonly clock: Pick<Clock, 'turn'>;
  /** Needed for `resync`; lets a compressing queue drop deletions of what nobody has seen. @default nothing is known */
  readonly known?: KnownObjects<T> | undefined;
}
