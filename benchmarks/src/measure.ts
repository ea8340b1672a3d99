import { type Stops, StopWatch } from './stops.ts';

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

/** Runs something, and watches the event loop meanwhile. */
export async function watchLoop(run: () => Promise<void>): Promise<Stops & { readonly elapsedMs: number }> {
  const stops = new StopWatch();
  const started = performance.now();
  await run();
  const elapsedMs = performance.now() - started;
  return { elapsedMs, ...(await stops.end()) };
}

/** Operations per second of `run`, which does `operations` of them. */
export async function rate(operations: number, run: () => Promise<void> | void): Promise<number> {
  collect?.();
  const started = performance.now();
  await run();
  return operations / ((performance.now() - started) / 1000);
}
