import {
  type Backoff,
  type Clock,
  checkValue,
  exponentialBackoff,
  type Logger,
  type Metrics,
  type Random,
  rules,
  type Sink,
  silentLogger,
  type WatchCall,
  type WatchFrame,
} from '@bowline/apimachinery';
import { BoundedLister } from './bounded-lister.ts';
import { ChangeFeed } from './change-feed.ts';
import { checkPorts } from './check-ports.ts';
import { type Problem, problemOf, resourceOf } from './classification.ts';
import { checkConsistency, describeDifferences } from './consistency.ts';
import { inconsistentError, seconds, shortWatchError, silentError } from './errors.ts';
import { type ReflectorOptions, type ReflectorSettings, resolveReflectorOptions } from './options.ts';
import { Pager } from './pager.ts';
import type { CacheView, ListerWatcher, ReflectorObserver, ReflectorPorts } from './ports.ts';
import { ReflectorMetrics } from './reflector-metrics.ts';
import {
  type End,
  type Listing,
  publicState,
  type State,
  type Step,
  type Streaming,
  streamOf,
  type Watching,
} from './reflector-state.ts';
import { RetryWindow } from './retry-window.ts';
import { Staging } from './staging.ts';
import { type ReflectorStatus, type RelistCause, StatusBook } from './status.ts';
import { Versions } from './versions.ts';
import { WatchListMemory } from './watch-list-memory.ts';
import { WatchStream } from './watch-stream.ts';

/** A watch is not opened sooner after the one before it was. client-go opens it at once. */
const LEAST_WATCH_INTERVAL_MS = 1_000;
/** How often a watch-list is tried before the full state is listed. client-go tries for ever. */
const WATCH_LIST_ATTEMPTS = 5;
/** Pages that are read while the one before is stored. */
const PAGES_AHEAD = 1;
/** A server that asks for a longer wait is asked again after this all the same. */
const LONGEST_RETRY_AFTER_MS = 300_000;

/**
 * Keeps a sink equal to the server, for ever: gets the full state, then watches, and after whatever goes wrong it goes on where it
 * was, or reads the full state again. It waits between attempts, and says in `status()` what it is doing and what is wrong.
 *
 * One list or one watch is active at a time (but for `consistencyCheckMs`). The sink sees a full state before any change.
 *
 * @throws {TypeError} when a port is missing or an option unknown. {RangeError} when an option is out of its range.
 * @see client-go tools/cache/reflector.go `Reflector`
 */
export class Reflector<T> {
  readonly #source: ListerWatcher<T>;
  readonly #lister: BoundedLister<T>;
  readonly #sink: Sink<T>;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #logger: Logger;
  readonly #observer: ReflectorObserver | undefined;
  readonly #settings: ReflectorSettings;
  readonly #what: string;
  /** One for all waits, as in client-go. */
  readonly #backoff: Backoff;
  readonly #retryWindow: RetryWindow;
  readonly #book: StatusBook;
  readonly #versions = new Versions();
  readonly #watchLists: WatchListMemory;
  readonly #cache: CacheView<T> | undefined;
  readonly #metricsPort: Metrics | undefined;
  readonly #name: string;
  #metrics: ReflectorMetrics | undefined;
  #state: State<T> = { type: 'idle' };
  /** When the full state was begun that is being read. */
  #fullStateSince = 0;
  /** The server sends bookmarks, so that silence means something. */
  #bookmarksSeen = false;

  constructor(ports: ReflectorPorts<T>, options: ReflectorOptions = {}) {
    checkPorts('create reflector', ports, ['sink']);
    this.#settings = resolveReflectorOptions(options);
    const { source, sink, clock, random, logger = silentLogger, observer, metrics, watchLists, cache } = ports;
    if (this.#settings.consistencyCheckMs > 0) checkPorts('create reflector', ports, ['cache']);
    const { minBackoffMs, maxBackoffMs, backoffResetMs, listTimeoutMs, maxInternalErrorRetryMs } = this.#settings;
    this.#source = source;
    this.#lister = new BoundedLister(source, clock, listTimeoutMs);
    this.#sink = sink;
    this.#clock = clock;
    this.#random = random;
    this.#what = source.description ?? 'objects';
    this.#name = options.name ?? this.#what;
    this.#logger = logger.child({ reflector: this.#name });
    this.#metricsPort = metrics;
    this.#watchLists = watchLists ?? new WatchListMemory({ clock });
    this.#cache = cache;
    this.#observer = observer;
    this.#backoff = exponentialBackoff({
      initialMs: minBackoffMs,
      factor: 2,
      jitter: 1,
      capMs: maxBackoffMs,
      resetAfterMs: backoffResetMs,
      random,
      clock,
    });
    this.#retryWindow = new RetryWindow(clock, maxInternalErrorRetryMs);
    this.#book = new StatusBook(clock);
  }

  /** What it is doing, how far it is, what went wrong last. */
  status(): ReflectorStatus {
    const state = this.#state;
    const nextAttemptAt = state.type === 'waiting' ? state.until : undefined;
    return this.#book.report(publicState(state), this.#versions.last, nextAttemptAt);
  }

  /**
   * Runs until `signal` aborts; then it resolves, with nothing left behind. Never rejects for what a server or a sink does.
   *
   * @throws {TypeError} when `signal` is none, and when it runs already or has run: a reflector runs once.
   */
  async run(signal: AbortSignal): Promise<void> {
    checkValue('run reflector', 'signal', signal, rules.signal);
    if (this.#state.type !== 'idle') {
      throw new TypeError(`Cannot run reflector: state must be "idle", got "${publicState(this.#state)}"`);
    }
    if (this.#metricsPort) this.#metrics = new ReflectorMetrics(this.#metricsPort, this.#name);
    let step: Step<T> = { type: 'starting', cause: 'initial' };
    const checking = this.#keepChecking(signal);
    while (!signal.aborted) {
      this.#enter(step);
      try {
        step = await this.#leave(step, signal);
      } catch (error) {
        if (signal.aborted) break;
        await this.#close(streamOf(step));
        step = this.#failed(this.#problem(error, 'watch'));
      }
    }
    await this.#close(streamOf(step));
    await checking;
    this.#metrics?.close();
    this.#enter({ type: 'stopped' });
  }

  #enter(state: State<T>): void {
    this.#state = state;
    this.#observer?.changed();
  }

  /** All transitions. Once `signal` has aborted, what it returns only matters for its open stream. */
  #leave(step: Step<T>, signal: AbortSignal): Step<T> | Promise<Step<T>> {
    switch (step.type) {
      case 'starting': {
        const { cause } = step;
        this.#fullStateSince = this.#clock.monotonic();
        const { supportsWatchList = true } = this.#source;
        const streams =
          this.#settings.watchList && supportsWatchList && this.#watchLists.allows(resourceOf(this.#what));
        return streams ? { type: 'streaming', cause, attempt: 1 } : { type: 'listing', cause };
      }
      case 'listing':
        return this.#list(step, signal);
      case 'streaming':
        return step.stream ? this.#stream(step, step.stream, signal) : { ...step, stream: this.#openWatchList(signal) };
      case 'watching':
        return step.stream ? this.#watch(step, step.stream, signal) : { ...step, stream: this.#openWatch(signal) };
      case 'waiting':
        return this.#clock.sleep(step.delayMs, signal).then(() => step.next);
    }
  }

  async #list(step: Listing, signal: AbortSignal): Promise<Step<T>> {
    const resourceVersion = this.#versions.forList;
    const pageSize = step.again?.pageSize ?? this.#settings.pageSize ?? this.#versions.pageSizeFor(resourceVersion);
    const pager = new Pager<T>(this.#lister, { pageSize, pageBufferSize: PAGES_AHEAD });
    let staging: Staging<T> | undefined;
    let version = '';
    try {
      for await (const { page, restart } of pager.pages({ resourceVersion, signal })) {
        this.#book.heard();
        if (restart || !staging) staging = new Staging(this.#sink, this.#clock);
        await staging.put(page.items, signal);
        for (const object of page.undecodable ?? []) staging.keep(object);
        version = page.resourceVersion;
        if (page.continue) this.#versions.paged(resourceVersion);
      }
      await this.#commit(staging, version, step.cause, signal);
      return { type: 'watching' };
    } catch (error) {
      if (signal.aborted) return step;
      const problem = this.#problem(error, 'list');
      if (step.again || problem.remedy.list === 'wait') return this.#failed(problem);
      this.#versions.unavailable = true;
      this.#logger.debug({ resourceVersion }, problem.message);
      return { ...step, again: { pageSize } };
    }
  }

  async #stream(step: Streaming<T>, stream: WatchStream<T>, signal: AbortSignal): Promise<Step<T>> {
    const { initialEventsTimeoutMs: limitMs } = this.#settings;
    const deadline = this.#clock.monotonic() + limitMs;
    const staging = new Staging(this.#sink, this.#clock);
    for (;;) {
      const reading = await stream.read();
      if (reading.type === 'aborted') return step;
      let end: End<T> | undefined;
      if (reading.type === 'frames') {
        this.#heard(reading.frames);
        const streamed = await staging.stream(reading.frames, signal);
        if (signal.aborted) return step;
        if (streamed.type === 'complete') {
          stream.unread(reading.frames.slice(streamed.next));
          await this.#commit(staging, streamed.resourceVersion, step.cause, signal);
          this.#watchLists.worked(resourceOf(this.#what));
          this.#works();
          return { type: 'watching', stream };
        }
        if (streamed.type === 'error') end = { type: 'failed', error: streamed.error };
        else if (this.#clock.monotonic() >= deadline) end = { type: 'silent', limit: 'overdue', limitMs };
      } else end = reading;
      if (end) {
        await this.#close(stream);
        return this.#afterStream(end, stream, step);
      }
    }
  }

  /** A watch-list ended without its final bookmark: once more, or a list. */
  #afterStream(end: End<T>, stream: WatchStream<T>, { cause, attempt }: Streaming<T>): Step<T> {
    const list: Step<T> = { type: 'listing', cause };
    const again: Step<T> = attempt < WATCH_LIST_ATTEMPTS ? { type: 'streaming', cause, attempt: attempt + 1 } : list;
    if (end.type === 'ended') return stream.isShort ? list : this.#paced(stream, again);
    if (end.type === 'silent') {
      // Who has not even answered may be dead; who has answered does not end what it has begun.
      if (!stream.accepted || end.limit === 'ping') this.#source.retireConnections?.();
      else this.#watchLists.missed(resourceOf(this.#what));
      this.#logger.warn({ waitedMs: end.limitMs, frames: stream.frameCount }, this.#missedEnd(stream));
      return list;
    }
    const problem = this.#problem(end.error, 'watch');
    const { watchList } = problem.remedy;
    if (watchList === 'recent' && !this.#versions.unavailable) {
      this.#versions.unavailable = true;
      return again;
    }
    if (watchList === 'again') return this.#failed(problem, again);
    this.#logger.debug({ kind: problem.kind }, `${problem.message}; listing instead`);
    return list;
  }

  #missedEnd({ accepted, frameCount, silentMs }: WatchStream<T>): string {
    const last = frameCount > 0 ? `the last of ${frameCount} events came ${seconds(silentMs)} ago` : 'nothing came';
    const what = `No end of the initial events of ${this.#what}: ${accepted ? last : 'no answer came'}; listing instead`;
    return accepted ? `${what}; set watchList to false for a server that does not know sendInitialEvents` : what;
  }

  async #watch(step: Watching<T>, stream: WatchStream<T>, signal: AbortSignal): Promise<Step<T>> {
    const feed = new ChangeFeed<T>(
      {
        sink: this.#sink,
        clock: this.#clock,
        unreadable: (object) => {
          this.#book.unreadable(object);
          this.#logger.warn({ key: object.key }, `Skipped an object of ${this.#what}: ${object.message}`);
        },
        readable: (key) => this.#book.readable(key),
      },
      this.#versions.last,
    );
    stream.idleLimitMs = this.#idleLimitMs();
    for (;;) {
      const room = this.#sink.drained(signal);
      if (room) await room;
      const opened = stream.accepted;
      const reading = await stream.read();
      let end: End<T> | undefined;
      if (reading.type === 'aborted') return step;
      if (reading.type === 'frames') {
        if (!opened) this.#works();
        this.#heard(reading.frames);
        stream.idleLimitMs = this.#idleLimitMs();
        const failure = await feed.feed(reading.frames, signal);
        this.#versions.last = feed.resourceVersion;
        this.#metrics?.reached(feed.resourceVersion);
        if (signal.aborted) return step;
        if (failure) end = { type: 'failed', error: failure.error };
      } else end = reading;
      if (end) {
        await this.#close(stream);
        return this.#afterWatch(end, stream);
      }
    }
  }

  /** A watch ended, or never began: watch on at the same version, or read the full state again. */
  #afterWatch(end: End<T>, stream: WatchStream<T>): Step<T> {
    const watch: Step<T> = this.#versions.resumable ? { type: 'watching' } : { type: 'starting', cause: 'unversioned' };
    if (end.type === 'ended') {
      return stream.isShort ? this.#failed(this.#problem(shortWatchError(), 'watch')) : this.#paced(stream, watch);
    }
    if (end.type === 'silent') this.#source.retireConnections?.();
    const error = end.type === 'silent' ? silentError(end.limitMs, silences[end.limit]) : end.error;
    const problem = this.#problem(error, 'watch');
    const { remedy, kind } = problem;
    if (!stream.accepted && end.type === 'failed') {
      return this.#failed(problem, remedy.open === 'reopen' ? watch : undefined);
    }
    if (kind === 'internal' && this.#retryWindow.allows()) return this.#paced(stream, watch);
    if (remedy.stream === 'relist-quietly') {
      // Ordinary on a busy server: nothing is wrong, so nobody is told. The version stays: the list must not be older.
      this.#logger.debug({ resourceVersion: this.#versions.last }, problem.message);
      return this.#wait(this.#backoff.next(), { type: 'starting', cause: kind });
    }
    const next: Step<T> = remedy.stream === 'reopen' ? watch : { type: 'starting', cause: kind };
    if (remedy.wait === 'backoff' || stream.isShort) return this.#failed(problem, next);
    this.#record(problem);
    return this.#paced(stream, next);
  }

  #openWatchList(signal: AbortSignal): WatchStream<T> {
    const resourceVersion = this.#versions.forWatchList;
    const stream = this.#open(
      { resourceVersion, sendInitialEvents: true, resourceVersionMatch: 'NotOlderThan' },
      signal,
    );
    stream.idleLimitMs = this.#settings.initialEventsIdleMs;
    return stream;
  }

  #openWatch(signal: AbortSignal): WatchStream<T> {
    return this.#open({ resourceVersion: this.#versions.last }, signal);
  }

  #open(
    call: Omit<WatchCall, 'allowWatchBookmarks' | 'timeoutSeconds' | 'signal'>,
    signal: AbortSignal,
  ): WatchStream<T> {
    const { minWatchTimeoutMs, overdueMarginMs, pingAfterMs, pingTimeoutMs } = this.#settings;
    const timeoutSeconds = Math.floor((minWatchTimeoutMs / 1000) * (1 + this.#random.next()));
    const limits = { lifeMs: timeoutSeconds * 1000 + overdueMarginMs, pingAfterMs, pingTimeoutMs };
    this.#metrics?.opened();
    const watchCall = { ...call, allowWatchBookmarks: true, timeoutSeconds, signal };
    return WatchStream.open(this.#source, this.#clock, watchCall, limits);
  }

  async #close(stream: WatchStream<T> | undefined): Promise<void> {
    if (!stream) return;
    this.#metrics?.closed(stream.sinceOpenedMs, stream.frameCount, stream.isShort);
    await stream.close();
  }

  /** @throws `LISTWATCH_SINK_FAILED`, or after an abort: then nothing is committed. */
  async #commit(
    staging: Staging<T> | undefined,
    resourceVersion: string,
    cause: RelistCause,
    signal: AbortSignal,
  ): Promise<void> {
    signal.throwIfAborted();
    await staging?.commit(resourceVersion, signal);
    signal.throwIfAborted();
    this.#versions.committed(resourceVersion);
    this.#metrics?.listed(this.#clock.monotonic() - this.#fullStateSince, staging?.size ?? 0, cause);
    this.#metrics?.reached(resourceVersion);
    const undecodable = staging?.undecodable ?? [];
    this.#book.replaced(cause, undecodable);
    for (const { key, message } of undecodable) {
      this.#logger.warn({ key }, `Kept the last readable state of an object of ${this.#what}: ${message}`);
    }
    this.#logger.debug({ resourceVersion, cause }, 'Read the full state');
    this.#observer?.changed();
  }

  /** While it watches, compares the cache with the server every `consistencyCheckMs`. Never rejects. */
  async #keepChecking(signal: AbortSignal): Promise<void> {
    const { consistencyCheckMs } = this.#settings;
    const cache = this.#cache;
    if (!cache || consistencyCheckMs === 0) return;
    const ports = { source: this.#lister, cache, clock: this.#clock };
    for (;;) {
      await this.#clock.sleep(consistencyCheckMs, signal);
      if (signal.aborted) return;
      if (this.#state.type !== 'watching') continue;
      const report = await checkConsistency(ports, { signal }).catch(() => undefined); // it rejects only after an abort
      if (!report) return;
      if (report.type !== 'different') {
        this.#logger.debug({ ...report }, 'Compared the cache with the server');
        continue;
      }
      this.#book.inconsistencies += 1;
      this.#versions.unavailable = true; // so that the list is the most recent one
      streamOf(this.#state)?.interrupt(inconsistentError(describeDifferences(report)));
    }
  }

  /** Something came: a proof of life, and perhaps the first bookmark. */
  #heard(frames: readonly WatchFrame<T>[]): void {
    this.#book.heard();
    this.#bookmarksSeen ||= frames.some((frame) => frame.type === 'bookmark');
  }

  #idleLimitMs(): number {
    return this.#bookmarksSeen ? this.#settings.idleTimeoutMs : Number.POSITIVE_INFINITY;
  }

  /** All is well: a watch is open. */
  #works(): void {
    this.#book.works();
    this.#observer?.changed();
  }

  #problem(error: unknown, verb: 'list' | 'watch'): Problem {
    return problemOf(error, { verb, what: this.#what });
  }

  #record(problem: Problem): void {
    const repeats = this.#book.failed(problem);
    this.#metrics?.failed(problem.kind);
    // The 1st, 2nd, 4th, 8th … time: what does not change need not be said each time.
    const level = Number.isInteger(Math.log2(repeats)) ? 'warn' : 'debug';
    this.#logger[level]({ kind: problem.kind, failures: this.#book.failures }, problem.message);
    this.#observer?.changed();
  }

  /** Tells what is wrong, then waits: as long as the back-off says, or longer where the server asks for it. */
  #failed(problem: Problem, next: Step<T> = { type: 'starting', cause: problem.kind }): Step<T> {
    this.#record(problem);
    const asked = Math.min(problem.retryAfterMs ?? 0, LONGEST_RETRY_AFTER_MS);
    return this.#wait(Math.max(this.#backoff.next(), asked), next);
  }

  /** Watches on at once, unless the last one was asked for a moment ago. */
  #paced(stream: WatchStream<T>, next: Step<T>): Step<T> {
    const delayMs = LEAST_WATCH_INTERVAL_MS - stream.sinceOpenedMs;
    return delayMs > 0 ? this.#wait(delayMs, next) : next;
  }

  #wait(delayMs: number, next: Step<T>): Step<T> {
    return { type: 'waiting', delayMs, until: this.#clock.now() + delayMs, next };
  }
}

const silences = {
  idle: 'nothing came',
  overdue: 'the server should have ended it but did not',
  ping: 'a ping was not answered',
} as const;
