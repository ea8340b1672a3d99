import { defineKind, type KubernetesObject, statusError } from '@bowline/apimachinery';
import { FakeClock, fixedRandom, RecordingLogger } from '@bowline/apimachinery/testing';
import { FakeItemServer, FakeListerWatcher, itemOf } from '@bowline/listwatch/testing';
import { describe, expect, test } from 'vitest';
import { SharedInformerFactory } from './factory.ts';
import type { SharedInformerFactoryOptions } from './factory-options.ts';
import { make, Widget } from './informer.fixture.ts';
import type { Handler } from './ports.ts';
import { SharedInformer } from './shared-informer.ts';
import { RecordingHandler } from './testing.ts';

// What client-go's tests of its informers show and no other test of ours does; docs/scenarios/informer.md says which.

const forever = new AbortController().signal;
const Gadget = defineKind({
  group: 'example.com',
  version: 'v1',
  kind: 'Gadget',
  resource: 'gadgets',
  scope: 'Namespaced',
});
const gvr = { group: Gadget.group, version: Gadget.version, resource: Gadget.resource };

test('SharedInformer has the indexes that it was given before its start and while it runs, over old and new objects', async () => {
  const { informer, put, run, clock, end } = make({ indexes: { node: 'spec.node' } });
  await informer.indexer.addIndex('size', ({ spec }) => String(spec?.size));
  put('a', { node: 'n1', size: 1 });
  put('b', { node: 'n2', size: 1 });
  await run();
  expect(informer.indexer.indexKeys('size', '1')).toEqual(['a', 'b']);
  put('c', { node: 'n1', size: 2 });
  await clock.settle();
  expect(informer.indexer.indexKeys('node', 'n1')).toEqual(['a', 'c']);
  await informer.indexer.addIndex('name', 'metadata.name');
  put('d', { node: 'n3', size: 2 });
  await clock.settle();
  expect(informer.indexer.indexKeys('name', 'a')).toEqual(['a']);
  expect(informer.indexer.indexKeys('name', 'd')).toEqual(['d']);
  expect(informer.indexer.indexValues('node').sort()).toEqual(['n1', 'n2', 'n3']);
  expect(informer.indexer.indexValues('size').sort()).toEqual(['1', '2']);
  await end();
});

test('SharedInformer leaves nothing behind when its handlers came before the start, after it, or when it never runs', async () => {
  const never = make();
  never.informer.addHandler(new RecordingHandler<Widget>(), { resyncMs: 1_000 });
  await never.clock.settle();
  expect([never.clock.pending, never.server.requests]).toEqual([0, []]);
  const { informer, put, run, end } = make();
  informer.addHandler(new RecordingHandler<Widget>(), { resyncMs: 1_000 });
  put('a');
  await run();
  informer.addHandler(new RecordingHandler<Widget>(), { resyncMs: 1_000 });
  await end(); // proves it: no timer, no watch, no listener
});

test('SharedInformer calls only the functions that a handler has', async () => {
  const { informer, put, delete: remove, run, clock, failures, end } = make();
  const seen: string[] = [];
  const one: Handler<Widget>[] = [
    { onAdd: ({ metadata }, { initial }) => void seen.push(`add ${metadata.name} ${initial}`) },
    { onUpdate: (_, { metadata }) => void seen.push(`update ${metadata.name}`) },
    {
      onDelete: ({ metadata }, { finalStateUnknown }) => void seen.push(`delete ${metadata.name} ${finalStateUnknown}`),
    },
  ];
  for (const handler of one) informer.addHandler(handler);
  put('a');
  await run();
  put('b');
  put('a');
  await clock.settle();
  remove('a');
  await clock.settle();
  expect(seen.sort()).toEqual(['add a true', 'add b false', 'delete a false', 'update a']);
  expect(failures).toEqual([]);
  await end();
});

describe.each(['in-order', 'compressing'] as const)('SharedInformer with an %s queue', (queue) => {
  test('SharedInformer tells of a full state first what is gone, then what is there, in the order of the list', async () => {
    const { informer, put, delete: remove, run, clock, server, end } = make({ queue });
    const handler = new RecordingHandler<Widget>();
    informer.addHandler(handler);
    for (const name of ['a', 'b', 'c', 'd']) put(name);
    await run();
    expect(handler.take()).toEqual(['add a@3 initial', 'add b@4 initial', 'add c@5 initial', 'add d@6 initial']);
    server.endWatches();
    put('d');
    put('b');
    remove('a');
    remove('c');
    put('e');
    server.compact();
    await clock.advance(5_000);
    const told = handler.take();
    expect(told.slice(0, 2).sort()).toEqual(['delete a@3 unseen', 'delete c@5 unseen']);
    const listed = server.objects(Widget).map(({ metadata }) => metadata.name);
    expect(told.slice(2).map((call) => /^(add|update) (\w+)/.exec(call)?.[2])).toEqual(listed);
    expect(told.slice(2).sort()).toEqual(['add e@11', 'update b@4 to 8', 'update d@6 to 7']);
    server.endWatches();
    for (const name of ['b', 'd', 'e']) remove(name);
    server.compact();
    await clock.advance(5_000);
    expect(handler.take().sort()).toEqual(['delete b@8 unseen', 'delete d@7 unseen', 'delete e@11 unseen']);
    await end();
  });

  test('SharedInformer hands out what the transform has made also of what was deleted while nobody watched', async () => {
    const transform = (widget: Widget): Widget => ({ ...widget, spec: { size: 1 } });
    const { informer, put, delete: remove, run, clock, server, end } = make({ queue, transform });
    const seen: [number | undefined, boolean][] = [];
    informer.addHandler({
      onDelete: ({ spec }, { finalStateUnknown }) => void seen.push([spec?.size, finalStateUnknown]),
    });
    put('a', { size: 9 });
    await run();
    server.endWatches();
    remove('a');
    server.compact();
    await clock.advance(5_000);
    expect(seen).toEqual([[1, true]]);
    await end();
  });
});

describe('SharedInformerFactory', () => {
  function setUp(options: SharedInformerFactoryOptions = {}) {
    const clock = new FakeClock();
    const server = new FakeItemServer();
    const factory = new SharedInformerFactory(server, { clock, random: fixedRandom(0), ...options });
    const put = (name: string, namespace = 'x'): KubernetesObject =>
      server.put(Gadget, { metadata: { name, namespace } });
    return { clock, server, factory, put };
  }

  test.each<[string, SharedInformerFactoryOptions]>([
    ['a resource', {}],
    ['the metadata of a resource', { metadataOnly: true }],
  ])('SharedInformerFactory tells of additions, changes and deletions of %s by its name alone', async (_, options) => {
    const { clock, server, factory, put } = setUp(options);
    const handler = new RecordingHandler();
    const gadgets = factory.forResource(gvr);
    gadgets.informer().addHandler(handler);
    put('a');
    factory.start();
    await factory.waitForSync(forever);
    put('b');
    put('a');
    server.delete(Gadget, { namespace: 'x', name: 'b' });
    await clock.settle();
    expect(handler.calls).toEqual(['add x/a@2 initial', 'add x/b@3', 'update x/a@2 to 4', 'delete x/b@5']);
    expect(gadgets.lister().get('x/a')?.metadata.resourceVersion).toBe('4');
    expect(server.requests.every(({ query }) => Boolean(query.metadataOnly) === Boolean(options.metadataOnly))).toBe(
      true,
    );
    await factory.shutdown();
    expect(clock.pending).toBe(0);
  });

  test('SharedInformerFactory of one namespace tells of no other', async () => {
    const { clock, factory, put } = setUp({ namespace: 'x' });
    const handler = new RecordingHandler();
    factory.informer(gvr).addHandler(handler);
    put('a', 'x');
    put('a', 'y');
    factory.start();
    await factory.waitForSync(forever);
    put('b', 'y');
    put('b', 'x');
    await clock.settle();
    expect(handler.calls).toEqual(['add x/a@2 initial', 'add x/b@5']);
    await factory.shutdown();
  });

  test('SharedInformerFactory.waitForSync resolves when all have synced or there are none, whatever its signal says', async () => {
    const { server, clock, factory } = setUp();
    await factory.waitForSync(AbortSignal.abort());
    factory.informer(Gadget);
    factory.start();
    await factory.waitForSync(forever);
    await factory.waitForSync(AbortSignal.abort(new Error('too late')));
    server.failNext('watch', statusError({ code: 403, reason: 'Forbidden', message: 'no' }));
    server.failNext('list', statusError({ code: 403, reason: 'Forbidden', message: 'no' }));
    factory.informer(Widget);
    await clock.settle();
    const stop = new AbortController();
    const waiting = expect(factory.waitForSync(stop.signal)).rejects.toMatchObject({
      code: 'INFORMER_NOT_SYNCED',
      message: expect.stringContaining('widgets.example.com'),
      cause: expect.objectContaining({ message: 'enough' }),
    });
    stop.abort(new Error('enough'));
    await waiting;
    await factory.shutdown();
  });
});

test('SharedInformer leaves out what has no key, says so, and takes all that came with it', async () => {
  const source = new FakeListerWatcher<Widget>();
  const logger = new RecordingLogger();
  const clock = new FakeClock();
  const informer = new SharedInformer<Widget>(
    { source, clock, random: fixedRandom(0), logger },
    { reflector: { watchList: false } },
  );
  const stop = new AbortController();
  const running = informer.run(stop.signal);
  const item = (name: string) =>
    itemOf<Widget>({
      apiVersion: Widget.apiVersion,
      kind: Widget.kind,
      metadata: { name, uid: name, resourceVersion: '1', creationTimestamp: '' },
    });
  const nameless = { ...item('b'), key: '' };
  (await source.nextList()).answer([item('a'), nameless, item('c')], '1');
  const watch = (await source.nextWatch()).accept();
  watch.send(
    { type: 'added', item: item('d') },
    { type: 'modified', item: nameless },
    { type: 'added', item: item('e') },
  );
  await clock.settle();
  expect([...informer.indexer.keys()]).toEqual(['a', 'c', 'd', 'e']);
  const told = logger.lines.filter(({ message }) => message.endsWith('an object without a key was left out'));
  expect(told).toHaveLength(2);
  expect(told[0]?.fields).toMatchObject({ error: { code: 'APIMACHINERY_KEY_INVALID' } });
  stop.abort();
  await running;
});
