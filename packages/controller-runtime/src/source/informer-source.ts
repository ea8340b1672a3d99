import type { Awaitable, KubernetesObject } from '@bowline/apimachinery';
import { checkOptions, checkValue, required, rules, withMethods } from '@bowline/apimachinery/arguments';
import { EventDelivery } from '../event-delivery.ts';
import { checkHandler, checkPredicates } from '../event-functions.ts';
import type { EventHandler } from '../handler.ts';
import type { Enqueue, ItemInformer, Registration, Source, SourceContext } from '../ports.ts';
import type { Predicate } from '../predicate.ts';

/** How the events of an informer reach a queue. */
export interface InformerSourceOptions<T extends KubernetesObject> {
  /** The kind, for causes, messages and logs. */
  readonly kind: string;
  /** An event must pass all of them. @default none */
  readonly predicates?: readonly Predicate<T>[] | undefined;
}

/**
 * The events of an informer, through predicates and a handler. The informer must be run by somebody else;
 * those that the manager's cache makes (`for`, `owns`, `watches`) are run by the manager.
 */
export class InformerSource<T extends KubernetesObject = KubernetesObject> implements Source {
  readonly name: string;
  readonly #informer: ItemInformer<T>;
  readonly #handler: EventHandler<T>;
  readonly #predicates: readonly Predicate<T>[];
  #delivery: EventDelivery<T> | undefined;
  #registration: Registration | undefined;

  constructor(informer: ItemInformer<T>, handler: EventHandler<T>, options: InformerSourceOptions<T>) {
    const action = 'make source';
    checkValue(action, 'informer', informer, withMethods('an informer', 'addItemHandler'));
    checkHandler(action, 'handler', handler);
    checkOptions<InformerSourceOptions<T>>(action, options, {
      kind: required(rules.nonEmptyString),
      predicates: rules.array,
    });
    const { kind, predicates = [] } = options;
    checkPredicates(action, 'predicates', predicates);
    this.name = kind;
    this.#informer = informer;
    this.#handler = handler;
    this.#predicates = predicates;
  }

  get pending(): number {
    return (this.#registration?.pending ?? 0) + (this.#delivery?.pending ?? 0);
  }

  problem(): string | undefined {
    return this.#informer.problem?.();
  }

  async start(queue: Enqueue, { controller, signal, clock, logger }: SourceContext): Promise<void> {
    const delivery = new EventDelivery<T>(
      { handler: this.#handler, predicates: this.#predicates, queue, clock, logger },
      { kind: this.name },
    );
    const onTransitions = (transitions: Parameters<typeof delivery.deliver>[0]): Awaitable<void> =>
      delivery.deliver(transitions);
    const registration = this.#informer.addItemHandler({ onTransitions }, { name: controller });
    this.#delivery = delivery;
    this.#registration = registration;
    const stop = () => {
      registration.remove();
      delivery.stop();
    };
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
    await registration.synced(signal);
  }
}
