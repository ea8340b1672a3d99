import { type Draft, defineKind, type KubernetesObject } from '@bowline/apimachinery';
import { FakeClock, RecordingLogger, seededRandom } from '@bowline/apimachinery/testing';
import { SharedInformer } from '@bowline/informer';
import { ListWatch } from '@bowline/listwatch';
import { FakeItemServer } from '@bowline/listwatch/testing';
import { expect, test } from 'vitest';
import { type EventHandler, enqueueRequestForObject } from '../handler.ts';
import type { Enqueue } from '../ports.ts';
import type { Predicate } from '../predicate.ts';
import * as predicate from '../predicate.ts';
import { formatRequest } from '../request.ts';
import { InformerSource } from './informer-source.ts';

const Thing = defineKind({
  group: 'example.com',
  version: 'v1',
  kind: 'Thing',
  resource: 'things',
  scope: 'Namespaced',
});

/** A running informer of things, and a source of it. */
async function setup(handler: EventHandler, predicates: readonly Predicate[] = [], clock = new FakeClock()) {
  const server = new FakeItemServer();
  const put = (name: string, metadata: Partial<Draft<KubernetesObject>['metadata']> = {}) =>
    server.put(Thing, { metadata: { namespace: 'default', name, ...metadata } });
  put('first');
  const logger = new RecordingLogger();
  const informer = new SharedInformer<KubernetesObject>({
    source: new ListWatch(server, Thing),
    clock,
    random: seededRandom(1),
    logger,
  });
  const stop = new AbortController();
  const running = informer.run(stop.signal);
  const added: { key: string; cause: string | undefined }[] = [];
  const queue: Enqueue = {
    add: (key, options) => {
      added.push({ key: typeof key === 'string' ? key : formatRequest(key), cause: options?.cause?.type });
    },
  };
  const source = new InformerSource(informer, handler, { kind: 'Thing.example.com', predicates });
  const started = source.start(queue, { controller: 'things', signal: stop.signal, clock, logger });
  const end = async () => {
    stop.abort();
    await clock.advance(10);
    await Promise.all([running, started.catch(() => {})]);
    expect(clock.pending).toBe(0);
    expect(informer.status().handlers).toEqual([]);
  };
  await clock.settle();
  return { server, put, clock, logger, informer, source, started, added, end };
}

test('InformerSource brings creations, updates and deletions, each with its cause', async () => {
  const t = await setup(enqueueRequestForObject);
  await t.started;
  t.put('second');
  t.put('first', { labels: { a: 'b' } });
  t.server.delete(Thing, 'default/second');
  await t.clock.settle();
  expect(t.added).toEqual([
    { key: 'default/first', cause: 'create' },
    { key: 'default/second', cause: 'create' },
    { key: 'default/first', cause: 'update' },
    { key: 'default/second', cause: 'delete' },
  ]);
  expect(t.informer.status().handlers).toMatchObject([{ name: 'things', synced: true }]);
  await t.end();
});

test('InformerSource is started once its handler has been told of everything that exists', async () => {
  let release = () => {};
  const blocked = new Promise<void>((resolve) => {
    release = resolve;
  });
  const t = await setup({ create: () => blocked });
  let started = false;
  void t.started.then(() => {
    started = true;
  });
  await t.clock.settle();
  expect(started).toBe(false);
  release();
  await t.clock.settle();
  expect(started).toBe(true);
  await t.end();
});

test('InformerSource awaits asynchronous handlers, one event at a time and in order', async () => {
  const calls: string[] = [];
  const clock = new FakeClock();
  const create: EventHandler['create'] = async ({ key }) => {
    calls.push(`${key} starts`);
    await clock.sleep(10);
    calls.push(`${key} ends`);
  };
  const t = await setup({ create }, [], clock);
  t.put('second');
  t.put('third');
  await t.clock.advance(100);
  expect(calls).toEqual(
    ['first', 'second', 'third'].flatMap((name) => [`default/${name} starts`, `default/${name} ends`]),
  );
  await t.end();
});

test('Lossless: InformerSource brings an event again whose handler failed, and counts it as pending meanwhile', async () => {
  let failures = 2;
  const t = await setup({
    create: (event, queue) => {
      if (failures-- > 0) throw new Error('lookup failed');
      queue.add(event.key);
    },
  });
  expect(t.source.pending).toBe(1);
  expect(t.added).toEqual([]);
  await t.started;
  await t.clock.advance(1_000);
  expect(t.added).toEqual([{ key: 'default/first', cause: 'create' }]);
  expect(t.source.pending).toBe(0);
  await t.end();
});

const rejecting = async () => {
  throw new Error('nobody handles this');
};
const promised =
  'Cannot judge event: what create of a predicate returns must be true or false, got an object (Promise)';

test.each<[string, Predicate, string]>([
  [
    'throws',
    {
      create: () => {
        throw new Error('bug');
      },
    },
    'bug',
  ],
  ['returns a promise', { create: async () => false } as unknown as Predicate, promised],
  ['returns a promise that rejects', { create: rejecting } as unknown as Predicate, promised],
  [
    'returns one within a combination',
    predicate.not(predicate.filter(rejecting as unknown as () => boolean)),
    promised,
  ],
])('Lossless: InformerSource lets an event pass whose predicate %s, and says so', async (_how, broken, message) => {
  const t = await setup(enqueueRequestForObject, [broken]);
  expect(t.added).toEqual([{ key: 'default/first', cause: 'create' }]);
  const errors = t.logger.lines.filter(({ level }) => level === 'error');
  expect(errors).toMatchObject([{ message: 'Predicate failed, the event passes', fields: { err: { message } } }]);
  await t.end();
});

test('InformerSource drops what one of its predicates drops', async () => {
  const t = await setup(enqueueRequestForObject, [{}, { create: () => false }]);
  t.put('first', { labels: { a: 'b' } });
  await t.clock.settle();
  expect(t.added).toEqual([{ key: 'default/first', cause: 'update' }]);
  await t.end();
});
