import { defineKind, type KubernetesObject, statusError } from '@bowline/apimachinery';
import { FakeClock, fixedRandom, RecordingMetrics } from '@bowline/apimachinery/testing';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { SharedInformerFactory } from './factory.ts';
import type { SharedInformerFactoryOptions } from './factory-options.ts';
import { Widget } from './informer.fixture.ts';
import type { SharedInformer } from './shared-informer.ts';
import { FakeItemServer, RecordingHandler } from './testing.ts';

const Gadget = defineKind({
  group: 'example.com',
  version: 'v1',
  kind: 'Gadget',
  resource: 'gadgets',
  scope: 'Namespaced',
});
const { group, version, resource } = Widget;
const gvr = { group, version, resource };
const soon = (): AbortSignal => AbortSignal.abort(new Error('waited long enough'));
const forever = new AbortController().signal;
const forbidden = statusError({ status: 'Failure', code: 403, reason: 'Forbidden', message: 'no' });

function make(options: SharedInformerFactoryOptions = {}) {
  const clock = new FakeClock();
  const server = new FakeItemServer();
  const factory = new SharedInformerFactory(server, { clock, random: fixedRandom(0), ...options });
  return {
    clock,
    server,
    factory,
    async end(): Promise<void> {
      await factory.shutdown();
      expect(server.openWatches).toBe(0);
      expect(clock.pending).toBe(0);
      expect(factory.status()).toEqual([]);
    },
  };
}

describe('SharedInformerFactory', () => {
  test('SharedInformerFactory Shares: it has one informer for each kind, scope and representation', async () => {
    const { factory, end } = make();
    const all = factory.informer(Widget);
    expect(factory.informer(gvr)).toBe(all);
    expect(factory.informer(Widget, { labelSelector: '', metadataOnly: false })).toBe(all);
    const others = [
      factory.informer(Gadget),
      factory.informer(Gadget, { namespace: 'a' }),
      factory.informer(Widget, { labelSelector: 'a=b' }),
      factory.informer(Widget, { fieldSelector: 'a=b' }),
      factory.informer(Widget, { metadataOnly: true }),
    ];
    expect(new Set([all, ...others]).size).toBe(6);
    expectTypeOf(factory.informer(Widget)).toEqualTypeOf<SharedInformer<Widget>>();
    expectTypeOf(factory.informer(Widget, { metadataOnly: true })).toEqualTypeOf<SharedInformer<KubernetesObject>>();
    await end();
  });

  test('SharedInformerFactory gives its own scope to every informer that does not say otherwise', async () => {
    const { factory, server, clock, end } = make({ namespace: 'a', labelSelector: 'x=y', metadataOnly: true });
    factory.informer(gvr);
    factory.informer(Gadget, { namespace: 'b', labelSelector: undefined });
    factory.informer(Widget); // lives in no namespace
    factory.start();
    await clock.settle();
    expect(server.requests.map(({ query }) => query)).toEqual([
      { ...gvr, namespace: 'a', labelSelector: 'x=y', fieldSelector: undefined, metadataOnly: true },
      {
        ...gvr,
        resource: 'gadgets',
        kind: 'Gadget',
        namespace: 'b',
        labelSelector: 'x=y',
        fieldSelector: undefined,
        metadataOnly: true,
      },
      { ...gvr, kind: 'Widget', labelSelector: 'x=y', fieldSelector: undefined, metadataOnly: true },
    ]);
    await end();
  });

  test('SharedInformerFactory starts what was asked for when it is told to, once, and what comes later at once', async () => {
    const { factory, server, clock, end } = make();
    const handler = new RecordingHandler<Widget>();
    server.put(Widget, { metadata: { name: 'a' } });
    factory.informer(Widget).addHandler(handler);
    await clock.settle();
    expect(server.requests).toEqual([]);
    factory.start();
    factory.start();
    await factory.waitForSync(forever);
    await clock.settle();
    expect(handler.calls).toEqual(['add a@2 initial']);
    expect(server.openWatches).toBe(1);
    factory.informer(Gadget);
    await factory.waitForSync(forever);
    expect(server.openWatches).toBe(2);
    await end();
  });

  test('SharedInformerFactory says which informers are not synced, and why', async () => {
    const { factory, server, clock, end } = make();
    factory.informer(Widget);
    factory.informer(Gadget);
    await expect(factory.waitForSync(soon())).rejects.toMatchObject({
      code: 'INFORMER_NOT_SYNCED',
      message:
        '2 of 2 informers are not synced: Informer of widgets.example.com is not synced: it does not run; Informer of gadgets.example.com is not synced: it does not run',
      cause: { errors: [{ code: 'INFORMER_NOT_SYNCED' }, { code: 'INFORMER_NOT_SYNCED' }] },
    });
    server.failNext('watch', forbidden);
    server.failNext('list', forbidden);
    factory.start();
    await clock.settle();
    await expect(factory.waitForSync(soon())).rejects.toMatchObject({
      code: 'INFORMER_NOT_SYNCED',
      message: expect.stringMatching(
        /^Informer of widgets\.example\.com is not synced: Cannot list .*access is denied/,
      ),
    });
    expect(factory.status().map(({ query, status }) => [query.resource, status.synced])).toEqual([
      ['widgets', false],
      ['gadgets', true],
    ]);
    await end();
  });

  test('SharedInformerFactory reads so many first states at a time, and lets one that fails not hold up the rest', async () => {
    const { factory, server, clock, end } = make({ startConcurrency: 2, reflector: { watchList: false } });
    for (let index = 0; index < 6; index++) factory.informer({ group: 'g', version: 'v1', resource: `r${index}` });
    server.failNext('list', forbidden);
    factory.start();
    expect(server.requests.length).toBe(0);
    await clock.settle();
    expect(server.requests.filter(({ verb }) => verb === 'list').length).toBe(6);
    expect(factory.status().filter(({ status }) => status.synced).length).toBe(5);
    await end();
    const busy = make({ startConcurrency: 2, reflector: { watchList: false } });
    busy.server.listItems = () => new Promise(() => {});
    for (let index = 0; index < 6; index++) busy.factory.informer({ group: 'g', version: 'v1', resource: `r${index}` });
    busy.factory.start();
    await busy.clock.settle();
    expect(busy.factory.status().filter(({ status }) => status.state === 'listing').length).toBe(2);
    await busy.end();
  });

  test('SharedInformerFactory is Thrifty: it ends an informer when its last share is released, and makes a new one later', async () => {
    const { factory, server, clock, end } = make();
    factory.start();
    const first = await factory.acquire(Widget);
    const second = await factory.acquire(Widget);
    expect(second.informer).toBe(first.informer);
    await first.informer.synced(forever);
    expect(factory.status()[0]?.holders).toBe(2);
    await first.release();
    await first.release();
    expect(first.informer.isStopped).toBe(false);
    await second[Symbol.asyncDispose]();
    expect(first.informer.isStopped).toBe(true);
    expect(server.openWatches).toBe(0);
    expect(clock.pending).toBe(0);
    const third = await factory.acquire(Widget);
    expect(third.informer).not.toBe(first.informer);
    await third.informer.synced(forever);
    await end();
  });

  test('SharedInformerFactory keeps an informer that was taken for good', async () => {
    const { factory, end } = make();
    factory.start();
    const lease = await factory.acquire(Widget);
    factory.informer(Widget);
    await lease.release();
    expect(lease.informer.isStopped).toBe(false);
    await end();
    expect(lease.informer.isStopped).toBe(true);
  });

  test('SharedInformerFactory builds the indexes that shares ask for, at any time', async () => {
    const { factory, server, end } = make();
    server.put(Widget, { metadata: { name: 'a' }, spec: { node: 'n1' } });
    factory.start();
    const first = await factory.acquire(Widget, { indexes: { node: 'spec.node' } });
    await first.informer.synced(forever);
    const second = await factory.acquire(Widget, { indexes: { node: 'spec.node', uid: 'metadata.uid' } });
    expect(second.informer.indexer.indexKeys('node', 'n1')).toEqual(['a']);
    expect(second.informer.indexer.indexKeys('uid', 'uid-1')).toEqual(['a']);
    await expect(factory.acquire(Widget, { indexes: { node: 'metadata.name' } })).rejects.toMatchObject({
      code: 'CACHE_INDEX_CONFLICT',
    });
    expect(factory.status()[0]?.holders).toBe(2);
    await end();
  });

  test('SharedInformerFactory transforms the objects of every kind', async () => {
    const { factory, server, end } = make({
      transform: (object, { resource }) => ({ ...object, metadata: { ...object.metadata, annotations: { resource } } }),
    });
    server.put(Widget, { metadata: { name: 'a' } });
    const informer = factory.informer(Widget);
    factory.start();
    await factory.waitForSync(forever);
    expect(informer.indexer.get('a')?.metadata.annotations).toEqual({ resource: 'widgets' });
    await end();
  });

  test('SharedInformerFactory with a name measures one informer of each resource', async () => {
    const metrics = new RecordingMetrics();
    const { factory, server, end } = make({ name: 'test', metrics });
    const labels = { name: 'test', ...gvr };
    server.put(Widget, { metadata: { name: 'a' } });
    factory.informer(Widget);
    factory.informer(gvr, { namespace: 'elsewhere' });
    factory.start();
    await factory.waitForSync(forever);
    expect(metrics.value('informer_store_objects', labels)).toBe(1);
    await end();
    expect(metrics.value('informer_store_objects', labels)).toBeUndefined();
  });

  test('SharedInformerFactory measures the next informer of a resource when the measured one has ended, and each resource', async () => {
    const metrics = new RecordingMetrics();
    const { factory, clock, end } = make({ name: 'test', metrics });
    const states = (of: string): number | undefined =>
      metrics.value('informer_full_states_total', { name: 'test', ...gvr, resource: of, cause: 'initial' });
    factory.start();
    const first = await factory.acquire(Widget);
    const second = await factory.acquire(gvr, { namespace: 'a' });
    await factory.waitForSync(forever);
    await clock.settle();
    expect(states('widgets')).toBe(1); // the second is not measured
    factory.informer(Gadget);
    await factory.waitForSync(forever);
    await clock.settle();
    expect(states('gadgets')).toBe(1);
    await second.release();
    const third = await factory.acquire(gvr, { namespace: 'b' });
    await factory.waitForSync(forever);
    await clock.settle();
    expect(states('widgets')).toBe(1); // the first is still there
    await first.release();
    expect(states('widgets')).toBeUndefined();
    const fourth = await factory.acquire(gvr, { namespace: 'c' });
    await factory.waitForSync(forever);
    await clock.settle();
    expect(states('widgets')).toBe(1);
    await Promise.all([third.release(), fourth.release()]);
    await end();
  });

  test('SharedInformerFactory without a name measures nothing', async () => {
    const metrics = new RecordingMetrics();
    const { factory, end } = make({ metrics });
    factory.informer(Widget);
    factory.start();
    await factory.waitForSync(forever);
    expect(metrics.value('informer_store_objects', { name: 'undefined', ...gvr })).toBeUndefined();
    expect(metrics.value('informer_store_objects', { ...gvr })).toBeUndefined();
    await end();
  });

  test('SharedInformerFactory names what was wrong with a request', async () => {
    expect(() => new SharedInformerFactory({} as never)).toThrow(
      'Cannot create informer factory: client must be a client',
    );
    const { factory, end } = make();
    expect(factory.forResource(gvr).lister()).toBe(factory.informer(gvr).lister);
    expect(() => factory.informer({} as never)).toThrow('Cannot get informer: resource must be');
    await expect(factory.acquire(Widget, { indices: {} } as never)).rejects.toThrow('Cannot acquire informer: ');
    await expect(factory.acquireNamespaces({} as never)).rejects.toThrow('Cannot acquire informer: resource must be');
    await expect(factory.acquireNamespaces(Gadget, { indices: {} } as never)).rejects.toThrow(
      'Cannot acquire informer: ',
    );
    await end();
    await expect(factory.acquireNamespaces(Gadget)).rejects.toMatchObject({ code: 'INFORMER_STOPPED' });
  });

  test('SharedInformerFactory ends for good: informers that run, that wait for their start and that never ran', async () => {
    const { factory, server, clock, end } = make({ startConcurrency: 1 });
    server.failNext('watch', new Error('x'));
    server.listItems = () => new Promise(() => {});
    const informers = [factory.informer(Widget), factory.informer(Gadget)];
    const waits = informers.map((informer) =>
      expect(informer.synced(forever)).rejects.toMatchObject({ code: 'INFORMER_STOPPED' }),
    );
    factory.start();
    await clock.settle();
    await end();
    await Promise.all(waits);
    expect(informers.every(({ isStopped }) => isStopped)).toBe(true);
    expect(() => factory.informer(Widget)).toThrow('The informer factory has been shut down');
    await expect(factory.acquire(Widget)).rejects.toMatchObject({ code: 'INFORMER_STOPPED' });
    factory.start();
    await end();
  });

  test('SharedInformerFactory gives informer and lister of a kind or resource under the names of client-go', async () => {
    const { factory, server, end } = make();
    server.put(Widget, { metadata: { name: 'a' } });
    const widgets = factory.forKind(Widget);
    const lister = widgets.lister();
    expect(factory.forResource(gvr).informer()).toBe(widgets.informer());
    factory.start();
    await factory.waitForSync(forever);
    expect(lister.get('a')?.metadata.name).toBe('a');
    await end();
  });

  test('SharedInformerFactory lets a function say kind by kind what to select, below what a request says', async () => {
    const asked: unknown[] = [];
    const { factory, server, clock, end } = make({
      labelSelector: 'x=y',
      tweakListOptions: (selectors, { resource }) => {
        asked.push([selectors, resource]);
        return resource === 'gadgets' ? { ...selectors, fieldSelector: 'metadata.name=a' } : selectors;
      },
    });
    factory.informer(Widget);
    factory.informer(Gadget);
    const lease = await factory.acquire(Gadget, { fieldSelector: 'metadata.name=b' });
    factory.start();
    await clock.settle();
    expect(asked[0]).toEqual([{ labelSelector: 'x=y' }, 'widgets']);
    expect(
      server.requests.map(({ query }) => [query.resource, query.labelSelector, query.fieldSelector]).slice(0, 3),
    ).toEqual([
      ['widgets', 'x=y', undefined],
      ['gadgets', 'x=y', 'metadata.name=a'],
      ['gadgets', 'x=y', 'metadata.name=b'],
    ]);
    await lease.release();
    await end();
  });

  test('SharedInformerFactory refuses a tweakListOptions that returns no selectors', () => {
    expect(() => make({ tweakListOptions: (() => undefined) as never }).factory.informer(Widget)).toThrow(
      'Cannot get informer: the result of tweakListOptions must be an object, got undefined',
    );
    expect(() => make({ tweakListOptions: () => ({ namespace: 'a' }) as never }).factory.informer(Widget)).toThrow(
      'got "namespace"',
    );
  });

  test('SharedInformerFactory of one cluster shares nothing with that of another', async () => {
    const [east, west] = [make({ name: 'east' }), make({ name: 'west' })] as const;
    east.server.put(Widget, { metadata: { name: 'a' }, spec: { node: 'east' } });
    west.server.put(Widget, { metadata: { name: 'a' }, spec: { node: 'west' } });
    const handlers = [new RecordingHandler<Widget>(), new RecordingHandler<Widget>()] as const;
    const informers = [east, west].map(({ factory }, index) => {
      const informer = factory.informer(Widget);
      informer.addHandler(handlers[index === 0 ? 0 : 1]);
      factory.start();
      return informer;
    });
    await Promise.all([east.factory.waitForSync(forever), west.factory.waitForSync(forever)]);
    await Promise.all([east.clock.settle(), west.clock.settle()]);
    expect(informers.map(({ indexer }) => indexer.get('a')?.spec?.node)).toEqual(['east', 'west']);
    east.server.muteWatches();
    west.server.put(Widget, { metadata: { name: 'b' } });
    await Promise.all([east.clock.settle(), west.clock.settle()]);
    expect(handlers.map(({ calls }) => calls.length)).toEqual([1, 2]);
    await east.end();
    expect(informers.map(({ isStopped }) => isStopped)).toEqual([true, false]);
    west.server.put(Widget, { metadata: { name: 'c' } });
    await west.clock.settle();
    expect(handlers.map(({ calls }) => calls.length)).toEqual([1, 3]);
    await west.end();
  });

  test('SharedInformerFactory refuses a namespace for a kind that lives in none, and its informers reads by one', async () => {
    const { factory, end } = make();
    const message = 'Cannot get informer: namespace must be absent, as "widgets" are cluster-scoped, got "a"';
    expect(() => factory.informer(Widget, { namespace: 'a' })).toThrow(new RangeError(message));
    await expect(factory.acquire(Widget, { namespace: 'a' })).rejects.toThrow(message);
    expect(factory.status()).toEqual([]);
    const widgets = factory.forKind(Widget).lister();
    expect(() => widgets.list({ namespace: 'a' })).toThrow(
      'query.namespace must be absent, as the objects are cluster-',
    );
    expect(() => widgets.get('a/b')).toThrow('key must be a name without a namespace');
    expect(() => factory.forKind(Gadget).lister().get('b')).toThrow('key must be "namespace/name"');
    await end();
  });

  test('SharedInformerFactory is disposable', async () => {
    const { clock, server } = make();
    let informer: SharedInformer<Widget>;
    {
      await using factory = new SharedInformerFactory(server, { clock, random: fixedRandom(0) });
      informer = factory.informer(Widget);
      factory.start();
      await factory.waitForSync(forever);
    }
    expect(informer.isStopped).toBe(true);
    expect(clock.pending).toBe(0);
  });

  test('SharedInformerFactory refuses a concurrency that is none', () => {
    expect(() => make({ startConcurrency: 0 })).toThrow(
      'Cannot create informer factory: startConcurrency must be a whole number, 1 or more, got 0',
    );
  });
});
