import {
  type Awaitable,
  consoleLogger,
  type ItemClient,
  type KubernetesObject,
  type Logger,
  type ResourceQuery,
  systemClock,
  systemRandom,
} from '@bowline/apimachinery';
import { checkValue, oneOf, rules } from '@bowline/apimachinery/arguments';
import { ListWatch } from '@bowline/listwatch';
import { definitionWatch } from './definition-watch.ts';
import { InformerError } from './errors.ts';
import type { SharedInformerOptions } from './options.ts';
import type { InformerEnvironment, WatchProblem } from './ports.ts';
import type { HandlerRegistration } from './registration.ts';
import { SharedInformer } from './shared-informer.ts';
import type { InformerStatus } from './status.ts';
import { tell } from './tell.ts';

/** Is told of an object; of an update with the object as it was before. What it returns is awaited before the next event. */
export type ObjectListener<T> = (object: T, old?: T) => unknown;
/** Is told what went wrong; the informer goes on trying. `error.cause` is the `WatchProblem`. */
export type ErrorListener = (error: InformerError) => unknown;

/** Settings of an informer that tells listeners. */
export interface ListenerInformerOptions<T>
  extends InformerEnvironment,
    Pick<SharedInformerOptions<T>, 'indexes' | 'transform' | 'storage' | 'resyncMs' | 'maxPending' | 'reflector'> {}

type ObjectVerb = 'add' | 'update' | 'delete';
type Listener<T> = ObjectListener<T> | ErrorListener | (() => unknown);

const verbRule = oneOf('add', 'update', 'delete', 'change', 'connect', 'error');
const silent: AbortSignal = new AbortController().signal;

/**
 * An informer with the methods of client-node's: listeners by verb, `start`, `stop`, `get` and `list`. Made by `makeInformer`.
 *
 * Whatever goes wrong, it goes on until `stop`. Events come one at a time and in order. A listener that throws or rejects is reported
 * like a handler of a `SharedInformer`, and the others are told all the same.
 */
export class ListenerInformer<T extends KubernetesObject> implements AsyncDisposable {
  /** What is behind it: indexes, listers, handlers with a backlog of their own. */
  readonly informer: SharedInformer<T>;
  readonly #logger: Logger;
  readonly #registration: HandlerRegistration;
  readonly #listeners: Map<string, Listener<T>[]> = new Map();
  #run: { readonly stop: AbortController; readonly started: Promise<void> } | undefined;
  /** Resolves when what ran before has ended. */
  #ended: Promise<void> = Promise.resolve();
  #signal = silent;
  #isConnected = false;

  constructor(client: ItemClient, query: ResourceQuery, options: ListenerInformerOptions<T>) {
    const { clock = systemClock, random = systemRandom, logger = consoleLogger({ level: 'warn', clock }) } = options;
    const { metrics, onHandlerError, onWatchError, ...settings } = options;
    this.#logger = logger;
    this.informer = new SharedInformer<T>(
      {
        source: new ListWatch<T>(client, query),
        definition: definitionWatch(client, query, { clock, random }),
        clock,
        random,
        logger,
        metrics,
        onHandlerError,
        onWatchError: (problem) => {
          tell(onWatchError, problem, `Informer of ${query.resource}: onWatchError`, logger);
          this.#failed(problem);
        },
        onStatus: ({ state }) => this.#connected(state === 'watching'),
      },
      {
        indexes: settings.indexes,
        transform: settings.transform,
        storage: settings.storage,
        resyncMs: settings.resyncMs,
        maxPending: settings.maxPending,
        reflector: settings.reflector,
      },
    );
    this.#registration = this.informer.addHandler(
      {
        onAdd: (object) => this.#tell('add', object),
        onUpdate: (old, now) => this.#tell('update', now, old),
        onDelete: (last) => this.#tell('delete', last),
      },
      { name: 'listeners' },
    );
  }

  /** Whether the cache has had a full state since the last start. */
  get hasSynced(): boolean {
    return this.informer.hasSynced;
  }

  /**
   * Adds a listener, which is told of what happens from then on. `change` is `add`, `update` and `delete`; `connect` is told whenever a
   * watch is open; `error` whenever something keeps the informer from following the server.
   *
   * @throws {TypeError} {RangeError} when `verb` is none, or `listener` no function.
   */
  on(verb: ObjectVerb | 'change', listener: ObjectListener<T>): void;
  on(verb: 'error', listener: ErrorListener): void;
  on(verb: 'connect', listener: () => unknown): void;
  on(verb: string, listener: Listener<T>): void {
    checkListener('add listener', verb, listener);
    for (const each of verbsOf(verb)) this.#listeners.set(each, [...this.#of(each), listener]);
  }

  /** Takes a listener away, once for each time it was added. Harmless when it is not there. */
  off(verb: ObjectVerb | 'change', listener: ObjectListener<T>): void;
  off(verb: 'error', listener: ErrorListener): void;
  off(verb: 'connect', listener: () => unknown): void;
  off(verb: string, listener: Listener<T>): void {
    checkListener('remove listener', verb, listener);
    for (const each of verbsOf(verb)) {
      const index = this.#of(each).indexOf(listener);
      if (index >= 0) this.#listeners.set(each, this.#of(each).toSpliced(index, 1));
    }
  }

  /**
   * Starts it, or starts it again after `stop`: it keeps its cache, and tells what has changed meanwhile. While it runs, a second call
   * does nothing. Resolves once the cache is complete and, of the first start, listeners have been told of all objects; or when
   * `stop` comes first. Never rejects for what a server or a listener does.
   */
  start(): Promise<void> {
    if (!this.#run) {
      const stop = new AbortController();
      const before = this.#ended;
      this.#ended = before.then(() => this.informer.run(stop.signal));
      this.#run = { stop, started: this.#started(before, stop.signal) };
      this.#signal = stop.signal;
    }
    return this.#run.started;
  }

  /** Ends it. Resolves when nothing of it is left but, perhaps, a listener's own call; no listener is told anything any more. */
  stop(): Promise<void> {
    this.#run?.stop.abort();
    this.#run = undefined;
    return this.#ended;
  }

  /** Resolves when the cache is complete. @throws `INFORMER_NOT_SYNCED`, which names the cause, when `signal` aborts first. */
  synced(signal: AbortSignal): Promise<void> {
    return this.informer.synced(signal);
  }

  /** The object, or `undefined`. Objects are frozen and shared. */
  get(name: string, namespace?: string): T | undefined {
    return this.informer.lister.get({ name, namespace });
  }

  /** The objects, of one namespace or of all. */
  list(namespace?: string): readonly T[] {
    return [...this.informer.lister.list({ namespace: namespace || undefined })];
  }

  /** What it is doing, what went wrong last, when it last heard of the server. */
  status(): InformerStatus {
    return this.informer.status();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #started(before: Promise<void>, signal: AbortSignal): Promise<void> {
    await before;
    try {
      await this.informer.synced(signal);
      await this.#registration.synced(signal);
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  #of(verb: string): readonly Listener<T>[] {
    return this.#listeners.get(verb) ?? [];
  }

  /** Calls the listeners; what they return is awaited, unless the informer is told to end. */
  #tell(verb: ObjectVerb, object: T, old?: T): Awaitable<void> {
    const errors: unknown[] = [];
    const calls: unknown[] = [];
    for (const listener of this.#of(verb) as readonly ObjectListener<T>[]) {
      try {
        calls.push(verb === 'update' ? listener(object, old) : listener(object));
      } catch (error) {
        errors.push(error);
      }
    }
    if (!calls.some((call) => call instanceof Object && 'then' in call)) return failWith(errors);
    const settled = Promise.allSettled(calls).then((outcomes) => {
      for (const outcome of outcomes) if (outcome.status === 'rejected') errors.push(outcome.reason);
      failWith(errors);
    });
    return this.#unlessStopped(settled, verb);
  }

  /** A listener may stop the informer and wait for its end: then nobody waits for the listener. */
  #unlessStopped(calls: Promise<void>, verb: ObjectVerb): Promise<void> {
    const signal = this.#signal;
    return new Promise((resolve, reject) => {
      const onAbort = (): void => resolve();
      signal.addEventListener('abort', onAbort, { once: true });
      if (signal.aborted) onAbort();
      calls
        .then(resolve, (error: unknown) => {
          if (signal.aborted) this.#logger.error({ verb, error }, 'A listener failed after its informer had ended');
          reject(error);
        })
        .finally(() => signal.removeEventListener('abort', onAbort));
    });
  }

  #connected(isConnected: boolean): void {
    if (isConnected === this.#isConnected) return;
    this.#isConnected = isConnected;
    if (isConnected) this.#notify('connect');
  }

  #failed(problem: WatchProblem): void {
    const error = new InformerError(problem.message, { code: 'INFORMER_WATCH_FAILED', cause: problem });
    this.#notify('error', error);
  }

  /** Calls listeners from within the list-watch, which they must not end. */
  #notify(verb: 'connect' | 'error', ...args: readonly InformerError[]): void {
    const failed = (error: unknown): void => this.#logger.error({ verb, error }, `A listener failed in ${verb}`);
    for (const listener of this.#of(verb)) {
      try {
        const result = (listener as (...args: readonly InformerError[]) => unknown)(...args);
        Promise.resolve(result).catch(failed);
      } catch (error) {
        failed(error);
      }
    }
  }
}

function checkListener(action: string, verb: unknown, listener: unknown): void {
  checkValue(action, 'verb', verb, verbRule);
  checkValue(action, 'listener', listener, rules.function);
}

function verbsOf(verb: string): readonly string[] {
  return verb === 'change' ? ['add', 'update', 'delete'] : [verb];
}

function failWith(errors: readonly unknown[]): void {
  if (errors.length === 1) throw errors[0];
  if (errors.length > 1) throw new AggregateError(errors, `${errors.length} listeners failed`);
}
