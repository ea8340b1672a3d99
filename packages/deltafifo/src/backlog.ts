import type { Change } from '@bowline/apimachinery';

/** Changes that go to the sink in one turn. */
export interface Batch<T> {
  readonly changes: readonly Change<T>[];
  /** Everything up to here is taken with it; `''` when nothing is complete yet. */
  readonly resourceVersion: string;
}

/** Changes that wait between two replacements. */
export interface Backlog<T> {
  /** How many changes wait. */
  readonly length: number;
  /** Neither a change nor a bookmark waits. */
  readonly isEmpty: boolean;
  /** Whether a change of `key` will come anyway, so that it need not be resynced. */
  has(key: string): boolean;
  add(changes: readonly Change<T>[], resourceVersion: string): void;
  take(limit: number): Batch<T>;
}
