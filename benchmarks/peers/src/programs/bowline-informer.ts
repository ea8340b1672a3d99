import { parseArgs } from 'node:util';
import { Pod } from '@bowline/api/core/v1';
import { defineKind } from '@bowline/apimachinery';
import { createClient } from '@bowline/client';
import { type RunningInformer, startInformer } from '@bowline/informer';
import { converse } from './conversation.ts';
import { EventCount } from './event-count.ts';
import { Reader, type Reading } from './reader.ts';
import { measureReads } from './reads.ts';
import { StopWatch } from './stops.ts';

// An informer as a user would start it: a client, `startInformer`, a handler.
const { values } = parseArgs({
  options: {
    url: { type: 'string', default: '' },
    pods: { type: 'string', default: '0' },
    kind: { type: 'string', default: 'pods' },
    reads: { type: 'string', default: 'nothing' },
    list: { type: 'boolean', default: false },
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

await converse({
  sync: async () => {
    const stops = new StopWatch();
    const startMs = performance.now();
    const client = createClient({ cluster: { server: values.url } });
    informer = await startInformer<Pod>(client, values.kind === 'custom' ? BenchPod : Pod, {
      handler,
      reflector: values.list ? { watchList: false } : undefined,
    });
    const ms = performance.now() - startMs;
    if (adds !== pods) throw new Error(`${adds} of ${pods} pods are there`);
    return { ms, calls: adds, seen: reader.seen, ...(await stops.end()) };
  },
  burst: (events) => updates.expect(events),
  relist: () => updates.expect(pods),
  reads: () => measureReads(informer),
});
