import { PerformanceObserver, performance } from 'node:perf_hooks';

/** A span of time in milliseconds since the process began. */
export interface Span {
  readonly startMs: number;
  readonly endMs: number;
}

/** The longest stops of the event loop, in milliseconds. */
export interface Stops {
  /** Of any cause. */
  readonly worstStopMs: number;
  /** The longest single garbage collection. */
  readonly worstCollectionMs: number;
  /** The longest stop when the time of collections within it is left out. */
  readonly worstOwnStopMs: number;
}

const intervalMs = 1;

/** Judges the turns of a timer: a turn that came late was stopped by something. */
export function judgeStops(turns: readonly Span[], collections: readonly Span[]): Stops {
  let worstStopMs = 0;
  let worstOwnStopMs = 0;
  for (const turn of turns) {
    const collectedMs = collections.reduce(
      (sum, each) => sum + Math.max(0, Math.min(turn.endMs, each.endMs) - Math.max(turn.startMs, each.startMs)),
      0,
    );
    worstStopMs = Math.max(worstStopMs, turn.endMs - turn.startMs - intervalMs);
    worstOwnStopMs = Math.max(worstOwnStopMs, turn.endMs - turn.startMs - intervalMs - collectedMs);
  }
  const worstCollectionMs = collections.reduce((worst, { startMs, endMs }) => Math.max(worst, endMs - startMs), 0);
  return { worstStopMs, worstCollectionMs, worstOwnStopMs };
}

/** Watches the event loop until `end` is called, by a timer of 1 ms and by V8's own report of its collections. */
export class StopWatch {
  readonly #turns: Span[] = [];
  readonly #collections: Span[] = [];
  readonly #observer: PerformanceObserver;
  readonly #timer: NodeJS.Timeout;
  #lastMs = performance.now();

  constructor() {
    this.#observer = new PerformanceObserver((list) => this.#note(list.getEntries()));
    this.#observer.observe({ entryTypes: ['gc'] });
    this.#timer = setInterval(() => {
      const nowMs = performance.now();
      // Shorter ones cannot be the worst; whoever has no longer one has nothing to tell.
      if (nowMs - this.#lastMs > 2) this.#turns.push({ startMs: this.#lastMs, endMs: nowMs });
      this.#lastMs = nowMs;
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
