import type { Kind, KubernetesObject } from '@bowline/apimachinery';
import { formatGroupKind } from '@bowline/apimachinery';
import { checkOptions, checkValue, type OptionRules, rules, type ValueRule } from '@bowline/apimachinery/arguments';
import { argument, controllerOptionRules } from './argument-rules.ts';
import { checkHandler, checkPredicate, checkPredicates } from './event-functions.ts';
import { type EventHandler, enqueueRequestForObject, enqueueRequestForOwner } from './handler.ts';
import type { ControllerOptions } from './options.ts';
import type { ItemInformer, Source } from './ports.ts';
import type { Predicate } from './predicate.ts';
import type { Reconcile } from './reconcile.ts';
import type { Channel } from './source/channel.ts';
import { type ChannelMapFunc, ChannelSource } from './source/channel-source.ts';
import { funcSource, type SourceFunc, type SourceOptions } from './source/func-source.ts';
import { InformerSource } from './source/informer-source.ts';

/** How a kind is watched. */
export interface WatchOptions<T extends KubernetesObject = KubernetesObject> {
  /** Events must pass all of them, and those of `withEventFilter`. @default none */
  readonly predicates?: readonly Predicate<T>[] | undefined;
  /** Fetches and holds only metadata, which handlers and predicates then see. @default false */
  readonly metadataOnly?: boolean | undefined;
}

/** How owned objects are watched. */
export interface OwnsOptions<T extends KubernetesObject = KubernetesObject> extends WatchOptions<T> {
  /** Wakes every owner of the kind, not only the one that manages the object (`controller: true`). @default false */
  readonly matchEveryOwner?: boolean | undefined;
}

/** What was said about a controller. */
export interface ControllerPlan {
  readonly name: string;
  readonly kind: Kind | undefined;
  readonly sources: readonly Source[];
  readonly options: ControllerOptions;
  readonly reconcile: Reconcile;
}

/** A controller that its manager runs. */
export interface ControllerHandle {
  readonly name: string;
  /** Everything that existed at the start has been seen, and keys are being reconciled. */
  readonly isRunning: boolean;
  /** Who still has work, one line each. */
  busy(): string[];
}

/** What a builder needs of its manager. */
export interface BuilderPorts {
  /** The one informer of a kind. */
  informerOf<T extends KubernetesObject>(kind: Kind<T>, options: { readonly metadataOnly: boolean }): ItemInformer<T>;
  build(plan: ControllerPlan): ControllerHandle;
}

/** Predicates are looked at one by one. */
const watchRules: OptionRules<WatchOptions> = { predicates: rules.array, metadataOnly: rules.boolean };
const ownsRules: OptionRules<OwnsOptions> = { ...watchRules, matchEveryOwner: rules.boolean };
const sourceRules: OptionRules<SourceOptions> = { name: rules.nonEmptyString };

/**
 * Says what a controller watches and does. `reconcile` comes last and finishes it.
 *
 * @example
 * ```ts no-run
 * import { Deployment } from '@bowline/api/apps/v1';
 * import type { Manager } from '@bowline/controller-runtime';
 *
 * declare const manager: Manager;
 * manager.controller(Deployment).reconcile(async ({ key, client, log }) => {
 *   const deployment = await client.get(Deployment, key);
 *   log.info({ replicas: deployment?.spec?.replicas }, 'Seen');
 * });
 * ```
 */
export class ControllerBuilder {
  readonly name: string;
  readonly #ports: BuilderPorts;
  readonly #filters: Predicate[] = [];
  /** Made when all is known: filters and `for` may come after `owns` and `watches`. */
  readonly #watches: (() => Source)[] = [];
  readonly #sources: Source[] = [];
  #kind: Kind | undefined;
  #owns = false;
  #options: ControllerOptions = {};
  #isFinished = false;

  constructor(ports: BuilderPorts, name: string) {
    this.#ports = ports;
    this.name = name;
  }

  /** `reconcile` was called. */
  get isFinished(): boolean {
    return this.#isFinished;
  }

  /** Reconciles the objects of `kind`: every change of one queues its key. Exactly one kind. */
  for<T extends KubernetesObject>(kind: Kind<T>, options: WatchOptions<T> = {}): this {
    this.#check('kind of for', kind, rules.kind);
    this.#checkWatch('for', options, watchRules);
    if (this.#kind) throw this.#invalid('for', `must be called once, got ${kind.kind} after ${this.#kind.kind}`);
    this.#kind = kind as Kind;
    return this.#watch(kind, () => enqueueRequestForObject, options);
  }

  /** Wakes the object of the `for` kind that owns a changed object of `kind`. */
  owns<T extends KubernetesObject>(kind: Kind<T>, options: OwnsOptions<T> = {}): this {
    this.#check('kind of owns', kind, rules.kind);
    this.#checkWatch('owns', options, ownsRules);
    const { matchEveryOwner = false } = options;
    this.#owns = true;
    return this.#watch(kind, (owner) => enqueueRequestForOwner(owner, { onlyController: !matchEveryOwner }), options);
  }

  /** Lets `handler` say which keys a changed object of `kind` wakes. */
  watches<T extends KubernetesObject>(kind: Kind<T>, handler: EventHandler<T>, options: WatchOptions<T> = {}): this {
    this.#check('kind of watches', kind, rules.kind);
    checkHandler(this.#action, 'handler of watches', handler);
    this.#checkWatch('watches', options, watchRules);
    return this.#watch(kind, () => handler, options);
  }

  /** Takes keys from elsewhere: a channel with a function that maps its events to keys, or anything that is a source. Filters do not apply. */
  source<E>(channel: Channel<E>, map: ChannelMapFunc<E>, options?: SourceOptions): this;
  source(source: Source | SourceFunc): this;
  source<E>(source: Channel<E> | Source | SourceFunc, map?: ChannelMapFunc<E>, options: SourceOptions = {}): this {
    this.#check('source', source, argument.source);
    const mapName = 'function that maps the events of the channel to keys';
    if ('offer' in source) {
      this.#check(mapName, map, rules.function);
      checkOptions<SourceOptions>(this.#action, options, sourceRules, 'options of source');
      this.#sources.push(new ChannelSource(source, map as ChannelMapFunc<E>, options));
      return this;
    }
    this.#check(mapName, map, argument.absent);
    this.#sources.push(typeof source === 'function' ? funcSource(source) : source);
    return this;
  }

  /** Only events that pass `predicate` count, of all kinds that are watched. */
  withEventFilter(predicate: Predicate): this {
    checkPredicate(this.#action, 'predicate of withEventFilter', predicate);
    this.#filters.push(predicate);
    return this;
  }

  /** Settings; those of several calls add up. */
  withOptions(options: ControllerOptions): this {
    checkOptions<ControllerOptions>(this.#action, options, controllerOptionRules);
    this.#options = { ...this.#options, ...options };
    return this;
  }

  /**
   * Finishes the controller. It runs with its manager: from now on, if that runs already.
   *
   * @throws {TypeError} when something is missing or was said twice.
   */
  reconcile(reconcile: Reconcile): ControllerHandle {
    this.#check('reconcile', reconcile, rules.function);
    if (this.#isFinished) throw this.#invalid('reconcile', 'must be called once');
    if (this.#owns && !this.#kind) throw this.#invalid('owns', 'needs the kind of the owners: call for, too');
    const sources = [...this.#watches.map((make) => make()), ...this.#sources];
    if (sources.length === 0)
      throw this.#invalid('reconcile', 'needs something that wakes it: call for, watches or source, too');
    const plan = { name: this.name, kind: this.#kind, sources, options: this.#options, reconcile };
    const controller = this.#ports.build(plan);
    this.#isFinished = true;
    return controller;
  }

  #watch<T extends KubernetesObject>(
    kind: Kind<T>,
    handlerFor: (owner: Kind) => EventHandler<T>,
    { predicates = [], metadataOnly = false }: WatchOptions<T>,
  ): this {
    if (this.#isFinished) throw this.#invalid('reconcile', 'must come last');
    const informer = this.#ports.informerOf(kind, { metadataOnly });
    this.#watches.push(() => {
      const handler = handlerFor(this.#kind ?? (kind as Kind));
      const all = [...this.#filters, ...predicates];
      return new InformerSource<T>(informer, handler, { kind: formatGroupKind(kind), predicates: all }) as Source;
    });
    return this;
  }

  get #action(): string {
    return `build controller "${this.name}"`;
  }

  #check(field: string, value: unknown, rule: ValueRule): void {
    checkValue(this.#action, field, value, rule);
  }

  #checkWatch<O extends WatchOptions<never>>(method: string, options: O, known: OptionRules<O>): void {
    const field = `options of ${method}`;
    checkOptions<O>(this.#action, options, known, field);
    if (options.predicates) checkPredicates(this.#action, `${field}.predicates`, options.predicates);
  }

  #invalid(method: string, rule: string): TypeError {
    return new TypeError(`Cannot ${this.#action}: ${method} ${rule}`);
  }
}
