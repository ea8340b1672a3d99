import { defineKind, type KubernetesObject, silentLogger, untilAborted } from '@bowline/apimachinery';
import { FakeClock, RecordingLogger, RecordingMetrics, seededRandom } from '@bowline/apimachinery/testing';
import { expect, test, vi } from 'vitest';
import { TerminalError } from './errors.ts';
import { FakeCluster } from './fake-cluster.ts';
import { enqueueRequestsFromMapFunc } from './handler.ts';
import { Manager } from './manager.ts';
import type { ManagerOptions } from './manager-options.ts';
import * as predicate from './predicate.ts';
import { Channel } from './source/channel.ts';
import { funcSource } from './source/func-source.ts';

interface App extends KubernetesObject {
  readonly spec?: { readonly replicas?: number };
}
const scope = 'Namespaced';
const App = defineKind<App>({ group: 'example.com', version: 'v1', kind: 'App', resource: 'apps', scope });
const Part = defineKind<App>({ group: 'example.com', version: 'v1', kind: 'Part', resource: 'parts', scope });
const Node = defineKind({ group: '', version: 'v1', kind: 'Node', resource: 'nodes', scope: 'Cluster' });

function setup(options: Partial<ManagerOptions> = {}) {
  const cluster = new FakeCluster();
  const clock = new FakeClock();
  const logger = new RecordingLogger();
  const metrics = new RecordingMetrics();
  const manager = new Manager({ client: cluster, clock, logger, metrics, random: seededRandom(1), ...options });
  const stop = new AbortController();
  const ended = async () => {
    stop.abort(new Error('test is over'));
    await clock.advance(60_000);
    await running;
    expect(clock.pending).toBe(0);
    expect(cluster.server.openWatches).toBe(0);
  };
  let running: Promise<void> | undefined;
  const run = () => {
    running = manager.run(stop.signal);
    running.catch(() => {});
    return running;
  };
  return { cluster, server: cluster.server, clock, logger, metrics, manager, stop, run, ended };
}

const put = (t: ReturnType<typeof setup>, kind: typeof App, name: string, metadata: object = {}, replicas = 1) =>
  t.server.put(kind, { metadata: { namespace: 'default', name, ...metadata }, spec: { replicas } });

test('Manager reconciles every object that exists, then every one that changes', async () => {
  const t = setup();
  put(t, App, 'a');
  put(t, App, 'b');
  const seen: string[] = [];
  t.manager.controller(App).reconcile(async ({ key, client }) => {
    const app = await client.get(App, key);
    seen.push(`${key.namespace}/${key.name} ${app?.spec?.replicas}`);
  });
  t.run();
  await t.clock.settle();
  expect(seen).toEqual(['default/a 1', 'default/b 1']);
  put(t, App, 'b', {}, 2);
  t.server.delete(App, 'default/a');
  await t.clock.settle();
  expect(seen.slice(2)).toEqual(['default/b 2', 'default/a undefined']);
  expect(t.manager.busy()).toEqual([]);
  await t.ended();
});

test('ControllerBuilder.owns wakes the managing owner, and every owner when asked to', async () => {
  const t = setup();
  const woken = { managing: [] as string[], every: [] as string[] };
  t.manager
    .controller('managing')
    .for(App)
    .owns(Part)
    .reconcile(({ key, causes }) => {
      if (causes.some(({ kind }) => kind === 'Part.example.com')) woken.managing.push(key.name);
    });
  t.manager
    .controller('every')
    .for(App)
    .owns(Part, { matchEveryOwner: true })
    .reconcile(({ key, causes }) => {
      if (causes.some(({ kind }) => kind === 'Part.example.com')) woken.every.push(key.name);
    });
  t.run();
  await t.clock.settle();
  const owner = (name: string, controller: boolean) => ({
    apiVersion: 'example.com/v1beta1',
    kind: 'App',
    name,
    uid: name,
    controller,
  });
  put(t, Part, 'part', { ownerReferences: [owner('a', true), owner('b', false)] });
  await t.clock.settle();
  expect(woken).toEqual({ managing: ['a'], every: ['a', 'b'] });
  await t.ended();
});

test('ControllerBuilder.watches wakes what its handler says', async () => {
  const t = setup();
  put(t, App, 'a');
  put(t, App, 'b');
  const seen: [string, string | undefined][] = [];
  const everyApp = enqueueRequestsFromMapFunc(async () =>
    (await t.manager.client.list(App)).items.map(({ metadata }) => metadata),
  );
  t.manager
    .controller(App)
    .watches(Node, everyApp)
    .reconcile(({ key, causes }) => void seen.push([key.name, causes[0]?.kind]));
  t.run();
  await t.clock.settle();
  seen.length = 0;
  t.server.put(Node, { metadata: { name: 'node-1' } });
  await t.clock.settle();
  expect(seen).toEqual([
    ['a', 'Node'],
    ['b', 'Node'],
  ]);
  await t.ended();
});

test('ControllerBuilder.watches needs no kind that the controller is for', async () => {
  const t = setup();
  const seen: string[] = [];
  t.manager
    .controller('nodes-only')
    .watches(Node, { create: ({ key }, queue) => queue.add(`default/app-of-${key}`) })
    .reconcile(({ key }) => void seen.push(`${key.namespace}/${key.name}`));
  t.run();
  await t.clock.settle();
  t.server.put(Node, { metadata: { name: 'node-1' } });
  await t.clock.settle();
  expect(seen).toEqual(['default/app-of-node-1']);
  await t.ended();
});

test('ControllerBuilder.source brings keys from a channel and from a function', async () => {
  const t = setup();
  const channel = new Channel<string>();
  const seen: string[] = [];
  t.manager
    .controller('outside')
    .source(channel, (name) => [{ name }])
    .source(funcSource(async (queue) => queue.add({ name: 'from-function' })))
    .source(async (queue) => queue.add('plain/function'))
    .reconcile(({ key }) => void seen.push(key.name));
  channel.offer('before the start');
  t.run();
  await t.clock.settle();
  expect(channel.offer('after-the-start')).toBe(true);
  await t.clock.settle();
  expect(seen.sort()).toEqual(['after-the-start', 'before the start', 'from-function', 'function']);
  await t.ended();
  expect(channel.offer('after the stop')).toBe(false);
});

test('ControllerBuilder.withEventFilter applies to all kinds, predicates to their own', async () => {
  const t = setup();
  const seen: string[] = [];
  const named = (name: string) => predicate.filter((object) => object.metadata.name !== name);
  t.manager
    .controller('filtered')
    .for(App, { predicates: [named('no-app')] })
    .watches(Part, { create: ({ key }, queue) => queue.add(key) })
    .withEventFilter(named('nobody'))
    .reconcile(({ key }) => void seen.push(key.name));
  for (const name of ['no-app', 'nobody', 'app']) put(t, App, name);
  for (const name of ['no-part', 'nobody', 'part']) put(t, Part, name);
  t.run();
  await t.clock.settle();
  expect(seen.sort()).toEqual(['app', 'no-part', 'part']);
  await t.ended();
});

test('ControllerBuilder says what is missing or was said twice', () => {
  const { manager } = setup();
  expect(() => manager.controller(App).for(Part)).toThrow(
    'Cannot build controller "app": for must be called once, got Part after App',
  );
  expect(() => manager.controller('app')).toThrow(
    'Cannot build controller: name must be unique in its manager, got "app" again',
  );
  expect(() => manager.controller('')).toThrow(RangeError);
  expect(() => manager.controller('no-source').reconcile(() => {})).toThrow('needs something that wakes it');
  expect(() =>
    manager
      .controller('no-for')
      .owns(Part)
      .reconcile(() => {}),
  ).toThrow('needs the kind of the owners');
  const twice = manager.controller('twice').for(App);
  twice.reconcile(() => {});
  expect(() => twice.reconcile(() => {})).toThrow('must be called once');
  expect(() => twice.watches(Part, { create() {} })).toThrow('must come last');
  // @ts-expect-error: a channel needs a map function
  expect(() => manager.controller('no-map').source(new Channel())).toThrow(
    'that maps the events of the channel to keys must be a function, got undefined',
  );
});

test('Manager.run refuses a controller without reconcile', async () => {
  const t = setup();
  t.manager.controller(App).owns(Part);
  await expect(t.manager.run(t.stop.signal)).rejects.toThrow(
    'Cannot run manager: controller "app" must have a reconcile function, got none',
  );
});

test('Manager runs once', async () => {
  const t = setup();
  t.run();
  await expect(t.manager.run(t.stop.signal)).rejects.toMatchObject({ code: 'CONTROLLER_RUNTIME_ALREADY_RUN' });
  await t.ended();
});

test('Orderly: Manager starts servers, then caches, then controllers, and stops in the reverse order', async () => {
  const t = setup();
  const events: string[] = [];
  const runnable = (name: string) => ({
    name,
    async run(signal: AbortSignal) {
      events.push(`${name} starts`);
      await untilAborted(signal);
      await t.clock.sleep(100);
      events.push(`${name} ends`);
    },
    ready: () => t.clock.sleep(100),
  });
  t.manager.add(runnable('controller'));
  t.manager.add(runnable('cache'), { group: 'caches' });
  t.manager.add(runnable('server'), { group: 'servers' });
  const running = t.run();
  await t.clock.advance(1_000);
  t.stop.abort();
  await t.clock.advance(1_000);
  await running;
  expect(events).toEqual([
    'server starts',
    'cache starts',
    'controller starts',
    'controller ends',
    'cache ends',
    'server ends',
  ]);
});

test('Orderly: Manager ends with the error of a runnable that fails, after the others have been stopped', async () => {
  const t = setup();
  let stopped = false;
  t.manager.add(async (signal) => {
    await untilAborted(signal);
    stopped = true;
  });
  t.manager.add(() => t.clock.sleep(10).then(() => Promise.reject(new Error('boom'))), { name: 'bad' });
  const running = expect(t.run()).rejects.toThrow('boom');
  await t.clock.advance(100);
  await running;
  expect(stopped).toBe(true);
  expect(t.manager.healthz()).toMatchObject({ live: false, ready: false });
  expect(t.logger.lines.filter(({ level }) => level === 'error')).toMatchObject([{ fields: { runnable: 'bad' } }]);
});

test('Manager lets runnables end early, and start late', async () => {
  const t = setup();
  const events: string[] = [];
  t.manager.add(() => void events.push('early'));
  t.run();
  await t.clock.settle();
  t.manager.add(() => void events.push('late'));
  t.manager
    .controller('late')
    .source(async (queue) => queue.add('a'))
    .reconcile(() => void events.push('late reconcile'));
  await t.clock.settle();
  expect(events).toEqual(['early', 'late', 'late reconcile']);
  await t.ended();
  expect(() => t.manager.add(() => {})).toThrow(expect.objectContaining({ code: 'CONTROLLER_RUNTIME_STOPPING' }));
});

test('Orderly: Manager waits for the grace period, then says who did not end, and stops the rest all the same', async () => {
  const t = setup({ gracePeriodMs: 5_000 });
  t.manager
    .controller('stuck')
    .source(async (queue) => queue.add('default/a'))
    .reconcile(() => new Promise(() => {}));
  const running = t.run();
  await t.clock.settle();
  t.stop.abort();
  await t.clock.advance(4_999);
  expect(await Promise.race([running.then(() => 'ended'), 'running'])).toBe('running');
  await t.clock.advance(1);
  await expect(running).rejects.toMatchObject({
    code: 'CONTROLLER_RUNTIME_GRACE_PERIOD_EXCEEDED',
    message:
      'Not everything ended within 5000 ms: stuck (controller "stuck": default/a has been reconciled for 5000 ms)',
  });
  expect(t.clock.pending).toBe(0);
});

test.each([
  [0, 0],
  [Number.POSITIVE_INFINITY, 3_600_000],
])('Manager with gracePeriodMs %s ends after %s ms without an error', async (gracePeriodMs, afterMs) => {
  const t = setup({ gracePeriodMs });
  t.manager.add(() => t.clock.sleep(3_600_000));
  const running = t.run();
  await t.clock.settle();
  t.stop.abort();
  await t.clock.advance(afterMs);
  await running;
});

test('Manager keeps the process alive until it has stopped', async () => {
  const t = setup();
  t.run();
  await t.clock.settle();
  expect(t.clock.pending).toBe(1);
  await t.ended();
});

test('Manager does nothing when its signal has aborted already', async () => {
  const t = setup();
  t.manager.controller(App).reconcile(() => {});
  t.stop.abort();
  await t.run();
  expect(t.server.requests).toEqual([]);
});

test('Candid: Manager fails when the initial sync takes too long, and names the kind and the cause', async () => {
  const t = setup({ cacheSyncTimeoutMs: 30_000 });
  const forbidden = Object.assign(new Error('apps.example.com is forbidden: User "x" cannot list'), {
    code: 'API_FORBIDDEN',
  });
  for (let attempt = 0; attempt < 100; attempt++) {
    t.server.failNext('list', forbidden);
    t.server.failNext('watch', forbidden);
  }
  t.manager.controller(App).reconcile(() => {});
  const running = t.run();
  await t.clock.advance(29_000);
  expect(t.manager.healthz()).toMatchObject({
    live: true,
    ready: false,
    checks: [
      { name: 'manager', ok: true },
      { name: 'cache/App.example.com', ok: false, message: expect.stringContaining('forbidden') },
      { name: 'controller/app', ok: false },
    ],
  });
  await t.clock.advance(2_000);
  await expect(running).rejects.toMatchObject({
    code: 'CONTROLLER_RUNTIME_CACHE_SYNC_TIMEOUT',
    message: expect.stringMatching(
      /^Controller "app" could not start within 30000 ms\. It waits for App\.example\.com: .*forbidden/,
    ),
  });
});

test('Manager keeps going when a kind can no longer be watched after the start, and says so', async () => {
  const t = setup();
  t.manager.controller(App).reconcile(() => {});
  t.run();
  await t.clock.settle();
  expect(t.manager.healthz()).toMatchObject({ live: true, ready: true });
  const gone = new Error('the server could not find the requested resource');
  for (let attempt = 0; attempt < 100; attempt++) {
    t.server.failNext('list', gone);
    t.server.failNext('watch', gone);
  }
  t.server.breakWatches();
  await t.clock.advance(60_000);
  expect(t.manager.healthz()).toMatchObject({ live: true, ready: false });
  await t.ended();
});

test('One watch: Manager has one watch for a kind, however many controllers, readers and representations want it', async () => {
  const t = setup();
  put(t, App, 'a');
  const seen: string[] = [];
  t.manager
    .controller('metadata')
    .for(App, { metadataOnly: true })
    .reconcile(({ key }) => void seen.push(`metadata ${key.name}`));
  t.manager
    .controller('objects')
    .for(App)
    .reconcile(({ key }) => void seen.push(`objects ${key.name}`));
  t.manager
    .controller('parts')
    .for(Part)
    .watches(App, { create() {} })
    .reconcile(() => {});
  t.manager.cache.informer(App);
  t.run();
  await t.clock.settle();
  expect(seen.sort()).toEqual(['metadata a', 'objects a']);
  const watched = t.server.requests.filter(({ verb }) => verb === 'watch').map(({ query }) => query.resource);
  expect(watched.sort()).toEqual(['apps', 'parts']);
  expect(t.server.requests.every(({ query }) => !query.metadataOnly)).toBe(true);
  await t.ended();
});

test('Manager delivers everything once more every cache.resyncMs, ± 10 %, or never', async () => {
  for (const [resyncMs, runs] of [
    [3_600_000, 4],
    [0, 1],
  ] as const) {
    const t = setup({ cache: { resyncMs } });
    put(t, App, 'a');
    let seen = 0;
    t.manager.controller(App).reconcile(() => void seen++);
    t.manager
      .controller('changes')
      .for(App, { predicates: [predicate.resourceVersionChanged] })
      .reconcile(() => {
        seen += 100;
      });
    t.run();
    await t.clock.advance(3.5 * 3_600_000);
    expect(seen).toBe(runs + 100);
    await t.ended();
  }
});

test('Measured: Manager names the metrics of queues as controller-runtime does', async () => {
  const t = setup();
  t.manager
    .controller('web')
    .source(async (queue) => queue.add('a'))
    .reconcile(() => {});
  t.run();
  await t.clock.settle();
  const labels = { name: 'web', controller: 'web' };
  expect(t.metrics.value('workqueue_adds_total', labels)).toBe(1);
  expect(t.metrics.value('workqueue_depth', { ...labels, priority: '0' })).toBe(0);
  expect(t.metrics.observations('workqueue_work_duration_seconds', labels)).toEqual([0]);
  await t.ended();
});

test('Manager measures its informers, one series per namespace', async () => {
  const t = setup({ namespaces: ['default', 'other'] });
  t.manager.controller(App).reconcile(() => {});
  put(t, App, 'a');
  t.run();
  await t.clock.settle();
  const labels = { group: 'example.com', version: 'v1', resource: 'apps' };
  const version = (name: string) => t.metrics.value('informer_store_resource_version', { ...labels, name });
  const now = Number(t.server.resourceVersion);
  expect([version('cache/default'), version('cache/other')]).toEqual([now, now]);
  await t.ended();
});

test('Manager measures the requests of its client', async () => {
  const transport = { request: async () => ({ status: 404, headers: {}, body: (async function* () {})() }) };
  const kubeConfig = { cluster: { server: 'https://fake' }, ports: { transport, clock: new FakeClock() } };
  const metrics = new RecordingMetrics();
  const manager = new Manager({ kubeConfig, metrics, logger: silentLogger });
  await expect(manager.client.delete(App, { namespace: 'a', name: 'b' })).rejects.toMatchObject({
    code: 'API_NOT_FOUND',
  });
  expect(metrics.value('rest_client_requests_total', { code: '404', method: 'DELETE', host: 'fake' })).toBe(1);
});

test('Manager takes clock, randomness and logger from the configuration, and explicit ones before them', async () => {
  const clock = new FakeClock();
  const logger = new RecordingLogger();
  const random = seededRandom(1);
  const kubeConfig = { cluster: { server: 'http://example' }, ports: { clock, logger, random } };
  expect(new Manager({ kubeConfig })).toMatchObject({ clock, logger, random });
  const own = new FakeClock();
  expect(new Manager({ kubeConfig, clock: own }).clock).toBe(own);
});

test.each<[string, Partial<ManagerOptions>, number]>([
  ['on standard error unless a logger is given', { logger: undefined }, 1],
  ['nowhere when it is given silentLogger', { logger: silentLogger }, 0],
])('Manager tells of reconciles that fail %s', async (_where, options, lines) => {
  const written = vi.spyOn(console, 'error').mockImplementation(() => {});
  try {
    const t = setup(options);
    put(t, App, 'web');
    t.manager.controller(App).reconcile(async () => {
      throw new TerminalError('no such image');
    });
    t.run();
    await t.clock.settle();
    expect(written.mock.calls).toHaveLength(lines);
    if (lines > 0) expect(written.mock.calls[0]?.[0]).toMatch(/ error .*controller=app .*no such image/);
    await t.ended();
  } finally {
    written.mockRestore();
  }
});

test('Restful: Manager.busy names who still has work, and nobody when all has come to rest', async () => {
  const t = setup();
  t.manager.controller(App).reconcile(async ({ key }) => {
    if (key.name === 'slow') await t.clock.sleep(100);
    if (key.name === 'bad' && t.clock.monotonic() < 50) throw new Error('not yet');
    return key.name === 'periodic' ? { requeueAfterMs: 60_000 } : undefined;
  });
  t.run();
  expect(t.manager.busy()).toEqual([
    'manager: it is starting',
    'cache of App.example.com is not in sync: not all that exists has arrived (idle)',
  ]);
  for (const name of ['bad', 'periodic', 'slow', 'waiting']) put(t, App, name);
  await t.clock.advance(3);
  expect(t.manager.busy()).toEqual([
    'controller "app": default/slow has been reconciled for 3 ms',
    'controller "app": default/bad has failed once and is tried again: not yet',
    'controller "app": 1 key waits to be reconciled',
  ]);
  await t.clock.advance(1_000);
  expect(t.manager.busy()).toEqual([]);
  await t.ended();
});

test('Repeatable: Manager does the same in every run with the same seed', async () => {
  const trace = async () => {
    const t = setup();
    const ids: string[] = [];
    t.manager
      .controller(App)
      .owns(Part)
      .withOptions({ maxConcurrentReconciles: 3 })
      .reconcile(async ({ key, client, reconcileId }) => {
        ids.push(`${t.clock.monotonic()} ${key.name} ${reconcileId}`);
        const app = await client.get(App, key);
        if (app) await client.apply(Part, { metadata: { ...key }, spec: app.spec }, { controller: app });
        if (ids.length % 5 === 0) throw new Error('now and then');
      });
    t.run();
    for (let round = 0; round < 20; round++) {
      put(t, App, `app-${round % 7}`, {}, round);
      if (round % 6 === 5) t.server.breakWatches();
      await t.clock.advance(100);
    }
    await t.ended();
    return { ids, writes: t.cluster.writes };
  };
  const first = await trace();
  expect(first.ids.length).toBeGreaterThan(20);
  expect(await trace()).toEqual(first);
});

test('Manager refuses options that make no sense', () => {
  expect(() => new Manager({})).toThrow('Cannot create manager: kubeConfig must be a configuration, got undefined');
  const client = new FakeCluster();
  for (const options of [
    { gracePeriodMs: -1 },
    { cacheSyncTimeoutMs: 0 },
    { controller: { maxConcurrentReconciles: 0 } },
    { cache: { staleReadTimeoutMs: 0 } },
    { cache: { resyncMs: -1 } },
  ]) {
    expect(() => new Manager({ client, ...options })).toThrow(RangeError);
  }
});
