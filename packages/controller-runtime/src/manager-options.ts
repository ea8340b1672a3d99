import {
  type Clock,
  consoleLogger,
  type Logger,
  type Metrics,
  noMetrics,
  type Random,
  systemClock,
  systemRandom,
} from '@bowline/apimachinery';
import { checkOptions, type OptionRules, rules, withMethods } from '@bowline/apimachinery/arguments';
import { createClient, type KubeConfigLike } from '@bowline/client';
import { argument } from './argument-rules.ts';
import type { CacheSettings } from './cache/cache.ts';
import type { CacheOptions } from './cache/options.ts';
import type { LiveClient } from './live-client.ts';
import type { ControllerOptions } from './options.ts';

/** Settings of a manager. Ports that are left out come from `kubeConfig.ports`, then from the machine. */
export interface ManagerOptions {
  /** The cluster and who asks: of `@bowline/client`, or of `@kubernetes/client-node`. Needed unless there is a `client`. */
  readonly kubeConfig?: KubeConfigLike | undefined;
  /** Talks to the server. @default `createClient(kubeConfig)` */
  readonly client?: LiveClient | undefined;
  /** @default the time of the machine */
  readonly clock?: Clock | undefined;
  /** @default the randomness of the machine */
  readonly random?: Random | undefined;
  /** @default warnings and errors to standard error, so that a reconcile that fails is seen; `silentLogger` says nothing */
  readonly logger?: Logger | undefined;
  /** @default nowhere */
  readonly metrics?: Metrics | undefined;
  /** Short for `cache.namespaces`. @default all namespaces */
  readonly namespaces?: readonly string[] | undefined;
  /** What is cached, and how. */
  readonly cache?: CacheOptions | undefined;
  /** Defaults for all controllers. */
  readonly controller?: ControllerOptions | undefined;
  /** Milliseconds in which everything that exists must have been seen at the start, more than 0. Controllers may set their own. @default 120_000 */
  readonly cacheSyncTimeoutMs?: number | undefined;
  /**
   * Milliseconds that everything has to end after the stop; then `run` rejects although something still runs. 0 does not wait, and does not
   * reject; `Infinity` waits for ever. Keep it below the pod's `terminationGracePeriodSeconds`. @default 30_000
   */
  readonly gracePeriodMs?: number | undefined;
}

/** `ManagerOptions` with every default filled in. */
export interface ResolvedManagerOptions {
  readonly client: LiveClient;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly cache: CacheSettings;
  readonly controller: ControllerOptions & { readonly drainMs: number };
  readonly gracePeriodMs: number;
}

const optionRules: OptionRules<ManagerOptions> = {
  kubeConfig: rules.object,
  client: withMethods('a client', 'get', 'listItems', 'watchItems', 'with'),
  clock: rules.clock,
  random: rules.random,
  logger: rules.logger,
  metrics: rules.metrics,
  namespaces: argument.namespaces,
  cache: argument.cacheOptions,
  controller: argument.controllerOptions,
  cacheSyncTimeoutMs: rules.positive,
  gracePeriodMs: rules.notNegative,
};

/**
 * Fills in the defaults.
 *
 * @throws {TypeError | RangeError} when an option is wrong.
 * @see controller-runtime pkg/manager `Options`
 */
export function resolveManagerOptions(options: ManagerOptions): ResolvedManagerOptions {
  checkOptions<ManagerOptions>('create manager', options, optionRules);
  const { kubeConfig, namespaces, cache = {}, controller = {}, metrics = noMetrics } = options;
  const ports = kubeConfig?.ports;
  const {
    clock = ports?.clock ?? systemClock,
    random = ports?.random ?? systemRandom,
    logger = ports?.logger ?? consoleLogger({ level: 'warn', clock }),
    cacheSyncTimeoutMs = 120_000,
    gracePeriodMs = 30_000,
  } = options;
  const drainMs = controller.drainMs ?? gracePeriodMs / 3;
  const defaults = { ...controller, cacheSyncTimeoutMs: controller.cacheSyncTimeoutMs ?? cacheSyncTimeoutMs, drainMs };
  return {
    client: options.client ?? clientOf(kubeConfig, { clock, logger, metrics }),
    clock,
    random,
    logger,
    metrics,
    cache: { ...cache, namespaces: cache.namespaces ?? namespaces, syncTimeoutMs: cacheSyncTimeoutMs },
    controller: defaults,
    gracePeriodMs,
  };
}

function clientOf(
  kubeConfig: KubeConfigLike | undefined,
  ports: { readonly clock: Clock; readonly logger: Logger; readonly metrics: Metrics },
): LiveClient {
  if (kubeConfig) return createClient(kubeConfig, ports);
  throw new TypeError(`Cannot create manager: kubeConfig must be a configuration, got ${String(kubeConfig)}`);
}
