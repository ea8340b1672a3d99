import {
  consoleLogger,
  type GroupVersionResource,
  type ItemClient,
  type Kind,
  type KubernetesObject,
  type ObjectKey,
  systemClock,
  systemRandom,
  type UnstructuredObject,
} from '@bowline/apimachinery';
import { checkOptions, checkValue, type OptionRules, rules, withMethods } from '@bowline/apimachinery/arguments';
import type { ListerQuery } from '@bowline/cache';
import { ListWatch } from '@bowline/listwatch';
import { definitionWatch } from './definition-watch.ts';
import { InformerError } from './errors.ts';
import { type HandlerOptions, informerRules, portRules, type SharedInformerOptions } from './options.ts';
import type { Handler, InformerEnvironment } from './ports.ts';
import type { HandlerRegistration } from './registration.ts';
import { checkNamespace, checkResource, type InformerScope, queryOf, scopeRules } from './scope.ts';
import { SharedInformer } from './shared-informer.ts';
import type { InformerStatus } from './status.ts';

/** Settings of `startInformer`. */
export interface StartInformerOptions<T>
  extends Omit<SharedInformerOptions<T>, 'scope'>,
    InformerScope,
    InformerEnvironment {
  /** Ends the informer, also while it is not synced yet. @default only disposal ends it */
  readonly signal?: AbortSignal | undefined;
  /** Give up after so many milliseconds without a full state; more than 0. @default never */
  readonly syncTimeoutMs?: number | undefined;
  /** Is told of all objects before the promise resolves, and of every change later. */
  readonly handler?: Handler<T> | undefined;
}

const { scope: _, ...settingsRules } = informerRules;
const startRules: OptionRules<StartInformerOptions<never>> = {
  ...settingsRules,
  ...scopeRules,
  ...portRules,
  signal: rules.signal,
  syncTimeoutMs: rules.positive,
  handler: rules.object,
};

/**
 * Starts a cached, indexed list of the objects of a kind, and resolves once it is there.
 *
 * Rejects with `INFORMER_NOT_SYNCED`, whose message names the cause, when `signal` or `syncTimeoutMs` ends the wait first; nothing is left
 * running then.
 *
 * @param resource A kind handle, which gives typed objects, or a group, version and resource.
 * @throws {TypeError} {RangeError} when an option is wrong, or names a namespace for a kind that lives in none.
 * @example
 * ```ts
 * import { defineKind, type KubernetesObject } from '@bowline/apimachinery';
 * import { startInformer } from '@bowline/informer';
 * import { FakeItemServer } from '@bowline/informer/testing';
 *
 * interface Pod extends KubernetesObject { readonly spec: { readonly nodeName: string } }
 * const Pod = defineKind<Pod>({ group: '', version: 'v1', kind: 'Pod', resource: 'pods', scope: 'Namespaced' });
 * const client = new FakeItemServer(); // stands for a cluster
 * client.put(Pod, { metadata: { namespace: 'default', name: 'web' }, spec: { nodeName: 'worker-1' } });
 *
 * await using pods = await startInformer(client, Pod, { indexes: { node: 'spec.nodeName' } });
 * for (const pod of pods.byIndex('node', 'worker-1')) console.log(pod.metadata.name); // web
 * ```
 */
export function startInformer<T extends KubernetesObject>(
  client: ItemClient,
  resource: Kind<T>,
  options?: StartInformerOptions<T> & { readonly metadataOnly?: false | undefined },
): Promise<RunningInformer<T>>;
export function startInformer(
  client: ItemClient,
  resource: GroupVersionResource,
  options: StartInformerOptions<KubernetesObject> & { readonly metadataOnly: true },
): Promise<RunningInformer<KubernetesObject>>;
export function startInformer(
  client: ItemClient,
  resource: GroupVersionResource,
  options?: StartInformerOptions<UnstructuredObject>,
): Promise<RunningInformer<UnstructuredObject>>;
export async function startInformer<T extends KubernetesObject>(
  client: ItemClient,
  resource: GroupVersionResource & Partial<Pick<Kind<T>, 'scope'>>,
  options: StartInformerOptions<T> = {},
): Promise<RunningInformer<T>> {
  checkValue('start informer', 'client', client, withMethods('a client', 'listItems', 'watchItems'));
  checkResource('start informer', resource);
  checkOptions<StartInformerOptions<never>>('start informer', options, startRules);
  checkNamespace('start informer', resource, options.namespace);
  const { clock = systemClock, random = systemRandom, logger = consoleLogger({ level: 'warn', clock }) } = options;
  const { metrics, onHandlerError, onWatchError, signal, syncTimeoutMs, handler } = options;
  const { name, queue, indexes, transform, storage, resyncMs, maxPending, endTimeoutMs, reflector, identity } = options;
  const { scope } = resource;
  signal?.throwIfAborted();
  const source = new ListWatch<T>(client, queryOf(resource, options));
  const definition = definitionWatch(client, resource, { clock, random });
  const informer = new SharedInformer<T>(
    { source, clock, random, logger, metrics, onHandlerError, onWatchError, definition },
    { name, queue, indexes, transform, storage, resyncMs, maxPending, endTimeoutMs, scope, reflector, identity },
  );
  const registration = handler && informer.addHandler(handler);
  const running = RunningInformer.start(informer, signal);
  const timer =
    syncTimeoutMs === undefined
      ? undefined
      : clock.setTimer(syncTimeoutMs, () => running.stop(`not synced after ${syncTimeoutMs} ms`));
  try {
    await informer.synced(running.signal);
    await registration?.synced(running.signal);
    return running;
  } catch (error) {
    await running[Symbol.asyncDispose]();
    throw error;
  } finally {
    timer?.cancel();
  }
}

/** An informer that runs until it is disposed of: a cached, indexed list. Objects are frozen and shared. */
export class RunningInformer<T> implements AsyncDisposable {
  readonly informer: SharedInformer<T>;
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;

  private constructor(informer: SharedInformer<T>, outer: AbortSignal | undefined) {
    this.informer = informer;
    const onAbort = (): void => this.#stop.abort(outer?.reason);
    outer?.addEventListener('abort', onAbort, { once: true });
    this.#running = informer.run(this.#stop.signal).finally(() => outer?.removeEventListener('abort', onAbort));
    this.#running.catch(() => {}); // whoever disposes of it is told
  }

  /** Starts the informer, which must not have been run. */
  static start<T>(informer: SharedInformer<T>, signal?: AbortSignal): RunningInformer<T> {
    return new RunningInformer(informer, signal);
  }

  /** Aborts when it is told to end. */
  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  get size(): number {
    return this.informer.indexer.size;
  }

  /** The object, or `undefined` when there is none. @throws {TypeError} {RangeError} when no object of the kind can have this key. */
  get(key: ObjectKey | string): T | undefined {
    return this.informer.lister.get(key);
  }

  /** The objects, of one namespace or that match labels. A loop sees the state at its start. @throws when a selector cannot be parsed. */
  list(query?: ListerQuery): Iterable<T> {
    return this.informer.lister.list(query);
  }

  /** The objects that are found under `value`. @throws `CACHE_INDEX_UNKNOWN` */
  byIndex(name: string, value: string): Iterable<T> {
    return this.informer.indexer.byIndex(name, value);
  }

  /** As `SharedInformer.addHandler`. */
  addHandler(handler: Handler<T>, options?: HandlerOptions): HandlerRegistration {
    return this.informer.addHandler(handler, options);
  }

  /** What it is doing, what went wrong last, when it last heard of the server. */
  status(): InformerStatus {
    return this.informer.status();
  }

  /** Tells it to end. */
  stop(reason?: string): void {
    this.#stop.abort(reason === undefined ? undefined : new InformerError(reason, { code: 'INFORMER_STOPPED' }));
  }

  /** Ends it. Resolves when nothing of it is left but, perhaps, a call of a handler that has not returned for `endTimeoutMs`. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.stop();
    await this.#running;
  }
}
