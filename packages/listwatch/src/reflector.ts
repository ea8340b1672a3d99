import type { Clock } from '@bowline/apimachinery';
import { checkValue, rules } from '@bowline/apimachinery/arguments';
import { BoundedLister } from './bounded-lister.ts';
import { checkPorts } from './check-ports.ts';
import { resourceOf } from './classification.ts';
import { checkConsistency, describeDifferences } from './consistency.ts';
import { inconsistentError } from './errors.ts';
import { Journal } from './journal.ts';
import { listRound } from './list-round.ts';
import { type ReflectorOptions, resolveReflectorOptions } from './options.ts';
import type { CacheView, ReflectorPorts } from './ports.ts';
import { publicState, type State, type Step, streamOf } from './reflector-state.ts';
import { RetryWindow } from './retry-window.ts';
import type { Round } from './round.ts';
import type { ReflectorStatus } from './status.ts';
import { Versions } from './versions.ts';
import { Waits } from './waits.ts';
import { WatchListMemory } from './watch-list-memory.ts';
import { watchListRound } from './watch-list-round.ts';
import { watchRound } from './watch-round.ts';
import { Watches } from './watches.ts';

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
  readonly #clock: Clock;
  readonly #round: Round<T>;
  readonly #cache: CacheView<T> | undefined;
  #state: State<T> = { type: 'idle' };

  constructor(ports: ReflectorPorts<T>, options: ReflectorOptions = {}) {
    checkPorts('create reflector', ports, ['sink']);
    const settings = resolveReflectorOptions(options);
    if (settings.consistencyCheckMs > 0) checkPorts('create reflector', ports, ['cache']);
    const { source, sink, clock, random, watchLists, cache } = ports;
    const journal = new Journal(ports, source.description ?? 'objects', options.name);
    this.#clock = clock;
    this.#cache = cache;
    this.#round = {
      source,
      lister: new BoundedLister(source, clock, settings.listTimeoutMs),
      sink,
      clock,
      settings,
      versions: new Versions(),
      watchLists: watchLists ?? new WatchListMemory({ clock }),
      watches: new Watches({ source, clock, random, journal }, settings),
      waits: new Waits({ clock, random, journal }, settings),
      internalErrors: new RetryWindow(clock, settings.maxInternalErrorRetryMs),
      journal,
    };
  }

  /** What it is doing, how far it is, what went wrong last. */
  status(): ReflectorStatus {
    const state = this.#state;
    const { journal, versions } = this.#round;
    return journal.report(publicState(state), versions.last, state.type === 'waiting' ? state.until : undefined);
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
    const { journal, waits, watches } = this.#round;
    journal.begin();
    let step: Step<T> = { type: 'starting', cause: 'initial' };
    const checking = this.#keepChecking(signal);
    while (!signal.aborted) {
      this.#enter(step);
      try {
        step = await this.#leave(step, signal);
      } catch (error) {
        if (signal.aborted) break;
        await watches.close(streamOf(step));
        step = waits.failed(journal.problem(error, 'watch'));
      }
    }
    await watches.close(streamOf(step));
    await checking;
    journal.end();
    this.#enter({ type: 'stopped' });
  }

  #enter(state: State<T>): void {
    this.#state = state;
    this.#round.journal.changed();
  }

  /** All transitions. Once `signal` has aborted, what it returns only matters for its open stream. */
  #leave(step: Step<T>, signal: AbortSignal): Step<T> | Promise<Step<T>> {
    const { versions, watches } = this.#round;
    switch (step.type) {
      case 'starting': {
        const fullState = { cause: step.cause, since: this.#clock.monotonic() };
        return this.#streams ? { type: 'streaming', attempt: 1, ...fullState } : { type: 'listing', ...fullState };
      }
      case 'listing':
        return listRound(this.#round, step, signal);
      case 'streaming':
        return step.stream
          ? watchListRound(this.#round, step, step.stream, signal)
          : { ...step, stream: watches.openWatchList(versions.forWatchList, signal) };
      case 'watching':
        return step.stream
          ? watchRound(this.#round, step, step.stream, signal)
          : { ...step, stream: watches.open(versions.last, signal) };
      case 'waiting':
        return this.#clock.sleep(step.delayMs, signal).then(() => step.next);
    }
  }

  /** Whether a watch-list is worth an attempt. */
  get #streams(): boolean {
    const { source, settings, watchLists, journal } = this.#round;
    return settings.watchList && source.supportsWatchList !== false && watchLists.allows(resourceOf(journal.what));
  }

  /** While it watches, compares the cache with the server every `consistencyCheckMs`. Never rejects. */
  async #keepChecking(signal: AbortSignal): Promise<void> {
    const { lister, settings, versions, journal } = this.#round;
    const { consistencyCheckMs } = settings;
    const cache = this.#cache;
    if (!cache || consistencyCheckMs === 0) return;
    const ports = { source: lister, cache, clock: this.#clock };
    for (;;) {
      await this.#clock.sleep(consistencyCheckMs, signal);
      if (signal.aborted) return;
      if (this.#state.type !== 'watching') continue;
      const report = await checkConsistency(ports, { signal }).catch(() => undefined); // it rejects only after an abort
      if (!report) return;
      if (report.type !== 'different') {
        journal.logger.debug({ ...report }, 'Compared the cache with the server');
        continue;
      }
      journal.inconsistent();
      versions.unavailable = true; // so that the list is the most recent one
      streamOf(this.#state)?.interrupt(inconsistentError(describeDifferences(report)));
    }
  }
}
