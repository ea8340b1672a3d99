import {
  type Backoff,
  type Clock,
  exponentialBackoff,
  type Logger,
  type Random,
  type Sink,
  silentLogger,
  type WatchCall,
  type WatchFrame,
} from '@bowline/apimachinery';
import { BoundedLister } from './bounded-lister.ts';
import { ChangeFeed } from './change-feed.ts';
import { type Problem, problemOf } from './classification.ts';
import { shortWatchError, silentError } from './errors.ts';
import { type ReflectorOptions, type ReflectorSettings, resolveReflectorOptions } from './options.ts';
import { DEFAULT_PAGE_SIZE, Pager } from './pager.ts';
import type { ListerWatcher, ReflectorObserver, ReflectorPorts } from './ports.ts';
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
import { WatchStream } from './watch-stream.ts';

/** A watch is not opened sooner after the one before it was. client-go opens it at once. */
const LEAST_WATCH_INTERVAL_MS = 1_000;
/** How often a watch-list is tried before the full state is listed. client-go tries for ever. */
const WATCH_LIST_ATTEMPTS = 5;
/** After so many watch-lists without their final bookmark the source is taken not to know them. client-go never learns. */
const MISSED_ENDS_LIMIT = 2;
/** A server that asks for a longer wait is asked again after this all the same. */
const LONGEST_RETRY_AFTER_MS = 300_000;

/**
 * Keeps a sink equal to the server, for ever: gets the full state, then watches, and after whatever goes wrong it goes on where it
 * was, or reads the full state again. It waits between attempts, and says in `status()` what it is doing and what is wrong.
 *
 * One list or one watch is active at a time. The sink sees a full state before any change.
 *
 * @throws {RangeError} when an option is out of its range.
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
  #state: State<T> = { type: 'idle' };
  /** The version up to which the sink equals the server. */
  #resourceVersion = '';
  /** The server has that version no longer, or not yet: ask for the most recent one. */
  #versionUnavailable = false;
  /** The server pages even a list at version "0", so it has no watch cache and paging costs nothing. */
  #paginated = false;
  #missedEnds = 0;
  /** The server sends bookmarks, so that silence means something. */
  #bookmarksSeen = false;

  constructor(ports: ReflectorPorts<T>, options: ReflectorOptions = {}) {
    const { source, sink, clock, random, logger = silentLogger, observer } = ports;
    this.#settings = resolveReflectorOptions(options);
    const { minBackoffMs, maxBackoffMs, backoffResetMs, listTimeoutMs, maxInternalErrorRetryMs } = this.#settings;
    this.#source = source;
    this.#lister = new BoundedLister(source, clock, listTimeoutMs);
    this.#sink = sink;
    this.#clock = clock;
    this.#random = random;
    this.#what = source.description ?? 'objects';
    this.#logger = logger.child({ reflector: options.name ?? this.#what });
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
    return this.#book.report(publicState(state), this.#resourceVersion, nextAttemptAt);
  }

  /**
   * Runs until `signal` aborts; then it resolves, with nothing left behind. Never rejects for what a server or a sink does.
   *
   * @throws {TypeError} when it runs already or has run: a reflector runs once.
   */
  async run(signal: AbortSignal): Promise<void> {
    if (this.#state.type !== 'idle') {
      throw new TypeError(`Cannot run reflector: state must be "idle", got "${publicState(this.#state)}"`);
    }
    let step: Step<T> = { type: 'starting', cause: 'initial' };
    while (!signal.aborted) {
      this.#enter(step);
      try {
        step = await this.#leave(step, signal);
      } catch (error) {
        if (signal.aborted) break;
        await streamOf(step)?.close();
        step = this.#failed(this.#problem(error, 'watch'));
      }
    }
    await streamOf(step)?.close();
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
        const streams = this.#settings.watchList && this.#missedEnds < MISSED_ENDS_LIMIT;
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
    const resourceVersion = this.#versionUnavailable ? '' : this.#resourceVersion || '0';
    const pageSize = step.again?.pageSize ?? this.#pageSizeFor(resourceVersion);
    const pager = new Pager<T>(this.#lister, { pageSize });
    let staging: Staging<T> | undefined;
    let version = '';
    try {
      for await (const { page, restart } of pager.pages({ resourceVersion, signal })) {
        this.#book.lastEventAt = this.#clock.now();
        if (restart || !staging) staging = new Staging(this.#sink, this.#clock);
        await staging.put(page.items, signal);
        for (const object of page.undecodable ?? []) staging.keep(object);
        version = page.resourceVersion;
        if (page.continue && resourceVersion === '0') this.#paginated = true;
      }
      await this.#commit(staging, version, step.cause, signal);
      return { type: 'watching' };
    } catch (error) {
      if (signal.aborted) return step;
      const problem = this.#problem(error, 'list');
      if (step.again || !isVersionProblem(problem)) return this.#failed(problem);
      this.#versionUnavailable = true;
      this.#logger.debug({ resourceVersion }, problem.message);
      return { ...step, again: { pageSize } };
    }
  }

  /** @see client-go tools/cache/reflector.go `list`, for the reason of each case */
  #pageSizeFor(resourceVersion: string): number {
    if (this.#settings.pageSize !== undefined) return this.#settings.pageSize;
    if (this.#paginated || resourceVersion === '' || resourceVersion === '0') return DEFAULT_PAGE_SIZE;
    return 0;
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
          this.#missedEnds = 0;
          this.#works();
          return { type: 'watching', stream };
        }
        if (streamed.type === 'error') end = { type: 'failed', error: streamed.error };
        else if (this.#clock.monotonic() >= deadline) end = { type: 'silent', limit: 'overdue', limitMs };
      } else end = reading;
      if (end) {
        await stream.close();
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
      this.#missedEnds += 1;
      const advice = 'listing instead; set watchList to false for a server that does not know sendInitialEvents';
      const fields = { waitedMs: end.limitMs, frames: stream.frameCount };
      this.#logger.warn(fields, `No end of the initial events of ${this.#what}: ${advice}`);
      return list;
    }
    const problem = this.#problem(end.error, 'watch');
    if (isVersionProblem(problem) && !this.#versionUnavailable) {
      this.#versionUnavailable = true;
      return again;
    }
    if (problem.kind === 'throttled' || problem.kind === 'refused') return this.#failed(problem, again);
    this.#logger.debug({ kind: problem.kind }, `${problem.message}; listing instead`);
    return list;
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
      this.#resourceVersion,
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
        this.#resourceVersion = feed.resourceVersion;
        if (signal.aborted) return step;
        if (failure) end = { type: 'failed', error: failure.error };
      } else end = reading;
      if (end) {
        await stream.close();
        return this.#afterWatch(end, stream);
      }
    }
  }

  /** A watch ended, or never began: watch on at the same version, or read the full state again. */
  #afterWatch(end: End<T>, stream: WatchStream<T>): Step<T> {
    // Without a version a new watch begins with what exists then: deletions in between would be missed.
    const unversioned = this.#resourceVersion === '' || this.#resourceVersion === '0';
    const watch: Step<T> = unversioned ? { type: 'starting', cause: 'unversioned' } : { type: 'watching' };
    if (end.type === 'ended') {
      return stream.isShort ? this.#failed(this.#problem(shortWatchError(), 'watch')) : this.#paced(stream, watch);
    }
    if (end.type === 'silent') {
      this.#source.retireConnections?.();
      const nothing = end.limit === 'idle' ? 'nothing came' : 'the server should have ended it but did not';
      this.#record(this.#problem(silentError(end.limitMs, nothing), 'watch'));
      return this.#paced(stream, watch);
    }
    const problem = this.#problem(end.error, 'watch');
    if (!stream.accepted) return this.#failed(problem, problem.onOpen === 'reopen' ? watch : undefined);
    if (problem.kind === 'expired') {
      // Ordinary on a busy server: nothing is wrong, so nobody is told. The version stays: the list must not be older.
      this.#logger.debug({ resourceVersion: this.#resourceVersion }, problem.message);
      return this.#wait(this.#backoff.next(), { type: 'starting', cause: 'expired' });
    }
    if (problem.kind === 'broken' && !stream.isShort) {
      this.#record(problem);
      return this.#paced(stream, watch);
    }
    if (problem.kind === 'internal' && this.#retryWindow.allows()) return this.#paced(stream, watch);
    return this.#failed(problem, problem.onStream === 'reopen' ? watch : undefined);
  }

  #openWatchList(signal: AbortSignal): WatchStream<T> {
    const resourceVersion = this.#versionUnavailable ? '' : this.#resourceVersion;
    const stream = this.#open(
      { resourceVersion, sendInitialEvents: true, resourceVersionMatch: 'NotOlderThan' },
      signal,
    );
    stream.idleLimitMs = this.#settings.initialEventsIdleMs;
    return stream;
  }

  #openWatch(signal: AbortSignal): WatchStream<T> {
    return this.#open({ resourceVersion: this.#resourceVersion }, signal);
  }

  #open(
    call: Omit<WatchCall, 'allowWatchBookmarks' | 'timeoutSeconds' | 'signal'>,
    signal: AbortSignal,
  ): WatchStream<T> {
    const { minWatchTimeoutMs, overdueMarginMs } = this.#settings;
    const timeoutSeconds = Math.floor((minWatchTimeoutMs / 1000) * (1 + this.#random.next()));
    const lifeMs = timeoutSeconds * 1000 + overdueMarginMs;
    return WatchStream.open(
      this.#source,
      this.#clock,
      { ...call, allowWatchBookmarks: true, timeoutSeconds, signal },
      lifeMs,
    );
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
    this.#resourceVersion = resourceVersion;
    this.#versionUnavailable = false;
    const undecodable = staging?.undecodable ?? [];
    this.#book.replaced(cause, undecodable);
    for (const { key, message } of undecodable) {
      this.#logger.warn({ key }, `Kept the last readable state of an object of ${this.#what}: ${message}`);
    }
    this.#logger.debug({ resourceVersion, cause }, 'Read the full state');
    this.#observer?.changed();
  }

  /** Something came: a proof of life, and perhaps the first bookmark. */
  #heard(frames: readonly WatchFrame<T>[]): void {
    this.#book.lastEventAt = this.#clock.now();
    this.#bookmarksSeen ||= frames.some((frame) => frame.type === 'bookmark');
  }

  #idleLimitMs(): number {
    return this.#bookmarksSeen ? this.#settings.idleTimeoutMs : Number.POSITIVE_INFINITY;
  }

  /** All is well: a watch is open. */
  #works(): void {
    this.#book.failures = 0;
    this.#observer?.changed();
  }

  #problem(error: unknown, verb: 'list' | 'watch'): Problem {
    return problemOf(error, { verb, what: this.#what });
  }

  #record(problem: Problem): void {
    this.#book.failed(problem);
    this.#logger.warn({ kind: problem.kind, failures: this.#book.failures }, problem.message);
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

function isVersionProblem({ kind }: Problem): boolean {
  return kind === 'expired' || kind === 'version-too-large';
}
