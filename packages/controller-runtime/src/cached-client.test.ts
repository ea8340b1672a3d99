import { clone, defineKind, type KubernetesObject, silentLogger, statusError } from '@bowline/apimachinery';
import { FakeClock, RecordingMetrics, seededRandom } from '@bowline/apimachinery/testing';
import type { WriteDefaults } from '@bowline/client';
import { afterEach, expect, test } from 'vitest';
import { FakeCluster } from './fake-cluster.ts';
import type { LiveClient } from './live-client.ts';
import { Manager } from './manager.ts';
import type { ManagerOptions } from './manager-options.ts';
import { Channel } from './source/channel.ts';

interface App extends KubernetesObject {
  readonly spec?: { readonly replicas?: number; readonly tier?: string };
  readonly status?: { readonly ready?: number };
}
const subresources = ['status', 'scale'];
const App = defineKind<App>({
  group: 'example.com',
  version: 'v1',
  kind: 'App',
  resource: 'apps',
  scope: 'Namespaced',
  subresources,
});
const AppAlpha = defineKind<App>({ ...App, version: 'v1alpha1' });
const Part = defineKind<App>({
  group: 'example.com',
  version: 'v1',
  kind: 'Part',
  resource: 'parts',
  scope: 'Namespaced',
});
const Node = defineKind({ group: '', version: 'v1', kind: 'Node', resource: 'nodes', scope: 'Cluster' });

const key = { namespace: 'default', name: 'web' };
const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

/** A running manager that caches apps, with one of them. */
async function setup(options: Partial<ManagerOptions> = {}, configure: (manager: Manager) => void = () => {}) {
  const cluster = options.client instanceof FakeCluster ? options.client : new FakeCluster();
  const { server } = cluster;
  const clock = new FakeClock();
  const metrics = new RecordingMetrics();
  const ports = { clock, metrics, random: seededRandom(1), logger: silentLogger };
  const manager = new Manager({ client: cluster, ...ports, ...options });
  const app = server.put(App, { metadata: { ...key, labels: { app: 'web' } }, spec: { replicas: 1 } });
  manager.cache.informer(App);
  configure(manager);
  const stop = new AbortController();
  const running = manager.run(stop.signal);
  await clock.settle();
  ends.push(async () => {
    stop.abort();
    await clock.advance(60_000);
    await running;
    expect(clock.pending).toBe(0);
  });
  return { cluster, server, clock, metrics, manager, client: manager.client, cache: manager.cache, app, stop };
}

/** Whether a promise has settled, after everything that can run has run. */
async function isSettled(clock: FakeClock, promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  promise.then(
    () => {
      settled = true;
    },
    () => {
      settled = true;
    },
  );
  await clock.settle();
  return settled;
}

test('CachedClient reads from the cache and asks the server nothing', async () => {
  const { client, cluster } = await setup();
  expect(await client.get(App, key)).toMatchObject({ spec: { replicas: 1 } });
  expect(await client.get(App, { namespace: 'default', name: 'absent' })).toBeUndefined();
  expect((await client.list(App)).items.map(({ metadata }) => metadata.name)).toEqual(['web']);
  expect(cluster.reads).toEqual([]);
});

test('CachedClient returns frozen objects, of which clone makes drafts', async () => {
  const { client } = await setup();
  const app = await client.get(App, key);
  expect(Object.isFrozen(app?.spec)).toBe(true);
  const draft = clone(app ?? expect.fail());
  draft.spec = { replicas: 2 };
  expect(await client.update(App, draft)).toMatchObject({ spec: { replicas: 2 } });
});

test('CachedClient reads a resource that is given without a handle', async () => {
  const { client } = await setup();
  const resource = { group: 'example.com', version: 'v1', resource: 'apps', scope: 'Namespaced' } as const;
  expect((await client.get(resource, key))?.spec).toEqual({ replicas: 1 });
});

test('CachedClient asks the server when a read is live', async () => {
  const { client, cluster } = await setup();
  await client.get(Part, key, { consistency: 'live' });
  await client.list(Part, { consistency: 'live', limit: 5, continue: 'x' });
  expect(cluster.reads).toEqual(['get parts default/web', 'list parts']);
});

test('No surprise: CachedClient refuses to read a kind that is not cached, and says what to do', async () => {
  const { client, cluster } = await setup();
  const code = 'CONTROLLER_RUNTIME_KIND_NOT_CACHED';
  await expect(client.get(Part, key)).rejects.toMatchObject({
    code,
    message: expect.stringContaining("consistency: 'live'"),
  });
  await expect(client.list(Part)).rejects.toMatchObject({ code });
  await expect(client.get(AppAlpha, key)).rejects.toMatchObject({ code });
  expect(cluster.server.requests.some(({ query }) => query.resource === 'parts')).toBe(false);
});

test('CachedClient refuses whole objects where only metadata is cached', async () => {
  const { client, cache } = await setup({}, (manager) => void manager.cache.informer(Part, { metadataOnly: true }));
  await expect(client.get(Part, key)).rejects.toMatchObject({
    message: expect.stringContaining('only its metadata is cached'),
  });
  expect(await cache.get(Part, key, { metadataOnly: true })).toBeUndefined();
});

test('CachedClient starts to cache a kind at its first read when it is told to', async () => {
  const { client, server, clock, cache } = await setup({ cache: { readUncached: 'start' } });
  server.put(Part, { metadata: key });
  const read = client.get(Part, key);
  await clock.settle();
  expect(await read).toMatchObject({ metadata: key });
  expect(cache.kinds.map(({ name }) => name)).toEqual(['App.example.com', 'Part.example.com']);
});

test('CachedClient refuses to read before the start', async () => {
  const manager = new Manager({ client: new FakeCluster() });
  manager.cache.informer(App);
  await expect(manager.client.get(App, key)).rejects.toMatchObject({ code: 'CONTROLLER_RUNTIME_NOT_STARTED' });
});

test('CachedClient waits with a read until the kind is in sync, or the signal aborts', async () => {
  const { client, cluster, clock, cache, server } = await setup();
  server.put(Part, { metadata: key });
  cluster.holdWatches();
  server.failNext('list', new Error('later'));
  cache.informer(Part);
  const abort = new AbortController();
  const given = client.get(Part, key, { signal: abort.signal });
  const patient = client.get(Part, key);
  expect(await isSettled(clock, Promise.race([given, patient]))).toBe(false);
  abort.abort();
  await expect(given).rejects.toMatchObject({ code: 'INFORMER_NOT_SYNCED' });
  cluster.releaseWatches();
  await clock.advance(10_000);
  expect(await patient).toMatchObject({ metadata: key });
});

test('Cache.addIndex does not wait for the kind to be in sync', async () => {
  const { client, cluster, clock, cache, server } = await setup();
  server.put(Part, { metadata: key, spec: { tier: 'front' } });
  cluster.holdWatches();
  server.failNext('list', new Error('later'));
  const parts = cache.informer(Part);
  await cache.addIndex(Part, 'spec.tier', 'spec.tier');
  expect(parts.hasSynced).toBe(false);
  cluster.releaseWatches();
  await clock.advance(10_000);
  expect((await client.list(Part, { fieldSelector: 'spec.tier=front' })).items).toHaveLength(1);
});

test('Own writes: CachedClient.get waits until the cache shows the own write of that key', async () => {
  const { client, cluster, clock, app, metrics } = await setup();
  cluster.holdWatches();
  await client.update(App, { ...app, spec: { replicas: 2 } });
  const read = client.get(App, key);
  const other = client.get(App, { namespace: 'default', name: 'other' });
  expect(await isSettled(clock, read)).toBe(false);
  expect(await isSettled(clock, other)).toBe(true);
  expect(await client.get(App, key, { consistency: 'cached' })).toMatchObject({ spec: { replicas: 1 } });
  await clock.advance(100);
  cluster.releaseWatches();
  expect(await read).toMatchObject({ spec: { replicas: 2 } });
  expect(metrics.observations('bowline_cached_read_wait_seconds')).toEqual([0.1]);
});

test('Own writes: CachedClient.list waits until the cache shows all earlier own writes, and not for later ones', async () => {
  const { client, cluster, clock, server } = await setup();
  cluster.holdWatches();
  await client.create(App, { metadata: { namespace: 'default', name: 'first' } });
  const list = client.list(App);
  expect(await isSettled(clock, list)).toBe(false);
  cluster.releaseWatches();
  await clock.settle();
  cluster.holdWatches();
  await client.create(App, { metadata: { namespace: 'default', name: 'second' } });
  expect((await list).items.map(({ metadata }) => metadata.name).sort()).toEqual(['first', 'web']);
  expect(server.objects(App)).toHaveLength(3);
  cluster.releaseWatches();
});

test.each<[string, (t: Awaited<ReturnType<typeof setup>>) => Promise<unknown>, object]>([
  [
    'create',
    ({ client }) => client.create(App, { metadata: { namespace: 'default', name: 'new' } }),
    { names: ['new', 'web'] },
  ],
  ['update', ({ client, app }) => client.update(App, { ...app, spec: { replicas: 2 } }), { replicas: 2 }],
  [
    'patch',
    ({ client }) => client.patch(App, key, { type: 'merge', body: { spec: { replicas: 2 } } }),
    { replicas: 2 },
  ],
  ['apply', ({ client }) => client.apply(App, { metadata: key, spec: { replicas: 2 } }), { replicas: 2 }],
  ['updateStatus', ({ client, app }) => client.updateStatus(App, { ...app, status: { ready: 1 } }), { ready: 1 }],
  [
    'patchStatus',
    ({ client }) => client.patchStatus(App, key, { type: 'merge', body: { status: { ready: 1 } } }),
    { ready: 1 },
  ],
  ['applyStatus', ({ client }) => client.applyStatus(App, key, { ready: 1 }), { ready: 1 }],
  [
    'patchScale',
    ({ client }) => client.patchScale(App, key, { type: 'merge', body: { spec: { replicas: 2 } } }),
    { replicas: 2 },
  ],
  [
    'a write of another version',
    ({ client }) => client.patch(AppAlpha, key, { type: 'merge', body: { spec: { replicas: 2 } } }),
    { replicas: 2 },
  ],
])('Own writes: CachedClient shows what it wrote (%s)', async (_verb, write, expected) => {
  const t = await setup();
  t.cluster.holdWatches();
  await write(t);
  const list = t.client.list(App);
  expect(await isSettled(t.clock, list)).toBe(false);
  expect(t.manager.busy()).toEqual(['cache of App.example.com does not show 1 write yet']);
  t.cluster.releaseWatches();
  const { items } = await list;
  const names = items.map(({ metadata }) => metadata.name).sort();
  const web = items.find(({ metadata }) => metadata.name === 'web');
  expect({ names, replicas: web?.spec?.replicas, ready: web?.status?.ready }).toMatchObject(expected);
  expect(t.manager.busy()).toEqual([]);
});

test('CachedClient shows its own deletions, also when another object takes the name', async () => {
  const { client, cluster, clock, server } = await setup();
  cluster.holdWatches();
  await client.delete(App, key);
  const read = client.get(App, key);
  expect(await isSettled(clock, read)).toBe(false);
  server.put(App, { metadata: key, spec: { replicas: 7 } });
  cluster.releaseWatches();
  expect([undefined, 7]).toContain((await read)?.spec?.replicas);
});

test('CachedClient shows the mark of its own deletion, then the end when the last finalizer goes', async () => {
  const { client, cluster, clock } = await setup();
  await client.patch(App, key, { type: 'merge', body: { metadata: { finalizers: ['x'] } } });
  cluster.holdWatches();
  await client.delete(App, key);
  const marked = client.get(App, key);
  expect(await isSettled(clock, marked)).toBe(false);
  cluster.releaseWatches();
  expect((await marked)?.metadata.deletionTimestamp).toBeDefined();
  cluster.holdWatches();
  await client.patch(App, key, { type: 'merge', body: { metadata: { finalizers: [] } } });
  const gone = client.get(App, key);
  expect(await isSettled(clock, gone)).toBe(false);
  cluster.releaseWatches();
  expect(await gone).toBeUndefined();
});

test('CachedClient knows that a namespace which is being deleted is there until it has been emptied', async () => {
  const Namespace = defineKind({
    group: '',
    version: 'v1',
    kind: 'Namespace',
    resource: 'namespaces',
    scope: 'Cluster',
  });
  const { client, server, clock } = await setup({}, (manager) => void manager.cache.informer(Namespace));
  const name = 'busy';
  const deletionTimestamp = '2026-01-01T00:00:00Z';
  server.put(Namespace, { metadata: { name, deletionTimestamp }, ...{ spec: { finalizers: ['kubernetes'] } } });
  await clock.settle();
  await client.patch(Namespace, { name }, { type: 'merge', body: { metadata: { labels: { a: 'b' } } } });
  const read = client.get(Namespace, { name });
  expect(await isSettled(clock, read)).toBe(true);
  expect((await read)?.metadata.labels).toEqual({ a: 'b' });
});

test('CachedClient does not wait for what its cache will never show', async () => {
  const kinds = [{ kind: App, labelSelector: 'app=web', fieldSelector: 'spec.tier!=hidden' }];
  const { client, cluster, clock } = await setup({ cache: { kinds } });
  cluster.holdWatches();
  const { namespace } = key;
  await client.create(App, { metadata: { namespace, name: 'other-label', labels: { app: 'db' } } });
  await client.create(App, {
    metadata: { namespace, name: 'hidden', labels: { app: 'web' } },
    spec: { tier: 'hidden' },
  });
  await client.update(App, { metadata: { ...key, labels: { app: 'web' } }, spec: { replicas: 9 } }, { dryRun: true });
  await client
    .with({ dryRun: true })
    .patch(App, key, { type: 'merge', body: { spec: { replicas: 9 } } }, { dryRun: true });
  const list = client.list(App);
  expect(await isSettled(clock, list)).toBe(true);
  cluster.releaseWatches();
});

test('CachedClient waits until an object that its own write moves out of the cache has left it', async () => {
  const { client, cluster, clock } = await setup({ cache: { kinds: [{ kind: App, labelSelector: 'app=web' }] } });
  cluster.holdWatches();
  await client.patch(App, key, { type: 'merge', body: { metadata: { labels: { app: 'db' } } } });
  const read = client.get(App, key);
  expect(await isSettled(clock, read)).toBe(false);
  cluster.releaseWatches();
  expect(await read).toBeUndefined();
});

test('CachedClient waits for nothing after a write that changed nothing', async () => {
  const { client, cluster, clock, app } = await setup();
  cluster.holdWatches();
  await client.update(App, app);
  expect(await isSettled(clock, client.get(App, key))).toBe(true);
  cluster.releaseWatches();
});

test('Own writes: CachedClient gives up after 5 s with an error that can be retried, never with stale data', async () => {
  const { client, cluster, clock } = await setup();
  cluster.holdWatches();
  await client.patch(App, key, { type: 'merge', body: { spec: { replicas: 2 } } });
  const read = client.get(App, key);
  const failed = expect(read).rejects.toMatchObject({
    code: 'CLIENT_CACHE_STALE',
    retryable: true,
    message: 'Cache of App.example.com does not show the write of default/web after 5000 ms',
  });
  await clock.advance(4_999);
  expect(await isSettled(clock, read)).toBe(false);
  await clock.advance(1);
  await failed;
  cluster.releaseWatches();
  expect((await client.get(App, key))?.spec?.replicas).toBe(2);
});

test('CachedClient asks the server after a write whose answer was lost', async () => {
  const { client, cluster, clock } = await setup();
  cluster.holdWatches();
  cluster.loseNextAnswer(new Error('socket hang up'));
  await expect(client.patch(App, key, { type: 'merge', body: { spec: { replicas: 2 } } })).rejects.toThrow(
    'socket hang up',
  );
  expect((await client.get(App, key))?.spec?.replicas).toBe(2);
  expect(cluster.reads).toEqual(['get apps default/web']);
  const next = client.get(App, key);
  expect(await isSettled(clock, next)).toBe(false);
  cluster.releaseWatches();
  expect((await next)?.spec?.replicas).toBe(2);
  expect(cluster.reads).toHaveLength(1);
});

test('CachedClient.list asks the server for objects whose last write may or may not have happened', async () => {
  const { client, cluster } = await setup();
  cluster.loseNextAnswer(new Error('socket hang up'));
  await expect(client.delete(App, key)).rejects.toThrow('socket hang up');
  expect((await client.list(App)).items).toEqual([]);
  expect(cluster.reads).toEqual(['get apps default/web']);
});

test('CachedClient trusts a refusal: the write did not happen', async () => {
  const { client, cluster } = await setup();
  cluster.loseNextAnswer(
    statusError({ kind: 'Status', status: 'Failure', reason: 'Conflict', code: 409, message: 'no' }),
  );
  await expect(client.patch(App, key, { type: 'merge', body: {} })).rejects.toMatchObject({ code: 'API_CONFLICT' });
  await client.get(App, key);
  expect(cluster.reads).toEqual([]);
});

test('CachedClient.list selects by namespace, labels, indexed fields and metadata, and cuts at limit', async () => {
  const { client, server, clock, cache } = await setup();
  for (const [namespace, name, tier] of [
    ['default', 'a', 'front'],
    ['default', 'b', 'back'],
    ['other', 'a', 'front'],
  ] as const) {
    server.put(App, { metadata: { namespace, name, labels: { tier } }, spec: { tier } });
  }
  await clock.settle();
  const names = async (options: Parameters<typeof client.list>[1]) =>
    (await client.list(App, options)).items.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`).sort();
  expect(await names({ namespace: 'other' })).toEqual(['other/a']);
  expect(await names({ labelSelector: 'tier in (front)' })).toEqual(['default/a', 'other/a']);
  expect(await names({ fieldSelector: 'metadata.name=a,metadata.namespace!=other' })).toEqual(['default/a']);
  const missing = {
    code: 'CONTROLLER_RUNTIME_INDEX_MISSING',
    message: expect.stringContaining('cache.addIndex(App, "spec.tier"'),
  };
  await expect(names({ fieldSelector: 'spec.tier=front' })).rejects.toMatchObject(missing);
  await cache.addIndex(App, 'spec.tier', 'spec.tier');
  await cache.addIndex(App, 'initial', (app) => app.metadata.name.slice(0, 1));
  expect(await names({ fieldSelector: 'spec.tier=front' })).toEqual(['default/a', 'other/a']);
  expect(await names({ fieldSelector: 'spec.tier=front,initial=a', namespace: 'default' })).toEqual(['default/a']);
  expect(await names({ fieldSelector: 'initial=b,spec.tier=front' })).toEqual([]);
  await expect(names({ fieldSelector: 'spec.tier!=front' })).rejects.toMatchObject({ code: missing.code });
  expect(await names({ limit: 2 })).toHaveLength(2);
  await expect(names({ limit: 0 })).rejects.toThrow(RangeError);
});

test('CachedClient.list gives the version of the cache, and no continue token', async () => {
  const { client, server } = await setup();
  const { metadata, kind, apiVersion } = await client.list(App);
  expect({ metadata, kind, apiVersion }).toEqual({
    metadata: { resourceVersion: server.resourceVersion },
    kind: 'AppList',
    apiVersion: 'example.com/v1',
  });
});

test('CachedClient refuses options that only a server can honour', async () => {
  const { client } = await setup();
  await expect(client.list(App, { continue: 'x' })).rejects.toThrow(
    'Cannot list apps from the cache: continue must be absent with consistency \'own-writes\', got "x"',
  );
  await expect(client.get(App, key, { resourceVersion: '1' })).rejects.toThrow(TypeError);
});

test('CachedClient reads several namespaces, each from a watch of its own, and cluster-scoped kinds from one', async () => {
  const { client, server, clock, manager } = await setup({ namespaces: ['default', 'other', 'default'] }, (each) => {
    each.cache.informer(Node);
  });
  server.put(App, { metadata: { namespace: 'other', name: 'a' } });
  server.put(App, { metadata: { namespace: 'third', name: 'a' } });
  server.put(Node, { metadata: { name: 'node-1' } });
  await clock.settle();
  const watches = server.requests.filter(({ verb }) => verb === 'watch');
  expect(watches.map(({ query }) => `${query.resource} ${query.namespace}`).sort()).toEqual([
    'apps default',
    'apps other',
    'nodes undefined',
  ]);
  const all = await client.list(App);
  expect(all.items.map(({ metadata }) => metadata.namespace).sort()).toEqual(['default', 'other']);
  expect(all.metadata).toEqual({});
  expect(await client.get(App, { namespace: 'other', name: 'a' })).toBeDefined();
  expect(await client.get(Node, { name: 'node-1' })).toBeDefined();
  const code = 'CONTROLLER_RUNTIME_NAMESPACE_NOT_CACHED';
  await expect(client.get(App, { namespace: 'third', name: 'a' })).rejects.toMatchObject({ code });
  await expect(client.list(App, { namespace: 'third' })).rejects.toMatchObject({ code });
  await client.create(App, { metadata: { namespace: 'fourth', name: 'a' } });
  expect(manager.busy()).toEqual([]);
});

test('Cache refuses namespaces for a cluster-scoped kind, and none at all', async () => {
  const kinds = [{ kind: Node, namespaces: ['default'] }];
  const manager = new Manager({ client: new FakeCluster(), cache: { kinds } });
  expect(() => manager.cache.informer(Node)).toThrow(TypeError);
  expect(() => new Manager({ client: new FakeCluster(), namespaces: [] })).toThrow(RangeError);
});

test('Cache fails when a kind that was asked for before the start cannot be synced in time', async () => {
  const cluster = new FakeCluster();
  const clock = new FakeClock();
  const manager = new Manager({
    client: cluster,
    clock,
    random: seededRandom(1),
    logger: silentLogger,
    cacheSyncTimeoutMs: 10_000,
  });
  manager.cache.informer(App);
  for (let attempt = 0; attempt < 50; attempt++) {
    cluster.server.failNext('list', new Error('no route to host'));
    cluster.server.failNext('watch', new Error('no route to host'));
  }
  const failed = expect(manager.run(new AbortController().signal)).rejects.toMatchObject({
    code: 'CONTROLLER_RUNTIME_CACHE_SYNC_TIMEOUT',
    message: expect.stringMatching(/^Cache could not sync within 10000 ms: App\.example\.com: .*no route to host/),
  });
  await clock.advance(11_000);
  await failed;
});

test('The client of a reconciler applies in the name of its controller and takes fields over', async () => {
  const named: WriteDefaults[] = [];
  class NamingCluster extends FakeCluster {
    override with(defaults: WriteDefaults): LiveClient {
      named.push(defaults);
      return this;
    }
  }
  const manager = new Manager({ client: new NamingCluster() });
  manager.controller(App).reconcile(() => {});
  expect(named).toEqual([{ fieldManager: 'app', force: true }]);
});

test('The client of a reconciler ends its calls with the run', async () => {
  const signals: unknown[] = [];
  class SignalCluster extends FakeCluster {
    override getScale(
      ...[resource, at, options]: Parameters<LiveClient['getScale']>
    ): ReturnType<LiveClient['getScale']> {
      signals.push(options?.signal);
      return super.getScale(resource, at);
    }
  }
  const own = new AbortController().signal;
  const runs: AbortSignal[] = [];
  const cluster = new SignalCluster();
  await setup({ client: cluster }, (manager) => {
    manager
      .controller('scale')
      .for(App)
      .reconcile(async ({ client, signal }) => {
        runs.push(signal);
        await client.getScale(App, key);
        await client.getScale(App, key, { signal: own });
      });
  });
  expect(signals).toEqual([runs[0], own]);
});

test('Waits elsewhere: Controller holds a key back until the cache shows what its run wrote, and works on others meanwhile', async () => {
  const seen: string[] = [];
  const wake = new Channel<string>();
  const cluster = new FakeCluster();
  const { clock, manager } = await setup({ client: cluster }, (each) => {
    each
      .controller(App)
      .source(wake, (name) => [{ namespace: 'default', name }])
      .reconcile(async ({ key: { namespace, name }, client }) => {
        const app = await client.get(App, { namespace, name });
        seen.push(`${name} ${app?.spec?.replicas}`);
        if (app?.spec?.replicas !== 1) return;
        cluster.holdWatches();
        await client.patch(App, { namespace, name }, { type: 'merge', body: { spec: { replicas: 2 } } });
      });
  });
  wake.offer('web');
  wake.offer('other');
  await clock.settle();
  expect(seen).toEqual(['web 1', 'other undefined']);
  expect(manager.busy()).toContain('controller "app": default/web waits for its writes to appear in the cache');
  cluster.releaseWatches();
  await clock.settle();
  expect(seen).toEqual(['web 1', 'other undefined', 'web 2']);
  expect(manager.busy()).toEqual([]);
});
