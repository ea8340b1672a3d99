export { type ConsistencyPorts, type ConsistencyReport, checkConsistency } from './consistency.ts';
export type { ListWatchErrorCode } from './errors.ts';
export { ListWatch } from './list-watch.ts';
export type { ReflectorOptions } from './options.ts';
export { type PagedAnswer, type PagedList, Pager, type PagerOptions } from './pager.ts';
export type { CacheView, ListerWatcher, ReflectorObserver, ReflectorPorts } from './ports.ts';
export type { ProblemKind } from './problem-table.ts';
export { Reflector } from './reflector.ts';
export { RetryWatcher, type RetryWatcherOptions, type RetryWatcherPorts, type WatcherFrame } from './retry-watcher.ts';
export type { ReflectorState, ReflectorStatus, RelistCause } from './status.ts';
export {
  listWatchUntil,
  type UntilOptions,
  until,
  untilWithoutRetry,
  type WaitOptions,
  type WatchCondition,
  type WatchedChange,
} from './until.ts';
export { WatchListMemory, type WatchListMemoryOptions } from './watch-list-memory.ts';
