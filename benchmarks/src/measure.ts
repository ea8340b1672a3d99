import { monitorEventLoopDelay, PerformanceObserver, performance } from 'node:perf_hooks';

/** One measured figure. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
}

/** Prints a figure; `run.ts` reads it from there. */
export function figure(name: string, value: number, unit: string): void {
  console.log(JSON.stringify({ name, value, unit } satisfies Figure));
}

const collect = (globalThis as { gc?: () => void }).gc;

/** Heap plus external memory after two full collections, in bytes. */
export function retainedBytes(): number {
  if (!collect) throw new Error('Cannot measure memory: node must run with --expose-gc');
  collect();
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** How long `run` took, and the longest stops of the event loop meanwhile. */
export interface Stops {
  readonly elapsedMs: number;
  /** Longest stop of any cause. */
  readonly worstStopMs: number;
  /** Longest single garbage collection that stopped the loop. */
  readonly worstCollectionMs: number;
}

/** Watches the event loop while `run` runs. Stops are measured by a timer of 1 ms, collections by V8's own report. */
export async function watchLoop(run: () => Promise<void>): Promise<Stops> {
  let worstCollectionMs = 0;
  const collections = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) worstCollectionMs = Math.max(worstCollectionMs, entry.duration);
  });
  collections.observe({ entryTypes: ['gc'] });
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const started = performance.now();
  await run();
  const elapsedMs = performance.now() - started;
  await new Promise((resolve) => setTimeout(resolve, 5)); // one turn, so that the histogram sees the last stop
  delay.disable();
  collections.disconnect();
  return { elapsedMs, worstStopMs: delay.max / 1e6, worstCollectionMs };
}

/** Operations per second of `run`, which does `operations` of them. */
export async function rate(operations: number, run: () => Promise<void> | void): Promise<number> {
  collect?.();
  const started = performance.now();
  await run();
  return operations / ((performance.now() - started) / 1000);
}
