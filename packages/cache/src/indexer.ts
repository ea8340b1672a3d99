import {
  type Change,
  compareResourceVersions,
  type Item,
  isComparableResourceVersion,
  keyedChanges,
  type Replacement,
  type Sink,
  systemClock,
  type Transition,
} from '@bowline/apimachinery';
import { checkOptions, checkValue, describeValue, rules, withMethods } from '@bowline/apimachinery/arguments';
import { Barriers } from './barriers.ts';
import { Contents } from './contents.ts';
import { CacheError } from './errors.ts';
import type { Values } from './filing.ts';
import { IndexBuild } from './index-build.ts';
import {
  definitionRule,
  type IndexerOptions,
  type IndexerPorts,
  keptRule,
  namespaceIndex,
  optionRules,
  portRules,
} from './indexer-options.ts';
import { itemFor } from './item-of.ts';
import { plainStorage } from './plain-storage.ts';
import type { CacheClock, CommitListener, Progress, ProgressMark, StorageStats, Transitions } from './ports.ts';
import { prepareState, type ValuesIn } from './prepare-state.ts';
import { type IndexDefinition, type IndexFunction, SecondaryIndex } from './secondary-index.ts';
import { type PendingCommit, Staging } from './staging.ts';
import { StateTransitions } from './state-transitions.ts';

const listenerRule = withMethods('a commit listener', 'committed');

/**
 * Holds objects by key with secondary indexes.
 *
 * It is a sink: a reflector keeps it equal to the server. It is also a store to which objects can be added by hand.
 *
 * - **One turn**: a change, the indexes over it and the listeners that are told of it are one step; nobody sees half of it.
 * - **Whole loops**: a loop over a lookup sees the state at its start to its end, whatever changes meanwhile.
 * - **Smooth**: a replacement is prepared in slices; only the swap is one turn.
 *
 * | | cost |
 * |---|---|
 * | get | O(1) |
 * | add, update, delete | O(values in indexes) |
 * | byIndex | O(1), and O(1) per object read |
 * | a change during a loop | O(what the loop has not seen yet), once |
 *
 * @see client-go tools/cache/thread_safe_store.go
 */
export class Indexer<T> implements Sink<T>, Progress {
  #contents: Contents<T>;
  #resourceVersion = '';
  #hasSynced = false;
  #isPublishing = false;
  #staging: Staging<T> | undefined;
  readonly #clock: CacheClock;
  readonly #onIndexError: ((error: CacheError) => void) | undefined;
  readonly #keyOf: ((object: T) => string) | undefined;
  readonly #listeners = new Set<CommitListener<T>>();
  readonly #barriers = new Barriers(this);
  /** Names that are taken, also by indexes that are being built. */
  readonly #names = new Set<string>();
  /** Those that are under way or wait. */
  readonly #commits = new Set<PendingCommit<T>>();
  #building: IndexBuild<T> | undefined;
  /** Commits and new indexes prepare one at a time. Never rejects. */
  #preparations: Promise<unknown> = Promise.resolve();
  #preparing = 0;

  constructor(ports: IndexerPorts<T> = {}, options: IndexerOptions<T> = {}) {
    checkOptions<IndexerPorts<T>>('create indexer', ports, portRules, 'ports');
    checkOptions<IndexerOptions<T>>('create indexer', options, optionRules);
    const { storage = plainStorage<T>(), clock = systemClock } = ports;
    const { indexes = {}, onIndexError, keyOf } = options;
    this.#keyOf = keyOf;
    this.#clock = clock;
    this.#onIndexError = onIndexError;
    this.#contents = new Contents(storage.empty(), [this.#declare(namespaceIndex, 'metadata.namespace')]);
    for (const [name, definition] of Object.entries(indexes)) {
      checkValue('create indexer', `indexes.${name}`, definition, keptRule(storage));
      this.#contents.indexes.push(this.#declare(name, definition));
    }
  }

  get size(): number {
    return this.#contents.size;
  }

  /** How many bytes the storage holds, or 0 when it cannot tell. */
  get sizeBytes(): number {
    return this.#contents.storage.sizeBytes;
  }

  /** What the storage says of itself, if it can. */
  get storageStats(): StorageStats | undefined {
    return this.#contents.storage.stats?.();
  }

  /** The version up to which the cache has seen everything; `''` at first. */
  get resourceVersion(): string {
    return this.#resourceVersion;
  }

  /** Whether a full state has been committed. */
  get hasSynced(): boolean {
    return this.#hasSynced;
  }

  /** The object under `key` (`namespace/name`), frozen. */
  get(key: string): T | undefined {
    if (typeof key !== 'string') checkValue('get object', 'key', key, rules.string);
    return this.#contents.get(key)?.object;
  }

  /** What is held under `key`, undecoded. */
  item(key: string): Item<T> | undefined {
    if (typeof key !== 'string') checkValue('get item', 'key', key, rules.string);
    return this.#contents.get(key);
  }

  /** Every object, each read when the loop comes to it. */
  list(): Iterable<T> {
    return loops(() => this.#contents.items(({ object }) => object));
  }

  /** Every item, undecoded. */
  items(): Iterable<Item<T>> {
    return loops(() => this.#contents.items((item) => item));
  }

  keys(): Iterable<string> {
    return loops(() => this.#contents.keys());
  }

  /**
   * The objects that are found under `value`, each read when the loop comes to it.
   *
   * @throws `CACHE_INDEX_UNKNOWN` when there is no such index.
   */
  byIndex(name: string, value: string): Iterable<T> {
    checkValue('find objects', 'value', value, rules.string);
    this.#index(name);
    return loops(() => this.#contents.find(this.#index(name).find(value), ({ object }) => object));
  }

  /** The items that are found under `value`, undecoded. @throws `CACHE_INDEX_UNKNOWN` */
  itemsByIndex(name: string, value: string): Iterable<Item<T>> {
    checkValue('find items', 'value', value, rules.string);
    this.#index(name);
    return loops(() => this.#contents.find(this.#index(name).find(value), (item) => item));
  }

  /** The keys under `value`, sorted. @throws `CACHE_INDEX_UNKNOWN` */
  indexKeys(name: string, value: string): string[] {
    if (typeof value !== 'string') checkValue('find keys', 'value', value, rules.string);
    const keys = this.#contents.keysAt(this.#index(name).find(value));
    return keys.length > 1 ? keys.sort() : keys;
  }

  /**
   * The objects that share a value of the index with `object`, which need not be held; each once.
   *
   * @throws `CACHE_INDEX_UNKNOWN`, `CACHE_INDEX_FAILED`
   * @see client-go tools/cache/index.go `Indexer.Index`
   */
  index(name: string, object: T): Iterable<T> {
    const values = this.#index(name).valuesOf(itemFor('find objects', object, this.#keyOf));
    if (values === undefined) return [];
    if (typeof values === 'string') return this.byIndex(name, values);
    return loops(() => {
      const slots = new Set(values.flatMap((value) => this.#index(name).find(value)));
      return this.#contents.find([...slots], (item) => item.object);
    });
  }

  /** All values under which there is something. @throws `CACHE_INDEX_UNKNOWN` */
  indexValues(name: string): string[] {
    return [...this.#index(name).values()];
  }

  /** What defines the indexes that can be read. @see client-go tools/cache/index.go `GetIndexers` */
  get indexes(): Readonly<Record<string, string | IndexFunction<T>>> {
    return Object.fromEntries(this.#contents.indexes.map(({ name, definition }) => [name, definition]));
  }

  /** The names of the indexes that can be read. */
  get indexNames(): string[] {
    return this.#contents.indexes.map(({ name }) => name);
  }

  /**
   * Adds an index at any time. Resolves when it can be read: at once while the cache is empty, else when it has been built, in slices.
   * Rejects with `CACHE_INDEX_FAILED` when its function fails; the index is then not added.
   *
   * @throws {TypeError} {RangeError} when an argument is none, as a path with an empty name, or of a field that the storage drops.
   * `CACHE_INDEX_CONFLICT` when there is one of that name.
   */
  addIndex(name: string, definition: IndexDefinition<T>): Promise<void> {
    checkValue('add index', 'name', name, rules.nonEmptyString);
    const action = `add index ${JSON.stringify(name)}`;
    checkValue(action, 'definition', definition, definitionRule);
    checkValue(action, 'definition', definition, keptRule(this.#contents.storage));
    const index = this.#declare(name, definition);
    if (this.size === 0 && this.#preparing === 0) {
      this.#contents.indexes.push(index);
      return Promise.resolve();
    }
    return this.#prepare(() => this.#build(index)).catch((error: unknown) => {
      this.#names.delete(name);
      throw error;
    });
  }

  /**
   * Adds or replaces an object, which is taken over: it is frozen when it is first read.
   *
   * @throws {TypeError} when it has no `metadata.name`, unless `keyOf` was given. `APIMACHINERY_KEY_INVALID` when that fails.
   */
  add(object: T): void {
    this.#put('add object', object);
  }

  /** The same as `add`. */
  update(object: T): void {
    this.#put('update object', object);
  }

  /** Removes an object. @returns whether there was one. */
  delete(key: string): boolean {
    checkValue('delete object', 'key', key, rules.string);
    const item = this.#contents.get(key);
    if (item) this.apply([{ type: 'deleted', item, finalStateUnknown: false }], '');
    return item !== undefined;
  }

  /** Calls `listener` at every change. @returns how to end that. */
  onCommit(listener: CommitListener<T>): () => void {
    checkValue('add commit listener', 'listener', listener, listenerRule);
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /**
   * Applies changes in one turn. A deletion of what is not there is nothing.
   *
   * @param resourceVersion The version up to which everything has been seen now; `''` leaves it as it is.
   * @throws `CACHE_INDEX_FAILED` when an index function fails and there is no `onIndexError`, `APIMACHINERY_KEY_INVALID` when an item has no
   * key: nothing has changed then. What the storage throws, where there is no memory: listeners have been told of the changes before that one.
   */
  apply(changes: readonly Change<T>[], resourceVersion: string): void {
    if (this.#isPublishing) throw new Error('Cannot change cache: a commit listener must not do that');
    keyedChanges('apply changes', changes);
    checkValue('apply changes', 'resourceVersion', resourceVersion, rules.string);
    const values = this.#valuesAfter(changes);
    if (changes.length > 0) this.#contents.beforeChange();
    if (this.#preparing > 0) for (const change of changes) this.#applyMeanwhile(change);
    const transitions: Transition<T>[] = [];
    try {
      this.#contents.apply(changes, values, transitions);
    } catch (error) {
      if (transitions.length > 0) this.#publish(transitions); // nobody would hear of them again
      throw error;
    } finally {
      if (this.#building) for (const { item } of changes) this.#building.changed(item.key);
    }
    if (resourceVersion !== '') {
      this.#resourceVersion = resourceVersion;
      for (const commit of this.#commits) commit.resourceVersion = resourceVersion;
    }
    this.#publish(transitions);
  }

  replace(): Replacement<T> {
    this.#staging?.abandon();
    this.#staging = new Staging(this.#contents.empty(), { commit: (...state) => this.#commit(...state) }, this.#clock);
    return this.#staging;
  }

  /** A cache always has room. */
  drained(): undefined {
    return undefined;
  }

  /** Resolves once a full state has been committed. Rejects with the reason of `signal` when that aborts first. */
  synced(signal: AbortSignal): Promise<void> {
    return this.#barriers.synced(signal);
  }

  reached(mark: ProgressMark, signal: AbortSignal): Promise<void> {
    return this.#barriers.reached(mark, signal);
  }

  #put(action: string, object: T): void {
    const item: Item<T> = itemFor(action, object, this.#keyOf);
    this.apply([{ type: 'modified', item }], item.resourceVersion);
  }

  #declare(name: string, definition: string | IndexFunction<T>): SecondaryIndex<T> {
    if (this.#names.has(name)) {
      const message = `Index ${JSON.stringify(name)} exists already`;
      throw new CacheError(message, { code: 'CACHE_INDEX_CONFLICT', index: name });
    }
    const index = new SecondaryIndex<T>(name, definition, this.#keyOf === undefined);
    this.#names.add(name);
    return index;
  }

  #index(name: string): SecondaryIndex<T> {
    for (const index of this.#contents.indexes) if (index.name === name) return index;
    const names = this.indexNames.map((each) => JSON.stringify(each)).join(', ');
    const message = `Index ${describeValue(name)} does not exist (there are ${names})`;
    throw new CacheError(message, { code: 'CACHE_INDEX_UNKNOWN', index: name });
  }

  /** What each index files the changed objects under, one object after the other: one array, for there may be many. */
  #valuesAfter(changes: readonly Change<T>[]): readonly Values[] {
    const { indexes } = this.#contents;
    const values = new Array<Values>(changes.length * indexes.length);
    let at = 0;
    for (const { type, item } of changes) {
      for (const index of indexes) values[at++] = type === 'deleted' ? undefined : this.#valuesIn(index, item);
    }
    return values;
  }

  readonly #valuesIn: ValuesIn<T> = (index, item) => {
    try {
      return index.valuesOf(item);
    } catch (error) {
      if (!this.#onIndexError || !(error instanceof CacheError)) throw error;
      this.#onIndexError(error);
      return undefined;
    }
  };

  #publish(transitions: Transitions<T>): void {
    const errors: unknown[] = [];
    this.#isPublishing = true;
    for (const listener of this.#listeners) {
      try {
        listener.committed(transitions, this.#resourceVersion);
      } catch (error) {
        errors.push(error);
      }
    }
    this.#isPublishing = false;
    this.#barriers.check(transitions);
    if (errors.length > 0)
      throw errors.length === 1 ? errors[0] : new AggregateError(errors, 'Commit listeners failed');
  }

  #prepare<R>(task: () => Promise<R>): Promise<R> {
    this.#preparing++;
    const result = this.#preparations.then(task).finally(() => {
      this.#preparing--;
    });
    this.#preparations = result.catch(() => {}); // the caller has the result
    return result;
  }

  /** Something is being prepared: commits get the change later, and the index that is being built is to file it again. */
  #applyMeanwhile(change: Change<T>): void {
    for (const commit of this.#commits) commit.late.push(change);
    this.#building?.changing(change.item.key);
  }

  async #build(index: SecondaryIndex<T>): Promise<void> {
    this.#building = new IndexBuild(index, this.#contents);
    try {
      await this.#building.run(this.#valuesIn, this.#clock);
    } finally {
      this.#building = undefined;
    }
  }

  async #commit(staging: Staging<T>, resourceVersion: string, signal?: AbortSignal): Promise<void> {
    const commit: PendingCommit<T> = { late: [], resourceVersion: '' };
    this.#commits.add(commit);
    try {
      await this.#prepare(() => this.#replaceWith(staging, resourceVersion, commit, signal));
    } finally {
      this.#commits.delete(commit);
    }
  }

  async #replaceWith(
    staging: Staging<T>,
    resourceVersion: string,
    commit: PendingCommit<T>,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const { next, kept } = staging;
    const before = this.#contents;
    try {
      await staging.settled();
      const gone = await prepareState(before, staging, this.#valuesIn, { clock: this.#clock, signal });

      // From here on all is one turn.
      if (commit.late.length > 0) next.apply(commit.late, this.#valuesAfter(commit.late), []);
      // What came meanwhile was published when it came, and is now the same in both states.
      const untold = new Set([...kept, ...commit.late.map(({ item }) => item.key)]);
      const transitions = new StateTransitions({ before, next, gone, untold, isInitial: !this.#hasSynced });
      this.#contents = next;
      this.#hasSynced = true;
      const hasGoneBack = commit.resourceVersion === '' && isBefore(resourceVersion, this.#resourceVersion);
      if (!isBefore(resourceVersion, commit.resourceVersion)) this.#resourceVersion = resourceVersion;
      if (hasGoneBack) this.#barriers.releaseVersions();
      this.#publish(transitions);
    } finally {
      if (this.#contents === next) before.storage.release?.();
      else next.discard();
    }
  }
}

function isBefore(a: string, b: string): boolean {
  return isComparableResourceVersion(a) && isComparableResourceVersion(b) && compareResourceVersions(a, b) < 0;
}

/** Can be looped over again and again; each loop begins with `start`. */
function loops<V>(start: () => Iterator<V>): Iterable<V> {
  return { [Symbol.iterator]: start };
}
