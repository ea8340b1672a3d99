export type { ProblemKind } from './classification.ts';
export type { ListWatchErrorCode } from './errors.ts';
export { ListWatch } from './list-watch.ts';
export type { ReflectorOptions } from './options.ts';
export { type PagedAnswer, type PagedList, Pager, type PagerOptions } from './pager.ts';
export type { ListerWatcher, ReflectorObserver, ReflectorPorts } from './ports.ts';
export { Reflector } from './reflector.ts';
export type { ReflectorState, ReflectorStatus, RelistCause } from './status.ts';
