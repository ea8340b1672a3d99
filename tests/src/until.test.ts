import { ConfigMap } from '@bowline/api/core/v1';
import { defineKind, type Kind, type KubernetesObject, silentLogger } from '@bowline/apimachinery';
import { FakeClock, seededRandom } from '@bowline/apimachinery/testing';
import { createClient } from '@bowline/client';
import { type FakeExchange, FakeTransport } from '@bowline/client/testing';
import { startInformer, untilWithSync } from '@bowline/informer';
import { expect, test } from 'vitest';
import { put, startWorld } from './world.ts';

// Waits that go through a client, and what an answer must be like to count.

test('untilWithSync waits for a change on the server, through the end and the reset of watches', async () => {
  await using world = await startWorld();
  const { env, clock, transport, client, ports } = world;
  await put(env, 'job', 'pending');
  await clock.settle();
  const before = clock.pending;
  const source = {
    list: (call: Parameters<typeof client.listItems>[1]) => client.listItems<ConfigMap>(ConfigMap, call),
    watch: (call: Parameters<typeof client.watchItems>[1]) => client.watchItems<ConfigMap>(ConfigMap, call),
  };
  const has =
    (value: string) =>
    ({ item }: { readonly item: { readonly object: ConfigMap } }): boolean =>
      item.object.data?.value === value;
  const met = untilWithSync({ ...ports, source }, { timeoutMs: 600_000 }, has('pending'), has('running'), has('done'));
  await clock.settle();
  transport.watches[0]?.end();
  await put(env, 'job', 'running');
  await clock.advance(10_000);
  transport.watches[0]?.reset();
  await put(env, 'job', 'done');
  await clock.advance(10_000);
  expect((await met)?.item.key).toBe('default/job');
  await clock.settle();
  expect(transport.watches).toHaveLength(0);
  expect(clock.pending).toBe(before);
});

const meta = (name: string): object => ({ namespace: 'default', name, uid: name, resourceVersion: '5' });

interface Outcome {
  readonly keys: readonly string[];
  readonly undecodable: number;
  /** What went wrong. */
  readonly problem: string;
}

/** Runs an informer over a client whose server is the test, which answers list and watch. */
async function informed(
  kind: Kind<KubernetesObject>,
  ...answers: readonly ((exchange: FakeExchange) => void)[]
): Promise<Outcome> {
  const clock = new FakeClock();
  const transport = new FakeTransport();
  const client = createClient({ cluster: { server: 'http://fake' } }, { transport, clock });
  let problem = '';
  const stop = new AbortController();
  const started = startInformer(client, kind, {
    clock,
    random: seededRandom(1),
    logger: silentLogger,
    reflector: { watchList: false },
    signal: stop.signal,
    onWatchError: ({ message }) => {
      problem = message;
    },
  });
  const failed = started.then(
    () => undefined,
    (error: unknown) => error,
  );
  for (const answer of answers) answer(await transport.next());
  await clock.settle();
  if (problem !== '') {
    stop.abort();
    await failed;
    return { keys: [], undecodable: 0, problem };
  }
  await using running = await started;
  return { keys: [...running.informer.indexer.keys()], undecodable: running.status().undecodable.length, problem };
}

const list =
  (body: object) =>
  (exchange: FakeExchange): void =>
    exchange.respond({ body });
const watch =
  (...objects: readonly object[]) =>
  (exchange: FakeExchange): void => {
    exchange.open();
    for (const object of objects) exchange.event('ADDED', object);
  };
const configMaps = { apiVersion: 'v1', kind: 'ConfigMapList', metadata: { resourceVersion: '4' }, items: [] };
const table = {
  kind: 'Table',
  apiVersion: 'meta.k8s.io/v1',
  metadata: { resourceVersion: '5' },
  columnDefinitions: [],
  rows: [],
};

test('Informer refuses a Table where a list is due, and says so', async () => {
  const { keys, problem } = await informed(ConfigMap, list(table));
  expect(keys).toEqual([]);
  expect(problem).toContain('is not a JSON list');
});

test('Informer takes no Table for an object', async () => {
  const { keys, undecodable } = await informed(
    ConfigMap,
    list(configMaps),
    watch(table, { ...table, metadata: meta('stray') }, { apiVersion: 'v1', kind: 'ConfigMap', metadata: meta('a') }),
  );
  expect(keys).toEqual(['default/a']);
  expect(undecodable).toBe(2);
});

test('Informer takes a kind of another group that is called Table', async () => {
  const Table = defineKind({
    group: 'example.com',
    version: 'v1',
    kind: 'Table',
    resource: 'tables',
    scope: 'Namespaced',
  });
  const object = (name: string): object => ({ apiVersion: 'example.com/v1', kind: 'Table', metadata: meta(name) });
  const { keys, undecodable, problem } = await informed(
    Table,
    list({ apiVersion: 'example.com/v1', kind: 'TableList', metadata: { resourceVersion: '4' }, items: [object('a')] }),
    watch(object('b')),
  );
  expect(keys).toEqual(['default/a', 'default/b']);
  expect(undecodable).toBe(0);
  expect(problem).toBe('');
});
