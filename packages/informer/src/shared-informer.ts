import {
  type Clock,
  type Logger,
  type Metrics,
  type Sink,
  silentLogger,
  type Timer,
  type Transition,
} from '@bowline/apimachinery';
import { Indexer, Lister } from '@bowline/cache';
import { DeltaFIFO, InOrderQueue } from '@bowline/deltafifo';
import { Reflector, type ReflectorStatus } from '@bowline/listwatch';
import { notSynced, stopped } from './errors.ts';
import { Gate } from './gate.ts';
import { InformerMetrics } from './informer-metrics.ts';
import type { SharedInformerOptions } from './options.ts';
import { type HandlerOptions, type HandlerSettings, type InformerIdentity, resolveHandlerOptions } from './options.ts';
import type { Handler, HandlerFailure, ItemHandler, SharedInformerPorts } from './ports.ts';
import {
  type Deliver,
  deliverItems,
  deliverObjects,
  type HandlerRegistration,
  type HandlerStatus,
  Registration,
} from './registration.ts';
import { TransformingSink } from './transforming-sink.ts';
import { Turns } from './turns.ts';

/** What an informer says about itself: what its reflector says, and what it adds. Nothing in it is secret. */
export interface InformerStatus extends ReflectorStatus {
  /** How many objects the cache holds. */
  readonly objects: number;
  /** How many entries wait between server and cache. */
  readonly queued: number;
  /** How many objects the transform function failed for. */
  readonly transformErrors: number;
  readonly handlers: readonly HandlerStatus[];
}

/** A queue between a reflector and a cache. */
interface Queue<T> extends Sink<T> {
  readonly length: number;
  run(signal: AbortSignal): Promise<void>;
}

/**
 * Shares one list-watch and one cache among many handlers.
 *
 * The cache changes before any handler is told, and may be newer than what a handler is told.
 *
 * @throws {RangeError} when an option is out of its range.
 * @see client-go tools/cache/shared_informer.go
 */
export class SharedInformer<T> {
  readonly indexer: Indexer<T>;
  readonly lister: Lister<T>;
  readonly #what: string;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #turns: Turns;
  readonly #queue: Queue<T>;
  readonly #reflector: Reflector<T>;
  readonly #handlerDefaults: HandlerSettings;
  readonly #onHandlerError: ((failure: HandlerFailure) => void) | undefined;
  readonly #registrations: Map<Registration<T>, { readonly resyncMs: number; timer?: Timer }> = new Map();
  readonly #gate = new Gate();
  /** Opens at the first full state or the first failure. */
  readonly #attempted = new Gate();
  readonly #metricsPort: { readonly metrics: Metrics; readonly identity: InformerIdentity } | undefined;
  #metrics: InformerMetrics | undefined;
  #state: 'idle' | 'running' | 'stopped' = 'idle';
  #handlerCount = 0;
  #transformErrors = 0;
  /** Full states by cause, as far as the metrics know. */
  readonly #relists: Map<string, number> = new Map();

  constructor(ports: SharedInformerPorts<T>, options: SharedInformerOptions<T> = {}) {
    const { source, clock, random, logger = silentLogger, metrics, storage, onHandlerError, turns } = ports;
    const { queue = 'in-order', indexes, transform, resyncMs, maxPending, reflector, identity } = options;
    const { name = `Informer of ${source.description ?? 'objects'}` } = options;
    if (queue !== 'in-order' && queue !== 'compressing') {
      throw new TypeError(
        `Cannot create informer: queue must be "in-order" or "compressing", got ${JSON.stringify(queue)}`,
      );
    }
    this.#what = name;
    this.#clock = clock;
    this.#logger = logger;
    this.#turns = turns ?? new Turns(clock);
    this.#onHandlerError = onHandlerError;
    this.#handlerDefaults = resolveHandlerOptions('create informer', { resyncMs, maxPending });
    this.#metricsPort = metrics && identity && { metrics, identity };
    this.indexer = new Indexer<T>(
      { storage, clock },
      { indexes, onIndexError: (error) => logger.error({ index: error.index, key: error.key }, error.message) },
    );
    this.lister = new Lister(this.indexer);
    this.indexer.onCommit({ committed: (transitions, version) => this.#committed(transitions, version) });
    const Queue = queue === 'in-order' ? InOrderQueue<T> : DeltaFIFO<T>;
    this.#queue = new Queue({ sink: this.#guarded(this.indexer), clock, known: this.indexer });
    const sink = transform ? this.#transforming(this.#queue, transform) : this.#queue;
    const observer = { changed: () => this.#reflected() };
    this.#reflector = new Reflector<T>({ source, sink, clock, random, logger, observer }, reflector);
  }

  /** Whether the cache has had a full state. */
  get hasSynced(): boolean {
    return this.#gate.isOpen;
  }

  /** Whether it has ended. A stopped informer cannot be run again; its cache can still be read. */
  get isStopped(): boolean {
    return this.#state === 'stopped';
  }

  /**
   * Resolves once the cache has had a full state; handlers may still be behind (see `HandlerRegistration.synced`).
   * Rejects with `INFORMER_NOT_SYNCED` (which names the cause) when `signal` aborts first, with `INFORMER_STOPPED` when it stops first.
   */
  synced(signal: AbortSignal): Promise<void> {
    return this.#gate.wait(signal, () =>
      notSynced(this.#what, this.#whyNotSynced() ?? 'it was not waited for', signal),
    );
  }

  /** Resolves once it has had a full state, a failure or its end: waiting longer says nothing about others. */
  attempted(signal: AbortSignal): Promise<void> {
    return this.#attempted.wait(signal, () =>
      notSynced(this.#what, this.#whyNotSynced() ?? 'it was not waited for', signal),
    );
  }

  /** What it is doing, how far it is, what went wrong last, and how far its handlers are. */
  status(): InformerStatus {
    return {
      ...this.#reflector.status(),
      synced: this.hasSynced,
      resourceVersion: this.indexer.resourceVersion,
      objects: this.indexer.size,
      queued: this.#queue.length,
      transformErrors: this.#transformErrors,
      handlers: [...this.#registrations.keys()].map((registration) => registration.status()),
    };
  }

  /**
   * Adds a handler, at any time. It is told of everything that is in the cache (`initial`), then of every change, with no gap and
   * nothing twice.
   *
   * @throws {TypeError} when it is no handler. {RangeError} when an option is out of its range. `INFORMER_STOPPED`
   */
  addHandler(handler: Handler<T>, options: HandlerOptions = {}): HandlerRegistration {
    for (const call of ['onAdd', 'onUpdate', 'onDelete'] as const) {
      const member: unknown = handler[call];
      if (member === undefined || typeof member === 'function') continue;
      throw new TypeError(`Cannot add handler: ${call} must be a function or absent, got ${typeof member}`);
    }
    return this.#register(deliverObjects(handler), options);
  }

  /** As `addHandler`, for a handler that takes undecoded changes in batches. */
  addItemHandler(handler: ItemHandler<T>, options: HandlerOptions = {}): HandlerRegistration {
    if (typeof handler.onTransitions !== 'function') {
      throw new TypeError(`Cannot add handler: onTransitions must be a function, got ${typeof handler.onTransitions}`);
    }
    return this.#register(deliverItems(handler), options);
  }

  /**
   * Runs until `signal` aborts; then it resolves, once the calls of handlers that are under way have returned.
   * Never rejects for what a server or a handler does.
   *
   * @throws {TypeError} when it runs already or has run: an informer runs once.
   */
  async run(signal: AbortSignal): Promise<void> {
    if (this.#state !== 'idle') throw new TypeError(`Cannot run informer: state must be "idle", got "${this.#state}"`);
    this.#state = 'running';
    if (this.#metricsPort) this.#metrics = new InformerMetrics(this.#metricsPort.metrics, this.#metricsPort.identity);
    for (const registration of this.#registrations.keys()) this.#start(registration);
    const stop = new AbortController();
    const onAbort = (): void => stop.abort(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    const parts = [this.#queue.run(stop.signal), this.#reflector.run(stop.signal)];
    try {
      await Promise.all(parts);
    } finally {
      signal.removeEventListener('abort', onAbort);
      stop.abort();
      await Promise.allSettled(parts); // one that failed must not leave the other behind
      this.#state = 'stopped';
      this.#gate.fail(stopped(this.#what));
      this.#attempted.open();
      const ended = [...this.#registrations].map(([registration, { timer }]) => {
        timer?.cancel();
        return registration.stop();
      });
      await Promise.all(ended);
      this.#metrics?.close();
    }
  }

  #register(deliver: Deliver<T>, options: HandlerOptions): HandlerRegistration {
    if (this.#state === 'stopped') throw stopped(this.#what);
    const { resyncMs, maxPending } = resolveHandlerOptions('add handler', options, this.#handlerDefaults);
    const { name = `handler-${++this.#handlerCount}` } = options;
    const registration: Registration<T> = new Registration<T>(
      {
        clock: this.#clock,
        turns: this.#turns,
        logger: this.#logger,
        whyNotSynced: () => this.#whyNotSynced(),
        onError: (failure) => {
          this.#metrics?.handler(name).errors.add();
          this.#onHandlerError?.(failure);
        },
        onIdle: () => this.#metrics?.handler(name).pending.set(0),
        onRemove: () => {
          this.#registrations.get(registration)?.timer?.cancel();
          this.#registrations.delete(registration);
          this.#metrics?.removeHandler(name);
        },
      },
      { what: this.#what, name, maxPending, deliver },
    );
    this.#registrations.set(registration, { resyncMs });
    if (this.hasSynced) registration.join(this.indexer.items(), this.indexer.size);
    if (this.#state === 'running') this.#start(registration);
    return registration;
  }

  #start(registration: Registration<T>): void {
    const entry = this.#registrations.get(registration);
    if (!entry) return;
    registration.start();
    if (entry.resyncMs === 0) return;
    const arm = (): void => {
      entry.timer = this.#clock.setTimer(entry.resyncMs, () => {
        registration.resync(this.indexer.items(), this.indexer.size);
        arm();
      });
    };
    arm();
  }

  /** The cache has changed: in the same turn every handler gets its share. Must not throw. */
  #committed(transitions: readonly Transition<T>[], resourceVersion: string): void {
    const initial = !this.hasSynced;
    for (const registration of this.#registrations.keys()) {
      registration.push(transitions, initial);
      this.#metrics?.handler(registration.name).pending.set(registration.pending);
    }
    if (initial) {
      this.#gate.open();
      this.#attempted.open();
    }
    this.#metrics?.storeVersion(resourceVersion);
    this.#metrics?.objects.set(this.indexer.size);
    this.#metrics?.queued.set(this.#queue.length);
  }

  #reflected(): void {
    const { failures, synced, relists } = this.#reflector.status();
    if (failures > 0 || synced) this.#attempted.open();
    for (const [cause, count] of Object.entries(relists)) {
      for (let counted = this.#relists.get(cause) ?? 0; counted < count; counted++) this.#metrics?.fullState(cause);
      this.#relists.set(cause, count);
    }
  }

  #whyNotSynced(): string | undefined {
    if (this.hasSynced) return undefined;
    const { state, failures, lastError } = this.#reflector.status();
    if (failures > 0 && lastError !== undefined) return lastError;
    return state === 'idle' ? 'it does not run' : 'the server has not sent all objects yet';
  }

  #transforming(sink: Sink<T>, transform: (object: T) => T): Sink<T> {
    return new TransformingSink(sink, transform, (key, error) => {
      this.#transformErrors += 1;
      this.#logger.error({ key, error }, `${this.#what}: the transform function failed, the object is kept as it was`);
    });
  }

  /** The cache, which ends no queue by an error (that of somebody else's commit listener), and with a look at the clock. */
  #guarded(indexer: Indexer<T>): Sink<T> {
    return {
      replace: () => indexer.replace(),
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
