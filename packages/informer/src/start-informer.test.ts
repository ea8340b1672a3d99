import { getEventListeners } from 'node:events';
import { defineKind, statusError, type UnstructuredObject } from '@bowline/apimachinery';
import { FakeClock, fixedRandom } from '@bowline/apimachinery/testing';
import type { Storage } from '@bowline/cache';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { Widget } from './informer.fixture.ts';
import { startInformer } from './start-informer.ts';
import { FakeItemServer, RecordingHandler } from './testing.ts';

const gvr = { group: 'example.com', version: 'v1', resource: 'widgets' };

function environment(): { clock: FakeClock; random: ReturnType<typeof fixedRandom>; server: FakeItemServer } {
  return { clock: new FakeClock(), random: fixedRandom(0), server: new FakeItemServer() };
}

describe('startInformer', () => {
  test('startInformer resolves with a cached, indexed list, and ends when it is disposed of', async () => {
    const { clock, random, server } = environment();
    server.put(Widget, { metadata: { name: 'a', labels: { tier: 'web' } }, spec: { node: 'n1' } });
    server.put(Widget, { metadata: { name: 'b' }, spec: { node: 'n2' } });
    {
      await using widgets = await startInformer(server, Widget, { clock, random, indexes: { node: 'spec.node' } });
      const names = (list: Iterable<Widget>): string[] => [...list].map(({ metadata }) => metadata.name);
      expect(widgets.size).toBe(2);
      expect(widgets.get('a')?.spec?.node).toBe('n1');
      expect(widgets.get({ name: 'b' })?.metadata.uid).toBe('uid-2');
      expect(widgets.get('c')).toBeUndefined();
      expect(names(widgets.list())).toEqual(['a', 'b']);
      expect(names(widgets.list({ labelSelector: 'tier=web' }))).toEqual(['a']);
      expect(names(widgets.byIndex('node', 'n2'))).toEqual(['b']);
      await clock.settle();
      expect(widgets.status()).toMatchObject({ state: 'watching', synced: true, resourceVersion: '3', objects: 2 });
      server.put(Widget, { metadata: { name: 'c' }, spec: { node: 'n2' } });
      await clock.settle();
      expect(names(widgets.byIndex('node', 'n2'))).toEqual(['b', 'c']);
    }
    expect(server.openWatches).toBe(0);
    expect(clock.pending).toBe(0);
  });

  test('startInformer keeps its items in the storage it is given', async () => {
    const { clock, random, server } = environment();
    server.put(Widget, { metadata: { name: 'a' } });
    const kept: string[] = [];
    const storage: Storage<Widget> = {
      sizeBytes: 0,
      keep: (_, item) => void kept.push(item.key),
      at: () => undefined,
      drop: () => {},
      empty: () => storage,
    };
    await using widgets = await startInformer(server, Widget, { clock, random, storage });
    expect(widgets.size).toBe(1);
    expect(kept).toEqual(['a']);
    const wrong = startInformer(server, Widget, { clock, random, storage: { get: () => {} } as never });
    await expect(wrong).rejects.toThrow(/storage must be "packed" or "plain" or a storage/);
  });

  test('startInformer asks for the scope it is given', async () => {
    const { clock, random, server } = environment();
    const scope = {
      namespace: 'a',
      labelSelector: 'tier=web',
      fieldSelector: 'metadata.name=x',
      metadataOnly: true,
    } as const;
    await using _ = await startInformer(server, gvr, { clock, random, ...scope });
    expect(server.requests[0]?.query).toEqual({ ...gvr, ...scope });
  });

  test('startInformer gives typed objects for a kind, unstructured ones for a resource', async () => {
    const { clock, random, server } = environment();
    await using typed = await startInformer(server, Widget, { clock, random });
    await using untyped = await startInformer(server, gvr, { clock, random });
    expectTypeOf(typed.get('a')).toEqualTypeOf<Widget | undefined>();
    expectTypeOf(untyped.get('a')).toEqualTypeOf<UnstructuredObject | undefined>();
  });

  test('startInformer has told its handler of everything when it resolves', async () => {
    const { clock, random, server } = environment();
    const handler = new RecordingHandler<Widget>();
    server.put(Widget, { metadata: { name: 'a' } });
    await using widgets = await startInformer(server, Widget, { clock, random, handler });
    expect(handler.take()).toEqual(['add a@2 initial']);
    const late = new RecordingHandler<Widget>();
    await widgets.addHandler(late).synced(new AbortController().signal);
    expect(late.calls).toEqual(['add a@2 initial']);
  });

  test('startInformer ends with its signal', async () => {
    const { clock, random, server } = environment();
    const stop = new AbortController();
    await using widgets = await startInformer(server, Widget, { clock, random, signal: stop.signal });
    stop.abort();
    await clock.settle();
    expect(widgets.informer.isStopped).toBe(true);
    expect(server.openWatches).toBe(0);
    expect(getEventListeners(stop.signal, 'abort').length).toBe(0);
  });

  test('startInformer is Tidy: when it is aborted before it is synced it rejects with the cause and leaves nothing behind', async () => {
    const { clock, random, server } = environment();
    const forbidden = statusError({ status: 'Failure', code: 403, reason: 'Forbidden', message: 'no' });
    server.failNext('watch', forbidden);
    server.failNext('list', forbidden);
    const stop = new AbortController();
    const started = expect(startInformer(server, Widget, { clock, random, signal: stop.signal })).rejects.toMatchObject(
      {
        code: 'INFORMER_NOT_SYNCED',
        message: expect.stringContaining('access is denied'),
      },
    );
    await clock.settle();
    stop.abort();
    await started;
    expect(clock.pending).toBe(0);
    expect(getEventListeners(stop.signal, 'abort').length).toBe(0);
    await expect(startInformer(server, Widget, { signal: AbortSignal.abort(new Error('no more')) })).rejects.toThrow(
      'no more',
    );
  });

  test('startInformer gives up after syncTimeoutMs', async () => {
    const { clock, random, server } = environment();
    server.muteWatches();
    for (let attempt = 0; attempt < 9; attempt++) {
      server.failNext('watch', new Error('x'));
      server.failNext('list', Object.assign(new Error('connect ECONNREFUSED 1.2.3.4:6443'), { code: 'ECONNREFUSED' }));
    }
    const started = expect(
      startInformer(server, Widget, { clock, random, syncTimeoutMs: 2_000 }),
    ).rejects.toMatchObject({
      code: 'INFORMER_NOT_SYNCED',
      message: expect.stringContaining('start the server or correct its address'),
      cause: { message: 'not synced after 2000 ms' },
    });
    await clock.advance(2_000);
    await started;
    expect(clock.pending).toBe(0);
  });

  test('startInformer that has resolved in time is not ended by syncTimeoutMs', async () => {
    const { clock, random, server } = environment();
    const stop = new AbortController();
    const widgets = await startInformer(server, Widget, { clock, random, syncTimeoutMs: 1_000, signal: stop.signal });
    await clock.advance(2_000);
    expect([widgets.informer.isStopped, widgets.signal.aborted]).toEqual([false, false]);
    await widgets[Symbol.asyncDispose]();
    expect(clock.pending).toBe(0);
    expect(getEventListeners(stop.signal, 'abort').length).toBe(0);
  });

  test('RunningInformer.stop ends it with its reason', async () => {
    const { clock, random, server } = environment();
    const widgets = await startInformer(server, Widget, { clock, random });
    widgets.stop('enough');
    expect(widgets.signal.reason).toMatchObject({ code: 'INFORMER_STOPPED', message: 'enough' });
    await widgets[Symbol.asyncDispose]();
    expect(widgets.informer.isStopped).toBe(true);
    const others = await startInformer(server, Widget, { clock, random });
    others.stop();
    expect(others.signal.reason).toMatchObject({ name: 'AbortError' });
    await others[Symbol.asyncDispose]();
  });

  test('startInformer refuses what is no client or no resource', async () => {
    const { server } = environment();
    const untyped = startInformer as (...values: unknown[]) => Promise<unknown>;
    await expect(untyped({}, Widget)).rejects.toThrow('Cannot start informer: client must be a client');
    for (const resource of [undefined, null, 'pods', { group: '', version: 'v1' }, { ...gvr, group: 7 }]) {
      await expect(untyped(server, resource)).rejects.toThrow(
        'Cannot start informer: resource must be a kind, or an object with group, version and resource, got',
      );
    }
  });

  test('RunningInformer.get refuses keys that are none, or that no object of its kind can have', async () => {
    const { clock, random, server } = environment();
    const Gadget = defineKind({ ...gvr, kind: 'Gadget', resource: 'gadgets', scope: 'Namespaced' });
    await using widgets = await startInformer(server, Widget, { clock, random });
    await using gadgets = await startInformer(server, Gadget, { clock, random });
    await using untyped = await startInformer(server, gvr, { clock, random });
    const [none, five] = [undefined as never, 5 as never];
    expect(() => widgets.get(none)).toThrow('Cannot get object: key must be a string or an object, got undefined');
    expect(() => untyped.get(five)).toThrow('Cannot get object: key must be a string or an object, got 5');
    expect(() => untyped.get({} as never)).toThrow('Cannot get object: key.name must be a non-empty string');
    expect(() => widgets.get({ namespace: 'x', name: 'a' })).toThrow('key must be a name without a namespace');
    expect(() => gadgets.get({ name: 'a' })).toThrow('key must be "namespace/name" or { namespace, name }');
    expect(() => gadgets.get('default/a/b')).toThrow('live in namespaces, got "default/a/b"');
    expect([widgets.get('a'), gadgets.get('x/a'), untyped.get('a'), untyped.get('x/a')]).toEqual(
      Array(4).fill(undefined),
    );
  });

  test('startInformer refuses wrong options', async () => {
    const { server } = environment();
    await expect(startInformer(server, Widget, { syncTimeoutMs: 0 })).rejects.toThrow(
      'syncTimeoutMs must be more than 0, got 0',
    );
    await expect(startInformer({} as never, Widget)).rejects.toThrow('client must be a client');
    await expect(startInformer(server, {} as never)).rejects.toThrow(
      'resource must be a kind, or an object with group',
    );
    await expect(startInformer(server, Widget, { namespace: 'a/b' })).rejects.toThrow(
      'namespace must be a namespace name',
    );
    await expect(startInformer(server, Widget, { namespace: 'a' })).rejects.toThrow(
      new RangeError('Cannot start informer: namespace must be absent, as "widgets" are cluster-scoped, got "a"'),
    );
    await expect(startInformer(server, gvr, { scope: 'Cluster' } as never)).rejects.toThrow('got "scope"');
    await expect(startInformer(server, Widget, { handler: {} })).rejects.toThrow(
      'handler must be a handler (an object',
    );
    await expect(startInformer(server, Widget, { indexes: { a: 'spec..x' as never } })).rejects.toThrow(
      'indexes.a must',
    );
    expect(server.requests).toEqual([]);
    await expect(startInformer(server, Widget, { syncTimeout: 1 } as never)).rejects.toThrow(
      'did you mean "syncTimeoutMs"?',
    );
    await expect(startInformer(server, { ...gvr, resource: '' })).rejects.toThrow('resource must be a plural name');
  });
});
