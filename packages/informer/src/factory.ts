import {
  type Clock,
  consoleLogger,
  formatGroupResource,
  type GroupVersionResource,
  type ItemClient,
  type Kind,
  type KubernetesObject,
  type Logger,
  type ResourceQuery,
  systemClock,
  systemRandom,
  type UnstructuredObject,
} from '@bowline/apimachinery';
import { checkOptions, checkValue, listOf, rules, withMethods } from '@bowline/apimachinery/arguments';
import { ListWatch, WatchListMemory } from '@bowline/listwatch';
import pLimit, { type LimitFunction } from 'p-limit';
import { definitionWatch } from './definition-watch.ts';
import { InformerError } from './errors.ts';
import {
  type AcquireOptions,
  acquireRules,
  type FactoryInformerStatus,
  factoryRules,
  type GenericInformer,
  type InformerLease,
  type NamespacesOptions,
  namespacesRules,
  type SharedInformerFactoryOptions,
} from './factory-options.ts';
import { NamespacedInformer } from './namespaced-informer.ts';
import {
  checkIsNamespaced,
  checkResource,
  type InformerScope,
  identityOf,
  namespaceRule,
  queryOf,
  scopeOf,
  scopeRules,
} from './scope.ts';
import { SharedInformer } from './shared-informer.ts';
import { Turns } from './turns.ts';

interface Entry {
  readonly query: ResourceQuery;
  readonly informer: SharedInformer<KubernetesObject>;
  /** What its indexes were asked for as. */
  readonly indexes: Map<string, unknown>;
  readonly stop: AbortController;
  /** The resource, when this is the informer of it that has metrics. */
  readonly measured: string | undefined;
  holders: number;
  running: Promise<void> | undefined;
}

/**
 * Gives informers to many users, one for each kind, scope and representation, and starts and ends them together.
 *
 * An informer is taken for the factory's life by `informer()`, or in shares by `acquire()`: when the last share is released the informer
 * ends, and a later request makes a new one.
 *
 * @throws {TypeError} {RangeError} when an option is unknown, of the wrong type or out of its range.
 * @see client-go informers `SharedInformerFactory`, dynamic/dynamicinformer, metadata/metadatainformer
 */
export class SharedInformerFactory implements AsyncDisposable {
  readonly #client: ItemClient;
  readonly #options: SharedInformerFactoryOptions;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #turns: Turns;
  readonly #watchLists: WatchListMemory;
  readonly #limit: LimitFunction;
  readonly #entries: Map<string, Entry> = new Map();
  /** Ends of informers that are no longer in `#entries`. */
  readonly #ending: Set<Promise<void>> = new Set();
  /** Resources that have metrics: a second informer of one resource has none. */
  readonly #measured: Set<string> = new Set();
  /** Informers of several namespaces; true: of the factory's. */
  readonly #namespaced: Map<Pick<NamespacedInformer<never>, 'setNamespaces'> & AsyncDisposable, boolean> = new Map();
  #namespaces: readonly string[];
  #state: 'idle' | 'started' | 'stopped' = 'idle';

  constructor(client: ItemClient, options: SharedInformerFactoryOptions = {}) {
    checkValue('create informer factory', 'client', client, withMethods('a client', 'listItems', 'watchItems'));
    checkOptions('create informer factory', options, factoryRules);
    const { startConcurrency = 16, clock = systemClock, logger = consoleLogger({ level: 'warn', clock }) } = options;
    this.#client = client;
    this.#options = options;
    this.#clock = clock;
    this.#logger = logger;
    this.#turns = new Turns(clock);
    this.#watchLists = new WatchListMemory({ clock });
    this.#limit = pLimit(startConcurrency);
    this.#namespaces = options.namespaces ?? [];
  }

  /**
   * The informer of a kind (or resource), which is kept until the factory shuts down. Starts when the factory does, or at once.
   *
   * @param scope What differs from the factory's own scope.
   * @throws `INFORMER_STOPPED` after `shutdown`.
   */
  informer<T extends KubernetesObject>(
    kind: Kind<T>,
    scope?: InformerScope & { metadataOnly?: false | undefined },
  ): SharedInformer<T>;
  informer(
    resource: GroupVersionResource,
    scope: InformerScope & { metadataOnly: true },
  ): SharedInformer<KubernetesObject>;
  informer(resource: GroupVersionResource, scope?: InformerScope): SharedInformer<UnstructuredObject>;
  informer<T extends KubernetesObject>(resource: GroupVersionResource, scope: InformerScope = {}): SharedInformer<T> {
    checkOptions('get informer', scope, scopeRules, 'scope');
    const entry = this.#entry(resource, scope);
    entry.holders = Number.POSITIVE_INFINITY;
    return entry.informer as unknown as SharedInformer<T>;
  }

  /** The informer of a kind, and its lister. @see client-go informers `SharedInformerFactory.ForResource` */
  forKind<T extends KubernetesObject>(kind: Kind<T>): GenericInformer<T> {
    checkResource('get informer', kind);
    const informer = (): SharedInformer<T> => this.informer(kind);
    return { informer, lister: () => informer().lister };
  }

  /** The informer of any resource, and its lister. @see client-go dynamic/dynamicinformer `ForResource` */
  forResource(resource: GroupVersionResource): GenericInformer<UnstructuredObject> {
    checkResource('get informer', resource);
    const informer = (): SharedInformer<UnstructuredObject> => this.informer(resource);
    return { informer, lister: () => informer().lister };
  }

  /**
   * A share in the informer of a kind (or resource). Resolves once the indexes that are asked for can be read.
   * Rejects with `CACHE_INDEX_CONFLICT` when there is another index of the same name.
   *
   * @throws `INFORMER_STOPPED` after `shutdown`.
   */
  acquire<T extends KubernetesObject>(
    kind: Kind<T>,
    options?: AcquireOptions<T> & { metadataOnly?: false | undefined },
  ): Promise<InformerLease<T>>;
  acquire(
    resource: GroupVersionResource,
    options: AcquireOptions<KubernetesObject> & { metadataOnly: true },
  ): Promise<InformerLease<KubernetesObject>>;
  acquire(
    resource: GroupVersionResource,
    options?: AcquireOptions<UnstructuredObject>,
  ): Promise<InformerLease<UnstructuredObject>>;
  async acquire<T extends KubernetesObject>(
    resource: GroupVersionResource,
    options: AcquireOptions<T> = {},
  ): Promise<InformerLease<T>> {
    checkOptions<AcquireOptions<never>>('acquire informer', options, acquireRules);
    const entry = this.#entry(resource, options);
    const informer = entry.informer as unknown as SharedInformer<T>;
    entry.holders += 1;
    let released: Promise<void> | undefined;
    const release = (): Promise<void> => {
      released ??= this.#release(entry);
      return released;
    };
    try {
      for (const [name, definition] of Object.entries(options.indexes ?? {})) {
        if (entry.indexes.get(name) === definition) continue;
        await informer.indexer.addIndex(name, definition);
        entry.indexes.set(name, definition);
      }
    } catch (error) {
      await release();
      throw error;
    }
    return { informer, release, [Symbol.asyncDispose]: release };
  }

  /**
   * An informer of a kind (or resource) in several namespaces, which may change while it runs. It holds a share in the informer of each of
   * them until the namespace is taken away or it is disposed of. Resolves once the indexes that are asked for can be read.
   *
   * @throws {TypeError} {RangeError} when an option is wrong, or the kind lives in no namespace. `INFORMER_STOPPED` after `shutdown`.
   */
  acquireNamespaces<T extends KubernetesObject>(
    kind: Kind<T>,
    options?: NamespacesOptions<T> & { metadataOnly?: false | undefined },
  ): Promise<NamespacedInformer<T>>;
  acquireNamespaces(
    resource: GroupVersionResource,
    options: NamespacesOptions<KubernetesObject> & { metadataOnly: true },
  ): Promise<NamespacedInformer<KubernetesObject>>;
  acquireNamespaces(
    resource: GroupVersionResource,
    options?: NamespacesOptions<UnstructuredObject>,
  ): Promise<NamespacedInformer<UnstructuredObject>>;
  async acquireNamespaces<T extends KubernetesObject>(
    resource: GroupVersionResource & Partial<Pick<Kind<T>, 'scope'>>,
    options: NamespacesOptions<T> = {},
  ): Promise<NamespacedInformer<T>> {
    checkOptions<NamespacesOptions<never>>('acquire informer', options, namespacesRules);
    checkResource('acquire informer', resource);
    checkIsNamespaced(resource);
    this.#checkState();
    const { namespaces, ...request } = options;
    const { resyncMs, maxPending, endTimeoutMs, onHandlerError } = this.#options;
    const informer: NamespacedInformer<T> = new NamespacedInformer<T>(
      {
        open: (namespace) =>
          this.acquire(resource as Kind<T>, {
            ...(request as AcquireOptions<T> & { metadataOnly?: false }),
            namespace,
          }),
        clock: this.#clock,
        turns: this.#turns,
        logger: this.#logger,
        onHandlerError,
        onClose: () => this.#namespaced.delete(informer),
      },
      {
        name: `Informer of ${formatGroupResource(resource)} in several namespaces`,
        handlers: { resyncMs, maxPending, endTimeoutMs },
      },
    );
    this.#namespaced.set(informer, namespaces === undefined);
    try {
      await informer.setNamespaces(namespaces ?? this.#namespaces);
    } catch (error) {
      await informer[Symbol.asyncDispose]();
      throw error;
    }
    return informer;
  }

  /** Changes the namespaces of all `acquireNamespaces` that named none of their own, see `NamespacedInformer.setNamespaces`. */
  async setNamespaces(namespaces: readonly string[]): Promise<void> {
    checkValue('set namespaces', 'namespaces', namespaces, listOf(namespaceRule));
    this.#checkState();
    this.#namespaces = [...namespaces];
    const followers = [...this.#namespaced].filter(([, follows]) => follows);
    await Promise.all(followers.map(([informer]) => informer.setNamespaces(namespaces)));
  }

  /** Starts the informers that were asked for, and those that will be. Harmless when done already, and after `shutdown`. */
  start(): void {
    if (this.#state !== 'idle') return;
    this.#state = 'started';
    for (const entry of this.#entries.values()) this.#launch(entry);
  }

  /**
   * Resolves once all informers have had a full state.
   * Rejects with `INFORMER_NOT_SYNCED`, which names those that have not and why, when `signal` aborts first.
   */
  async waitForSync(signal: AbortSignal): Promise<void> {
    checkValue('wait for informers', 'signal', signal, rules.signal);
    const waits = [...this.#entries.values()].map(({ informer }) => informer.synced(signal));
    const failed = (await Promise.allSettled(waits)).filter((result) => result.status === 'rejected');
    if (failed.length === 0) return;
    if (failed.length === 1) throw failed[0]?.reason;
    const reasons = failed.map(({ reason }) => (reason instanceof Error ? reason.message : String(reason)));
    const message = `${failed.length} of ${waits.length} informers are not synced: ${reasons.join('; ')}`;
    throw new InformerError(message, {
      code: 'INFORMER_NOT_SYNCED',
      cause: new AggregateError(failed.map(({ reason }) => reason)),
    });
  }

  /** What each informer says about itself. */
  status(): readonly FactoryInformerStatus[] {
    return [...this.#entries.values()].map(({ query, holders, informer }) => ({
      query,
      holders,
      status: informer.status(),
    }));
  }

  /** Ends all informers for good. Resolves when nothing of them is left. */
  async shutdown(): Promise<void> {
    this.#state = 'stopped';
    this.#limit.clearQueue();
    const closed = [...this.#namespaced.keys()].map((informer) => informer[Symbol.asyncDispose]());
    for (const entry of this.#entries.values()) this.#end(entry);
    await Promise.all([...closed, ...this.#ending]);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.shutdown();
  }

  #checkState(): void {
    if (this.#state !== 'stopped') return;
    throw new InformerError('The informer factory has been shut down', { code: 'INFORMER_STOPPED' });
  }

  #entry(resource: GroupVersionResource & Partial<Pick<Kind, 'scope'>>, scope: InformerScope): Entry {
    this.#checkState();
    checkResource('get informer', resource);
    const query = queryOf(resource, scopeOf(this.#options, resource, scope));
    const id = identityOf(query);
    let entry = this.#entries.get(id);
    if (!entry) {
      const resourceId = JSON.stringify([query.group, query.version, query.resource]);
      const measured = this.#options.name === undefined || this.#measured.has(resourceId) ? undefined : resourceId;
      if (measured !== undefined) this.#measured.add(measured);
      const informer = this.#make(query, resource.scope, measured !== undefined);
      const stop = new AbortController();
      entry = { query, informer, indexes: new Map(), stop, measured, holders: 0, running: undefined };
      this.#entries.set(id, entry);
      if (this.#state === 'started') this.#launch(entry);
    }
    return entry;
  }

  #make(query: ResourceQuery, scope: Kind['scope'] | undefined, isMeasured: boolean): SharedInformer<KubernetesObject> {
    const { random = systemRandom, metrics, onHandlerError, onWatchError, transform, storage, name } = this.#options;
    const { queue, resyncMs, maxPending, endTimeoutMs, reflector } = this.#options;
    const { group, version, resource } = query;
    const identity = isMeasured && name !== undefined ? { name, group, version, resource } : undefined;
    const source = new ListWatch<KubernetesObject>(this.#client, query);
    const definition = definitionWatch(this.#client, query, { clock: this.#clock, random });
    return new SharedInformer<KubernetesObject>(
      {
        source,
        clock: this.#clock,
        random,
        logger: this.#logger,
        metrics,
        onHandlerError,
        onWatchError,
        definition,
        turns: this.#turns,
        watchLists: this.#watchLists,
      },
      {
        queue,
        resyncMs,
        maxPending,
        endTimeoutMs,
        scope,
        reflector,
        identity,
        transform: transform && ((object) => transform(object, query)),
        storage: typeof storage === 'function' ? storage(query) : storage,
      },
    );
  }

  /** Runs it; a few at a time until each has had a full state, or has shown that it may take long. */
  #launch(entry: Entry): void {
    const { informer, stop } = entry;
    void this.#limit(async () => {
      if (stop.signal.aborted) return;
      entry.running = informer.run(stop.signal);
      entry.running.catch(() => {}); // whoever ends it is told
      await informer.attempted(stop.signal).catch(() => {}); // ended before
    });
  }

  async #release(entry: Entry): Promise<void> {
    entry.holders -= 1;
    if (entry.holders === 0) this.#end(entry);
    if (entry.stop.signal.aborted) await entry.running;
  }

  #end(entry: Entry): void {
    this.#entries.delete(identityOf(entry.query));
    if (entry.measured !== undefined) this.#measured.delete(entry.measured);
    entry.stop.abort();
    entry.running ??= entry.informer.run(entry.stop.signal); // one that never ran ends too, so that nobody waits for it
    const { running } = entry;
    const ending = running.finally(() => this.#ending.delete(ending));
    this.#ending.add(ending);
  }
}
