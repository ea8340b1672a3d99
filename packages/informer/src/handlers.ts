import type { Clock, Item, Logger, Timer } from '@bowline/apimachinery';
import {
  checkOptions,
  checkValue,
  describeValue,
  nearestName,
  rules,
  withMethods,
} from '@bowline/apimachinery/arguments';
import type { Transitions } from '@bowline/cache';
import { type Delivery, ItemDelivery, ObjectDelivery } from './delivery.ts';
import { stopped } from './errors.ts';
import type { InformerMetrics } from './informer-metrics.ts';
import { type HandlerOptions, type HandlerSettings, handlerRules, handlerSettings } from './options.ts';
import type { Handler, HandlerFailure, ItemHandler } from './ports.ts';
import { type HandlerRegistration, type HandlerStatus, Registration } from './registration.ts';
import { tell } from './tell.ts';
import type { Turns } from './turns.ts';

/** What those who share one state are told of: the state itself, and what keeps it from being complete. */
export interface Shared<T> {
  readonly what: string;
  items(): Iterable<Item<T>>;
  size(): number;
  hasSynced(): boolean;
  /** Why it has not; undefined when it has. */
  whyNotSynced(): string | undefined;
  metrics(): InformerMetrics | undefined;
}

/** What handlers work with. */
export interface HandlersPorts<T> {
  readonly shared: Shared<T>;
  readonly clock: Clock;
  readonly turns: Turns;
  readonly logger: Logger;
  readonly onHandlerError: ((failure: HandlerFailure) => void) | undefined;
}

/** The handlers of one shared state: who joins gets what is there, then every change. */
export class Handlers<T> {
  readonly #ports: HandlersPorts<T>;
  readonly #defaults: HandlerSettings;
  readonly #registrations: Map<Registration<T>, { readonly resyncMs: number; timer?: Timer }> = new Map();
  #state: 'idle' | 'running' | 'stopped' = 'idle';
  #count = 0;

  constructor(ports: HandlersPorts<T>, defaults: HandlerSettings) {
    this.#ports = ports;
    this.#defaults = defaults;
  }

  /** @throws {TypeError} {RangeError} `INFORMER_STOPPED` */
  add(handler: Handler<T>, options: HandlerOptions | undefined): HandlerRegistration {
    checkHandler('add handler', handler);
    return this.#register(new ObjectDelivery(handler), options);
  }

  /** @throws {TypeError} {RangeError} `INFORMER_STOPPED` */
  addItems(handler: ItemHandler<T>, options: HandlerOptions | undefined): HandlerRegistration {
    checkMembers('add handler', handler, ['onTransitions']);
    checkValue('add handler', 'handler', handler, withMethods('an item handler', 'onTransitions'));
    return this.#register(new ItemDelivery(handler), options);
  }

  /** Calls them, also those that come later. */
  start(): void {
    this.#state = 'running';
    for (const registration of this.#registrations.keys()) this.#start(registration);
  }

  /** Calls none of them any more until `start`. @returns when the last calls have returned, or were waited for in vain. */
  async stop(): Promise<void> {
    this.#state = 'stopped';
    const ended = [...this.#registrations].map(([registration, { timer }]) => {
      timer?.cancel();
      return registration.pause();
    });
    await Promise.all(ended);
  }

  /** The state has changed. */
  push(transitions: Transitions<T>): void {
    for (const registration of [...this.#registrations.keys()]) {
      registration.push(transitions);
      this.#measure(registration);
    }
  }

  /** More state has been added: it is read when its time comes. */
  join(items: Iterable<Item<T>>, count: number): void {
    for (const registration of this.#registrations.keys()) registration.join(items, count);
  }

  /** The state is complete now. */
  mark(): void {
    for (const registration of this.#registrations.keys()) registration.mark();
  }

  status(): readonly HandlerStatus[] {
    return [...this.#registrations.keys()].map((registration) => registration.status());
  }

  #register(delivery: Delivery<T>, options: HandlerOptions = {}): HandlerRegistration {
    const { shared, clock, turns, logger, onHandlerError } = this.#ports;
    checkOptions('add handler', options, handlerRules);
    if (this.#state === 'stopped') throw stopped(shared.what);
    const { resyncMs, maxPending, endTimeoutMs } = handlerSettings(options, this.#defaults);
    const name = this.#freeName(options.name);
    const registration: Registration<T> = new Registration<T>(
      {
        clock,
        turns,
        logger,
        whyNotSynced: () => shared.whyNotSynced(),
        onError: (failure) => {
          shared.metrics()?.handler(name).errors.add();
          tell(onHandlerError, failure, `${shared.what}: onHandlerError`, logger);
        },
        onProgress: () => this.#measure(registration),
        onRemove: () => {
          this.#registrations.get(registration)?.timer?.cancel();
          this.#registrations.delete(registration);
          shared.metrics()?.removeHandler(name);
        },
      },
      { what: shared.what, name, maxPending, endTimeoutMs, overflow: options.overflow ?? 'merge', delivery },
    );
    this.#registrations.set(registration, { resyncMs });
    registration.join(shared.items(), shared.size());
    if (shared.hasSynced()) registration.mark();
    if (this.#state === 'running') this.#start(registration);
    return registration;
  }

  #freeName(wanted: string | undefined): string {
    if (wanted === undefined) return this.#freeName(`handler-${++this.#count}`);
    const taken = new Set([...this.#registrations.keys()].map(({ name }) => name));
    let name = wanted;
    for (let number = 2; taken.has(name); number++) name = `${wanted}-${number}`;
    return name;
  }

  #start(registration: Registration<T>): void {
    const entry = this.#registrations.get(registration);
    if (!entry) return;
    const { shared, clock } = this.#ports;
    registration.start();
    if (entry.resyncMs === 0) return;
    const arm = (): void => {
      entry.timer = clock.setTimer(entry.resyncMs, () => {
        registration.resync(shared.items(), shared.size());
        arm();
      });
    };
    arm();
  }

  #measure(registration: Registration<T>): void {
    if (!registration.isRemoved) this.#ports.shared.metrics()?.backlog(registration.name, registration.status());
  }
}

const calls: readonly string[] = ['onAdd', 'onUpdate', 'onDelete'];

/** @throws {TypeError} when `handler` is none. */
export function checkHandler(action: string, handler: unknown): void {
  checkMembers(action, handler, calls);
  const members = handler as Readonly<Record<string, unknown>>;
  for (const call of calls) {
    const member = members[call];
    if (member === undefined || typeof member === 'function') continue;
    throw new TypeError(`Cannot ${action}: ${call} must be a function or absent, got ${typeof member}`);
  }
  if (calls.some((call) => members[call] !== undefined)) return;
  const nearest = namesOf(handler as object)
    .map((name) => nearestName(name, calls) && name)
    .find(Boolean);
  const advice = nearest === undefined ? '' : ` with ${slip(nearest, calls)}`;
  const rule = `a handler (an object with at least one of ${calls.join(', ')})`;
  throw new TypeError(`Cannot ${action}: handler must be ${rule}, got ${describeValue(handler)}${advice}`);
}

/** A class may have members of its own; in a plain object a name that is none of `known` is a slip that nobody would ever notice. */
function checkMembers(action: string, handler: unknown, known: readonly string[]): void {
  checkValue(action, 'handler', handler, rules.object);
  const members = handler as Readonly<Record<string, unknown>>;
  const maker: unknown = Object.getPrototypeOf(handler);
  if (maker !== Object.prototype && maker !== null) return;
  const stray = Object.keys(members).find((name) => !known.includes(name) && members[name] !== undefined);
  if (stray !== undefined)
    throw new TypeError(`Cannot ${action}: handler must have known names, got ${slip(stray, known)}`);
}

function slip(name: string, known: readonly string[]): string {
  const nearest = nearestName(name, known);
  return `"${name}"; ${nearest === undefined ? `there are ${known.join(', ')}` : `did you mean "${nearest}"?`}`;
}

/** The names of its members, those of its class among them. */
function namesOf(handler: object): readonly string[] {
  const maker: object | null = Object.getPrototypeOf(handler);
  return [...Object.keys(handler), ...(maker === null ? [] : Object.getOwnPropertyNames(maker))];
}
