import { getHeapSpaceStatistics } from 'node:v8';
import { defineKind, type KubernetesObject } from '@bowline/apimachinery';
import { FakeClock, seededRandom } from '@bowline/apimachinery/testing';
import { SharedInformer } from '@bowline/informer';
import { FakeItemServer } from '@bowline/informer/testing';
import { ListWatch } from '@bowline/listwatch';
import { figure } from '../measure.ts';

// A day in the life of an informer, on a virtual clock: a million events, watches that end and break, expired versions, resyncs, handlers
// that come and go. What it holds must not grow from hour to hour.
interface Pod extends KubernetesObject {
  readonly spec: { readonly nodeName: string; readonly image: string };
}
const Pod = defineKind<Pod>({ group: '', version: 'v1', kind: 'Pod', resource: 'pods', scope: 'Namespaced' });
const count = 5_000;
const hours = 24;
const changesPerMinute = 700;

const clock = new FakeClock();
// Versions and names have as many digits at the end as at the start.
const server = new FakeItemServer({ resourceVersion: 1_000_000_000 });
const random = seededRandom(1);
const names: string[] = [];
let made = 1_000_000;
let events = 0;
const below = (bound: number): number => Math.floor(random.next() * bound);

function put(index: number, name: string): void {
  names[index] = name;
  const [namespace = '', ownName = ''] = name.split('/');
  server.put(Pod, {
    metadata: { namespace, name: ownName, labels: { app: `app-${below(100)}` } },
    spec: { nodeName: `node-${below(200)}`, image: `registry.example/app:${below(1_000)}` },
  });
}
const freshName = (): string => `team-${below(50)}/pod-${++made}`;
for (let index = 0; index < count; index++) put(index, freshName());

const informer = new SharedInformer<Pod>(
  { source: new ListWatch(server, Pod), clock, random },
  { indexes: { node: 'spec.nodeName', app: 'metadata.labels.app' } },
);
let told = 0;
informer.addItemHandler({
  onTransitions: (transitions) => {
    told += transitions.length;
  },
});
informer.addHandler({ onUpdate: (_, { spec }) => void (spec.image === '' && told++) }, { resyncMs: 600_000 });
let isSlow = false; // for some minutes of every hour one handler falls behind
informer.addHandler({ onUpdate: () => (isSlow ? clock.sleep(1_000) : undefined) }, { maxPending: 100 });
const stop = new AbortController();
const running = informer.run(stop.signal);
await clock.settle();

function change(): void {
  const index = below(count);
  const name = names[index] ?? '';
  events++;
  if (random.next() < 0.8) {
    put(index, name);
    return;
  }
  server.delete(Pod, name);
  events++;
  put(index, freshName());
}

/** What the program holds after full collections, in bytes: without the code that V8 makes of it, which grows as it warms up. */
function heldBytes(): number {
  if (!globalThis.gc) throw new Error('Cannot measure memory: node must run with --expose-gc');
  for (let collection = 0; collection < 4; collection++) globalThis.gc();
  const spaces = getHeapSpaceStatistics().filter(({ space_name: name }) => !/code|trusted/.test(name));
  return spaces.reduce((sum, { space_used_size: size }) => sum + size, 0);
}

const bytes: number[] = [];
// Hour 0 warms up: code is compiled, tables grow to their size.
for (let hour = 0; hour <= hours; hour++) {
  for (let minute = 0; minute < 60; minute++) {
    isSlow = minute >= 10 && minute < 30;
    const visitor = informer.addHandler({ onAdd: () => void told++ });
    for (let changes = 0; changes < changesPerMinute; changes++) change();
    server.sendBookmarks();
    if (minute % 10 === 3) server.endWatches();
    if (minute % 20 === 7) server.breakWatches();
    if (minute === 30) server.endWatches();
    if (minute === 30) change();
    if (minute % 15 === 0) server.compact(); // its own memory; where a watch is down, its version has expired
    server.requests.length = 0;
    await clock.advance(60_000);
    visitor.remove();
  }
  if (!informer.hasSynced || informer.indexer.size !== count)
    throw new Error(`${informer.indexer.size} objects are there`);
  if (hour === 0) continue;
  bytes.push(heldBytes());
  console.log(
    `hour ${hour}: ${((bytes.at(-1) ?? 0) / 1e6).toFixed(2)} MB after ${events.toLocaleString('en-US')} events`,
  );
}
const { relists } = informer.status();
console.log(`full states: ${JSON.stringify(relists)}; calls and changes told: ${told.toLocaleString('en-US')}`);
stop.abort();
await clock.advance(60_000);
await running;
const [first = Number.NaN] = bytes;
figure('24 virtual hours of churn', events, 'events');
figure('24 virtual hours of churn: heap after hour 24 by heap after hour 1', (bytes.at(-1) ?? Number.NaN) / first, '×');
figure('24 virtual hours of churn: largest heap of an hour by heap after hour 1', Math.max(...bytes) / first, '×');
