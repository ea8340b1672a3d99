import type { Kind } from '@bowline/apimachinery';
import {
  anyOf,
  type OptionRules,
  oneOf,
  optionsOf,
  recordOf,
  required,
  rules,
  type ValueRule,
  valueRule,
  withMethods,
} from '@bowline/apimachinery/arguments';
import type { IndexDefinition } from '@bowline/cache';
import type { ReflectorOptions } from '@bowline/listwatch';
import { type StorageOption, storageRule } from './storage.ts';

/** What happens when more than `maxPending` changes wait for a handler. */
export type OverflowPolicy = 'merge' | 'remove';

/** Settings of a handler. */
export interface HandlerOptions {
  /** Names it in status, logs and metrics; one that is taken gets a number. @default 'handler-1', … */
  readonly name?: string | undefined;
  /**
   * Every so many milliseconds the handler gets all objects once more, as updates. 0: never; less than 1,000 counts as 1,000.
   * @default the informer's `resyncMs`
   */
  readonly resyncMs?: number | undefined;
  /** From so many waiting changes on, `overflow` says what happens; 1 or more, `Infinity` for no bound. @default the informer's `maxPending` */
  readonly maxPending?: number | undefined;
  /**
   * `merge`: changes of one object become one, so that states in between are skipped. `remove`: the handler is removed, for one to which
   * every state matters; `onHandlerError` is told (`INFORMER_HANDLER_BEHIND`). What joins or is read again at once does not count.
   * @default 'merge'
   */
  readonly overflow?: OverflowPolicy | undefined;
  /**
   * How long its end waits for a call that has not returned, in milliseconds; 0 or more, `Infinity` to wait for as long as it takes. After
   * that the end goes on without it, and the log names handler, call and key.
   * @default the informer's `endTimeoutMs`
   */
  readonly endTimeoutMs?: number | undefined;
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
   * of the same outcome when it is given its own result. It must return an object, no promise. Where it fails the log says so: what the
   * cache holds stays as it was before, an object that is new is left out, and one that was deleted goes all the same.
   */
  readonly transform?: ((object: T) => T) | undefined;
  /** How the cache keeps objects. @default 'packed' */
  readonly storage?: StorageOption<T> | undefined;
  /** For handlers that do not say. @default 0: never */
  readonly resyncMs?: number | undefined;
  /** For handlers that do not say. @default 10_000 */
  readonly maxPending?: number | undefined;
  /** For handlers that do not say. @default 10_000 */
  readonly endTimeoutMs?: number | undefined;
  /**
   * Whether its objects live in namespaces. Where it is known, reads by a key or namespace that no object can have are refused.
   * @default unknown
   */
  readonly scope?: Kind['scope'] | undefined;
  readonly reflector?: ReflectorOptions | undefined;
  /** @default no metrics */
  readonly identity?: InformerIdentity | undefined;
}

/** client-go tools/cache/shared_informer.go `minimumResyncPeriod` */
const LEAST_RESYNC_MS = 1_000;

const isNumber = (value: unknown): value is number => typeof value === 'number';
const maxPendingRule = valueRule('1 or more', isNumber, (value) => value >= 1);
const resyncRule: ValueRule = valueRule('0 or more', isNumber, (value) => value >= 0 && value < Infinity);

export const handlerRules: OptionRules<HandlerOptions> = {
  name: rules.nonEmptyString,
  resyncMs: resyncRule,
  maxPending: maxPendingRule,
  overflow: oneOf('merge', 'remove'),
  endTimeoutMs: rules.notNegative,
};

/** What every way to an informer takes besides its own settings. */
export const portRules: Readonly<
  Record<'clock' | 'random' | 'logger' | 'metrics' | 'onHandlerError' | 'onWatchError', ValueRule>
> = {
  clock: rules.clock,
  random: withMethods('a source of randomness', 'next'),
  logger: rules.logger,
  metrics: rules.metrics,
  onHandlerError: rules.function,
  onWatchError: rules.function,
};

export const informerRules: OptionRules<SharedInformerOptions<never>> = {
  name: rules.nonEmptyString,
  queue: oneOf('in-order', 'compressing'),
  indexes: recordOf(anyOf(rules.nonEmptyString, rules.function)),
  transform: rules.function,
  storage: storageRule,
  resyncMs: resyncRule,
  maxPending: maxPendingRule,
  endTimeoutMs: rules.notNegative,
  scope: oneOf('Namespaced', 'Cluster'),
  reflector: rules.object, // checks its own
  identity: optionsOf<InformerIdentity>({
    name: required(rules.nonEmptyString),
    group: required(rules.string),
    version: required(rules.nonEmptyString),
    resource: required(rules.nonEmptyString),
  }),
};

export interface HandlerSettings {
  readonly resyncMs: number;
  readonly maxPending: number;
  readonly endTimeoutMs: number;
}

const handlerDefaults: HandlerSettings = { resyncMs: 0, maxPending: 10_000, endTimeoutMs: 10_000 };

/** Settings of one handler, complete. */
export function handlerSettings(
  options: Partial<Pick<HandlerOptions, keyof HandlerSettings>>,
  defaults: HandlerSettings = handlerDefaults,
): HandlerSettings {
  const { resyncMs = defaults.resyncMs, maxPending = defaults.maxPending } = options;
  const { endTimeoutMs = defaults.endTimeoutMs } = options;
  return { resyncMs: resyncMs === 0 ? 0 : Math.max(resyncMs, LEAST_RESYNC_MS), maxPending, endTimeoutMs };
}
