import type { Item, ListCall, Page, WatchCall, WatchFrame } from '@bowline/apimachinery';
import { FakeWatch } from './fake-watch.ts';
import type { ListerWatcher } from './ports.ts';

/** The server's side of one list request. */
export interface FakeList<T> {
  readonly call: ListCall<T>;
  /** Answers with items and the resource version of the list, and what else a page may have. */
  answer(items: readonly Item<T>[], resourceVersion: string, more?: Partial<Page<T>>): void;
  fail(error: unknown): void;
}

/**
 * A source whose server is the test: it takes the requests one by one, in the order in which they came, and answers them.
 *
 * @example
 * ```ts
 * import { FakeListerWatcher } from '@bowline/listwatch/testing';
 *
 * const source = new FakeListerWatcher();
 * const listed = source.list({ resourceVersion: '0', signal: new AbortController().signal });
 * const list = await source.nextList();
 * list.answer([], '7');
 * console.log(list.call.resourceVersion, (await listed).resourceVersion); // 0 7
 * ```
 */
export class FakeListerWatcher<T> implements ListerWatcher<T> {
  readonly description: string = 'widgets.example.com';
  /** All requests so far, oldest first. */
  readonly requests: (
    | { readonly verb: 'list'; readonly call: ListCall<T> }
    | { readonly verb: 'watch'; readonly call: WatchCall }
  )[] = [];
  /** How often new connections were asked for. */
  retired = 0;
  readonly #lists: Mailbox<FakeList<T>> = new Mailbox();
  readonly #watches: Mailbox<FakeWatch<T>> = new Mailbox();
  readonly #openWatches = new Set<FakeWatch<T>>();

  /** Watches that somebody reads. */
  get openWatches(): number {
    return this.#openWatches.size;
  }

  /** Resolves with the next list request, which then waits for its answer. */
  nextList(): Promise<FakeList<T>> {
    return this.#lists.take();
  }

  /** Resolves with the next watch request, which then waits to be accepted. */
  nextWatch(): Promise<FakeWatch<T>> {
    return this.#watches.take();
  }

  list(call: ListCall<T>): Promise<Page<T>> {
    this.requests.push({ verb: 'list', call });
    return new Promise((resolve, reject) => {
      const abort = (): void => reject(call.signal.reason);
      if (call.signal.aborted) return abort();
      call.signal.addEventListener('abort', abort, { once: true });
      const settle = (): void => call.signal.removeEventListener('abort', abort);
      this.#lists.put({
        call,
        answer(items, resourceVersion, more) {
          settle();
          resolve({ items, resourceVersion, ...more });
        },
        fail(error) {
          settle();
          reject(error);
        },
      });
    });
  }

  watch(call: WatchCall): AsyncIterable<readonly WatchFrame<T>[]> {
    this.requests.push({ verb: 'watch', call });
    const watch = new FakeWatch<T>(call, (closed) => this.#openWatches.delete(closed));
    this.#openWatches.add(watch);
    this.#watches.put(watch);
    return watch;
  }

  retireConnections(): void {
    this.retired += 1;
  }
}

/** What came and what is waited for, whichever is first. */
class Mailbox<M> {
  readonly #messages: M[] = [];
  readonly #takers: ((message: M) => void)[] = [];

  put(message: M): void {
    const taker = this.#takers.shift();
    if (taker) taker(message);
    else this.#messages.push(message);
  }

  take(): Promise<M> {
    const message = this.#messages.shift();
    return message === undefined ? new Promise((resolve) => this.#takers.push(resolve)) : Promise.resolve(message);
  }
}
