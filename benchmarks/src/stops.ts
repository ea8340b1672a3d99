import { PerformanceObserver, performance } from 'node:perf_hooks';

/** A span of time in milliseconds since the process began. */
export interface Span {
  readonly startMs: number;
  readonly endMs: number;
}

/** From one turn of the event loop to the next. */
export interface Turn extends Span {
  /** For how much of it our thread had a processor, in milliseconds. */
  readonly ranMs: number;
}

/** The longest stops of the event loop, in milliseconds. */
export interface Stops {
  /** Of any cause. */
  readonly worstStopMs: number;
  /** The longest single garbage collection. */
  readonly worstCollectionMs: number;
  /** The longest stop by our own work: without collections, and without the time in which other programs had the processor. */
  readonly worstOwnStopMs: number;
}

const intervalMs = 1;

/** Judges the turns of a timer: a turn that came late was stopped by something. */
export function judgeStops(turns: readonly Turn[], collections: readonly Span[]): Stops {
  let worstStopMs = 0;
  let worstOwnStopMs = 0;
  for (const turn of turns) {
    const collectedMs = collections.reduce(
      (sum, each) => sum + Math.max(0, Math.min(turn.endMs, each.endMs) - Math.max(turn.startMs, each.startMs)),
      0,
    );
    const stopMs = turn.endMs - turn.startMs - intervalMs;
    worstStopMs = Math.max(worstStopMs, stopMs);
    worstOwnStopMs = Math.max(worstOwnStopMs, Math.min(stopMs - collectedMs, turn.ranMs));
  }
  const worstCollectionMs = collections.reduce((worst, { startMs, endMs }) => Math.max(worst, endMs - startMs), 0);
  return { worstStopMs, worstCollectionMs, worstOwnStopMs };
}

/** Processor time of this thread so far. */
function ranMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
}

/** Watches the event loop until `end` is called, by a timer of 1 ms and by V8's own report of its collections. */
export class StopWatch {
  readonly #turns: Turn[] = [];
  readonly #collections: Span[] = [];
  readonly #observer: PerformanceObserver;
  readonly #timer: NodeJS.Timeout;
  #lastMs = performance.now();
  #lastRanMs = ranMs();

  constructor() {
    this.#observer = new PerformanceObserver((list) => this.#note(list.getEntries()));
    this.#observer.observe({ entryTypes: ['gc'] });
    this.#timer = setInterval(() => {
      const nowMs = performance.now();
      // Shorter ones cannot be the worst; whoever has no longer one has nothing to tell.
      const nowRanMs = ranMs();
      if (nowMs - this.#lastMs > 2) {
        this.#turns.push({ startMs: this.#lastMs, endMs: nowMs, ranMs: nowRanMs - this.#lastRanMs });
      }
      this.#lastMs = nowMs;
      this.#lastRanMs = nowRanMs;
    }, intervalMs);
  }

  #note(entries: readonly { readonly startTime: number; readonly duration: number }[]): void {
    for (const { startTime, duration } of entries) {
      this.#collections.push({ startMs: startTime, endMs: startTime + duration });
    }
  }

  /** Ends it, after one more turn: the last stop is seen, too. */
  async end(): Promise<Stops> {
    await new Promise((resolve) => setTimeout(resolve, 5));
    clearInterval(this.#timer);
    this.#note(this.#observer.takeRecords());
    this.#observer.disconnect();
    return judgeStops(this.#turns, this.#collections);
  }
}
