import {
  type Clock,
  type Kind,
  type KubernetesObject,
  type Logger,
  type Metrics,
  type Random,
  untilAborted,
} from '@bowline/apimachinery';
import { checkOptions, checkValue, oneOf, rules } from '@bowline/apimachinery/arguments';
import type { RateLimiter } from '@bowline/workqueue';
import { argument } from './argument-rules.ts';
import { ControllerBuilder, type ControllerPlan } from './builder.ts';
import { Cache } from './cache/cache.ts';
import { sharedInformers } from './cache/shared-informers.ts';
import { CachedClient } from './cached-client.ts';
import { checkReturned } from './check-returned.ts';
import { Controller } from './controller.ts';
import { controllerMetrics } from './controller-metrics.ts';
import { ControllerRuntimeError } from './errors.ts';
import type { Health, HealthCheck } from './health.ts';
import { type ManagerOptions, type ResolvedManagerOptions, resolveManagerOptions } from './manager-options.ts';
import { resolveControllerOptions } from './options.ts';
import { reconcileQueue } from './reconcile-queue.ts';
import { Reconciler } from './reconciler.ts';
import { type Runnable, type RunnableFunc, RunnableGroup } from './runnable-group.ts';
import { within } from './within.ts';

/** When a runnable starts: groups start in this order, and stop in the reverse one. */
export type RunnableGroupName = 'servers' | 'caches' | 'controllers';

/** How a runnable is added to a manager. */
export interface AddOptions {
  /** @default 'controllers' */
  readonly group?: RunnableGroupName | undefined;
  /** For messages. @default the runnable's own name */
  readonly name?: string | undefined;
}

/**
 * Runs controllers and what they need: a client, and a cache with one watch per kind.
 *
 * @example
 * ```ts no-run
 * import { loadKubeConfig } from '@bowline/client';
 * import { Manager, shutdownSignal } from '@bowline/controller-runtime';
 * import { Deployment } from '@bowline/api/apps/v1';
 *
 * const manager = new Manager({ kubeConfig: await loadKubeConfig() });
 * manager.controller(Deployment).reconcile(async ({ key, log }) => log.info({ key }, 'Seen'));
 * await manager.run(shutdownSignal());
 * ```
 * @see controller-runtime pkg/manager
 */
export class Manager {
  /** Reads from the cache, at least as new as what was written through the manager's clients; writes to the server. */
  readonly client: CachedClient;
  /** What is known of the cluster. */
  readonly cache: Cache;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly #options: ResolvedManagerOptions;
  /** In the order in which they start. */
  readonly #groups: Readonly<Record<RunnableGroupName, RunnableGroup>>;
  readonly #builders = new Map<string, ControllerBuilder>();
  readonly #controllers: Controller[] = [];
  readonly #stop = new AbortController();
  #phase: 'new' | 'starting' | 'running' | 'stopping' | 'stopped' = 'new';
  /** Why it ends, when nobody asked it to. */
  #failure: { readonly error: unknown } | undefined;

  /** @throws {TypeError | RangeError} when an option is wrong. */
  constructor(options: ManagerOptions) {
    const resolved = resolveManagerOptions(options);
    const { client, clock, random, logger, metrics } = resolved;
    this.#options = resolved;
    this.clock = clock;
    this.random = random;
    this.logger = logger;
    this.metrics = metrics;
    const waitSeconds = metrics.histogram({
      name: 'bowline_cached_read_wait_seconds',
      help: 'How long reads from the cache waited for their own writes to appear',
      buckets: [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    });
    const informers = sharedInformers({ client, clock, random, logger, metrics });
    this.cache = new Cache({ informers, clock, random, waitSeconds }, resolved.cache);
    this.client = new CachedClient({ live: client, cache: this.cache });
    const failed = (error: unknown, member: Runnable): void => this.#fail(error, member.name);
    this.#groups = {
      servers: new RunnableGroup({ failed }),
      caches: new RunnableGroup({ failed }),
      controllers: new RunnableGroup({ failed }),
    };
    this.#groups.caches.add(this.cache);
  }

  /**
   * Starts to say what a controller watches and does; `reconcile` ends it. Given a kind it is short for `controller(name).for(kind)`
   * with the kind's name in lower case.
   *
   * @throws {TypeError | RangeError} when it is neither, or when there is a controller of that name: metrics and logs could not tell them apart.
   */
  controller<T extends KubernetesObject>(kindOrName: Kind<T> | string): ControllerBuilder {
    checkValue('build controller', 'kind or name', kindOrName, argument.kindOrName);
    const name = typeof kindOrName === 'string' ? kindOrName : kindOrName.kind.toLowerCase();
    if (this.#builders.has(name)) {
      throw new TypeError(`Cannot build controller: name must be unique in its manager, got "${name}" again`);
    }
    const builder = new ControllerBuilder(
      {
        informerOf: (kind, options) => this.cache.watch(kind, options),
        build: (plan) => this.#build(plan),
      },
      name,
    );
    this.#builders.set(name, builder);
    return typeof kindOrName === 'string' ? builder : builder.for(kindOrName);
  }

  /**
   * Runs something else along with the controllers: from now on, if the manager runs already.
   *
   * @throws {TypeError | RangeError} when it cannot be run, or an option is wrong.
   * @throws {ControllerRuntimeError} `CONTROLLER_RUNTIME_STOPPING` when the manager has begun to stop.
   */
  add(runnable: Runnable | RunnableFunc, options: AddOptions = {}): void {
    checkValue('add runnable', 'runnable', runnable, argument.runnable);
    checkOptions<AddOptions>('add runnable', options, { group: oneOf(...startOrder), name: rules.nonEmptyString });
    const { group = 'controllers' } = options;
    if (this.#phase === 'stopping' || this.#phase === 'stopped') {
      throw new ControllerRuntimeError('Cannot add runnable: the manager stops', {
        code: 'CONTROLLER_RUNTIME_STOPPING',
      });
    }
    const member: Runnable = typeof runnable === 'function' ? { run: runnable } : runnable;
    const { name = member.name } = options;
    this.#groups[group].add({
      name,
      run: (signal) => member.run(signal),
      ready: async (signal) => member.ready?.(signal),
    });
  }

  /**
   * Runs everything until `signal` aborts, then stops it in the reverse order. A manager runs once.
   *
   * @throws {TypeError} when a controller has no `reconcile`, or `signal` is none.
   * @throws {ControllerRuntimeError} `CONTROLLER_RUNTIME_CACHE_SYNC_TIMEOUT`, `CONTROLLER_RUNTIME_GRACE_PERIOD_EXCEEDED`,
   * `CONTROLLER_RUNTIME_ALREADY_RUN`.
   * @throws what a runnable rejects with.
   */
  async run(signal: AbortSignal): Promise<void> {
    checkValue('run manager', 'signal', signal, rules.signal);
    if (this.#phase !== 'new') {
      throw new ControllerRuntimeError('Manager has been run already', { code: 'CONTROLLER_RUNTIME_ALREADY_RUN' });
    }
    for (const { name, isFinished } of this.#builders.values()) {
      if (!isFinished)
        throw new TypeError(`Cannot run manager: controller "${name}" must have a reconcile function, got none`);
    }
    this.#phase = 'starting';
    const stop = (): void => this.#stop.abort(signal.reason);
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    // Keeps the process alive, also while nothing but a promise waits.
    const alive = this.clock.setTimer(Number.POSITIVE_INFINITY, () => {});
    await this.#start();
    await untilAborted(this.#stop.signal);
    signal.removeEventListener('abort', stop);
    this.#phase = 'stopping';
    await this.#stopInOrder();
    alive.cancel();
    this.#phase = 'stopped';
    if (this.#failure) throw this.#failure.error;
  }

  /** Who still has work, one line each: what waits, runs or is to be tried again, and caches that are behind. Nobody, when all has come to rest. */
  busy(): string[] {
    return this.#phase === 'starting' ? ['manager: it is starting', ...this.#busyParts()] : this.#busyParts();
  }

  /** Whether it is well: for probes. */
  healthz(): Health {
    const live = this.#failure === undefined;
    const checks: HealthCheck[] = [
      { name: 'manager', ok: live && this.#phase === 'running', message: this.#describe() },
    ];
    for (const cache of this.cache.kinds) {
      const message = cache.problem();
      checks.push({ name: `cache/${cache.name}`, ok: cache.hasSynced && message === undefined, message });
    }
    for (const { name, isRunning } of this.#controllers) {
      checks.push({ name: `controller/${name}`, ok: isRunning, message: isRunning ? undefined : 'it does not run' });
    }
    return { live, ready: live && checks.every((check) => check.ok), checks };
  }

  #build(plan: ControllerPlan): Controller {
    const { clock, random } = this;
    const { name, kind, sources, reconcile } = plan;
    const options = resolveControllerOptions(plan.options, this.#options.controller);
    const limiter = this.#limiterOf(plan);
    const logger = this.logger.child({
      controller: name,
      ...(kind ? { controllerGroup: kind.group, controllerKind: kind.kind } : {}),
    });
    const queue = reconcileQueue({ clock, metrics: this.metrics, limiter }, { ...options, name });
    const metrics = controllerMetrics(this.metrics, name);
    const client = this.client.with({ fieldManager: name, force: true });
    const reconciler = new Reconciler({ reconcile, queue, client, metrics, clock, random, logger }, options);
    const controller = new Controller({ sources, queue, reconciler, metrics, clock, logger }, { ...options, name });
    this.add(controller);
    this.#controllers.push(controller);
    return controller;
  }

  /** @throws {TypeError} when `rateLimiter` makes something else. */
  #limiterOf({ name, options }: ControllerPlan): RateLimiter | undefined {
    const make = options.rateLimiter ?? this.#options.controller.rateLimiter;
    if (!make) return undefined;
    const limiter = make();
    checkReturned(`build controller "${name}"`, 'what rateLimiter returns', limiter, argument.rateLimiter);
    return limiter;
  }

  async #start(): Promise<void> {
    const { signal } = this.#stop;
    try {
      for (const name of startOrder) {
        if (signal.aborted) return;
        await Promise.race([this.#groups[name].start(signal), untilAborted(signal)]);
      }
    } catch (error) {
      this.#fail(error);
    }
    if (!signal.aborted) this.#phase = 'running';
  }

  async #stopInOrder(): Promise<void> {
    const { reason } = this.#stop.signal;
    const { gracePeriodMs: timeoutMs } = this.#options;
    const inOrder = startOrder.toReversed().map((name) => this.#groups[name]);
    const stopping = (async () => {
      for (const group of inOrder) await group.stop(reason);
    })();
    try {
      if (timeoutMs > 0) await within(stopping, { clock: this.clock, timeoutMs, error: () => this.#graceError() });
    } catch (error) {
      this.#fail(error);
    }
    // Whoever has not been told yet, because somebody before did not end, is told now.
    for (const group of inOrder) void group.stop(reason);
  }

  /** The first failure ends the manager; later ones are only told. */
  #fail(error: unknown, runnable?: string): void {
    const fields = { err: error, ...(runnable === undefined ? {} : { runnable }) };
    if (this.#failure) {
      this.logger.error(fields, 'Another failure while the manager stops');
      return;
    }
    this.logger.error(fields, 'Manager fails and stops');
    this.#failure = { error };
    this.#stop.abort(error);
  }

  #graceError(): Error {
    const { gracePeriodMs } = this.#options;
    // Groups before it in the order of the start have not been told yet.
    const late = startOrder.map((name) => this.#groups[name].running()).findLast((names) => names.length > 0) ?? [];
    const busy = this.#busyParts();
    const details = busy.length === 0 ? '' : ` (${busy.join('; ')})`;
    return new ControllerRuntimeError(`Not everything ended within ${gracePeriodMs} ms: ${late.join(', ')}${details}`, {
      code: 'CONTROLLER_RUNTIME_GRACE_PERIOD_EXCEEDED',
    });
  }

  #busyParts(): string[] {
    return [...this.cache.busy(), ...this.#controllers.flatMap((controller) => controller.busy())];
  }

  #describe(): string | undefined {
    if (this.#failure) return `it failed: ${messageOf(this.#failure.error)}`;
    return this.#phase === 'running' ? undefined : `it is ${this.#phase}`;
  }
}

const startOrder: readonly RunnableGroupName[] = ['servers', 'caches', 'controllers'];

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
