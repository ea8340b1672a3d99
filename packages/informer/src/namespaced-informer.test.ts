import { defineKind, type Kind, type KubernetesObject, statusError } from '@bowline/apimachinery';
import { FakeClock, fixedRandom } from '@bowline/apimachinery/testing';
import { describe, expect, test } from 'vitest';
import { SharedInformerFactory } from './factory.ts';
import type { SharedInformerFactoryOptions } from './factory-options.ts';
import { Widget } from './informer.fixture.ts';
import { FakeItemServer, RecordingHandler } from './testing.ts';

interface Gadget extends KubernetesObject {
  readonly spec?: { readonly node?: string } | undefined;
}
const Gadget: Kind<Gadget> = defineKind<Gadget>({
  group: 'example.com',
  version: 'v1',
  kind: 'Gadget',
  resource: 'gadgets',
  scope: 'Namespaced',
});
const soon = (): AbortSignal => AbortSignal.abort(new Error('waited long enough'));
const forever = new AbortController().signal;

function make(options: SharedInformerFactoryOptions = {}) {
  const clock = new FakeClock();
  const server = new FakeItemServer({ resourceVersion: 0 });
  const factory = new SharedInformerFactory(server, { clock, random: fixedRandom(0), ...options });
  factory.start();
  return {
    clock,
    server,
    factory,
    put: (namespace: string, name: string, node = 'n1') =>
      server.put(Gadget, { metadata: { namespace, name, labels: { node } }, spec: { node } }),
    delete: (namespace: string, name: string) => server.delete(Gadget, { namespace, name }),
    /** The namespaces that were listed, or streamed, since the last time. */
    asked: () => server.requests.splice(0).map(({ query }) => query.namespace),
    async end(): Promise<void> {
      await factory.shutdown();
      expect(server.openWatches).toBe(0);
      expect(clock.pending).toBe(0);
    },
  };
}

describe('NamespacedInformer', () => {
  test('NamespacedInformer tells one handler of all its namespaces, and of no other', async () => {
    const { factory, clock, put, delete: remove, end } = make();
    put('a', 'one');
    put('b', 'two');
    put('c', 'three');
    await using gadgets = await factory.acquireNamespaces(Gadget, { namespaces: ['b', 'a', 'a'] });
    const handler = new RecordingHandler<Gadget>();
    const registration = gadgets.addHandler(handler, { name: 'mine' });
    expect(registration.hasSynced).toBe(false);
    await gadgets.synced(forever);
    await registration.synced(forever);
    expect(gadgets.namespaces).toEqual(['a', 'b']);
    expect(handler.take().sort()).toEqual(['add a/one@1 initial', 'add b/two@2 initial']);
    put('a', 'one', 'n2');
    put('c', 'four');
    remove('b', 'two');
    await clock.settle();
    expect(handler.take().sort()).toEqual(['delete b/two@6', 'update a/one@1 to 4']);
    const late = new RecordingHandler<Gadget>();
    await gadgets.addHandler(late).synced(forever);
    expect(late.calls).toEqual(['add a/one@4 initial']);
    await end();
  });

  test('NamespacedInformer is Movable: a namespace that is added is the only one that is listed, and its objects arrive as added', async () => {
    const { factory, clock, put, asked, end } = make();
    put('a', 'one');
    put('b', 'two');
    const gadgets = await factory.acquireNamespaces(Gadget, { namespaces: ['a'] });
    const handler = new RecordingHandler<Gadget>();
    gadgets.addHandler(handler);
    await gadgets.synced(forever);
    await clock.settle();
    handler.take();
    asked();
    const added = gadgets.addNamespace('b');
    expect(gadgets.hasSynced).toBe(false);
    await added;
    await gadgets.synced(forever);
    await clock.settle();
    expect(asked()).toEqual(['b']);
    expect(handler.take()).toEqual(['add b/two@2 initial']);
    await gadgets.addNamespace('b');
    await clock.settle();
    expect(asked()).toEqual([]);
    expect(handler.calls).toEqual([]);
    put('b', 'two', 'n2');
    await clock.settle();
    expect(handler.calls).toEqual(['update b/two@2 to 3']);
    await end();
  });

  test('NamespacedInformer is Movable: objects of a namespace that is taken away are told of as deleted, and its watch ends', async () => {
    const { factory, server, clock, put, end } = make();
    put('a', 'one');
    put('b', 'two');
    put('b', 'three');
    const gadgets = await factory.acquireNamespaces(Gadget, { namespaces: ['a', 'b'] });
    const handler = new RecordingHandler<Gadget>();
    let sizeAtDelete: number | undefined;
    gadgets.addHandler(handler);
    gadgets.addHandler({
      onDelete: () => {
        sizeAtDelete = gadgets.cache.size;
      },
    });
    await gadgets.synced(forever);
    await clock.settle();
    handler.take();
    expect(server.openWatches).toBe(2);
    const gone = gadgets.removeNamespace('b');
    expect(gadgets.cache.get('b/two')).toBeUndefined();
    put('b', 'four');
    await gone;
    await clock.settle();
    expect(handler.take().sort()).toEqual(['delete b/three@3 unseen', 'delete b/two@2 unseen']);
    expect(sizeAtDelete).toBe(1);
    expect(server.openWatches).toBe(1);
    await gadgets.removeNamespace('never-there');
    await gadgets.setNamespaces(['b']);
    await gadgets.synced(forever);
    await clock.settle();
    expect(handler.take().sort()).toEqual([
      'add b/four@4 initial',
      'add b/three@3 initial',
      'add b/two@2 initial',
      'delete a/one@1 unseen',
    ]);
    await end();
  });

  test('NamespacedInformer has synced when all its namespaces of now have', async () => {
    const { factory, server, clock, end } = make({ reflector: { watchList: false } });
    const forbidden = statusError({ status: 'Failure', code: 403, reason: 'Forbidden', message: 'no' });
    const gadgets = await factory.acquireNamespaces(Gadget);
    expect(gadgets.hasSynced).toBe(true);
    expect(gadgets.whyNotSynced()).toBeUndefined();
    server.failNext('list', forbidden);
    await gadgets.setNamespaces(['a', 'b']);
    await clock.settle();
    expect(gadgets.hasSynced).toBe(false);
    await expect(gadgets.synced(soon())).rejects.toMatchObject({
      code: 'INFORMER_NOT_SYNCED',
      message: expect.stringMatching(
        /^Informer of gadgets\.example\.com in several namespaces is not synced: namespace "a": Cannot list .*access is denied/,
      ),
    });
    const registration = gadgets.addHandler({ onAdd() {} });
    expect(gadgets.status().namespaces).toMatchObject({ a: { synced: false }, b: { synced: true } });
    const waiting = gadgets.synced(forever);
    await gadgets.removeNamespace('a');
    await waiting;
    await registration.synced(forever);
    expect(gadgets.status()).toMatchObject({ synced: true, namespaces: { b: { synced: true } } });
    await end();
    expect(gadgets.hasSynced).toBe(false);
    await expect(gadgets.synced(forever)).rejects.toMatchObject({ code: 'INFORMER_STOPPED' });
  });

  test('NamespacedInformer reads all namespaces as one: by key, namespace, label and index', async () => {
    const { factory, put, end } = make();
    put('b', 'two', 'n2'); // of another value first: values are sorted
    put('a', 'one', 'n1');
    put('b', 'three', 'n1');
    const indexes = { node: 'spec.node' } as const;
    const gadgets = await factory.acquireNamespaces(Gadget, { namespaces: ['b', 'a'], indexes });
    await gadgets.synced(forever);
    const { cache } = gadgets;
    const names = (list: Iterable<Gadget>): string[] => [...list].map(({ metadata }) => metadata.name).sort();
    expect(cache.size).toBe(3);
    expect(cache.get('b/two')?.spec?.node).toBe('n2');
    expect(cache.get('c/two')).toBeUndefined();
    expect(cache.get('two')).toBeUndefined();
    expect(names(cache.list())).toEqual(['one', 'three', 'two']);
    expect(names(cache.byIndex('node', 'n1'))).toEqual(['one', 'three']);
    expect(cache.indexKeys('node', 'n1')).toEqual(['a/one', 'b/three']);
    expect(cache.indexValues('node')).toEqual(['n1', 'n2']);
    expect([...cache.itemsByIndex('node', 'n1')].map(({ key }) => key).sort()).toEqual(['a/one', 'b/three']);
    expect(names(cache.lister.list({ namespace: 'b' }))).toEqual(['three', 'two']);
    expect(names(cache.lister.list({ labelSelector: 'node=n2' }))).toEqual(['two']);
    expect(cache.lister.get({ namespace: 'a', name: 'one' })?.metadata.name).toBe('one');
    expect(() => cache.get(undefined as never)).toThrow('Cannot get object: key must be a string, got undefined');
    expect(() => cache.lister.get('one')).toThrow('key must be "namespace/name"');
    expect(() => cache.indexKeys('nope', '')).toThrow(expect.objectContaining({ code: 'CACHE_INDEX_UNKNOWN' }));
    const before = cache.list()[Symbol.iterator]();
    before.next();
    await gadgets.setNamespaces(['c']);
    await gadgets.synced(forever);
    expect([before.next(), before.next(), before.next()].map(({ done }) => done)).toEqual([false, false, true]);
    expect(names(cache.list())).toEqual([]);
    put('c', 'four', 'n4');
    await gadgets.setNamespaces(['c', 'd']);
    await gadgets.synced(forever);
    expect(cache.indexKeys('node', 'n4')).toEqual(['c/four']);
    await end();
  });

  test('NamespacedInformer says how each namespace and each handler is', async () => {
    const { factory, put, clock, end } = make();
    put('a', 'one');
    put('b', 'two');
    put('b', 'three');
    const gadgets = await factory.acquireNamespaces(Gadget, { namespaces: ['a', 'b'] });
    const handler = new RecordingHandler<Gadget>();
    handler.hold();
    const registration = gadgets.addHandler(handler, { name: 'slow' });
    await gadgets.synced(forever);
    await clock.settle();
    expect(gadgets.status()).toMatchObject({
      synced: true,
      objects: 3,
      namespaces: { a: { state: 'watching', objects: 1 }, b: { state: 'watching', objects: 2 } },
      handlers: [{ name: 'slow', synced: false, pending: 2 }],
    });
    handler.release();
    await registration.synced(forever);
    expect(gadgets.status().handlers[0]?.synced).toBe(true);
    await end();
  });

  test('NamespacedInformer gives items in batches, and all objects again to who asks for a resync', async () => {
    const { factory, put, clock, end } = make({ resyncMs: 60_000 });
    put('a', 'one');
    put('b', 'two');
    const gadgets = await factory.acquireNamespaces(Gadget, { namespaces: ['a', 'b'] });
    const handler = new RecordingHandler<Gadget>();
    const keys: string[] = [];
    gadgets.addHandler(handler);
    gadgets.addItemHandler(
      { onTransitions: (batch) => void keys.push(...batch.map(({ key }) => key)) },
      { resyncMs: 0 },
    );
    await gadgets.synced(forever);
    await clock.settle();
    handler.take();
    await clock.advance(60_000);
    expect(handler.take().sort()).toEqual(['update a/one@1 to 1', 'update b/two@2 to 2']);
    expect(keys.sort()).toEqual(['a/one', 'b/two']);
    await end();
  });

  test('NamespacedInformer shares the informer of a namespace with whoever else has it, from the objects it has on', async () => {
    const { factory, server, put, clock, asked, end } = make();
    put('a', 'one');
    const lease = await factory.acquire(Gadget, { namespace: 'a' });
    await lease.informer.synced(forever);
    await clock.settle();
    asked();
    const gadgets = await factory.acquireNamespaces(Gadget, { namespaces: ['a'] });
    expect(gadgets.hasSynced).toBe(true);
    const handler = new RecordingHandler<Gadget>();
    await gadgets.addHandler(handler).synced(forever);
    expect(handler.take()).toEqual(['add a/one@1 initial']);
    await gadgets.setNamespaces([]);
    await gadgets.setNamespaces(['a']);
    await clock.settle();
    expect(handler.take()).toEqual(['delete a/one@1 unseen', 'add a/one@1 initial']);
    expect(asked()).toEqual([]);
    await gadgets.setNamespaces([]);
    put('a', 'two');
    await clock.settle();
    expect(handler.take()).toEqual(['delete a/one@1 unseen']);
    await gadgets.setNamespaces(['a']);
    await clock.settle();
    expect(handler.take().sort()).toEqual(['add a/one@1 initial', 'add a/two@2 initial']);
    await gadgets[Symbol.asyncDispose]();
    expect(lease.informer.isStopped).toBe(false);
    put('a', 'three');
    await clock.settle();
    expect(handler.calls).toEqual([]);
    await lease.release();
    expect(server.openWatches).toBe(0);
    await end();
  });

  test('NamespacedInformer follows the namespaces of its factory, unless it has its own', async () => {
    const { factory, put, end } = make({ namespaces: ['a'] });
    for (const namespace of ['a', 'b', 'c']) put(namespace, 'one');
    const following = await factory.acquireNamespaces(Gadget);
    const own = await factory.acquireNamespaces(Gadget, { namespaces: ['c'] });
    const gone = await factory.acquireNamespaces(Gadget);
    await gone[Symbol.asyncDispose]();
    await gone[Symbol.asyncDispose]();
    await factory.setNamespaces(['a', 'b']);
    expect(following.namespaces).toEqual(['a', 'b']);
    expect(own.namespaces).toEqual(['c']);
    expect(gone.namespaces).toEqual([]);
    expect((await factory.acquireNamespaces(Gadget)).namespaces).toEqual(['a', 'b']);
    await following.synced(forever);
    expect([...following.cache.items()].map(({ key }) => key)).toEqual(['a/one', 'b/one']);
    await end();
    await expect(factory.setNamespaces(['a'])).rejects.toMatchObject({ code: 'INFORMER_STOPPED' });
    await expect(factory.acquireNamespaces(Gadget)).rejects.toMatchObject({ code: 'INFORMER_STOPPED' });
    await expect(following.setNamespaces(['a'])).rejects.toMatchObject({ code: 'INFORMER_STOPPED' });
  });

  test('NamespacedInformer takes many changes at once: the last set of namespaces is what it has', async () => {
    const { factory, server, put, clock, end } = make();
    for (const namespace of ['a', 'b', 'c']) put(namespace, 'one');
    const gadgets = await factory.acquireNamespaces(Gadget);
    const handler = new RecordingHandler<Gadget>();
    gadgets.addHandler(handler);
    const changes = [
      gadgets.setNamespaces(['a', 'b']),
      gadgets.setNamespaces([]),
      gadgets.setNamespaces(['b', 'c']),
      gadgets.addNamespace('a'),
      gadgets.removeNamespace('b'),
    ];
    expect(gadgets.whyNotSynced()).toContain('namespace "a": its informer is being got');
    await Promise.all(changes);
    await gadgets.synced(forever);
    await clock.settle();
    expect(handler.take().sort()).toEqual(['add a/one@1 initial', 'add c/one@3 initial']);
    expect(server.openWatches).toBe(2);
    expect(factory.status().map(({ query, holders }) => [query.namespace, holders])).toEqual([
      ['a', 1],
      ['c', 1],
    ]);
    const opening = gadgets.addNamespace('b');
    await gadgets[Symbol.asyncDispose]();
    await opening;
    expect(factory.status()).toEqual([]);
    await end();
  });

  test('NamespacedInformer without an index that conflicts with another goes on without that namespace', async () => {
    const { factory, put, end } = make();
    put('a', 'one');
    const other = await factory.acquire(Gadget, { namespace: 'b', indexes: { node: 'metadata.name' } });
    const indexes = { node: 'spec.node' } as const;
    const gadgets = await factory.acquireNamespaces(Gadget, { namespaces: ['a'], indexes });
    await expect(gadgets.addNamespace('b')).rejects.toMatchObject({ code: 'CACHE_INDEX_CONFLICT' });
    expect(gadgets.namespaces).toEqual(['a']);
    await gadgets.synced(forever);
    await expect(factory.acquireNamespaces(Gadget, { namespaces: ['b'], indexes })).rejects.toMatchObject({
      code: 'CACHE_INDEX_CONFLICT',
    });
    expect(factory.status().map(({ holders }) => holders)).toEqual([1, 1]);
    await other.release();
    await end();
  });

  test('NamespacedInformer that was disposed of has nothing, takes nothing, and says so', async () => {
    const { factory, put, clock, server, end } = make();
    put('a', 'one');
    const gadgets = await factory.acquireNamespaces(Gadget, { namespaces: ['a'] });
    const handler = new RecordingHandler<Gadget>();
    handler.hold();
    gadgets.addHandler(handler, { name: 'slow' });
    await gadgets.synced(forever);
    await clock.settle();
    let isOver = false;
    const disposed = gadgets[Symbol.asyncDispose]().then(() => {
      isOver = true;
    });
    await clock.settle();
    expect(isOver).toBe(false); // a call is under way
    expect(server.openWatches).toBe(0);
    handler.release();
    await disposed;
    expect(gadgets.status()).toMatchObject({ synced: false, objects: 0, namespaces: {} });
    expect(gadgets.whyNotSynced()).toBe('it has ended');
    expect(() => gadgets.addHandler({ onAdd() {} })).toThrow(expect.objectContaining({ code: 'INFORMER_STOPPED' }));
    await expect(gadgets.setNamespaces(['a'])).rejects.toMatchObject({
      code: 'INFORMER_STOPPED',
      message: 'Informer of gadgets.example.com in several namespaces has stopped',
    });
    expect(server.openWatches).toBe(0);
    await end();
  });

  test('NamespacedInformer tells a handler that waits in vain which namespaces have not synced, and only those', async () => {
    const { factory, server, clock, put, end } = make({ reflector: { watchList: false } });
    put('b', 'one');
    server.failNext('list', statusError({ status: 'Failure', code: 403, reason: 'Forbidden', message: 'no' }));
    const gadgets = await factory.acquireNamespaces(Gadget, { namespaces: ['a', 'b'] });
    await clock.settle();
    const registration = gadgets.addHandler({ onAdd() {} }, { name: 'mine' });
    await expect(registration.synced(soon())).rejects.toThrow(
      'Handler "mine" of Informer of gadgets.example.com in several namespaces is not synced: namespace "a": Cannot list gadgets.example.com in namespace "a": access is denied (no, API_FORBIDDEN); grant the verbs "list" and "watch" on gadgets.example.com',
    );
    await clock.advance(120_000);
    await registration.synced(forever);
    await end();
  });

  test('NamespacedInformer asks for metadata only, and with the selectors of its request', async () => {
    const { factory, server, clock, end } = make({ labelSelector: 'x=y' });
    const resource = { group: 'example.com', version: 'v1', resource: 'gadgets' };
    await factory.acquireNamespaces(resource, { namespaces: ['a'], metadataOnly: true, fieldSelector: 'c=d' });
    await clock.settle();
    expect(server.requests[0]?.query).toMatchObject({
      namespace: 'a',
      labelSelector: 'x=y',
      fieldSelector: 'c=d',
      metadataOnly: true,
    });
    await end();
  });

  test('NamespacedInformer refuses wrong arguments', async () => {
    const { factory, end } = make();
    expect(() => make({ namespaces: ['A'] })).toThrow('namespaces[0] must be a namespace name');
    const several = make({ namespaces: ['a'] });
    expect(() => several.factory.informer(Gadget)).toThrow(
      'Cannot get informer: namespace must be given, as the factory has namespaces (acquireNamespaces gets all of them)',
    );
    several.factory.informer(Gadget, { namespace: 'b' });
    several.factory.informer(Widget);
    await several.end();
    await expect(factory.acquireNamespaces(Widget)).rejects.toThrow(
      'Cannot acquire informer: resource must live in namespaces, got "widgets", which does not',
    );
    await expect(factory.acquireNamespaces(Gadget, { namespace: 'a' } as never)).rejects.toThrow(
      'did you mean "namespaces"?',
    );
    await expect(factory.acquireNamespaces(Gadget, { namespaces: [''] })).rejects.toThrow('namespaces[0] must be');
    await expect(factory.setNamespaces('a' as never)).rejects.toThrow('Cannot set namespaces: namespaces must be');
    const gadgets = await factory.acquireNamespaces(Gadget);
    await expect(gadgets.addNamespace('a/b')).rejects.toThrow('Cannot set namespaces: namespaces[0] must be');
    expect(() => gadgets.synced(undefined as never)).toThrow('Cannot wait for informer: signal must be');
    await end();
  });
});
