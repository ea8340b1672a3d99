import type { Awaitable } from '@bowline/apimachinery';
import { EventRetries } from '../event-retries.ts';
import type { Enqueue, Source, SourceContext } from '../ports.ts';
import { mappedRequests, type RequestKey } from '../request.ts';
import type { Channel, Subscription } from './channel.ts';
import type { SourceOptions } from './func-source.ts';

/** Names the requests that an event from outside the cluster is about. */
export type ChannelMapFunc<E> = (event: E) => Awaitable<Iterable<RequestKey>>;

/** How often an event whose map function fails is tried: anybody may send one that always does. */
const maxTries = 10;

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
        handle: async (event) => {
          for (const key of mappedRequests(await this.#map(event))) queue.add(key, { cause });
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
    void this.#pump(retries, signal);
  }

  async #pump(retries: EventRetries<E>, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      for (const event of await this.#subscription.take()) await retries.handle(event);
    }
  }
}
