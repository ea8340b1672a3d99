import { statusError, type WatchFrame } from '@bowline/apimachinery';
import { FakeClock, fixedRandom, RecordingMetrics } from '@bowline/apimachinery/testing';
import { ListWatch, WatchListMemory } from '@bowline/listwatch';
import { describe, expect, test } from 'vitest';
import { SharedInformerFactory } from './factory.ts';
import { make, Widget } from './informer.fixture.ts';
import type { SharedInformerPorts, WatchProblem } from './ports.ts';
import { SharedInformer } from './shared-informer.ts';
import type { InformerStatus } from './status.ts';
import { FakeItemServer, RecordingHandler } from './testing.ts';

const identity = { name: 'test', group: 'example.com', version: 'v1', resource: 'widgets' };
const failure = (code: number, reason: string): Error =>
  statusError({ status: 'Failure', code, reason, message: reason });

function observed(ports: Partial<SharedInformerPorts<Widget>>) {
  const clock = new FakeClock();
  const server = new FakeItemServer();
  const source = new ListWatch<Widget>(server, Widget);
  const informer = new SharedInformer<Widget>({ source, clock, random: fixedRandom(0), ...ports });
  const stop = new AbortController();
  let running: Promise<void> | undefined;
  return {
    clock,
    server,
    informer,
    async run(): Promise<void> {
      running = informer.run(stop.signal);
      await clock.settle();
    },
    async end(): Promise<void> {
      stop.abort();
      await running;
      expect(clock.pending).toBe(0);
    },
  };
}

async function* withoutBookmarks<T>(
  frames: AsyncIterable<readonly WatchFrame<T>[]>,
): AsyncGenerator<readonly WatchFrame<T>[]> {
  for await (const batch of frames) {
    const others = batch.filter(({ type }) => type !== 'bookmark');
    if (others.length > 0) yield others;
  }
}

describe('SharedInformer metrics of its own', () => {
  test('SharedInformer measures whether it has synced, and when it last heard of the server', async () => {
    const { metrics, server, put, run, clock, end } = make({ identity });
    server.failNext('watch', failure(403, 'Forbidden'));
    server.failNext('list', failure(403, 'Forbidden'));
    await run();
    expect(metrics.value('informer_synced', identity)).toBe(0);
    await clock.advance(10_000);
    expect(metrics.value('informer_synced', identity)).toBe(1);
    await clock.advance(20_000);
    put('a');
    await clock.settle();
    const at = clock.now() / 1000;
    expect(metrics.value('informer_last_event_timestamp_seconds', identity)).toBe(at);
    await clock.advance(30_000);
    expect(metrics.value('informer_last_event_timestamp_seconds', identity)).toBe(at);
    await end();
    expect(metrics.value('informer_synced', identity)).toBeUndefined();
    expect(metrics.value('informer_last_event_timestamp_seconds', identity)).toBeUndefined();
  });

  test('SharedInformer measures how many changes were merged for a handler that is behind', async () => {
    const { informer, metrics, put, run, clock, end } = make({ identity });
    const handler = new RecordingHandler<Widget>();
    await run();
    informer.addHandler(handler, { name: 'slow', maxPending: 1 });
    handler.hold();
    for (let size = 0; size < 10; size++) {
      put('a', { size });
      await clock.settle();
    }
    handler.release();
    await clock.settle();
    const { merged } = informer.status().handlers[0] ?? {};
    expect(merged).toBeGreaterThan(3);
    expect(metrics.value('informer_handler_merged_total', { ...identity, handler: 'slow' })).toBe(merged);
    await end();
    expect(metrics.value('informer_handler_merged_total', { ...identity, handler: 'slow' })).toBeUndefined();
  });

  test('SharedInformer with an identity measures its list-watch too, under a name of its own', async () => {
    const { metrics, put, run, end } = make({ identity });
    const name = 'test: widgets.example.com';
    put('a');
    await run();
    expect(metrics.value('reflector_lists_total', { name })).toBe(1);
    await end();
    expect(metrics.value('reflector_lists_total', { name })).toBeUndefined();
  });

  test('SharedInformer without an identity measures nothing of its list-watch', async () => {
    const { metrics, run, end } = make();
    await run();
    expect(metrics.value('reflector_lists_total', { name: 'widgets.example.com' })).toBeUndefined();
    await end();
  });
});

describe('SharedInformer observers', () => {
  test('SharedInformer tells onWatchError of every failure, with kind and advice, and of none when it works', async () => {
    const problems: WatchProblem[] = [];
    const { server, clock, run, end } = observed({ onWatchError: (problem) => problems.push(problem) });
    await run();
    expect(problems).toEqual([]);
    for (let count = 0; count < 3; count++) {
      server.failNext('watch', failure(403, 'Forbidden'));
    }
    server.failNext('list', failure(403, 'Forbidden'));
    server.breakWatches();
    await clock.advance(20_000);
    const denials = problems.filter(({ kind }) => kind === 'forbidden');
    expect(denials.length).toBeGreaterThan(1);
    expect(denials[0]?.message).toContain('grant the verbs "list" and "watch"');
    expect(problems.map(({ failures }) => failures)).toEqual([1, 2, 3]); // each one once
    const before = problems.length;
    await clock.advance(20_000);
    expect(problems.slice(before)).toEqual([]);
    await end();
  });

  test('SharedInformer tells onWatchError and counts how often it asked in vain for a resource that is not there', async () => {
    const problems: WatchProblem[] = [];
    const { server, informer, clock, run, end } = observed({ onWatchError: (problem) => problems.push(problem) });
    const gone = (): Error => failure(404, 'NotFound');
    server.failNext('watch', gone());
    for (let attempt = 0; attempt < 5; attempt++) server.failNext('list', gone());
    await run();
    const first = informer.status().failures;
    await clock.advance(7_100); // asked after 1, 3 and 7 seconds
    expect(informer.status().failures).toBe(first + 3);
    expect(informer.status().lastErrorAt).toBeGreaterThanOrEqual(clock.now() - 200);
    expect(problems.at(-1)).toMatchObject({ kind: 'not-found', failures: first + 3 });
    expect(problems.at(-1)?.message).toContain('install its CustomResourceDefinition');
    await clock.advance(60_000);
    expect(informer.status()).toMatchObject({ state: 'watching', failures: 0 });
    await end();
  });

  test('SharedInformer tells onStatus of what is new about the list-watch', async () => {
    const seen: InformerStatus[] = [];
    const { server, clock, run, end } = observed({ onStatus: (status) => seen.push(status) });
    await run();
    expect(seen.at(-1)).toMatchObject({ state: 'watching', synced: true, failures: 0 });
    server.failNext('watch', failure(403, 'Forbidden'));
    server.failNext('list', failure(403, 'Forbidden'));
    server.breakWatches();
    await clock.advance(5_000);
    expect(seen.some(({ failures, lastErrorKind }) => failures > 0 && lastErrorKind === 'forbidden')).toBe(true);
    await clock.advance(60_000);
    expect(seen.at(-1)).toMatchObject({ state: 'watching', failures: 0 });
    await end();
  });

  test('SharedInformer refuses ports that are none', () => {
    expect(() => observed({ watchLists: {} as never })).toThrow('watchLists must be a watch-list memory');
    expect(() => observed({ onStatus: 1 as never })).toThrow('onStatus must be a function, got 1');
    expect(() => observed({ onWatchError: 'x' as never })).toThrow('onWatchError must be a function, got "x"');
    expect(() => observed({ definition: {} as never })).toThrow('definition must be a source of changes');
    expect(() => observed({ source: {} as never })).toThrow('source must be a list-watch (an object with list, watch)');
    expect(() => observed({ turns: {} as never })).toThrow('turns must be turns (an object with next)');
    expect(() => observed({ random: {} as never })).toThrow('random must be a source of randomness');
    expect(() => new SharedInformer(undefined as never)).toThrow('Cannot create informer: ports must be an object');
  });
});

describe('SharedInformer and watch-lists', () => {
  const listedFirst = (server: FakeItemServer): unknown => server.requests[0]?.verb;

  test('SharedInformer does not try a watch-list that others found not to work', async () => {
    const watchLists = new WatchListMemory({ clock: new FakeClock() }, { missLimit: 1 });
    const fresh = observed({ watchLists });
    await fresh.run();
    expect(listedFirst(fresh.server)).toBe('watch');
    await fresh.end();
    watchLists.missed('widgets.example.com');
    watchLists.missed('widgets');
    const warned = observed({ watchLists });
    await warned.run();
    expect(listedFirst(warned.server)).toBe('list');
    await warned.end();
  });

  test('SharedInformerFactory lets its informers learn from each other which watch-lists do not work', async () => {
    const clock = new FakeClock();
    const server = new FakeItemServer();
    for (const namespace of ['a', 'b']) server.put(Widget, { metadata: { namespace, name: 'x' } });
    const watchItems = server.watchItems.bind(server);
    server.watchItems = (query, call) => withoutBookmarks(watchItems(query, call));
    const resource = { group: Widget.group, version: Widget.version, resource: Widget.resource };
    await using factory = new SharedInformerFactory(server, { clock, random: fixedRandom(0) });
    factory.informer(resource, { namespace: 'a' });
    factory.informer(resource, { namespace: 'b' });
    factory.start();
    await clock.advance(60_000);
    const before = server.requests.length;
    factory.informer(resource, { namespace: 'c' });
    await clock.settle();
    expect(server.requests[before]).toMatchObject({ verb: 'list', query: { namespace: 'c' } });
  });
});

describe('SharedInformerFactory refuses', () => {
  const create = (options: object) => () => new SharedInformerFactory(new FakeItemServer(), options);

  test.each([
    [{ namespaces: ['a/b'] }, 'namespaces[0] must be a namespace name'],
    [{ resync: 1_000 }, 'got "resync"; did you mean "resyncMs"?'],
    [{ resyncMs: -1 }, 'resyncMs must be 0 or more, got -1'],
    [{ queue: 'fast' }, 'queue must be "in-order" or "compressing", got "fast"'],
    [{ shardSelector: '' }, 'shardSelector must be a non-empty string, got ""'],
    [{ transform: {} }, 'transform must be a function, got an object'],
    [{ startConcurrency: Number.NaN }, 'startConcurrency must be a whole number, 1 or more, got NaN'],
  ])('SharedInformerFactory refuses %j at the call', (options, message) => {
    expect(create(options)).toThrow(message);
    expect(create(options)).toThrow('Cannot create informer factory: ');
  });

  test('SharedInformerFactory refuses scopes with unknown names and wrong values', async () => {
    const factory = new SharedInformerFactory(new FakeItemServer());
    expect(() => factory.informer(Widget, { labelselector: 'a' } as never)).toThrow(
      'Cannot get informer: scope must have known names, got "labelselector"; did you mean "labelSelector"?',
    );
    expect(() => factory.informer(Widget, { namespace: 'A/B' })).toThrow('scope.namespace must be a namespace name');
    await expect(factory.acquire(Widget, { index: {} } as never)).rejects.toThrow('did you mean "indexes"?');
    await expect(factory.acquire(Widget, { indexes: { a: 1 } } as never)).rejects.toThrow('indexes.a must be');
    expect(factory.status()).toEqual([]);
    await factory.shutdown();
  });

  test('SharedInformerFactory has one informer for each shard, and asks for it', async () => {
    const server = new FakeItemServer();
    const clock = new FakeClock();
    await using factory = new SharedInformerFactory(server, { clock, metrics: new RecordingMetrics() });
    const shardSelector = "shardRange(object.metadata.uid, '0x0', '0x8000000000000000')";
    const one = factory.informer(Widget, { shardSelector });
    expect(factory.informer(Widget, { shardSelector })).toBe(one);
    expect(factory.informer(Widget)).not.toBe(one);
    factory.start();
    await clock.settle();
    expect(server.requests.map(({ query }) => query.shardSelector).sort()).toEqual([shardSelector, undefined]);
  });
});
