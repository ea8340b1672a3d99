import { type Clock, type KeyError, type Logger, type Metrics, type Sink, silentLogger } from '@bowline/apimachinery';
import {
  checkOptions,
  checkValue,
  type OptionRules,
  required,
  rules,
  withMethods,
} from '@bowline/apimachinery/arguments';
import { Indexer, Lister, type Transitions } from '@bowline/cache';
import { DeltaFIFO, InOrderQueue } from '@bowline/deltafifo';
import { Reflector, type ReflectorStatus, WatchListMemory } from '@bowline/listwatch';
import { Absence } from './absence.ts';
import { notSynced, stopped } from './errors.ts';
import { Gate } from './gate.ts';
import { Handlers } from './handlers.ts';
import { InformerMetrics } from './informer-metrics.ts';
import {
  type HandlerOptions,
  handlerSettings,
  type InformerIdentity,
  informerRules,
  portRules,
  type SharedInformerOptions,
} from './options.ts';
import type { Handler, ItemHandler, SharedInformerPorts, WatchProblem } from './ports.ts';
import type { HandlerRegistration } from './registration.ts';
import { atRest, continued, type InformerStatus } from './status.ts';
import { storageOf } from './storage.ts';
import { tell } from './tell.ts';
import { Turns } from './turns.ts';

/** A queue between a reflector and a cache. */
interface Queue<T> extends Sink<T> {
  readonly length: number;
  run(signal: AbortSignal): Promise<void>;
}

/** What follows the server, until the server does not know the resource any more, or until the end. */
interface Round<T> {
  readonly queue: Queue<T>;
  readonly reflector: Reflector<T>;
  /** What those before it did and met. */
  readonly before: ReflectorStatus | undefined;
}

const ownRules: OptionRules<SharedInformerPorts<never>> = {
  source: required(withMethods('a list-watch', 'list', 'watch')),
  ...portRules,
  clock: required(portRules.clock),
  random: required(portRules.random),
  onStatus: rules.function,
  definition: withMethods('a source of changes', 'watch'),
  watchLists: withMethods('a watch-list memory', 'allows', 'missed', 'worked'),
  turns: withMethods('turns', 'next'),
};

/**
 * Shares one list-watch and one cache among many handlers.
 *
 * The cache changes before any handler is told, and may be newer than what a handler is told.
 *
 * @throws {TypeError} {RangeError} when a port or an option is missing, unknown or out of its range.
 * @see client-go tools/cache/shared_informer.go
 */
export class SharedInformer<T> {
  readonly indexer: Indexer<T>;
  readonly lister: Lister<T>;
  readonly #ports: SharedInformerPorts<T>;
  readonly #options: SharedInformerOptions<T>;
  readonly #what: string;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #handlers: Handlers<T>;
  readonly #watchLists: WatchListMemory;
  readonly #gate = new Gate();
  /** Opens at the first full state or the first failure. */
  readonly #attempted = new Gate();
  readonly #metricsPort: { readonly metrics: Metrics; readonly identity: InformerIdentity } | undefined;
  #metrics: InformerMetrics | undefined;
  #state: 'idle' | 'running' | 'stopped' = 'idle';
  #round: Round<T>;
  #endRound: () => void = () => {};
  #absence: Absence<T> | undefined;
  /** A full state is on its way into the cache. */
  #isReplacing = false;
  #transformErrors = 0;
  /** The last failure that was told to `onWatchError`. */
  #toldFailures = 0;
  /** Full states by cause, as far as the metrics know. */
  readonly #relists: Map<string, number> = new Map();

  constructor(ports: SharedInformerPorts<T>, options: SharedInformerOptions<T> = {}) {
    checkValue('create informer', 'ports', ports, rules.object);
    for (const [port, rule] of Object.entries(ownRules)) {
      const value: unknown = Reflect.get(ports, port);
      if (value !== undefined || rule.required) checkValue('create informer', port, value, rule);
    }
    checkOptions('create informer', options, informerRules);
    const { source, clock, logger = silentLogger, metrics, onHandlerError, turns = new Turns(clock) } = ports;
    const { indexes, storage, resyncMs, maxPending, endTimeoutMs, scope, identity } = options;
    const { name = `Informer of ${source.description ?? 'objects'}` } = options;
    this.#ports = ports;
    this.#options = options;
    this.#what = name;
    this.#clock = clock;
    this.#watchLists = ports.watchLists ?? new WatchListMemory({ clock });
    this.#logger = logger;
    this.#metricsPort = metrics && identity && { metrics, identity };
    this.indexer = new Indexer<T>(
      { storage: storageOf(storage), clock },
      { indexes, onIndexError: (error) => logger.error({ index: error.index, key: error.key }, error.message) },
    );
    this.lister = new Lister(this.indexer, { scope });
    const shared = {
      what: name,
      items: () => this.indexer.items(),
      size: () => this.indexer.size,
      hasSynced: () => this.hasSynced,
      whyNotSynced: () => this.whyNotSynced(),
      metrics: () => this.#metrics,
    };
    this.#handlers = new Handlers(
      { shared, clock, turns, logger, onHandlerError },
      handlerSettings({ resyncMs, maxPending, endTimeoutMs }),
    );
    this.indexer.onCommit({ committed: (transitions, version) => this.#committed(transitions, version) });
    this.#round = this.#nextRound(undefined);
  }

  /** Whether the cache has had a full state; of an informer that was run again, whether it has had one since. */
  get hasSynced(): boolean {
    return this.#gate.isOpen;
  }

  /** Whether it has ended. Its cache can still be read, and it may be run again. */
  get isStopped(): boolean {
    return this.#state === 'stopped';
  }

  /**
   * Resolves once the cache has had a full state; handlers may still be behind (see `HandlerRegistration.synced`).
   * Rejects with `INFORMER_NOT_SYNCED` (which names the cause) when `signal` aborts first, with `INFORMER_STOPPED` when it stops first.
   */
  synced(signal: AbortSignal): Promise<void> {
    checkValue('wait for informer', 'signal', signal, rules.signal);
    return this.#gate.wait(signal, () => this.#notSynced(signal));
  }

  /** Resolves once it has had a full state, a failure or its end: waiting longer says nothing about others. */
  attempted(signal: AbortSignal): Promise<void> {
    checkValue('wait for informer', 'signal', signal, rules.signal);
    return this.#attempted.wait(signal, () => this.#notSynced(signal));
  }

  /** Why the cache has had no full state, in one line for people; undefined when it has. */
  whyNotSynced(): string | undefined {
    if (this.hasSynced) return undefined;
    const { state, failures, lastError } = this.#round.reflector.status();
    if (failures > 0 && lastError !== undefined) return lastError;
    return state === 'idle' ? 'it does not run' : 'the server has not sent all objects yet';
  }

  /** What it is doing, how far it is, what went wrong last, and how far its handlers are. */
  status(): InformerStatus {
    const { reflector, before, queue } = this.#round;
    const reflected = continued(before, reflector.status());
    const { lastEventAt } = reflected;
    return {
      ...reflected,
      ...(this.#absence && atRest(reflected, this.#absence)),
      missingSince: this.#absence?.since,
      lastEventAgeMs: lastEventAt === undefined ? undefined : Math.max(0, this.#clock.now() - lastEventAt),
      synced: this.hasSynced,
      resourceVersion: this.indexer.resourceVersion,
      objects: this.indexer.size,
      queued: queue.length,
      transformErrors: this.#transformErrors,
      handlers: this.#handlers.status(),
    };
  }

  /**
   * Adds a handler, at any time. It is told of everything that is in the cache (`initial`), then of every change, with no gap and
   * nothing twice.
   *
   * @throws {TypeError} when it is no handler. {RangeError} when an option is out of its range. `INFORMER_STOPPED`
   */
  addHandler(handler: Handler<T>, options?: HandlerOptions): HandlerRegistration {
    return this.#handlers.add(handler, options);
  }

  /** As `addHandler`, for a handler that takes undecoded changes in batches. */
  addItemHandler(handler: ItemHandler<T>, options?: HandlerOptions): HandlerRegistration {
    return this.#handlers.addItems(handler, options);
  }

  /**
   * Runs until `signal` aborts; then no call of a handler begins any more, and it resolves once those that are under way have returned, or
   * have not for `endTimeoutMs`.
   * Never rejects for what a server or a handler does.
   *
   * After that it may be run again: it keeps its cache and its handlers, gets the full state, and tells what has changed meanwhile.
   *
   * @throws {TypeError} when it runs already.
   */
  async run(signal: AbortSignal): Promise<void> {
    checkValue('run informer', 'signal', signal, rules.signal);
    if (this.#state === 'running')
      throw new TypeError('Cannot run informer: state must be "idle" or "stopped", got "running"');
    if (this.#state === 'stopped') this.#reopen();
    this.#state = 'running';
    if (this.#metricsPort) {
      this.#metrics = new InformerMetrics(this.#metricsPort.metrics, this.#metricsPort.identity);
      this.#metrics.synced.set(0);
    }
    const onAbort = (): void => void this.#handlers.stop();
    signal.addEventListener('abort', onAbort, { once: true });
    if (!signal.aborted) this.#handlers.start();
    try {
      do {
        await this.#follow(signal);
        if (!signal.aborted) await this.#untilServed(signal);
      } while (!signal.aborted);
    } finally {
      signal.removeEventListener('abort', onAbort);
      this.#state = 'stopped';
      this.#gate.fail(stopped(this.#what));
      this.#attempted.open();
      await this.#handlers.stop();
      this.#metrics?.close();
      this.#metrics = undefined;
    }
  }

  #reopen(): void {
    this.#round = this.#nextRound(continued(this.#round.before, this.#round.reflector.status()));
    this.#gate.close();
    this.#attempted.close();
  }

  #nextRound(before: ReflectorStatus | undefined): Round<T> {
    const { source, clock, random } = this.#ports;
    const { queue: kind = 'in-order', transform, reflector: options } = this.#options;
    const QueueOfKind = kind === 'in-order' ? InOrderQueue<T> : DeltaFIFO<T>;
    const onTransformError = (error: unknown, key: string): void => {
      this.#transformErrors += 1;
      const outcome = 'what the cache holds stays as it was, an object that is new is left out, a deletion goes on';
      this.#logger.error({ key, error }, `${this.#what}: the transform function failed for "${key}": ${outcome}`);
    };
    const onKeyError = (error: KeyError): void => {
      this.#logger.error({ error }, `${this.#what}: an object without a key was left out`);
    };
    const queue = new QueueOfKind(
      { sink: this.#guarded(this.indexer), clock, known: this.indexer },
      { transform, onTransformError, onKeyError },
    );
    const sink: Sink<T> = {
      replace: () => queue.replace(),
      apply: (changes, resourceVersion) => {
        queue.apply(changes, resourceVersion);
        this.#metrics?.queued.set(queue.length);
      },
      drained: (signal) => queue.drained(signal),
    };
    const observer = { changed: () => this.#reflected() };
    const metrics = this.#metricsPort?.metrics;
    const ports = { source, sink, clock, random, logger: this.#logger, observer, metrics, cache: this.indexer };
    const reflector = new Reflector<T>(
      { ...ports, watchLists: this.#watchLists },
      { ...options, name: options?.name ?? this.#reflectorName() },
    );
    return { queue, reflector, before };
  }

  /** Tells its series from those of another informer of the same objects. */
  #reflectorName(): string | undefined {
    return this.#metricsPort && `${this.#metricsPort.identity.name}: ${this.#ports.source.description ?? 'objects'}`;
  }

  /** Follows the server until `signal` aborts, or until the server does not know the resource. */
  async #follow(signal: AbortSignal): Promise<void> {
    const { queue, reflector } = this.#round;
    const stop = new AbortController();
    const onAbort = (): void => stop.abort(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    this.#endRound = () => stop.abort();
    const parts = [queue.run(stop.signal), reflector.run(stop.signal)];
    try {
      await Promise.all(parts);
    } finally {
      signal.removeEventListener('abort', onAbort);
      stop.abort();
      await Promise.allSettled(parts); // one that failed must not leave the other behind
      this.#isReplacing = false;
    }
  }

  async #untilServed(signal: AbortSignal): Promise<void> {
    const { source, clock, random, definition } = this.#ports;
    this.#absence = new Absence({ source, clock, random, definition, onMissing: () => this.#stillMissing() });
    this.#logger.info({}, `${this.#what} is at rest until the server knows the resource`);
    this.#ports.onStatus?.(this.status());
    await this.#absence.over(signal);
    this.#absence = undefined;
    this.#toldFailures = 0;
    if (!signal.aborted) this.#round = this.#nextRound(continued(this.#round.before, this.#round.reflector.status()));
  }

  /** The cache has changed: in the same turn every handler gets its share. Must not throw. */
  #committed(transitions: Transitions<T>, resourceVersion: string): void {
    this.#handlers.push(transitions);
    if (this.#isReplacing && this.indexer.hasSynced && !this.hasSynced) {
      this.#gate.open();
      this.#attempted.open();
      this.#handlers.mark();
      this.#metrics?.synced.set(1);
    }
    this.#metrics?.storeVersion(resourceVersion);
    this.#metrics?.lastEvent(this.#clock.now());
    this.#metrics?.objects.set(this.indexer.size);
    this.#metrics?.bytes.set(this.indexer.sizeBytes);
    this.#metrics?.queued.set(this.#round.queue.length);
  }

  /** The reflector has something new to say. */
  #reflected(): void {
    const { reflector, before } = this.#round;
    const { failures, state, lastErrorKind, lastError } = reflector.status();
    const { synced, relists } = continued(before, reflector.status());
    if (failures > 0 || synced) this.#attempted.open();
    for (const [cause, count] of Object.entries(relists)) {
      for (let counted = this.#relists.get(cause) ?? 0; counted < count; counted++) this.#metrics?.fullState(cause);
      this.#relists.set(cause, count);
    }
    if (failures > this.#toldFailures && lastErrorKind !== undefined && lastError !== undefined) {
      this.#tellProblem({ kind: lastErrorKind, message: lastError, failures });
    }
    this.#toldFailures = failures;
    this.#ports.onStatus?.(this.status());
    if (state === 'waiting' && failures > 0 && lastErrorKind === 'not-found') this.#endRound();
  }

  /** The server was asked for the resource again, in vain. */
  #stillMissing(): void {
    const status = this.status();
    const { failures, lastError = '' } = status;
    this.#tellProblem({ kind: 'not-found', message: lastError, failures });
    this.#ports.onStatus?.(status);
  }

  #tellProblem(problem: WatchProblem): void {
    tell(this.#ports.onWatchError, problem, `${this.#what}: onWatchError`, this.#logger);
  }

  #notSynced(signal: AbortSignal): Error {
    return notSynced(this.#what, this.whyNotSynced() ?? 'it was not waited for', signal);
  }

  /** The cache, which ends no queue by an error (that of somebody else's commit listener), and with a look at the clock. */
  #guarded(indexer: Indexer<T>): Sink<T> {
    return {
      replace: () => {
        const replacement = indexer.replace();
        return {
          put: (items) => replacement.put(items),
          remove: (key) => replacement.remove(key),
          keep: (key) => replacement.keep?.(key),
          abandon: () => replacement.abandon?.(),
          commit: (resourceVersion, signal) => {
            this.#isReplacing = true;
            return replacement.commit(resourceVersion, signal).finally(() => {
              this.#isReplacing = false;
            });
          },
        };
      },
      apply: (changes, resourceVersion) => {
        const start = this.#clock.monotonic();
        try {
          indexer.apply(changes, resourceVersion);
        } catch (error) {
          this.#logger.error({ error }, `${this.#what}: a commit listener failed`);
        }
        this.#metrics?.latency.observe((this.#clock.monotonic() - start) / 1000);
      },
      drained: () => undefined,
    };
  }
}
