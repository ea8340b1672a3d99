import type { IndexDefinition } from '@bowline/cache';
import type { ReflectorOptions } from '@bowline/listwatch';

/** Settings of a handler. */
export interface HandlerOptions {
  /** Names it in status, logs and metrics. @default 'handler-1', … */
  readonly name?: string | undefined;
  /**
   * Every so many milliseconds the handler gets all objects once more, as updates. 0: never; less than 1,000 counts as 1,000.
   * @default the informer's `resyncMs`
   */
  readonly resyncMs?: number | undefined;
  /** From so many waiting changes on, changes of one object are merged into one; 1 or more. @default the informer's `maxPending` */
  readonly maxPending?: number | undefined;
}

/** Whose series the metrics of an informer are. @see client-go tools/cache `InformerName` */
export interface InformerIdentity {
  readonly name: string;
  readonly group: string;
  readonly version: string;
  readonly resource: string;
}

/** Settings of an informer. */
export interface SharedInformerOptions<T> {
  /** Names it in messages. @default 'Informer of ' and the description of its source */
  readonly name?: string | undefined;
  /**
   * What stands between server and cache: every change in the server's order, or pending changes compressed by object.
   * @default 'in-order'
   */
  readonly queue?: 'in-order' | 'compressing' | undefined;
  /** What objects are found by, besides their key and namespace. @default none */
  readonly indexes?: Readonly<Record<string, IndexDefinition<T>>> | undefined;
  /**
   * Changes what is kept and handed out: the object it gets is frozen, what it returns takes its place. It must be free of side effects and
   * of the same outcome when it is given its own result. An object for which it throws is kept as it was before.
   */
  readonly transform?: ((object: T) => T) | undefined;
  /** For handlers that do not say. @default 0: never */
  readonly resyncMs?: number | undefined;
  /** For handlers that do not say. @default 10_000 */
  readonly maxPending?: number | undefined;
  readonly reflector?: ReflectorOptions | undefined;
  /** @default no metrics */
  readonly identity?: InformerIdentity | undefined;
}

/** client-go tools/cache/shared_informer.go `minimumResyncPeriod` */
const LEAST_RESYNC_MS = 1_000;

export interface HandlerSettings {
  readonly resyncMs: number;
  readonly maxPending: number;
}

/** @throws {RangeError} when a setting is out of its range. */
export function resolveHandlerOptions(
  what: string,
  options: Pick<HandlerOptions, 'resyncMs' | 'maxPending'>,
  defaults: HandlerSettings = { resyncMs: 0, maxPending: 10_000 },
): HandlerSettings {
  const { resyncMs = defaults.resyncMs, maxPending = defaults.maxPending } = options;
  if (!(resyncMs >= 0)) throw new RangeError(`Cannot ${what}: resyncMs must be 0 or more, got ${resyncMs}`);
  if (!(maxPending >= 1)) throw new RangeError(`Cannot ${what}: maxPending must be 1 or more, got ${maxPending}`);
  return { resyncMs: resyncMs === 0 ? 0 : Math.max(resyncMs, LEAST_RESYNC_MS), maxPending };
}
