import { type Backoff, type Clock, exponentialBackoff, isNotFound, type Random } from '@bowline/apimachinery';
import type { ListerWatcher } from '@bowline/listwatch';
import type { DefinitionChanges } from './ports.ts';

/** The first wait and the longest one, before jitter, between two questions whether the resource is there. */
const PROBE_MS = { first: 1_000, longest: 30_000 };
/** How long one question may take. */
const ANSWER_MS = 10_000;

/** What it takes to find out that the server knows a resource again. */
export interface AbsencePorts<T> {
  readonly source: ListerWatcher<T>;
  readonly clock: Clock;
  readonly random: Random;
  readonly definition: DefinitionChanges | undefined;
  /** The server was asked, and still does not know it. */
  readonly onMissing: () => void;
}

/** The time in which the server does not know a resource. */
export class Absence<T> {
  /** When it began, in milliseconds since the Unix epoch. */
  readonly since: number;
  /** When the server is asked next; a changed definition makes it sooner. */
  nextProbeAt: number;
  /** How often the server was asked in vain. */
  failures = 0;
  /** When it was asked in vain last. */
  lastFailureAt: number | undefined;
  readonly #ports: AbsencePorts<T>;
  readonly #backoff: Backoff;
  #hint: (() => void) | undefined;
  #isHinted = false;

  constructor(ports: AbsencePorts<T>) {
    const { clock, random } = ports;
    this.#ports = ports;
    this.since = clock.now();
    this.nextProbeAt = this.since;
    this.#backoff = exponentialBackoff({
      initialMs: PROBE_MS.first,
      capMs: PROBE_MS.longest,
      jitter: 1,
      random,
    });
  }

  /** Resolves once the server answers otherwise than "not found", or when `signal` aborts. Never rejects. */
  async over(signal: AbortSignal): Promise<void> {
    const end = new AbortController();
    const onAbort = (): void => end.abort();
    if (signal.aborted) return;
    signal.addEventListener('abort', onAbort, { once: true });
    const hints = this.#ports.definition?.watch(() => this.#hinted(), end.signal);
    await this.#wait(end.signal);
    while (!end.signal.aborted && (await this.#isMissing(end.signal))) {
      const waiting = this.#wait(end.signal);
      this.#ports.onMissing();
      await waiting;
    }
    end.abort();
    signal.removeEventListener('abort', onAbort);
    await hints;
  }

  #hinted(): void {
    this.#isHinted = true;
    this.#backoff.reset();
    this.#hint?.();
  }

  async #wait(signal: AbortSignal): Promise<void> {
    const { clock } = this.#ports;
    const delayMs = this.#backoff.next();
    this.nextProbeAt = clock.now() + delayMs;
    await new Promise<void>((resolve) => {
      const settle = (): void => {
        timer.cancel();
        signal.removeEventListener('abort', settle);
        this.#hint = undefined;
        resolve();
      };
      const timer = clock.setTimer(delayMs, settle);
      this.#hint = settle;
      signal.addEventListener('abort', settle, { once: true });
      if (this.#isHinted || signal.aborted) settle();
    });
    this.#isHinted = false;
  }

  async #isMissing(signal: AbortSignal): Promise<boolean> {
    const { source, clock } = this.#ports;
    const call = new AbortController();
    const onAbort = (): void => call.abort();
    signal.addEventListener('abort', onAbort, { once: true });
    const timer = clock.setTimer(ANSWER_MS, onAbort);
    try {
      await source.list({ resourceVersion: '0', limit: 1, signal: call.signal });
      return false;
    } catch (error) {
      if (!isNotFound(error)) return false; // anything else is for the reflector to understand and to report
      this.failures += 1;
      this.lastFailureAt = clock.now();
      return true;
    } finally {
      timer.cancel();
      signal.removeEventListener('abort', onAbort);
    }
  }
}
