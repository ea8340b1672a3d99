import {
  FieldSelector,
  formatGroupKind,
  formatKey,
  type Item,
  type Kind,
  type KubernetesObject,
  LabelSelector,
  type ObjectKey,
  type ObjectList,
  type StringMap,
} from '@bowline/apimachinery';
import { selectorOf } from '@bowline/apimachinery/arguments';
import { type IndexDefinition, namespaceIndex } from '@bowline/cache';
import { checkKey, checkSelection } from '../call-arguments.ts';
import { ControllerRuntimeError } from '../errors.ts';
import type { ItemHandler, ItemInformer, Registration } from '../ports.ts';
import type { Runnable } from '../runnable-group.ts';
import { selectByFields } from './field-selection.ts';
import type { Partition } from './partition.ts';

/** Which cached objects a list returns. */
export interface CachedListOptions {
  /** @default all that are cached, as `''` is */
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | LabelSelector | undefined;
  /** Requirements on `metadata.name` and `metadata.namespace`, or `path=value` on a path that an index is named after. */
  readonly fieldSelector?: string | FieldSelector | undefined;
  /** Returns no more than so many; the order of objects is not defined. @default all */
  readonly limit?: number | undefined;
}

/** Makes the partitions of a kind, when it is clear what they have to hold. */
export type MakePartitions<T extends KubernetesObject> = (metadataOnly: boolean) => readonly Partition<T>[];

/** What a cache of one kind works with. */
export interface KindCachePorts<T extends KubernetesObject> {
  readonly partitions: MakePartitions<T>;
  /** Calls `start` when it is its turn, and waits for it. */
  readonly inTurn: (start: () => Promise<void>) => Promise<void>;
}

/** The cached objects of one kind: one watch, or one per namespace. Reads return what is there now, frozen. */
export class KindCache<T extends KubernetesObject = KubernetesObject> implements ItemInformer<T>, Runnable {
  readonly kind: Kind<T>;
  readonly #ports: KindCachePorts<T>;
  readonly #indexes = new Map<string, IndexDefinition<T>>();
  #metadataOnly: boolean;
  #partitions: readonly Partition<T>[] | undefined;

  constructor(kind: Kind<T>, ports: KindCachePorts<T>, options: { readonly metadataOnly: boolean }) {
    this.kind = kind;
    this.#ports = ports;
    this.#metadataOnly = options.metadataOnly;
  }

  /** The kind, for messages and logs. */
  get name(): string {
    return formatGroupKind(this.kind);
  }

  /** It holds no more than the metadata of its objects. */
  get metadataOnly(): boolean {
    return this.#metadataOnly;
  }

  get partitions(): readonly Partition<T>[] {
    this.#partitions ??= this.#create();
    return this.#partitions;
  }

  get hasSynced(): boolean {
    return this.partitions.every(({ informer }) => informer.hasSynced);
  }

  /** Makes it hold whole objects. @returns False when it holds metadata already. */
  widen(): boolean {
    if (!this.#partitions) this.#metadataOnly = false;
    return !this.#metadataOnly;
  }

  async run(signal: AbortSignal): Promise<void> {
    try {
      await Promise.all(this.partitions.map(({ informer }) => this.#run(informer, signal)));
    } finally {
      for (const { writes } of this.partitions) writes.clear();
    }
  }

  /** Resolves once all that exists is cached. Rejects when `signal` aborts first. */
  async synced(signal: AbortSignal): Promise<void> {
    await Promise.all(this.partitions.map(({ informer }) => informer.synced(signal)));
  }

  problem(): string | undefined {
    for (const { informer } of this.partitions) {
      const problem = informer.problem();
      if (problem !== undefined) return problem;
    }
    return undefined;
  }

  addItemHandler(handler: ItemHandler<T>, options?: { readonly name?: string | undefined }): Registration {
    const registrations = this.partitions.map(({ informer }) => informer.addItemHandler(handler, options));
    const [only] = registrations;
    return only && registrations.length === 1 ? only : joined(registrations);
  }

  /** @throws {ControllerRuntimeError} `CONTROLLER_RUNTIME_NAMESPACE_NOT_CACHED` */
  get(key: ObjectKey): T | undefined {
    checkKey(`get ${this.name}`, key);
    return this.partitionOf(key.namespace).store.get(formatKey(key));
  }

  /**
   * The objects that match. The list's resource version is that of the cache, when there is one watch.
   *
   * @throws {ControllerRuntimeError} `CONTROLLER_RUNTIME_NAMESPACE_NOT_CACHED`, `CONTROLLER_RUNTIME_INDEX_MISSING`
   */
  list(options: CachedListOptions = {}): ObjectList<T> {
    const action = `list ${this.name}`;
    checkSelection(action, options);
    const { limit = Number.POSITIVE_INFINITY, labelSelector = '', fieldSelector = '' } = options;
    const namespace = options.namespace || undefined; // '' stands for all, as it does for the server
    const labels = selectorOf(action, 'labelSelector', labelSelector, LabelSelector);
    const fields = selectorOf(action, 'fieldSelector', fieldSelector, FieldSelector);
    const partitions = this.partitionsFor(namespace);
    const prefix = namespace === undefined ? '' : `${namespace}/`;
    const items: T[] = [];
    for (const { store } of partitions) {
      for (const item of this.#candidates(store, namespace, fields)) {
        if (items.length >= limit) break;
        if (!item.key.startsWith(prefix)) continue;
        if (labels.isEmpty || labels.matches(labelsOf(item))) items.push(item.object);
      }
    }
    const { apiVersion, kind } = this.kind;
    const [only] = partitions;
    const metadata = only && partitions.length === 1 ? { resourceVersion: only.store.resourceVersion } : {};
    return { apiVersion, kind: `${kind}List`, metadata, items };
  }

  /** Lets lists select by `name=value`. Works at any time; resolves when the index can be read. */
  async addIndex(name: string, definition: IndexDefinition<T>): Promise<void> {
    if (this.#partitions) await Promise.all(this.#partitions.map(({ store }) => store.addIndex(name, definition)));
    else this.#indexes.set(name, definition);
  }

  /** @throws {ControllerRuntimeError} `CONTROLLER_RUNTIME_NAMESPACE_NOT_CACHED` */
  partitionOf(namespace: string | undefined): Partition<T> {
    const partition = this.findPartition(namespace);
    if (partition) return partition;
    const cached = this.partitions.map((each) => `"${each.namespace}"`).join(', ');
    throw new ControllerRuntimeError(
      `Namespace "${namespace}" of ${this.name} is not cached, only ${cached}. ` +
        "Read it with consistency: 'live', or add it to the namespaces of the cache",
      { code: 'CONTROLLER_RUNTIME_NAMESPACE_NOT_CACHED' },
    );
  }

  /** The partition that holds a namespace, if one does. */
  findPartition(namespace: string | undefined): Partition<T> | undefined {
    return this.partitions.find((each) => each.namespace === undefined || each.namespace === namespace);
  }

  /** The partitions that hold a namespace, or all. @throws {ControllerRuntimeError} `CONTROLLER_RUNTIME_NAMESPACE_NOT_CACHED` */
  partitionsFor(namespace: string | undefined): readonly Partition<T>[] {
    return namespace === undefined ? this.partitions : [this.partitionOf(namespace)];
  }

  /** Not all at once: a thousand namespaces are a thousand lists. */
  async #run(informer: Partition<T>['informer'], signal: AbortSignal): Promise<void> {
    let running: Promise<void> | undefined;
    await this.#ports.inTurn(async () => {
      if (signal.aborted) return;
      running = informer.run(signal);
      running.catch(() => {}); // it is awaited below
      await informer.attempted(signal).catch(() => {}); // it has ended
    });
    await running;
  }

  #create(): readonly Partition<T>[] {
    const partitions = this.#ports.partitions(this.#metadataOnly);
    for (const { store } of partitions) {
      // An index on an empty store is there at once.
      for (const [name, definition] of this.#indexes) void store.addIndex(name, definition);
    }
    return partitions;
  }

  #candidates(store: Partition<T>['store'], namespace: string | undefined, fields: FieldSelector): Iterable<Item<T>> {
    if (!fields.isEmpty) return selectByFields(store, fields, this.kind);
    return namespace === undefined ? store.items() : store.itemsByIndex(namespaceIndex, namespace);
  }
}

const labelsPath: readonly string[] = ['metadata', 'labels'];

/** Decodes no more than that. */
function labelsOf(item: Item<KubernetesObject>): StringMap | undefined {
  return item.read ? (item.read(labelsPath) as StringMap | undefined) : item.object.metadata.labels;
}

function joined(registrations: readonly Registration[]): Registration {
  return {
    get hasSynced() {
      return registrations.every((each) => each.hasSynced);
    },
    get pending() {
      return registrations.reduce((sum, each) => sum + each.pending, 0);
    },
    async synced(signal) {
      await Promise.all(registrations.map((each) => each.synced(signal)));
    },
    remove() {
      for (const each of registrations) each.remove();
    },
  };
}
