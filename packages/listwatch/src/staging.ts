import type { Clock, Item, Replacement, Sink, Undecodable, WatchFrame } from '@bowline/apimachinery';
import { frameTypeError, inSink } from './errors.ts';
import { Slices } from './slices.ts';

/** What a chunk of a watch-list brought. */
export type Streamed =
  | { readonly type: 'more' }
  /** All that existed is staged; the frames from `next` on are later changes. */
  | { readonly type: 'complete'; readonly resourceVersion: string; readonly next: number }
  | { readonly type: 'error'; readonly error: Error };

/** A full state on its way into the sink, in slices. */
export class Staging<T> {
  /** What of the full state could not be read. */
  readonly undecodable: Undecodable[] = [];
  /** How many objects were put. */
  size = 0;
  readonly #replacement: Replacement<T>;
  readonly #clock: Clock;

  /** @throws `LISTWATCH_SINK_FAILED`, as all methods do when the sink throws. */
  constructor(sink: Sink<T>, clock: Clock) {
    this.#clock = clock;
    this.#replacement = inSink(() => sink.replace());
  }

  async put(items: readonly Item<T>[], signal: AbortSignal): Promise<void> {
    const slices = new Slices(this.#clock);
    for (let from = 0; from < items.length && !signal.aborted; from += Slices.length) {
      this.#put(items.length <= Slices.length ? items : items.slice(from, from + Slices.length));
      if (slices.due) await slices.next();
    }
  }

  /** Those of an answer that is still coming. */
  putNow(items: readonly Item<T>[]): void {
    if (items.length > 0) this.#put(items);
  }

  /** An object that exists but cannot be read: it must not count as deleted. */
  keep(object: Undecodable): void {
    this.undecodable.push(object);
    const { key } = object;
    if (key !== undefined) inSink(() => this.#replacement.keep?.(key));
  }

  /** Stages the frames up to the bookmark that says that all is there. */
  async stream(frames: readonly WatchFrame<T>[], signal: AbortSignal): Promise<Streamed> {
    const slices = new Slices(this.#clock);
    let puts: Item<T>[] = [];
    const flush = (): void => {
      if (puts.length > 0) this.#put(puts);
      puts = [];
    };
    let next = 0;
    for (const frame of frames) {
      next++;
      switch (frame.type) {
        case 'added':
        case 'modified':
          puts.push(frame.item);
          break;
        case 'deleted':
          flush();
          inSink(() => this.#replacement.remove(frame.item.key));
          break;
        case 'bookmark':
          if (!frame.initialEventsEnd) break;
          flush();
          return { type: 'complete', resourceVersion: frame.resourceVersion, next };
        case 'error':
          if (!frame.undecodable) return { type: 'error', error: frame.error };
          flush();
          this.keep(frame.undecodable);
          break;
        default:
          return { type: 'error', error: frameTypeError(frame) };
      }
      if (puts.length >= Slices.length) {
        flush();
        if (slices.due) await slices.next();
        if (signal.aborted) break;
      }
    }
    flush();
    return { type: 'more' };
  }

  commit(resourceVersion: string, signal: AbortSignal): Promise<void> {
    return inSink(() => this.#replacement.commit(resourceVersion, signal));
  }

  /** It will not be committed. */
  abandon(): void {
    inSink(() => this.#replacement.abandon?.());
  }

  #put(items: readonly Item<T>[]): void {
    this.size += items.length;
    inSink(() => this.#replacement.put(items));
  }
}
