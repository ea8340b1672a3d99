import type { Awaitable, Clock, Logger, Transition } from '@bowline/apimachinery';
import type { Cause } from './cause.ts';
import type { RequestKey } from './request.ts';

/** Where handlers and sources put the keys that are to be reconciled. */
export interface Enqueue {
  /**
   * Queues `key`. A key that waits already is not queued twice; one that is being reconciled runs once more afterwards.
   *
   * @param key A request, or its text as `formatRequest` makes it.
   */
  add(key: RequestKey | string, options?: EnqueueOptions): void;
}

/** How a key is queued. */
export interface EnqueueOptions {
  /** Milliseconds to wait first, 0 or more. If the key waits already, the earlier time wins. @default 0 */
  readonly afterMs?: number | undefined;
  /** What the reconciler is told in `causes`. @default the event that is being handled */
  readonly cause?: Cause | undefined;
  /**
   * An integer; keys with a higher one come first. If the key waits already, the higher one wins.
   *
   * @default 0; `lowPriority` while a handler is told what existed at the start, or an update that changed nothing, as a resync brings it
   */
  readonly priority?: number | undefined;
}

/** What a source may use while it runs. */
export interface SourceContext {
  /** The name of the controller. */
  readonly controller: string;
  /** Aborts when the controller stops. */
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Where a controller's keys come from. */
export interface Source {
  /** For messages and logs. */
  readonly name: string;
  /**
   * Feeds `queue` until `signal` aborts. Resolves once all that exists at the start is queued: no reconcile runs earlier.
   * When it rejects, the controller fails, and with it the manager.
   */
  start(queue: Enqueue, context: SourceContext): Promise<void>;
  /** How many events wait to be handed on. @default 0 */
  readonly pending?: number | undefined;
  /** What keeps it from starting, in one line for people. Undefined when nothing does. */
  problem?(): string | undefined;
}

/** What a source needs of an informer. */
export interface ItemInformer<T> {
  addItemHandler(handler: ItemHandler<T>, options?: { readonly name?: string | undefined }): Registration;
  /** What keeps it from being in sync, in one line for people. */
  problem?(): string | undefined;
}

/** Takes changes undecoded, in the server's order; a returned promise delays the next call. */
export interface ItemHandler<T> {
  onTransitions(transitions: readonly Transition<T>[]): Awaitable<void>;
}

/** A handler's place at an informer. */
export interface Registration {
  /** Resolves once the handler has been told of all that existed at first. Rejects when `signal` aborts. */
  synced(signal: AbortSignal): Promise<void>;
  readonly hasSynced: boolean;
  /** How many changes wait for the handler. */
  readonly pending: number;
  remove(): void;
}

/** What a controller needs of a queue: each key at one worker at a time, with delays and causes. */
export interface ReconcileQueue {
  add(key: string, options?: EnqueueOptions): void;
  /** Adds `key` after a delay that grows with its failures, which this counts as one. */
  addRateLimited(key: string, options?: Pick<EnqueueOptions, 'cause' | 'priority'>): void;
  /** Forgets the failures of `key`. */
  forget(key: string): void;
  /** How often `key` failed since then. */
  numRequeues(key: string): number;
  /** The next key; undefined after shutdown. Nobody else gets it before it is disposed of. */
  get(): Promise<QueuedRequest | undefined>;
  /** The next key, if one waits. */
  tryGet(): QueuedRequest | undefined;
  shutDown(): void;
  /** How many keys wait to be handed out. */
  readonly length: number;
}

/** A key that was handed out, and why. */
export interface QueuedRequest extends Disposable {
  readonly key: string;
  /** 0 where the queue has no priorities. */
  readonly priority: number;
  readonly causes: readonly Cause[];
  readonly causeCount: number;
}
