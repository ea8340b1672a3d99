import {
  abortError,
  type Change,
  type Clock,
  type KeyError,
  keyedChanges,
  type Replacement,
  type Sink,
} from '@bowline/apimachinery';
import {
  checkOptions,
  checkValue,
  type OptionRules,
  required,
  rules,
  withMethods,
} from '@bowline/apimachinery/arguments';
import type { Backlog } from './backlog.ts';
import { type QueueOptions, resolveOptions } from './options.ts';
import type { KnownObjects, QueuePorts } from './ports.ts';
import { type StagedState, Staging, stage } from './staging.ts';
import { Transformer } from './transformer.ts';

type Entry<T> =
  | { readonly type: 'changes'; readonly backlog: Backlog<T> }
  | StagedState<T>
  | { readonly type: 'resync' };

const portRules: OptionRules<QueuePorts<unknown>> = {
  sink: required(withMethods('a sink', 'replace', 'apply', 'drained')),
  clock: required(withMethods('a clock', 'turn')),
  known: withMethods('known objects', 'keys', 'item'),
};

/** What both queues have in common: everything but how changes wait between two replacements. */
export abstract class ChangeQueue<T> implements Sink<T> {
  readonly #sink: Sink<T>;
  readonly #clock: Pick<Clock, 'turn'>;
  readonly #batchSize: number;
  readonly #maxPending: number;
  readonly #onKeyError: ((error: KeyError) => void) | undefined;
  readonly #transformer: Transformer<T>;
  /** What is being delivered stays first until it is. Changes stand together: no two entries of them follow each other. */
  readonly #entries: Entry<T>[] = [];
  #state: 'idle' | 'running' | 'stopped' = 'idle';
  /** Why it stopped. */
  #end: unknown;
  #hasFailed = false;
  #staging: Staging<T> | undefined;
  #hasReplaced = false;
  #hasSynced = false;
  /** The version up to which the sink has everything. */
  #delivered = '';
  #wake: () => void = () => {};
  readonly #drains = new Set<() => void>();
  protected readonly known: KnownObjects<T> | undefined;

  /** @throws {TypeError} when a port or an option is none. {RangeError} when an option is out of its range. */
  constructor(ports: QueuePorts<T>, options: QueueOptions<T> = {}) {
    checkOptions<QueuePorts<T>>('create queue', ports, portRules, 'ports');
    const settings = resolveOptions(options);
    const { batchSize, maxPending, onKeyError } = settings;
    this.#onKeyError = onKeyError;
    this.#transformer = new Transformer(settings);
    this.#sink = ports.sink;
    this.#clock = ports.clock;
    this.known = ports.known;
    this.#batchSize = batchSize;
    this.#maxPending = maxPending;
  }

  /** How much waits: changes, and full states and resyncs as one each. */
  get length(): number {
    return this.#entries.reduce((sum, entry) => sum + (entry.type === 'changes' ? entry.backlog.length : 1), 0);
  }

  /** Whether the first full state has been delivered. A queue that began with a change has nothing to wait for. */
  get hasSynced(): boolean {
    return this.#hasSynced;
  }

  replace(): Replacement<T> {
    this.#staging?.abandon();
    // A sink stages one state at a time.
    const canStage = this.#state !== 'stopped' && !this.#entries.some(({ type }) => type === 'replacement');
    this.#staging = new Staging({
      enqueue: (state) => this.#enqueueState(state),
      onKeyError: this.#onKeyError,
      transformer: this.#transformer,
      batchSize: this.#batchSize,
      inSink: canStage ? this.#sink.replace() : undefined,
    });
    return this.#staging;
  }

  /**
   * Queues changes; after the end of `run` they are ignored.
   *
   * @throws the error of the sink, when that was the end. `APIMACHINERY_KEY_INVALID` when an item has no key, and what `transform` throws, when
   * nobody wants to be told.
   */
  apply(all: readonly Change<T>[], resourceVersion: string): void {
    checkValue('apply changes', 'resourceVersion', resourceVersion, rules.string);
    const keyed = keyedChanges('apply changes', all, this.#onKeyError);
    if (this.#hasFailed) throw this.#end;
    if (this.#state === 'stopped') return;
    const changes = this.#transformer.changes(keyed);
    if (!this.#hasReplaced && changes.length > 0) this.#hasSynced = true;
    let last = this.#entries.at(-1);
    if (last?.type !== 'changes') {
      last = { type: 'changes', backlog: this.createBacklog() };
      this.#entries.push(last);
    }
    last.backlog.add(changes, resourceVersion);
    this.#wake();
  }

  /** Hands every known object to the sink once more, behind what waits. Nothing when no `known` was given. */
  resync(): void {
    if (!this.known || this.#state === 'stopped' || this.#entries.some(({ type }) => type === 'resync')) return;
    this.#entries.push({ type: 'resync' });
    this.#wake();
  }

  drained(signal: AbortSignal): Promise<void> | undefined {
    checkValue('wait for room', 'signal', signal, rules.signal);
    if (this.#pending() < this.#maxPending || signal.aborted) return undefined;
    return new Promise((resolve) => {
      const release = (): void => {
        signal.removeEventListener('abort', release);
        this.#drains.delete(release);
        resolve();
      };
      signal.addEventListener('abort', release, { once: true });
      this.#drains.add(release);
    });
  }

  /**
   * Delivers until `signal` aborts; then it resolves, and what still waits is lost. The promises of waiting commits reject.
   *
   * Rejects with the error that the sink throws at a change: the sink has lost it, so begin anew with a full state.
   *
   * @throws {TypeError} when it runs already or has run: a queue runs once.
   */
  async run(signal: AbortSignal): Promise<void> {
    checkValue('run queue', 'signal', signal, rules.signal);
    if (this.#state !== 'idle') throw new TypeError(`Cannot run queue: state must be "idle", got "${this.#state}"`);
    this.#state = 'running';
    const onAbort = (): void => this.#wake();
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      while (!signal.aborted) await this.#step(signal);
      this.#end = abortError(signal);
    } catch (error) {
      this.#hasFailed = true;
      this.#end = error;
      throw error;
    } finally {
      signal.removeEventListener('abort', onAbort);
      this.#state = 'stopped';
      this.#staging?.stop();
      for (const entry of this.#entries) {
        if (entry.type !== 'replacement') continue;
        entry.inSink?.abandon?.();
        entry.outcome.reject(this.#end);
      }
      this.#entries.length = 0;
      for (const release of this.#drains) release();
    }
  }

  protected abstract createBacklog(): Backlog<T>;

  /** Whether nothing else is delivered before `backlog`. */
  protected isNext(backlog: Backlog<T>): boolean {
    const first = this.#entries[0];
    return first === undefined || (first.type === 'changes' && first.backlog === backlog);
  }

  #enqueueState(state: StagedState<T>): void {
    this.#hasReplaced = true;
    if (this.#state === 'stopped') {
      state.outcome.reject(this.#end);
      return;
    }
    this.#entries.push(state);
    this.#wake();
  }

  async #step(signal: AbortSignal): Promise<void> {
    const entry = this.#entries[0];
    if (!entry) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      return;
    }
    const room = this.#sink.drained(signal);
    if (room) {
      await room;
      return;
    }
    if (entry.type === 'changes') this.#deliverChanges(entry.backlog);
    else if (entry.type === 'resync') await this.#deliverKnown(signal);
    else await this.#deliverState(entry, signal);
    if (entry.type !== 'changes' || entry.backlog.isEmpty) this.#entries.shift();
    if (this.#pending() < this.#maxPending) for (const release of this.#drains) release();
    if (this.#entries.length > 0) await this.#clock.turn();
  }

  #deliverChanges(backlog: Backlog<T>): void {
    const { changes, resourceVersion } = backlog.take(this.#batchSize);
    this.#delivered = resourceVersion || this.#delivered;
    this.#sink.apply(changes, this.#delivered);
  }

  async #deliverState(state: StagedState<T>, signal: AbortSignal): Promise<void> {
    const { inSink, steps, resourceVersion, outcome } = state;
    if (!outcome.begin()) {
      inSink?.abandon?.();
      return;
    }
    const either = outcome.signal ? AbortSignal.any([signal, outcome.signal]) : signal;
    let replacement = inSink;
    try {
      replacement ??= this.#sink.replace();
      let room = this.#batchSize;
      for (const step of steps) {
        if (step.type !== 'put') {
          stage(step, replacement);
          continue;
        }
        for (let start = 0; start < step.items.length; ) {
          const items = step.items.slice(start, start + room);
          replacement.put(items);
          start += items.length;
          room -= items.length;
          if (room > 0) continue;
          room = this.#batchSize;
          await this.#clock.turn();
          if (either.aborted) throw abortError(either);
        }
      }
      await replacement.commit(resourceVersion, either);
      this.#delivered = resourceVersion;
      this.#hasSynced = true;
      outcome.resolve();
    } catch (error) {
      outcome.reject(error);
      replacement?.abandon?.(); // unless its commit was called
    }
  }

  async #deliverKnown(signal: AbortSignal): Promise<void> {
    let batch: Change<T>[] = [];
    for (const key of this.known?.keys() ?? []) {
      const item = this.#willChange(key) ? undefined : this.known?.item(key);
      if (item) batch.push({ type: 'modified', item });
      if (batch.length < this.#batchSize) continue;
      this.#sink.apply(batch, this.#delivered);
      batch = [];
      await this.#clock.turn();
      if (signal.aborted) return;
    }
    if (batch.length > 0) this.#sink.apply(batch, this.#delivered);
  }

  #willChange(key: string): boolean {
    return this.#entries.some((entry) => entry.type === 'changes' && entry.backlog.has(key));
  }

  #pending(): number {
    return this.#entries.reduce((sum, entry) => sum + (entry.type === 'changes' ? entry.backlog.length : 0), 0);
  }
}
