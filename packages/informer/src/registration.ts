import type { Clock, Item, Logger } from '@bowline/apimachinery';
import { isPromiseLike } from '@bowline/apimachinery';
import type { Transitions } from '@bowline/cache';
import { Backlog } from './backlog.ts';
import type { Delivery } from './delivery.ts';
import { notSynced, stopped, tooFarBehind } from './errors.ts';
import { Gate } from './gate.ts';
import type { OverflowPolicy } from './options.ts';
import type { HandlerFailure } from './ports.ts';
import type { Turns } from './turns.ts';

/** Milliseconds that a handler may hold the event loop before others get their turn. */
const SLICE_MS = 5;
/** After how many calls to look at the clock. */
const CALLS_PER_LOOK = 16;
/** A handler that finds so much to do waits for its turn before it begins. */
const LONG_WORK = 256;

/** A handler of an informer, from `addHandler` on. */
export interface HandlerRegistration extends AsyncDisposable {
  readonly name: string;
  /** Whether the handler has dealt with everything that was there when it joined. */
  readonly hasSynced: boolean;
  /** How many changes wait for it. */
  readonly pending: number;
  /** Whether it has ended: removed by somebody, or because it was too far behind. */
  readonly isRemoved: boolean;
  /**
   * Resolves once `hasSynced`.
   * Rejects with `INFORMER_NOT_SYNCED` (which names the cause) when `signal` aborts first, and with `INFORMER_STOPPED` when the informer
   * or the registration ends first.
   */
  synced(signal: AbortSignal): Promise<void>;
  /** Ends it: a call that is under way goes on, then no more. Harmless when it has ended. */
  remove(): void;
  /** `remove`, then waits until the last call has returned, for `endTimeoutMs` at most. Never await it within that call. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** What an informer says about one handler. */
export interface HandlerStatus {
  readonly name: string;
  readonly synced: boolean;
  readonly pending: number;
  /** Changes that were merged into later ones because more than `maxPending` waited. */
  readonly merged: number;
  /** Calls that threw or rejected. */
  readonly errors: number;
  /** How long the present call has been running, in milliseconds. */
  readonly callMs?: number | undefined;
}

/** What a registration needs of its informer. */
export interface RegistrationPorts {
  readonly clock: Clock;
  readonly turns: Turns;
  readonly logger: Logger;
  /** Why the informer is not synced; undefined when it is. */
  readonly whyNotSynced: () => string | undefined;
  readonly onError: (failure: HandlerFailure) => void;
  /** Fewer changes wait for the handler than before. */
  readonly onProgress: () => void;
  readonly onRemove: () => void;
}

/** A call that returned a promise. */
interface Call extends Pick<HandlerFailure, 'call' | 'key'> {
  readonly since: number;
  /** Its end was waited for in vain. */
  isGivenUp: boolean;
}

/** One handler, its backlog, and the loop that leads from one to the other. */
export class Registration<T> implements HandlerRegistration {
  readonly name: string;
  readonly #what: string;
  readonly #ports: RegistrationPorts;
  readonly #backlog: Backlog<T>;
  readonly #delivery: Delivery<T>;
  readonly #overflow: OverflowPolicy;
  readonly #maxPending: number;
  readonly #endTimeoutMs: number;
  readonly #gate = new Gate();
  #running: Promise<void> | undefined;
  #isRemoved = false;
  #isPaused = true;
  #wake: (() => void) | undefined;
  #errors = 0;
  #current: Call | undefined;
  #ending: Promise<void> | undefined;
  #isResyncing = false;
  #isMerging = false;

  constructor(
    ports: RegistrationPorts,
    options: {
      readonly what: string;
      readonly name: string;
      readonly maxPending: number;
      readonly endTimeoutMs: number;
      readonly overflow: OverflowPolicy;
      readonly delivery: Delivery<T>;
    },
  ) {
    this.#ports = ports;
    this.name = options.name;
    this.#what = `Handler "${options.name}" of ${options.what}`;
    this.#overflow = options.overflow;
    this.#maxPending = options.maxPending;
    this.#endTimeoutMs = options.endTimeoutMs;
    this.#backlog = new Backlog(options.overflow === 'merge' ? options.maxPending : Number.POSITIVE_INFINITY);
    this.#delivery = options.delivery;
  }

  get hasSynced(): boolean {
    return this.#gate.isOpen;
  }

  get pending(): number {
    return this.#backlog.size;
  }

  get isRemoved(): boolean {
    return this.#isRemoved;
  }

  synced(signal: AbortSignal): Promise<void> {
    return this.#gate.wait(signal, () => {
      const why =
        this.#ports.whyNotSynced() ?? `it has not dealt with ${this.pending} of the objects that were there first`;
      return notSynced(this.#what, why, signal);
    });
  }

  remove(): void {
    if (this.#isRemoved) return;
    this.#isRemoved = true;
    this.#ports.onRemove();
    this.#backlog.clear();
    this.#gate.fail(stopped(this.#what));
    this.#wake?.();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.remove();
    await this.#ended();
  }

  /** Begins, or goes on, to call the handler. */
  start(): void {
    if (!this.#isPaused || this.#isRemoved) return;
    this.#isPaused = false;
    if (!this.hasSynced) this.#gate.close();
    // A loop that is about to end must not meet the next one.
    const before = this.#running ?? Promise.resolve();
    this.#running = this.#running ? before.then(() => this.#run()) : this.#run();
  }

  /**
   * Calls the handler no more until `start`; what waits for it goes on waiting.
   * @returns when the last call has returned, or was waited for in vain.
   */
  async pause(): Promise<void> {
    this.#isPaused = true;
    this.#gate.fail(stopped(this.#what));
    this.#wake?.();
    await this.#ended();
  }

  /** More happened. */
  push(transitions: Transitions<T>): void {
    if (transitions.length === 0) return;
    if (this.#overflow === 'remove' && this.#backlog.changes + transitions.length > this.#maxPending) {
      this.#giveUp(transitions);
      return;
    }
    this.#backlog.push(transitions);
    this.#pushed();
  }

  /** The informer holds all that exists: the handler has synced once it has dealt with what it was told so far. */
  mark(): void {
    if (this.hasSynced) return;
    this.#backlog.pushMarker(() => this.#gate.open());
    this.#pushed();
  }

  /** The handler joins a cache with these items. */
  join(items: Iterable<Item<T>>, count: number): void {
    this.#backlog.pushSnapshot(items, count, 'initial');
    this.#pushed();
  }

  /** The handler gets everything once more. Nothing while it has not even got it the last time. */
  resync(items: Iterable<Item<T>>, count: number): void {
    if (this.#isResyncing || !this.hasSynced) return;
    this.#isResyncing = true;
    this.#backlog.pushSnapshot(items, count, 'resync');
    this.#backlog.pushMarker(() => {
      this.#isResyncing = false;
    });
    this.#pushed();
  }

  status(): HandlerStatus {
    const now = this.#ports.clock.monotonic();
    const since = this.#current?.since;
    return {
      name: this.name,
      synced: this.hasSynced,
      pending: this.pending,
      merged: this.#backlog.merged,
      errors: this.#errors,
      callMs: since === undefined ? undefined : now - since,
    };
  }

  #ended(): Promise<void> {
    this.#ending ??= this.#untilEnded().finally(() => {
      this.#ending = undefined;
    });
    return this.#ending;
  }

  /** Nothing but a call can take long: the loop ends with it. */
  async #untilEnded(): Promise<void> {
    const current = this.#current;
    if (!current || this.#endTimeoutMs === Number.POSITIVE_INFINITY) return this.#running;
    if (current.isGivenUp) return;
    await new Promise<void>((resolve) => {
      const timer = this.#ports.clock.setTimer(this.#endTimeoutMs, () => {
        current.isGivenUp = true;
        const { call, key } = current;
        const message = `${this.#what} has not returned from ${call} of "${key}" ${this.#endTimeoutMs} ms after it was told to end: nobody waits for it any longer`;
        this.#ports.logger.error({ handler: this.name, call, key, callMs: this.status().callMs }, message);
        resolve();
      });
      const settle = (): void => {
        timer.cancel();
        resolve();
      };
      void this.#running?.then(settle);
    });
  }

  #giveUp(transitions: Transitions<T>): void {
    const pending = this.#backlog.size + transitions.length;
    const error = tooFarBehind(this.#what, pending);
    const [first] = transitions;
    this.#failed({ call: 'overflow', key: first?.key ?? '' }, error);
    this.remove();
  }

  #pushed(): void {
    const { isMerging } = this.#backlog;
    if (isMerging && !this.#isMerging) {
      const { callMs } = this.status();
      const fields = { handler: this.name, pending: this.pending, ...(callMs !== undefined && { callMs }) };
      this.#ports.logger.warn(fields, `${this.#what} is behind: changes of the same object are merged now`);
    }
    this.#isMerging = isMerging;
    this.#wake?.();
  }

  async #run(): Promise<void> {
    const { clock, turns } = this.#ports;
    let calls = 0;
    let sliceEnd = 0;
    const begin = async (): Promise<void> => {
      if (this.#backlog.size > LONG_WORK) await turns.next();
      sliceEnd = clock.monotonic() + SLICE_MS;
    };
    await begin();
    while (!this.#isRemoved && !this.#isPaused) {
      if (!this.#delivery.next(this.#backlog)) {
        this.#isMerging = false; // even: should it fall behind again, it says so again
        this.#ports.onProgress();
        if (this.#isRemoved || this.#isPaused) return; // a marker woke somebody who ended it
        await this.#woken();
        await begin();
        continue;
      }
      const result = this.#call();
      if (result) await result;
      if (++calls % CALLS_PER_LOOK === 0 && clock.monotonic() >= sliceEnd) {
        this.#ports.onProgress();
        await turns.next();
        sliceEnd = clock.monotonic() + SLICE_MS;
      }
    }
  }

  /** Calls the handler. Returns a promise, which never rejects, only when the handler did. */
  #call(): Promise<void> | undefined {
    const delivery = this.#delivery;
    try {
      const result = delivery.run();
      if (!isPromiseLike(result)) return undefined;
      const { call, key } = delivery;
      this.#current = { call, key, since: this.#ports.clock.monotonic(), isGivenUp: false };
      return Promise.resolve(result)
        .catch((error: unknown) => this.#failed({ call, key }, error))
        .finally(() => {
          this.#current = undefined;
        });
    } catch (error) {
      this.#failed(delivery, error);
      return undefined;
    }
  }

  #failed({ call, key }: Pick<HandlerFailure, 'call' | 'key'>, error: unknown): void {
    this.#errors += 1;
    const message = call === 'overflow' && error instanceof Error ? error.message : `${this.#what} failed in ${call}`;
    this.#ports.logger.error({ handler: this.name, call, key, error }, message);
    this.#ports.onError({ error, handler: this.name, call, key });
  }

  #woken(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = () => {
        this.#wake = undefined;
        resolve();
      };
    });
  }
}
