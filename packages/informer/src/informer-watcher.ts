import type { Awaitable, Transition } from '@bowline/apimachinery';
import { checkOptions, checkValue, rules } from '@bowline/apimachinery/arguments';
import type { Lister } from '@bowline/cache';
import { untilWithoutRetry, type WaitOptions, type WatchCondition, type WatchedChange } from '@bowline/listwatch';
import { InformerError } from './errors.ts';
import type { SharedInformerOptions } from './options.ts';
import type { SharedInformerPorts } from './ports.ts';
import { SharedInformer } from './shared-informer.ts';

/** Settings of an `InformerWatcher`. */
export interface InformerWatcherOptions<T> extends SharedInformerOptions<T> {
  /** Ends it, without an error. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * A watch with a cache: what exists comes as added, then every change in order, through relists, broken connections and whatever else an
 * informer survives. A deletion that was missed comes as deleted, with the last object that was seen.
 *
 * It is read once. Its informer runs from the first reading on and ends with the loop. A reader that is more than `maxPending` changes
 * behind gets the changes of each object merged.
 *
 * @throws {TypeError} {RangeError} when a port or an option is missing or wrong, and when it is read a second time.
 * @example
 * ```ts
 * import { defineKind, systemClock, systemRandom } from '@bowline/apimachinery';
 * import { InformerWatcher } from '@bowline/informer';
 * import { FakeItemServer } from '@bowline/informer/testing';
 * import { ListWatch } from '@bowline/listwatch';
 *
 * const Pod = defineKind({ group: '', version: 'v1', kind: 'Pod', resource: 'pods', scope: 'Namespaced' });
 * const client = new FakeItemServer(); // stands for a cluster
 * client.put(Pod, { metadata: { namespace: 'default', name: 'web' } });
 *
 * const watcher = new InformerWatcher({ source: new ListWatch(client, Pod), clock: systemClock, random: systemRandom });
 * for await (const { type, item } of watcher) {
 *   console.log(type, item.key, watcher.informer.indexer.size); // added default/web 1
 *   break;
 * }
 * ```
 * @see client-go tools/watch/informerwatcher.go `NewIndexerInformerWatcher`
 */
export class InformerWatcher<T> implements AsyncIterable<WatchedChange<T>> {
  /** Its cache is at least as new as what has been read. */
  readonly informer: SharedInformer<T>;
  readonly #signal: AbortSignal | undefined;
  #isTaken = false;

  constructor(ports: SharedInformerPorts<T>, options: InformerWatcherOptions<T> = {}) {
    checkValue('create informer watcher', 'options', options, rules.object);
    const { signal, ...settings } = options;
    if (signal !== undefined) checkValue('create informer watcher', 'signal', signal, rules.signal);
    this.informer = new SharedInformer(ports, settings);
    this.#signal = signal;
  }

  [Symbol.asyncIterator](): AsyncIterator<WatchedChange<T>, undefined, undefined> {
    if (this.#isTaken)
      throw new TypeError('Cannot read informer watcher: it must be new, got one that was read already');
    this.#isTaken = true;
    return changesOf(this.informer, this.#signal);
  }
}

/** What `untilWithSync` waits for besides its conditions, and how long. */
export interface UntilWithSyncOptions<T> extends WaitOptions {
  /** Is asked once, when the cache has its first full state: true ends the wait before the conditions are looked at. */
  readonly precondition?: ((lister: Lister<T>) => Awaitable<boolean>) | undefined;
}

/**
 * Waits, through an informer, until all conditions were met, one after the other: what exists comes as added, then every change. The
 * change that meets one is also shown to the next. Resolves with the change that met the last, or with `undefined` when `precondition`
 * ended the wait. Where nothing needs a cache, `listWatchUntil` does with less.
 *
 * @throws {TypeError} {RangeError} when an argument is missing or wrong. `INFORMER_NOT_SYNCED`, which names the cause, when there was no full
 * state within `timeoutMs`, else `LISTWATCH_TIMED_OUT`. What a condition or the precondition throws. The reason of `signal`.
 * @see client-go tools/watch/until.go `UntilWithSync`
 */
export async function untilWithSync<T>(
  ports: SharedInformerPorts<T>,
  options: UntilWithSyncOptions<T>,
  ...conditions: readonly WatchCondition<T>[]
): Promise<WatchedChange<T> | undefined> {
  checkValue('wait', 'options', options, rules.object);
  const { precondition, ...wait } = options;
  checkOptions('wait', { precondition }, { precondition: rules.function });
  const informer = new SharedInformer(ports);
  let isMet = false;
  const changes = changesOf(informer, undefined, async (signal) => {
    if (!precondition) return false;
    await informer.synced(signal);
    isMet = await precondition(informer.lister);
    return isMet;
  });
  const frames = { [Symbol.asyncIterator]: () => changes };
  try {
    return await untilWithoutRetry({ frames, clock: ports.clock }, wait, ...conditions);
  } catch (error) {
    if (isMet) return undefined;
    const why = informer.whyNotSynced();
    if (why === undefined || !isTimeOut(error)) throw error;
    const what = ports.source.description ?? 'objects';
    throw new InformerError(`Informer of ${what} is not synced: ${why}`, { code: 'INFORMER_NOT_SYNCED', cause: error });
  } finally {
    await changes.return();
  }
}

function isTimeOut(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'LISTWATCH_TIMED_OUT';
}

/** An iterator that can be left while somebody waits for its next value. */
interface Changes<T> extends AsyncIterator<WatchedChange<T>, undefined, undefined> {
  next(): Promise<IteratorResult<WatchedChange<T>, undefined>>;
  return(): Promise<IteratorResult<WatchedChange<T>, undefined>>;
}

/** Runs the informer from the first `next` to `return`, or until `outer` aborts. @param isOver Is asked when it runs. */
function changesOf<T>(
  informer: SharedInformer<T>,
  outer: AbortSignal | undefined,
  isOver: (signal: AbortSignal) => Awaitable<boolean> = () => false,
): Changes<T> {
  const stop = new AbortController();
  const changes = follow(informer, outer, stop, isOver);
  return {
    next: () => changes.next(),
    return: () => {
      stop.abort(); // so that a `next` under way ends first
      return changes.return(undefined);
    },
  };
}

async function* follow<T>(
  informer: SharedInformer<T>,
  outer: AbortSignal | undefined,
  stop: AbortController,
  isOver: (signal: AbortSignal) => Awaitable<boolean>,
): AsyncGenerator<WatchedChange<T>, undefined, undefined> {
  const { signal } = stop;
  const onAbort = (): void => stop.abort(outer?.reason);
  if (outer?.aborted) onAbort();
  outer?.addEventListener('abort', onAbort, { once: true });
  const handOver = new HandOver<Transition<T>>(signal);
  informer.addItemHandler({ onTransitions: (transitions) => handOver.give(transitions) }, { name: 'watcher' });
  const running = informer.run(signal);
  try {
    if (await isOver(signal)) return undefined;
    for (;;) {
      const transition = await handOver.take();
      const change = transition && changeOf(transition);
      if (!change) return undefined;
      yield change;
    }
  } finally {
    outer?.removeEventListener('abort', onAbort);
    stop.abort();
    await running;
  }
}

function changeOf<T>({ old, new: now }: Transition<T>): WatchedChange<T> | undefined {
  if (now) return { type: old ? 'modified' : 'added', item: now };
  return old && { type: 'deleted', item: old };
}

/** Brings values in order from one who gives to one who takes. Each waits for the other, until `signal` aborts. */
class HandOver<V> {
  readonly #signal: AbortSignal;
  #values: Iterator<V> = [].values();
  /** Wakes the one that waits. */
  #wake: () => void = () => {};

  constructor(signal: AbortSignal) {
    this.#signal = signal;
    signal.addEventListener('abort', () => this.#wake(), { once: true });
  }

  /** Resolves when all values were taken, and the one who takes asks for more. */
  give(values: readonly V[]): Promise<void> {
    this.#values = values.values();
    return this.#turn();
  }

  /** The next value; undefined after the abort. */
  async take(): Promise<V | undefined> {
    while (!this.#signal.aborted) {
      const next = this.#values.next();
      if (!next.done) return next.value;
      await this.#turn();
    }
    return undefined;
  }

  /** The other side's turn: resolves when it is ours again. */
  #turn(): Promise<void> {
    this.#wake();
    return this.#signal.aborted
      ? Promise.resolve()
      : new Promise((resolve) => {
          this.#wake = resolve;
        });
  }
}
