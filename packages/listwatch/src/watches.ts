import type { Clock, Random, WatchFrame } from '@bowline/apimachinery';
import type { Journal } from './journal.ts';
import type { ReflectorSettings } from './options.ts';
import type { ListerWatcher } from './ports.ts';
import { type WatchRequest, WatchStream } from './watch-stream.ts';

/** The watches of one reflector, one after the other. */
export class Watches<T> {
  readonly #ports: { readonly source: ListerWatcher<T>; readonly clock: Clock; readonly random: Random };
  readonly #journal: Journal;
  readonly #settings: ReflectorSettings;
  /** The server sends bookmarks, so that silence means something. */
  #bookmarksSeen = false;

  constructor(
    ports: { source: ListerWatcher<T>; clock: Clock; random: Random; journal: Journal },
    settings: ReflectorSettings,
  ) {
    this.#ports = ports;
    this.#journal = ports.journal;
    this.#settings = settings;
  }

  open(resourceVersion: string, signal: AbortSignal): WatchStream<T> {
    return this.#open({ resourceVersion, signal });
  }

  /** Opens a watch that begins with the full state. */
  openWatchList(resourceVersion: string, signal: AbortSignal): WatchStream<T> {
    const stream = this.#open({
      resourceVersion,
      sendInitialEvents: true,
      resourceVersionMatch: 'NotOlderThan',
      signal,
    });
    stream.idleLimitMs = this.#settings.initialEventsIdleMs;
    return stream;
  }

  /** Something came: a proof of life, and perhaps the first bookmark. */
  heard(frames: readonly WatchFrame<T>[]): void {
    this.#journal.heard();
    this.#bookmarksSeen ||= frames.some((frame) => frame.type === 'bookmark');
  }

  /** How long a watch may be silent. */
  get idleLimitMs(): number {
    return this.#bookmarksSeen ? this.#settings.idleTimeoutMs : Number.POSITIVE_INFINITY;
  }

  async close(stream: WatchStream<T> | undefined): Promise<void> {
    if (!stream) return;
    this.#journal.watchOver(stream);
    await stream.close();
  }

  #open(request: WatchRequest): WatchStream<T> {
    const onRetry = (error: unknown): void => this.#journal.retried(error, 'watch');
    this.#journal.watchAsked();
    return WatchStream.open(this.#ports, { ...request, onRetry }, this.#settings);
  }
}
