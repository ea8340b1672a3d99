import { type Clock, type Logger, silentLogger, type Transition } from '@bowline/apimachinery';
import { checkValue, listOf, rules } from '@bowline/apimachinery/arguments';
import type { Indexer } from '@bowline/cache';
import { notSynced, stopped } from './errors.ts';
import { Gate } from './gate.ts';
import { Handlers } from './handlers.ts';
import { NamespacedCache } from './namespaced-cache.ts';
import { type HandlerOptions, handlerSettings } from './options.ts';
import type { Handler, HandlerFailure, ItemHandler } from './ports.ts';
import type { HandlerRegistration, HandlerStatus } from './registration.ts';
import { namespaceRule } from './scope.ts';
import type { SharedInformer } from './shared-informer.ts';
import type { InformerStatus } from './status.ts';
import type { Turns } from './turns.ts';

/** The informer of one namespace, for as long as it is needed. */
interface Share<T> {
  readonly informer: SharedInformer<T>;
  release(): Promise<void>;
}

/** What an informer of several namespaces works with. */
export interface NamespacedInformerPorts<T> {
  /** Gets the informer of one namespace, whose indexes can be read. */
  readonly open: (namespace: string) => Promise<Share<T>>;
  readonly clock: Clock;
  readonly turns: Turns;
  readonly logger?: Logger | undefined;
  readonly onHandlerError?: ((failure: HandlerFailure) => void) | undefined;
  /** It has been disposed of. */
  readonly onClose: () => void;
}

/** What an informer of several namespaces says about itself. */
export interface NamespacedInformerStatus {
  /** Whether every namespace has had a full state. */
  readonly synced: boolean;
  readonly objects: number;
  /** By namespace; one whose informer is being got is not there yet. */
  readonly namespaces: Readonly<Record<string, InformerStatus>>;
  readonly handlers: readonly HandlerStatus[];
}

interface Member<T> extends Share<T> {
  readonly unsubscribe: () => void;
}

/**
 * The objects of several namespaces, with one watch each, behind one set of handlers and one set of reads. The namespaces may change at any
 * time: the objects of one that is added arrive as added (`initial`), those of one that is taken away as deleted (`finalStateUnknown`).
 * The others notice nothing.
 *
 * Made by `SharedInformerFactory.acquireNamespaces`.
 */
export class NamespacedInformer<T> implements AsyncDisposable {
  /** Reads all namespaces as one. */
  readonly cache: NamespacedCache<T>;
  readonly #what: string;
  readonly #ports: NamespacedInformerPorts<T>;
  readonly #handlers: Handlers<T>;
  readonly #members: Map<string, Member<T>> = new Map();
  readonly #caches: Map<string, Indexer<T>> = new Map();
  /** Informers that are being got. */
  readonly #opening: Map<string, Promise<void>> = new Map();
  readonly #gate = new Gate();
  #wanted: ReadonlySet<string> = new Set();
  #closed: Promise<void> | undefined;

  constructor(
    ports: NamespacedInformerPorts<T>,
    options: {
      readonly name: string;
      readonly handlers: Pick<HandlerOptions, 'resyncMs' | 'maxPending' | 'endTimeoutMs'>;
    },
  ) {
    const { clock, turns, logger = silentLogger, onHandlerError } = ports;
    this.#ports = ports;
    this.#what = options.name;
    this.cache = new NamespacedCache(this.#caches);
    const shared = {
      what: options.name,
      items: () => this.cache.items(),
      size: () => this.cache.size,
      hasSynced: () => this.hasSynced,
      whyNotSynced: () => this.whyNotSynced(),
      metrics: () => undefined,
    };
    this.#handlers = new Handlers({ shared, clock, turns, logger, onHandlerError }, handlerSettings(options.handlers));
    this.#handlers.start();
    this.#gate.open();
  }

  /** The namespaces of now, sorted. */
  get namespaces(): readonly string[] {
    return [...this.#wanted].sort();
  }

  /** Whether all namespaces of now have had a full state. Without any there is nothing to wait for. */
  get hasSynced(): boolean {
    return this.#closed === undefined && this.#gate.isOpen;
  }

  /**
   * Makes these the namespaces. Those that were there before are left alone. Takes effect at once for those that are taken away; resolves
   * when their watches have ended and the informers of the new ones have been got, which need not be synced then.
   *
   * @throws {TypeError} {RangeError} when one is no name of a namespace. `INFORMER_STOPPED` when it was disposed of.
   */
  async setNamespaces(namespaces: Iterable<string>): Promise<void> {
    const wanted = [...namespaces];
    checkValue('set namespaces', 'namespaces', wanted, listOf(namespaceRule));
    if (this.#closed) throw stopped(this.#what);
    await this.#change(new Set(wanted));
  }

  /** Adds one, see `setNamespaces`. Harmless when it is there. */
  async addNamespace(namespace: string): Promise<void> {
    await this.setNamespaces([...this.#wanted, namespace]);
  }

  /** Takes one away, see `setNamespaces`. Harmless when it is not there. */
  async removeNamespace(namespace: string): Promise<void> {
    await this.setNamespaces([...this.#wanted].filter((each) => each !== namespace));
  }

  /** As `SharedInformer.addHandler`: it is told of the objects of all namespaces. Which of them they are in may change. */
  addHandler(handler: Handler<T>, options?: HandlerOptions): HandlerRegistration {
    return this.#handlers.add(handler, options);
  }

  /** As `addHandler`, for a handler that takes undecoded changes in batches. */
  addItemHandler(handler: ItemHandler<T>, options?: HandlerOptions): HandlerRegistration {
    return this.#handlers.addItems(handler, options);
  }

  /**
   * Resolves once all namespaces have had a full state, also those that are added meanwhile.
   * Rejects with `INFORMER_NOT_SYNCED` (which names those that have not, and why) when `signal` aborts first, with `INFORMER_STOPPED`
   * when it is disposed of first.
   */
  synced(signal: AbortSignal): Promise<void> {
    checkValue('wait for informer', 'signal', signal, rules.signal);
    return this.#gate.wait(signal, () => notSynced(this.#what, this.whyNotSynced() ?? 'it was not waited for', signal));
  }

  /** Why not all namespaces have had a full state, in one line for people; undefined when they have. */
  whyNotSynced(): string | undefined {
    if (this.hasSynced) return undefined;
    const reasons = this.namespaces.flatMap((namespace) => {
      const member = this.#members.get(namespace);
      const why = member ? member.informer.whyNotSynced() : 'its informer is being got';
      return why === undefined ? [] : [`namespace "${namespace}": ${why}`];
    });
    return reasons.join('; ') || 'it has ended';
  }

  status(): NamespacedInformerStatus {
    return {
      synced: this.hasSynced,
      objects: this.cache.size,
      namespaces: Object.fromEntries([...this.#members].map(([name, { informer }]) => [name, informer.status()])),
      handlers: this.#handlers.status(),
    };
  }

  /** Ends it: no handler is called any more. Resolves when the last calls have returned (or have not for `endTimeoutMs`) and the watches that nobody else needs have ended. */
  [Symbol.asyncDispose](): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.#gate.close();
    this.#gate.fail(stopped(this.#what));
    const ended = this.#handlers.stop();
    const released = [...this.#members.values()].map(({ unsubscribe, release }) => {
      unsubscribe();
      return release();
    });
    this.#wanted = new Set();
    this.#members.clear();
    this.#caches.clear();
    this.#ports.onClose();
    await Promise.all([ended, ...released, ...this.#opening.values()]);
  }

  async #change(wanted: ReadonlySet<string>): Promise<void> {
    this.#wanted = wanted;
    const ended = [...this.#members.keys()].filter((name) => !wanted.has(name)).map((name) => this.#remove(name));
    const opened = [...wanted].filter((name) => !this.#members.has(name)).map((name) => this.#open(name));
    this.#look();
    await Promise.all([...ended, ...opened]);
  }

  #open(namespace: string): Promise<void> {
    let opening = this.#opening.get(namespace);
    if (!opening) {
      opening = this.#get(namespace).finally(() => this.#opening.delete(namespace));
      this.#opening.set(namespace, opening);
    }
    return opening;
  }

  async #get(namespace: string): Promise<void> {
    try {
      const share = await this.#ports.open(namespace);
      if (this.#wanted.has(namespace)) this.#add(namespace, share);
      else await share.release(); // taken away meanwhile
    } catch (error) {
      this.#wanted = new Set([...this.#wanted].filter((name) => name !== namespace));
      this.#look();
      throw error;
    }
  }

  /** In one turn: its objects are read and told of, and from now on its changes, with nothing in between. */
  #add(namespace: string, { informer, release }: Share<T>): void {
    const { indexer } = informer;
    const unsubscribe = indexer.onCommit({
      committed: (transitions) => {
        this.#handlers.push(transitions);
        this.#look();
      },
    });
    this.#members.set(namespace, { informer, release, unsubscribe });
    this.#caches.set(namespace, indexer);
    this.#handlers.join(indexer.items(), indexer.size);
    this.#look();
  }

  /** In one turn: nobody reads its objects any more, and handlers are told. */
  #remove(namespace: string): Promise<void> | undefined {
    const member = this.#members.get(namespace);
    if (!member) return undefined;
    member.unsubscribe();
    this.#members.delete(namespace);
    this.#caches.delete(namespace);
    const gone: Transition<T>[] = [];
    for (const old of member.informer.indexer.items()) {
      gone.push({ key: old.key, old, initial: false, finalStateUnknown: true });
    }
    this.#handlers.push(gone);
    return member.release();
  }

  /** Something may have synced, or may have to. */
  #look(): void {
    if (this.#closed) return;
    const isComplete = [...this.#wanted].every((name) => this.#members.get(name)?.informer.hasSynced);
    if (isComplete) {
      this.#gate.open();
      this.#handlers.mark();
    } else this.#gate.close();
  }
}
