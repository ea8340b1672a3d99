import {
  formatGroupKind,
  formatKey,
  type Kind,
  type KubernetesObject,
  type ObjectKey,
  type ObjectList,
  untilAborted,
} from '@bowline/apimachinery';
import { anyOf, checkOptions, checkValue, rules } from '@bowline/apimachinery/arguments';
import type { IndexDefinition } from '@bowline/cache';
import pLimit, { type LimitFunction } from 'p-limit';
import { argument } from '../argument-rules.ts';
import { checkKey } from '../call-arguments.ts';
import { ControllerRuntimeError } from '../errors.ts';
import { type Runnable, RunnableGroup } from '../runnable-group.ts';
import { within } from '../within.ts';
import { type CachedListOptions, KindCache } from './kind-cache.ts';
import { type CacheOptions, type ResolvedKindOptions, resolveKindOptions } from './options.ts';
import { Partition, type WriteAnswer } from './partition.ts';
import type { PendingWrite } from './pending-writes.ts';
import type { CachePorts } from './ports.ts';

/** What of a kind is cached. */
export interface CacheKindOptions {
  /** Only metadata is fetched and held, which takes a fraction of the memory. Where whole objects are cached too, those are used. @default false */
  readonly metadataOnly?: boolean | undefined;
}

/** How a read waits. */
export interface CacheReadOptions extends CacheKindOptions {
  /** Waits until the writes of this process are visible, for `staleReadTimeoutMs`. @default false */
  readonly ownWrites?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Settings of a cache as the manager passes them on. */
export interface CacheSettings extends CacheOptions {
  /** Milliseconds in which the kinds that were asked for with `informer` must be in sync after the start. */
  readonly syncTimeoutMs: number;
}

/**
 * What a manager knows of its cluster: one watch per resource, namespace and representation, however many controllers want it.
 *
 * @see controller-runtime pkg/cache
 */
export class Cache implements Runnable {
  readonly name = 'cache';
  readonly #ports: CachePorts;
  readonly #settings: CacheSettings & { readonly staleReadTimeoutMs: number; readonly resyncMs: number };
  readonly #kinds: KindCache[] = [];
  /** Kinds that somebody wants to read although no controller watches them. */
  readonly #wanted = new Set<KindCache>();
  readonly #group: RunnableGroup;
  readonly #inTurn: LimitFunction;
  #failed: (error: unknown) => void = () => {};
  #signal: AbortSignal | undefined;

  constructor(ports: CachePorts, settings: CacheSettings) {
    const { staleReadTimeoutMs = 5_000, resyncMs = 36_000_000, startConcurrency = 16 } = settings;
    this.#ports = ports;
    this.#settings = { ...settings, staleReadTimeoutMs, resyncMs };
    this.#inTurn = pLimit(startConcurrency);
    this.#group = new RunnableGroup({ failed: (error) => this.#failed(error) });
  }

  /** What is cached. */
  get kinds(): readonly KindCache[] {
    return this.#kinds;
  }

  /** The cached objects of `kind`; from now on it is cached. The manager fails when a kind that was asked for before its start cannot be synced. */
  informer<T extends KubernetesObject>(kind: Kind<T>, options: CacheKindOptions = {}): KindCache<T> {
    checkValue('cache objects', 'kind', kind, rules.kind);
    checkOptions<CacheKindOptions>('cache objects', options, { metadataOnly: rules.boolean });
    const cache = this.watch(kind, options);
    if (!this.#signal) this.#wanted.add(cache as unknown as KindCache);
    return cache;
  }

  /** As `informer`, for sources, whose controllers take care that they are in sync. */
  watch<T extends KubernetesObject>(kind: Kind<T>, { metadataOnly = false }: CacheKindOptions = {}): KindCache<T> {
    const present = this.#find(kind, metadataOnly);
    if (present) return present;
    const options = resolveKindOptions(kind, this.#settings);
    const partitions = (onlyMetadata: boolean): readonly Partition<T>[] =>
      this.#partitions(kind, options, onlyMetadata);
    const cache = new KindCache<T>(kind, { partitions, inTurn: this.#inTurn }, { metadataOnly });
    this.#kinds.push(cache as unknown as KindCache);
    this.#group.add(cache);
    return cache;
  }

  /**
   * Lets cached lists of `kind` select by `fieldSelector: 'name=value'`. Give it the name of the field. Works at any time.
   *
   * @param definition The path of the field, or a function that returns its values.
   */
  addIndex<T extends KubernetesObject>(kind: Kind<T>, name: string, definition: IndexDefinition<T>): Promise<void> {
    checkValue('add index', 'kind', kind, rules.kind);
    checkValue('add index', 'name', name, rules.nonEmptyString);
    checkValue('add index', 'definition', definition, anyOf(rules.function, rules.nonEmptyString));
    return this.informer(kind).addIndex(name, definition);
  }

  /**
   * The cached object, frozen; undefined when there is none. Waits for the kind to be in sync.
   *
   * @throws {ControllerRuntimeError} `CONTROLLER_RUNTIME_KIND_NOT_CACHED`, `CONTROLLER_RUNTIME_NAMESPACE_NOT_CACHED`,
   * `CONTROLLER_RUNTIME_NOT_STARTED`, `CLIENT_CACHE_STALE`
   */
  async get<T extends KubernetesObject>(
    kind: Kind<T>,
    key: ObjectKey,
    options: CacheReadOptions = {},
  ): Promise<T | undefined> {
    checkKey('get from cache', key);
    const cache = this.#readable(kind, options);
    const partition = cache.partitionOf(key.namespace);
    if (!partition.informer.hasSynced) await partition.informer.synced(this.#until(options.signal));
    if (options.ownWrites) await this.#untilVisible(cache, [partition], formatKey(key), options.signal);
    return partition.store.get(formatKey(key));
  }

  /**
   * The cached objects that match. Waits for the kind to be in sync.
   *
   * @throws {ControllerRuntimeError} as `get` does, and `CONTROLLER_RUNTIME_INDEX_MISSING`.
   */
  async list<T extends KubernetesObject>(
    kind: Kind<T>,
    options: CachedListOptions & CacheReadOptions = {},
  ): Promise<ObjectList<T>> {
    const cache = this.#readable(kind, options);
    const partitions = cache.partitionsFor(options.namespace || undefined);
    for (const { informer } of partitions) {
      if (!informer.hasSynced) await informer.synced(this.#until(options.signal));
    }
    if (options.ownWrites) await this.#untilVisible(cache, partitions, undefined, options.signal);
    const { namespace, labelSelector, fieldSelector, limit } = options;
    return cache.list({ namespace, labelSelector, fieldSelector, limit });
  }

  /** Notes what the server has answered to a write, so that later reads show it. */
  written(resource: Kind, key: ObjectKey, answer: WriteAnswer): PendingWrite[] {
    const pending: PendingWrite[] = [];
    for (const partition of this.#partitionsOf(resource, key.namespace)) {
      const write = partition.written(formatKey(key), answer);
      if (write) pending.push(write);
    }
    return pending;
  }

  /** Notes that a write may or may not have happened. */
  doubt(resource: Kind, key: ObjectKey): void {
    for (const { doubts } of this.#partitionsOf(resource, key.namespace)) doubts.set(formatKey(key), key);
  }

  /** The keys that must be read from the server first, because a write of them may or may not have happened. */
  doubts(resource: Kind, of: Partial<ObjectKey>): ObjectKey[] {
    const keys: ObjectKey[] = [];
    for (const { doubts } of this.#partitionsOf(resource, of.namespace)) {
      for (const key of doubts.values()) {
        if ((of.namespace ?? key.namespace) === key.namespace && (of.name ?? key.name) === key.name) keys.push(key);
      }
    }
    return keys;
  }

  /** Resolves once `writes` are visible, when `staleReadTimeoutMs` are over, or when `signal` aborts. */
  async untilVisible(writes: readonly PendingWrite[], signal: AbortSignal): Promise<void> {
    const over = new AbortController();
    const timeout = this.#ports.clock.sleep(this.#settings.staleReadTimeoutMs, AbortSignal.any([signal, over.signal]));
    await Promise.race([Promise.all(writes.map((write) => write.visible)), timeout]);
    over.abort();
  }

  async run(signal: AbortSignal): Promise<void> {
    this.#signal = signal;
    const failure = new Promise<never>((_resolve, reject) => {
      this.#failed = reject;
    });
    try {
      await this.#group.start(signal);
      await Promise.race([this.#syncWanted(signal), failure]);
      await Promise.race([untilAborted(signal), failure]);
    } finally {
      await this.#group.stop(signal.reason);
    }
  }

  /** What is behind, one line each. */
  busy(): string[] {
    const lines: string[] = [];
    for (const cache of this.#kinds) {
      if (!cache.hasSynced) lines.push(`cache of ${cache.name} is not in sync${reason(cache)}`);
      const writes = cache.partitions.reduce((sum, each) => sum + each.writes.size, 0);
      if (writes > 0)
        lines.push(`cache of ${cache.name} does not show ${writes} ${writes === 1 ? 'write' : 'writes'} yet`);
    }
    return lines;
  }

  #readable<T extends KubernetesObject>(kind: Kind<T>, { metadataOnly = false }: CacheReadOptions): KindCache<T> {
    checkValue('read from cache', 'kind', kind, argument.resource);
    const name = formatGroupKind(kind);
    if (!this.#signal) {
      throw new ControllerRuntimeError(
        `Cannot read ${name} from the cache: the manager does not run yet. Read it with consistency: 'live'`,
        { code: 'CONTROLLER_RUNTIME_NOT_STARTED', retryable: true },
      );
    }
    const cache = this.#find(kind, metadataOnly);
    if (cache) return cache;
    if (this.#settings.readUncached === 'start') return this.watch(kind, { metadataOnly });
    const present = this.#find(kind, true) ? 'only its metadata is cached' : 'nothing caches it';
    throw new ControllerRuntimeError(
      `Cannot read ${name} from the cache: ${present}. Watch it (for, owns, watches), call manager.cache.informer(${kind.kind}) ` +
        `before the start, read it with consistency: 'live', or set cache.readUncached to 'start'`,
      { code: 'CONTROLLER_RUNTIME_KIND_NOT_CACHED' },
    );
  }

  /** What is cached under exactly this version. Before the start, a cache of metadata becomes one of whole objects where that is asked for. */
  #find<T extends KubernetesObject>(kind: Kind<T>, metadataOnly: boolean): KindCache<T> | undefined {
    const same = this.#kinds.filter((each) => isSameResource(each.kind, kind) && each.kind.version === kind.version);
    const whole = same.find((each) => !each.metadataOnly);
    const found = whole ?? (metadataOnly ? same[0] : same.find((each) => each.widen()));
    return found as KindCache<T> | undefined;
  }

  #partitions<T extends KubernetesObject>(
    kind: Kind<T>,
    options: ResolvedKindOptions,
    metadataOnly: boolean,
  ): readonly Partition<T>[] {
    const { group, version, resource } = kind;
    const labelSelector = options.labelSelector.toString() || undefined;
    const fieldSelector = options.fieldSelector.toString() || undefined;
    return options.namespaces.map((namespace) => {
      const query = {
        group,
        version,
        resource,
        kind: kind.kind,
        namespace,
        labelSelector,
        fieldSelector,
        metadataOnly,
      };
      // Spread out, so that not all kinds do it at the same time.
      const resyncMs = this.#settings.resyncMs * (0.9 + 0.2 * this.#ports.random.next());
      return new Partition<T>(
        this.#ports.informers.create<T>(query, { resyncMs, storage: options.storage }),
        options,
        namespace,
      );
    });
  }

  /** The partitions that hold a resource, in any version and representation. */
  *#partitionsOf(resource: Kind, namespace: string | undefined): Iterable<Partition<KubernetesObject>> {
    for (const cache of this.#kinds) {
      if (!isSameResource(cache.kind, resource)) continue;
      if (namespace === undefined) yield* cache.partitions;
      else {
        const partition = cache.findPartition(namespace);
        if (partition) yield partition;
      }
    }
  }

  /** Ends a wait when the cache stops, too. */
  #until(signal: AbortSignal | undefined): AbortSignal {
    const stop = this.#signal ?? AbortSignal.abort();
    return signal ? AbortSignal.any([signal, stop]) : stop;
  }

  async #untilVisible<T extends KubernetesObject>(
    cache: KindCache<T>,
    partitions: readonly Partition<T>[],
    key: string | undefined,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const writes = partitions.flatMap((partition) => partition.writes.before(key));
    if (writes.length === 0) return;
    const { clock, waitSeconds } = this.#ports;
    const timeoutMs = this.#settings.staleReadTimeoutMs;
    const startedAt = clock.monotonic();
    try {
      const visible = Promise.all(writes.map((write) => write.visible));
      await within(visible, {
        clock,
        timeoutMs,
        signal: this.#until(signal),
        error: () => staleError(cache, writes, timeoutMs),
      });
    } finally {
      waitSeconds.observe((clock.monotonic() - startedAt) / 1000);
      for (const partition of partitions) partition.writes.timedOut(writes);
    }
  }

  async #syncWanted(signal: AbortSignal): Promise<void> {
    const wanted = [...this.#wanted];
    if (wanted.length === 0) return;
    const { syncTimeoutMs: timeoutMs } = this.#settings;
    const error = (): Error => {
      const behind = wanted.filter((cache) => !cache.hasSynced).map((cache) => `${cache.name}${reason(cache)}`);
      return new ControllerRuntimeError(`Cache could not sync within ${timeoutMs} ms: ${behind.join('; ')}`, {
        code: 'CONTROLLER_RUNTIME_CACHE_SYNC_TIMEOUT',
        retryable: true,
      });
    };
    const synced = Promise.all(wanted.map((cache) => cache.synced(signal)));
    await within(synced, { clock: this.#ports.clock, timeoutMs, signal, error });
  }
}

type Named = Pick<KindCache, 'name' | 'problem'>;

function staleError(cache: Named, writes: readonly PendingWrite[], timeoutMs: number): Error {
  const keys = [...new Set(writes.filter((write) => !write.isVisible).map((write) => write.key))]
    .slice(0, 5)
    .join(', ');
  return new ControllerRuntimeError(
    `Cache of ${cache.name} does not show the write of ${keys} after ${timeoutMs} ms${reason(cache)}`,
    { code: 'CLIENT_CACHE_STALE', retryable: true },
  );
}

function reason(cache: Named): string {
  const problem = cache.problem();
  return problem === undefined ? '' : `: ${problem}`;
}

function isSameResource(a: Kind, b: Kind): boolean {
  return a.group === b.group && a.resource === b.resource;
}
