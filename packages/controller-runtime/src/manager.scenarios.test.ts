import {
  deepFreeze,
  defineKind,
  type KubernetesObject,
  silentLogger,
  statusError,
  untilAborted,
} from '@bowline/apimachinery';
import { FakeClock, RecordingLogger, seededRandom } from '@bowline/apimachinery/testing';
import { afterEach, describe, expect, test } from 'vitest';
import type { KindCacheOptions } from './cache/options.ts';
import { FakeCluster } from './fake-cluster.ts';
import { Manager } from './manager.ts';
import type { ManagerOptions } from './manager-options.ts';

// What controller-runtime's tests show and no other test of ours does; docs/scenarios/controller-runtime.md says which.

interface App extends KubernetesObject {
  readonly spec?: { readonly tier?: string };
}
const scope = 'Namespaced';
const App = defineKind<App>({ group: 'example.com', version: 'v1', kind: 'App', resource: 'apps', scope });
const Part = defineKind<App>({ group: 'example.com', version: 'v1', kind: 'Part', resource: 'parts', scope });
const Node = defineKind<App>({ group: '', version: 'v1', kind: 'Node', resource: 'nodes', scope: 'Cluster' });

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

function setup(options: Partial<ManagerOptions> = {}) {
  const cluster = new FakeCluster();
  const clock = new FakeClock();
  const manager = new Manager({ client: cluster, clock, random: seededRandom(1), logger: silentLogger, ...options });
  const stop = new AbortController();
  const run = async (): Promise<{ readonly ended: Promise<void> }> => {
    const running = manager.run(stop.signal);
    running.catch(() => {});
    ends.push(async () => {
      stop.abort();
      await clock.advance(60_000);
      await running.catch(() => {});
      expect([clock.pending, cluster.server.openWatches]).toEqual([0, 0]);
    });
    await clock.settle();
    return { ended: running };
  };
  return { cluster, server: cluster.server, clock, manager, client: manager.client, run, stop };
}

test('Manager that never runs leaves nothing behind, and asks the server nothing', async () => {
  const { manager, clock, server } = setup();
  manager
    .controller(App)
    .owns(Part)
    .reconcile(() => {});
  manager.cache.informer(Node);
  await clock.settle();
  expect([clock.pending, server.requests, server.openWatches]).toEqual([0, [], 0]);
});

test('Manager takes frozen options, also for several managers at a time', async () => {
  const kinds = [{ kind: App, namespaces: ['default'], labelSelector: 'app=web' }];
  const options = deepFreeze({ cache: { kinds, namespaces: ['default', 'other'] }, controller: { drainMs: 5 } });
  for (const { manager, run, server } of [setup(options), setup(options)]) {
    manager.controller(App).reconcile(() => {});
    await run();
    expect(server.requests.map(({ query }) => [query.namespace, query.labelSelector])).toEqual([
      ['default', 'app=web'],
    ]);
  }
});

test('ControllerBuilder with metadataOnly everywhere asks for metadata alone, and brings every change', async () => {
  const { manager, server, clock, run } = setup();
  const seen: string[] = [];
  manager
    .controller('lean')
    .for(App, { metadataOnly: true })
    .owns(Part, { metadataOnly: true })
    .watches(Node, { create: ({ key }, queue) => queue.add(`default/of-${key}`) }, { metadataOnly: true })
    .reconcile(({ key }) => void seen.push(key.name));
  await run();
  const owner = { apiVersion: App.apiVersion, kind: 'App', name: 'owner', uid: 'u', controller: true };
  server.put(App, { metadata: { namespace: 'default', name: 'app' } });
  server.put(Part, { metadata: { namespace: 'default', name: 'part', ownerReferences: [owner] } });
  server.put(Node, { metadata: { name: 'node' } });
  await clock.settle();
  expect(seen.sort()).toEqual(['app', 'of-node', 'owner']);
  expect(server.requests).toHaveLength(3);
  expect(server.requests.every(({ query }) => query.metadataOnly)).toBe(true);
});

test('Candid: Manager that watches a kind which the server does not know fails in time, and says what to do', async () => {
  const { manager, server, clock, run } = setup({ cacheSyncTimeoutMs: 10_000 });
  const unknown = statusError({ code: 404, reason: 'NotFound', message: 'the server could not find the resource' });
  for (let attempt = 0; attempt < 50; attempt++) {
    server.failNext('list', unknown);
    server.failNext('watch', unknown);
  }
  manager.controller(App).reconcile(() => {});
  const { ended } = await run();
  const failed = expect(ended).rejects.toMatchObject({
    code: 'CONTROLLER_RUNTIME_CACHE_SYNC_TIMEOUT',
    message: expect.stringMatching(/App\.example\.com: .*install its CustomResourceDefinition/),
  });
  await clock.advance(10_000);
  await failed;
});

test('Orderly: Manager ends with the error that came first, and tells of the one that its end brought', async () => {
  const logger = new RecordingLogger();
  const { manager, clock, run } = setup({ logger, gracePeriodMs: 1_000 });
  manager.add(() => Promise.reject(new Error('first')), { name: 'bad' });
  manager.add(() => clock.sleep(30_000), { name: 'deaf' });
  const { ended } = await run();
  const failed = expect(ended).rejects.toThrow('first');
  await clock.advance(1_000);
  await failed;
  expect(logger.lines.filter(({ level }) => level === 'error')).toMatchObject([
    { fields: { runnable: 'bad', err: { message: 'first' } } },
    { fields: { err: { code: 'CONTROLLER_RUNTIME_GRACE_PERIOD_EXCEEDED' } } },
  ]);
});

test('Orderly: Manager takes no runnable from its stop on, also while others still end', async () => {
  const { manager, clock, run, stop } = setup();
  const events: string[] = [];
  manager.add(async (signal) => {
    await untilAborted(signal);
    await clock.sleep(5_000);
    events.push('slow ends');
  });
  const { ended } = await run();
  stop.abort();
  await clock.advance(1_000);
  expect(() => manager.add(() => void events.push('late'))).toThrow(
    expect.objectContaining({ code: 'CONTROLLER_RUNTIME_STOPPING' }),
  );
  await clock.advance(4_000);
  await ended;
  expect(events).toEqual(['slow ends']);
});

test('CachedClient starts to cache a kind at its first list when it is told to, also its metadata', async () => {
  const { client, manager, server, clock, run } = setup({ cache: { readUncached: 'start' } });
  server.put(App, { metadata: { namespace: 'default', name: 'a' } });
  server.put(Part, { metadata: { namespace: 'default', name: 'p' } });
  await run();
  const list = client.list(App);
  const metadata = manager.cache.list(Part, { metadataOnly: true });
  await clock.settle();
  expect((await list).items.map(({ metadata: { name } }) => name)).toEqual(['a']);
  expect((await metadata).items.map(({ metadata: { name } }) => name)).toEqual(['p']);
  expect(server.requests.map(({ query }) => [query.resource, query.metadataOnly])).toEqual([
    ['apps', false],
    ['parts', true],
  ]);
});

describe('CachedClient.list', () => {
  const objects = [
    ['default', 'a', 'front', 'web'],
    ['default', 'b', 'back', 'web'],
    ['other', 'a', 'front', 'db'],
    ['third', 'c', 'front', 'web'],
  ] as const;

  async function cached(options: Partial<ManagerOptions>) {
    const t = setup(options);
    for (const [namespace, name, tier, app] of objects) {
      t.server.put(App, { metadata: { namespace, name, labels: { app } }, spec: { tier } });
    }
    t.manager.cache.informer(App);
    await t.run();
    const names = async (query?: Parameters<typeof t.client.list>[1]): Promise<string[]> =>
      (await t.client.list(App, query)).items.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`).sort();
    return { ...t, names };
  }

  test('CachedClient.list cuts at limit what labels and namespace have selected', async () => {
    const { names } = await cached({});
    expect(await names({ labelSelector: 'app=db', limit: 3 })).toEqual(['other/a']);
    expect(await names({ labelSelector: 'app=web', limit: 3 })).toEqual(['default/a', 'default/b', 'third/c']);
    expect(await names({ labelSelector: 'app=web', limit: 2 })).toHaveLength(2);
    expect(await names({ labelSelector: 'app=web', namespace: 'default', limit: 9 })).toEqual([
      'default/a',
      'default/b',
    ]);
  });

  test('CachedClient.list cuts at limit over several namespaces together', async () => {
    const { names } = await cached({ namespaces: ['default', 'other', 'third'] });
    expect(await names({ limit: 3 })).toHaveLength(3);
    expect(await names({ limit: 9 })).toHaveLength(4);
    expect(await names({ labelSelector: 'app=web', limit: 9 })).toEqual(['default/a', 'default/b', 'third/c']);
  });

  const all = ['default/a', 'default/b', 'other/a', 'third/c'];
  test.each<[string, Partial<KindCacheOptions>, readonly string[] | undefined, string[]]>([
    ['nothing', {}, undefined, all],
    ['labels that many have', { labelSelector: 'app=web' }, undefined, ['default/a', 'default/b', 'third/c']],
    ['labels that one has', { labelSelector: 'app=db' }, undefined, ['other/a']],
    ['labels that none has', { labelSelector: 'app=none' }, undefined, []],
    ['a field that many have', { fieldSelector: 'spec.tier=front' }, undefined, ['default/a', 'other/a', 'third/c']],
    ['a field that one has', { fieldSelector: 'metadata.name=b' }, undefined, ['default/b']],
    ['a field that none has', { fieldSelector: 'metadata.name=z' }, undefined, []],
    [
      'labels and a field',
      { labelSelector: 'app=web', fieldSelector: 'spec.tier=front' },
      undefined,
      ['default/a', 'third/c'],
    ],
    ['the namespace as a field', { fieldSelector: 'metadata.namespace=other' }, undefined, ['other/a']],
    ['the namespaces of the cache', {}, ['default', 'other'], ['default/a', 'default/b', 'other/a']],
    ['namespaces of its own', { namespaces: ['third'] }, ['default', 'other'], ['third/c']],
    [
      'labels in the namespaces of the cache',
      { labelSelector: 'app=web' },
      ['default', 'other'],
      ['default/a', 'default/b'],
    ],
    ['labels in namespaces of its own', { labelSelector: 'app=web', namespaces: ['other', 'third'] }, [], ['third/c']],
  ])(
    'CachedClient.list of a kind that is cached by %s shows that, and no more',
    async (_, own, namespaces, expected) => {
      const kinds = [{ kind: App, ...own }];
      const t = await cached({ cache: { kinds, ...(namespaces?.length ? { namespaces } : {}) } });
      expect(await t.names()).toEqual(expected);
      t.server.put(App, {
        metadata: { namespace: 'third', name: 'new', labels: { app: 'web' } },
        spec: { tier: 'back' },
      });
      await t.clock.settle();
      const shows =
        own.fieldSelector === undefined && own.labelSelector !== 'app=db' && own.labelSelector !== 'app=none';
      const isCached = (own.namespaces ?? namespaces ?? ['third']).includes('third');
      expect(await t.names()).toEqual(shows && isCached ? [...expected, 'third/new'] : expected);
    },
  );

  test('CachedClient.list finds cluster-scoped objects by an index, also after they have changed', async () => {
    const { client, server, clock, manager, run } = setup();
    server.put(Node, { metadata: { name: 'a' }, spec: { tier: 'front' } });
    server.put(Node, { metadata: { name: 'b' }, spec: { tier: 'back' } });
    await manager.cache.addIndex(Node, 'spec.tier', 'spec.tier');
    await run();
    const front = async (): Promise<string[]> =>
      (await client.list(Node, { fieldSelector: 'spec.tier=front' })).items.map(({ metadata }) => metadata.name).sort();
    expect(await front()).toEqual(['a']);
    expect(await front()).toEqual(['a']);
    server.put(Node, { metadata: { name: 'a', labels: { x: 'y' } }, spec: { tier: 'front' } });
    server.put(Node, { metadata: { name: 'b' }, spec: { tier: 'front' } });
    await clock.settle();
    expect(await front()).toEqual(['a', 'b']);
  });
});
