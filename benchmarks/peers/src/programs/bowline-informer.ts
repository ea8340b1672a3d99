import { parseArgs } from 'node:util';
import { Pod } from '@bowline/api/core/v1';
import { defineKind } from '@bowline/apimachinery';
import { packedStorage } from '@bowline/cache/packed';
import { createClient } from '@bowline/client';
import { type RunningInformer, startInformer } from '@bowline/informer';
import { StopWatch } from '../../../src/stops.ts';
import { type Answer, converse } from './conversation.ts';
import { EventCount } from './event-count.ts';
import { Reader, type Reading } from './reader.ts';
import { measureReads } from './reads.ts';

// An informer as a user would start it: a client, `startInformer`, a handler.
const { values } = parseArgs({
  options: {
    url: { type: 'string', default: '' },
    pods: { type: 'string', default: '0' },
    kind: { type: 'string', default: 'pods' },
    reads: { type: 'string', default: 'nothing' },
    list: { type: 'boolean', default: false },
    cold: { type: 'boolean', default: false },
    warm: { type: 'boolean', default: false },
  },
});
const pods = Number(values.pods);
const BenchPod = defineKind<Pod>({
  group: 'bench.example.com',
  version: 'v1',
  kind: 'BenchPod',
  resource: 'benchpods',
  scope: 'Namespaced',
});
const reader = new Reader(values.reads as Reading);
let adds = 0;
const updates = new EventCount();
const handler = {
  onAdd: (pod: Pod): void => {
    adds++;
    reader.read(pod);
  },
  onUpdate: (_: Pod, pod: Pod): void => {
    reader.read(pod);
    updates.note();
  },
};
let informer: RunningInformer<Pod>;
/** What nobody has read for so long is compressed where `--cold` asks for it: short, so that nobody waits for it here. */
const compressAfterMs = 6_000;
const coolingLimitMs = 120_000;

/** Waits until all slabs but the one that is written to are compressed. */
async function cool(): Promise<Answer> {
  const startMs = performance.now();
  const stops = new StopWatch();
  for (;;) {
    const { slabs = 0, compressedSlabs = 0 } = informer.informer.indexer.storageStats ?? {};
    const ms = performance.now() - startMs;
    if (slabs > 0 && compressedSlabs >= slabs - 1) return { ms, slabs, compressedSlabs, ...(await stops.end()) };
    if (ms > coolingLimitMs) throw new Error(`${compressedSlabs} of ${slabs} slabs are compressed after ${ms} ms`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

const client = createClient({ cluster: { server: values.url } });
// Code is loaded by the first request. Where `--warm` asks for it that is over, as in a process that has run for a while.
if (values.warm) await client.listItems(Pod, { limit: 1, signal: AbortSignal.timeout(10_000) });

await converse({
  sync: async () => {
    const stops = new StopWatch();
    const startMs = performance.now();
    informer = await startInformer<Pod>(client, values.kind === 'custom' ? BenchPod : Pod, {
      handler,
      reflector: values.list ? { watchList: false } : undefined,
      storage: values.cold ? packedStorage({ compressAfterMs }) : undefined,
    });
    const ms = performance.now() - startMs;
    if (adds !== pods) throw new Error(`${adds} of ${pods} pods are there`);
    return { ms, calls: adds, seen: reader.seen, ...(await stops.end()) };
  },
  burst: (events) => updates.expect(events),
  relist: () => updates.expect(pods),
  reads: () => measureReads(informer),
  cool,
});
