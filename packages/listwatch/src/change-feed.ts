import type { Change, Clock, Sink, WatchFrame } from '@bowline/apimachinery';
import { frameTypeError, inSink } from './errors.ts';
import type { Journal } from './journal.ts';
import { Slices } from './slices.ts';

/** Turns the frames of one watch into changes of the sink, in the server's order. */
export class ChangeFeed<T> {
  /** The version up to which the sink has been told everything. */
  resourceVersion: string;
  /**
   * A watch from "" or "0" replays all objects as added, in any order: until something else comes, their versions say
   * nothing about how far the watch is.
   */
  #replaying: boolean;
  readonly #sink: Sink<T>;
  readonly #clock: Clock;
  readonly #journal: Pick<Journal, 'unreadable' | 'readable'>;

  constructor(
    ports: { sink: Sink<T>; clock: Clock; journal: Pick<Journal, 'unreadable' | 'readable'> },
    resourceVersion: string,
  ) {
    this.#sink = ports.sink;
    this.#clock = ports.clock;
    this.#journal = ports.journal;
    this.resourceVersion = resourceVersion;
    this.#replaying = resourceVersion === '' || resourceVersion === '0';
  }

  /**
   * Feeds one chunk. Resolves with the error that ended the watch, if one did; what came before it has been applied.
   *
   * @throws `LISTWATCH_SINK_FAILED` when the sink throws.
   */
  async feed(frames: readonly WatchFrame<T>[], signal: AbortSignal): Promise<{ readonly error: Error } | undefined> {
    const slices = new Slices(this.#clock);
    let changes: Change<T>[] = [];
    let version = this.resourceVersion;
    let bookmarked = false;
    const flush = (): void => {
      if (changes.length === 0 && !bookmarked) return;
      const batch = changes;
      changes = [];
      bookmarked = false;
      inSink(() => this.#sink.apply(batch, version));
      this.resourceVersion = version;
    };
    for (const frame of frames) {
      switch (frame.type) {
        case 'added':
        case 'modified':
        case 'deleted': {
          const { type, item } = frame;
          changes.push(type === 'deleted' ? { type, item, finalStateUnknown: false } : { type, item });
          this.#journal.readable(item.key);
          if (type !== 'added') this.#replaying = false;
          if (!this.#replaying) version = item.resourceVersion;
          break;
        }
        case 'bookmark':
          this.#replaying = false;
          version = frame.resourceVersion;
          bookmarked = true;
          break;
        case 'error':
          if (!frame.undecodable) {
            flush();
            return { error: frame.error };
          }
          this.#journal.unreadable(frame.undecodable);
          break;
        default:
          flush();
          return { error: frameTypeError(frame) };
      }
      if (changes.length >= Slices.length) {
        flush(); // so that whoever takes the changes can cut its work too
        const room = this.#sink.drained(signal);
        if (room) await room;
        if (slices.due) await slices.next();
        if (signal.aborted) return undefined;
      }
    }
    flush();
    return undefined;
  }
}
