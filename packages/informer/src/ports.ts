import type { Awaitable, Clock, Logger, Metrics, Random, Transition } from '@bowline/apimachinery';
import type { ListerWatcher, ProblemKind, WatchListMemory } from '@bowline/listwatch';
import type { InformerStatus } from './status.ts';
import type { Turns } from './turns.ts';

/**
 * Is told of every change of the objects, one call at a time and in order. A call that returns a promise is awaited before the next.
 * What it throws is reported, and the next change comes all the same. Objects are frozen and shared.
 *
 * @see client-go tools/cache/controller.go `ResourceEventHandler`
 */
export interface Handler<T> {
  /** @param info `initial`: the object was there when the handler joined, or is part of the first full state. */
  onAdd?(object: T, info: { readonly initial: boolean }): Awaitable<void>;
  /** A resync calls it with the same object twice. States in between may have been skipped. */
  onUpdate?(old: T, now: T): Awaitable<void>;
  /** @param info `finalStateUnknown`: the deletion was inferred, so `last` may not be the last state. */
  onDelete?(last: T, info: { readonly finalStateUnknown: boolean }): Awaitable<void>;
}

/** Is told of the same changes in batches, undecoded: for consumers that need keys and versions only. */
export interface ItemHandler<T> {
  /**
   * Up to 1,000 changes, in order; awaited before the next batch. Without `old`: added. Without `new`: deleted. The same item twice: a resync.
   */
  onTransitions(transitions: readonly Transition<T>[]): Awaitable<void>;
}

/** A call of a handler that failed; `overflow`: the handler was removed because it was too far behind. */
export interface HandlerFailure {
  readonly error: unknown;
  /** The handler's name. */
  readonly handler: string;
  readonly call: 'onAdd' | 'onUpdate' | 'onDelete' | 'onTransitions' | 'overflow';
  /** The object's key; of a batch its first. */
  readonly key: string;
}

/** What keeps an informer from following the server; it goes on trying. */
export interface WatchProblem {
  readonly kind: ProblemKind;
  /** What is wrong and what to do about it, in one line, without secrets. */
  readonly message: string;
  /** Failures since it last worked. */
  readonly failures: number;
}

/** Tells that the definition of a resource has changed, so that the server may know it now. */
export interface DefinitionChanges {
  /** Calls `onChange` until `signal` aborts. May end before; never rejects. */
  watch(onChange: () => void, signal: AbortSignal): Promise<void>;
}

/** What an informer works with. */
export interface SharedInformerPorts<T> {
  /** The server: a `ListWatch`. */
  readonly source: ListerWatcher<T>;
  readonly clock: Clock;
  readonly random: Random;
  /** @default silent */
  readonly logger?: Logger | undefined;
  /** @default none */
  readonly metrics?: Metrics | undefined;
  /** Is told when a handler throws, besides the log. What it throws itself is logged. */
  readonly onHandlerError?: ((failure: HandlerFailure) => void) | undefined;
  /** Is told of every failure of the list-watch, besides the log. What it throws is logged. @see client-go `SetWatchErrorHandler` */
  readonly onWatchError?: ((problem: WatchProblem) => void) | undefined;
  /** Is told when `status()` has something new about the list-watch. Must not throw. */
  readonly onStatus?: ((status: InformerStatus) => void) | undefined;
  /** While the server does not know the resource: when to ask again. @default every 1 to 60 seconds */
  readonly definition?: DefinitionChanges | undefined;
  /** Which resources' watch-lists do not work; shared by informers of one server. @default its own */
  readonly watchLists?: WatchListMemory | undefined;
  /** Shared by informers that should take turns in long work. @default its own */
  readonly turns?: Turns | undefined;
}

/** What the functions for end users take besides their settings: ports with defaults. */
export interface InformerEnvironment {
  /** @default systemClock */
  readonly clock?: Clock | undefined;
  /** @default systemRandom */
  readonly random?: Random | undefined;
  /** @default warnings and errors to standard error, so that nobody waits for an unreachable server and is not told why */
  readonly logger?: Logger | undefined;
  /** @default none */
  readonly metrics?: Metrics | undefined;
  /** Is told when a handler throws, besides the log. What it throws itself is logged. */
  readonly onHandlerError?: ((failure: HandlerFailure) => void) | undefined;
  /** Is told of every failure of a list-watch, besides the log. What it throws is logged. */
  readonly onWatchError?: ((problem: WatchProblem) => void) | undefined;
}
