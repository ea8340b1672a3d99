import { defineKind, type KubernetesObject } from '@bowline/apimachinery';
import { FakeClock, RecordingLogger, RecordingMetrics, seededRandom } from '@bowline/apimachinery/testing';
import { expect, test } from 'vitest';
import { FakeCluster } from './fake-cluster.ts';
import { lowPriority } from './handler.ts';
import { Manager } from './manager.ts';
import type { ManagerOptions } from './manager-options.ts';
import type { Enqueue } from './ports.ts';

interface App extends KubernetesObject {
  readonly spec?: { readonly replicas?: number };
}
const App = defineKind<App>({
  group: 'example.com',
  version: 'v1',
  kind: 'App',
  resource: 'apps',
  scope: 'Namespaced',
});

/** A controller of `names` whose runs take a second each, one at a time. */
function setup(names: readonly string[], options: Partial<ManagerOptions> = {}) {
  const client = new FakeCluster();
  const clock = new FakeClock();
  const metrics = new RecordingMetrics();
  const ports = { client, clock, metrics, logger: new RecordingLogger(), random: seededRandom(1) };
  const manager = new Manager({ ...ports, ...options });
  const put = (name: string, replicas = 1) =>
    client.server.put(App, { metadata: { namespace: 'default', name }, spec: { replicas } });
  for (const name of names) put(name);
  const runs: string[] = [];
  let queue: Enqueue | undefined;
  manager
    .controller(App)
    .source(async (given) => {
      queue = given;
    })
    .reconcile(async ({ key }) => {
      runs.push(key.name);
      await clock.sleep(1_000);
    });
  const stop = new AbortController();
  const running = manager.run(stop.signal);
  const end = async () => {
    stop.abort();
    await clock.advance(60_000);
    await running;
    expect(clock.pending).toBe(0);
  };
  const depth = (priority: string) => metrics.value('workqueue_depth', { name: 'app', controller: 'app', priority });
  const add: Enqueue['add'] = (key, given) => queue?.add(key, given);
  return { clock, manager, put, runs, add, depth, end };
}

test('Urgent: a controller reconciles what changes now before what existed at the start', async () => {
  const t = setup(['a', 'b', 'c', 'd']);
  await t.clock.settle();
  expect(t.runs).toEqual(['a']);
  t.put('d', 2);
  t.put('new');
  await t.clock.advance(10_000);
  expect(t.runs).toEqual(['a', 'd', 'new', 'b', 'c']);
  expect(t.manager.busy()).toEqual([]);
  await t.end();
});

test.each([
  ['of the manager', { controller: { usePriorityQueue: false } }],
  ['that its builder says', {}],
])('usePriorityQueue: false %s makes a controller reconcile first in, first out', async (_where, options) => {
  const client = new FakeCluster();
  const clock = new FakeClock();
  const random = seededRandom(1);
  const manager = new Manager({ client, clock, random, logger: new RecordingLogger(), ...options });
  const runs: string[] = [];
  const builder = manager.controller('plain').source(async (queue) => {
    for (const [name, priority] of [
      ['low', lowPriority],
      ['none', undefined],
      ['high', 5],
    ] as const) {
      queue.add({ name }, { priority });
    }
  });
  if (!('controller' in options)) builder.withOptions({ usePriorityQueue: false });
  builder.reconcile(({ key }) => {
    runs.push(key.name);
    if (runs.length === 1) throw new Error('retried with its priority, which counts for nothing');
  });
  const stop = new AbortController();
  const running = manager.run(stop.signal);
  await clock.advance(1_000);
  expect(runs).toEqual(['low', 'none', 'high', 'low']);
  stop.abort();
  await clock.advance(60_000);
  await running;
});

test('a controller reconciles what a resync brings after everything else', async () => {
  const t = setup(['a', 'b', 'c'], { cache: { resyncMs: 3_600_000 } });
  await t.clock.advance(10_000);
  t.runs.length = 0;
  while (t.runs.length === 0) await t.clock.advance(1_000); // the resync has begun
  t.put('new');
  await t.clock.advance(10_000);
  expect(t.runs).toEqual(['a', 'new', 'b', 'c']);
  await t.end();
});

test('a handler or source says how urgent a key is; of two priorities the higher one counts', async () => {
  const t = setup(['a', 'b', 'c']);
  await t.clock.settle();
  t.add('default/low', { priority: -1_000 });
  t.add('default/high', { priority: 10 });
  t.add('default/c', { priority: 5 });
  t.add('default/c', { priority: -5 });
  await t.clock.advance(10_000);
  expect(t.runs).toEqual(['a', 'high', 'c', 'b', 'low']);
  await t.end();
});

test('Aging: a controller lets nothing wait longer than maxStarvationMs for what is more urgent', async () => {
  const t = setup(['a', 'b'], { controller: { maxStarvationMs: 5_000 } });
  await t.clock.settle();
  for (let second = 0; second < 10; second++) {
    t.add(`default/flood-${second}`);
    t.add(`default/more-${second}`);
    await t.clock.advance(1_000);
  }
  expect(t.runs.indexOf('b')).toBe(5);
  await t.end();
});

test('Measured: the depth of a queue has a series per priority, none of which overwrites another', async () => {
  const t = setup(['a', 'b', 'c', 'd']);
  await t.clock.settle();
  t.put('new');
  await t.clock.settle();
  expect([t.depth('-100'), t.depth('0'), t.depth('')]).toEqual([3, 1, undefined]);
  await t.clock.advance(1_500);
  expect([t.depth('-100'), t.depth('0')]).toEqual([3, 0]);
  await t.clock.advance(10_000);
  expect([t.depth('-100'), t.depth('0')]).toEqual([0, 0]);
  await t.end();
});

test('Measured: the depth of a queue without priorities has one series, whose priority is empty', async () => {
  const t = setup(['a', 'b', 'c'], { controller: { usePriorityQueue: false } });
  await t.clock.settle();
  expect([t.depth(''), t.depth('0'), t.depth('-100')]).toEqual([2, undefined, undefined]);
  await t.end();
  expect(t.depth('')).toBe(2);
});
