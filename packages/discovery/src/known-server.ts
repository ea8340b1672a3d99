import { abortError, apiVersion, type Clock, type GroupVersion, type Logger } from '@bowline/apimachinery';
import { keepSnapshot, keepVersions, keptGroups } from './cached-documents.ts';
import { DiscoveryError } from './errors.ts';
import type { ResolvedOptions } from './options.ts';
import type { DiscoveryCache, RawClient } from './ports.ts';
import { type ReadOptions, readServer, readVersions } from './read-server.ts';
import { RememberedAnswers } from './remembered-answers.ts';
import type { Snapshot } from './resource.ts';
import { untilAbort } from './until-abort.ts';

/** What a `KnownServer` works with. */
export interface KnownServerPorts {
  readonly client: RawClient;
  readonly clock: Pick<Clock, 'monotonic' | 'setTimer'>;
  readonly logger: Logger;
  readonly cache: DiscoveryCache | undefined;
}

/** So many versions that the cache lacks are asked for one by one; a whole reading takes two requests. */
const FEW_VERSIONS = 2;

/** What is known of a server, how it came to be known, and when it may be asked again. */
export class KnownServer {
  readonly #ports: KnownServerPorts;
  readonly #options: ResolvedOptions;
  readonly #answers: RememberedAnswers;
  #known: Snapshot | undefined;
  /** The reading that is under way; everybody who needs one shares it. */
  #underWay: Promise<Snapshot> | undefined;
  /** The look into the cache; it takes place once, before the first reading. */
  #kept: Promise<Snapshot | undefined> | undefined;
  /** When the server was last asked, on the monotonic clock, and what was wrong then. */
  #lastRead: { readonly atMs: number; error?: Error } | undefined;

  constructor(ports: KnownServerPorts, options: ResolvedOptions) {
    this.#ports = ports;
    this.#options = options;
    this.#answers = new RememberedAnswers(ports.cache, (error) => this.#cacheFailed(error));
  }

  /** What is known without asking again. */
  get snapshot(): Snapshot | undefined {
    return this.#known;
  }

  /** What is known, or kept, else what the server says. */
  async current(signal: AbortSignal | undefined): Promise<Snapshot> {
    signal?.throwIfAborted();
    if (this.#known) return this.#known;
    if (this.#ports.cache) {
      this.#kept ??= this.#load(this.#ports.cache);
      const kept = this.#kept;
      const snapshot = await untilAbort(kept, signal);
      if (this.#known) return this.#known;
      if (snapshot && this.#kept === kept) {
        this.#known = snapshot;
        return snapshot;
      }
    }
    return this.read(signal);
  }

  /**
   * What the server says, after something was missing in what is known: at most once per `minRefreshMs`. Undefined when it is too early.
   *
   * @throws the error of the last reading while it is too early after one that failed.
   */
  async again(signal: AbortSignal | undefined): Promise<Snapshot | undefined> {
    const { atMs = Number.NEGATIVE_INFINITY, error } = this.#lastRead ?? {};
    if (!(this.#ports.clock.monotonic() - atMs < this.#options.minRefreshMs)) return this.read(signal);
    if (this.#underWay) return untilAbort(this.#underWay, signal);
    if (error) throw error;
    return undefined;
  }

  /** Reads the server, or waits for the reading that is under way. */
  read(signal: AbortSignal | undefined): Promise<Snapshot> {
    if (signal?.aborted) return Promise.reject(abortError(signal));
    if (!this.#underWay) {
      const reading = this.#readOnce();
      this.#underWay = reading;
      const isStillWanted = (): boolean => this.#underWay === reading;
      reading.then(
        (snapshot) => {
          if (!isStillWanted()) return;
          this.#known = snapshot;
          this.#underWay = undefined;
        },
        () => {
          if (isStillWanted()) this.#underWay = undefined;
        },
      );
    }
    return untilAbort(this.#underWay, signal);
  }

  /** Forgets everything, and no longer believes the cache, as kubectl does. What is being read right now is not kept. */
  invalidate(): void {
    this.#known = undefined;
    this.#underWay = undefined;
    this.#kept = Promise.resolve(undefined);
  }

  async #readOnce(): Promise<Snapshot> {
    const { client, clock, cache } = this.#ports;
    const lastRead: { readonly atMs: number; error?: Error } = { atMs: clock.monotonic() };
    this.#lastRead = lastRead;
    try {
      const snapshot = await this.#withinTime((options) => readServer(client, options));
      this.#warn(snapshot);
      if (cache) await keepSnapshot(cache, snapshot).catch((error: unknown) => this.#cacheFailed(error));
      return snapshot;
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      const message = `The server could not be discovered: ${reason}`;
      lastRead.error = new DiscoveryError(message, 'DISCOVERY_FAILED', { cause });
      throw lastRead.error;
    }
  }

  /** What the cache holds. Where it lacks a few versions, the server is asked for those. */
  async #load(cache: DiscoveryCache): Promise<Snapshot | undefined> {
    try {
      const groups = await keptGroups(cache);
      if (groups === undefined) return undefined;
      const missing = groups.flatMap(({ name: group, versions }) =>
        versions.filter(({ resources }) => resources === undefined).map(({ version }) => ({ group, version })),
      );
      if (missing.length > FEW_VERSIONS) return undefined;
      const snapshot = await this.#withinTime((options) => readVersions(this.#ports.client, groups, options));
      this.#warn(snapshot);
      const isMissing = (gv: GroupVersion): boolean => missing.some((each) => apiVersion(each) === apiVersion(gv));
      await keepVersions(cache, snapshot, isMissing);
      return snapshot;
    } catch (error) {
      this.#cacheFailed(error);
      return undefined;
    }
  }

  async #withinTime(read: (options: ReadOptions) => Promise<Snapshot>): Promise<Snapshot> {
    const { concurrency, timeoutMs, aggregated } = this.#options;
    const giveUp = new AbortController();
    const reason = new Error(`No answer within ${timeoutMs} ms`);
    const timer = this.#ports.clock.setTimer(timeoutMs, () => giveUp.abort(reason));
    try {
      const { signal } = giveUp;
      const answers = this.#answers;
      return await read({ concurrency, timeoutMs, aggregated, answers, signal, previous: this.#known });
    } finally {
      timer.cancel();
    }
  }

  #warn({ failures }: Snapshot): void {
    for (const [version, err] of failures)
      this.#ports.logger.warn({ apiVersion: version, err }, 'Could not discover a group version');
  }

  /** A cache is advice: without it everything still works. */
  #cacheFailed(err: unknown): void {
    this.#ports.logger.warn({ err }, 'The discovery cache cannot be used');
  }
}
