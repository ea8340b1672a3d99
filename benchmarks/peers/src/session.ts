import type { BenchServer } from './bench-server.ts';
import { type Command, type Line, PeerProcess } from './peer-process.ts';
import { peakBytes, processorMs, resetPeak, residentBytes } from './process-memory.ts';

/** What is done with an informer once it has synced. */
export interface Steps {
  /** So many MODIFIED events. */
  readonly burst?: number | undefined;
  /** A watch that is cut with 410, so that it lists again; every pod has changed. */
  readonly relist?: boolean | undefined;
  /** Reads of the cache (Bowline alone). */
  readonly reads?: boolean | undefined;
  /** Memory once more, when what nobody reads is compressed (Bowline alone). */
  readonly cool?: boolean | undefined;
  /** Memory once more, after the runtime has given back what it can (`debug.FreeOSMemory`, `malloc_trim`). */
  readonly release?: boolean | undefined;
}

/** Measured figures by name; bytes, milliseconds, microseconds and rates as the names say. */
export type Figures = Record<string, number>;

const settleMs = 100;

function copyNumbers(line: Line, prefix: string, figures: Figures): void {
  for (const [name, value] of Object.entries(line)) {
    if (typeof value === 'number') figures[prefix + name.charAt(0).toUpperCase() + name.slice(1)] = value;
  }
}

/** Runs an informer from the start of its process through all steps. Memory is that of the process and its children, after the same collection. */
export async function measureInformer(
  server: BenchServer,
  pods: number,
  command: Command,
  steps: Steps,
  limitMs: number,
): Promise<Figures> {
  const figures: Figures = {};
  await server.watches(pods, 0);
  const startMs = performance.now();
  await using peer = new PeerProcess(command, limitMs);
  await peer.answer('ready');
  figures.startMs = performance.now() - startMs;
  const collected = async (how: 'collect' | 'release' = 'collect'): Promise<number> => {
    peer.tell(how);
    const { heapBytes } = await peer.answer(how);
    if (typeof heapBytes === 'number') figures.heapBytes = heapBytes;
    await new Promise((resolve) => setTimeout(resolve, settleMs));
    return residentBytes(peer.pid);
  };
  const fullCalls = (line: Line, count: number): void => {
    if (line.calls !== count) throw new Error(`its handler was called ${line.calls} times for ${count} objects`);
  };
  figures.emptyBytes = await collected();
  resetPeak(peer.pid);
  const idleMs = processorMs(peer.pid);
  peer.tell('sync');
  const sync = await peer.answer('sync');
  fullCalls(sync, pods);
  figures.syncProcessorMs = processorMs(peer.pid) - idleMs;
  figures.syncPeakBytes = peakBytes(peer.pid);
  copyNumbers(sync, 'sync', figures);
  figures.settledBytes = await collected();
  if (steps.reads === true) {
    peer.tell('reads');
    copyNumbers(await peer.answer('reads'), 'reads', figures);
  }
  if (steps.cool === true) {
    peer.tell('cool');
    copyNumbers(await peer.answer('cool'), 'cool', figures);
    figures.coldBytes = await collected();
  }
  if (steps.release === true) figures.releasedBytes = await collected('release');
  if (steps.relist === true) {
    await server.watches(pods, 1);
    figures.beforeRelistBytes = await collected();
    resetPeak(peer.pid);
    peer.tell('relist');
    await peer.answer('armed');
    await server.expire(pods);
    const relist = await peer.answer('relist');
    fullCalls(relist, pods);
    figures.relistPeakBytes = peakBytes(peer.pid);
    copyNumbers(relist, 'relist', figures);
    figures.afterRelistBytes = await collected();
  }
  if (steps.burst !== undefined) {
    await server.watches(pods, 1);
    await collected();
    const beforeMs = processorMs(peer.pid);
    peer.tell(`burst ${steps.burst}`);
    await peer.answer('armed');
    const burstMs = performance.now();
    await server.burst(pods, steps.burst);
    const burst = await peer.answer('burst');
    figures.burstPerS = (steps.burst / (performance.now() - burstMs)) * 1_000;
    figures.burstProcessorUs = ((processorMs(peer.pid) - beforeMs) / steps.burst) * 1_000;
    fullCalls(burst, steps.burst);
    copyNumbers(burst, 'burst', figures);
  }
  return figures;
}

/** Runs a program that measures itself; each of its lines is one figure. */
export async function measureAlone(command: Command, limitMs: number): Promise<Figures> {
  await using peer = new PeerProcess(command, limitMs);
  return Object.fromEntries((await peer.rest()).map(({ phase, value }) => [phase, Number(value)]));
}
