import { type Awaitable, type Clock, isPromiseLike } from '@bowline/apimachinery';
import { EventRetries } from '../event-retries.ts';
import type { Enqueue, Source, SourceContext } from '../ports.ts';
import { mappedRequests, type RequestKey } from '../request.ts';
import type { Channel, Subscription } from './channel.ts';
import type { SourceOptions } from './func-source.ts';

/** Names the requests that an event from outside the cluster is about. */
export type ChannelMapFunc<E> = (event: E) => Awaitable<Iterable<RequestKey>>;

/** How often an event whose map function fails is tried: anybody may send one that always does. */
const maxTries = 10;

/** How long events are handed on without giving way to timers and I/O. */
const sliceMs = 5;

/** The events of a channel, mapped to keys one at a time. */
export class ChannelSource<E> implements Source {
  readonly name: string;
  readonly #map: ChannelMapFunc<E>;
  readonly #subscription: Subscription<E>;
  #retries: EventRetries<E> | undefined;

  /** Takes its place in line at once, so that events which are offered before the start are kept. */
  constructor(channel: Channel<E>, map: ChannelMapFunc<E>, options: SourceOptions = {}) {
    this.name = options.name ?? 'channel';
    this.#map = map;
    this.#subscription = channel.subscribe(() => this.#retries?.pending ?? 0);
  }

  get pending(): number {
    return this.#subscription.size;
  }

  async start(queue: Enqueue, { signal, clock, logger }: SourceContext): Promise<void> {
    const cause = { type: 'generic', kind: this.name } as const;
    const retries = new EventRetries<E>(
      {
        handle: (event) => {
          const enqueue = (mapped: Iterable<RequestKey>): void => {
            for (const key of mappedRequests(mapped)) queue.add(key, { cause });
          };
          const mapped = this.#map(event);
          return isPromiseLike(mapped) ? mapped.then(enqueue) : enqueue(mapped);
        },
        describe: () => ({ source: this.name }),
        clock,
        logger,
      },
      { maxTries },
    );
    this.#retries = retries;
    const stop = () => {
      retries.stop();
      this.#subscription.close();
    };
    if (signal.aborted) return stop();
    signal.addEventListener('abort', stop, { once: true });
    void this.#pump(retries, signal, clock);
  }

  async #pump(retries: EventRetries<E>, signal: AbortSignal, clock: Clock): Promise<void> {
    let sliceStart = clock.monotonic();
    while (!signal.aborted) {
      const next = this.#subscription.take();
      if (!next) {
        await this.#subscription.arrival();
        continue;
      }
      const handling = retries.handle(next.event);
      if (handling) await handling;
      if (clock.monotonic() - sliceStart < sliceMs) continue;
      await clock.turn();
      sliceStart = clock.monotonic();
    }
  }
}
