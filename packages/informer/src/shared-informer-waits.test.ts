import { type Clock, statusError, type WatchFrame } from '@bowline/apimachinery';
import { FakeClock, fixedRandom, RecordingLogger, RecordingMetrics } from '@bowline/apimachinery/testing';
import type { Storage } from '@bowline/cache';
import { FakeListerWatcher, itemOf } from '@bowline/listwatch/testing';
import { describe, expect, test } from 'vitest';
import { make, type Widget } from './informer.fixture.ts';
import type { SharedInformerOptions } from './options.ts';
import { SharedInformer } from './shared-informer.ts';
import { RecordingHandler } from './testing.ts';

const forbidden = (): Error => statusError({ status: 'Failure', code: 403, reason: 'Forbidden', message: 'no' });
const gone = (): Error => statusError({ status: 'Failure', code: 404, reason: 'NotFound', message: 'gone' });
const { signal: forever } = new AbortController();
const identity = { name: 'test', group: 'example.com', version: 'v1', resource: 'widgets' };

function frame(type: 'added' | 'modified' | 'deleted', name: string, version: number): WatchFrame<Widget> {
  const metadata = { name, uid: name, resourceVersion: String(version), creationTimestamp: '2026-01-01T00:00:00Z' };
  return { type, item: itemOf({ apiVersion: 'example.com/v1', kind: 'Widget', metadata }) };
}

/** An informer whose server is the test. */
function scripted(options: SharedInformerOptions<Widget> = {}) {
  const clock = new FakeClock();
  const source = new FakeListerWatcher<Widget>();
  const logger = new RecordingLogger();
  const informer = new SharedInformer<Widget>({ source, clock, random: fixedRandom(0), logger }, options);
  const stop = new AbortController();
  const running = informer.run(stop.signal);
  return {
    clock,
    source,
    logger,
    informer,
    async end(): Promise<void> {
      stop.abort();
      await running;
    },
  };
}

describe('SharedInformer, waits and what it says meanwhile', () => {
  test('SharedInformer is Candid while the server is silent, and does not speak of failures that are over', async () => {
    const { informer, clock, source, end } = scripted({ reflector: { watchList: false } });
    const list = await source.nextList();
    await clock.settle();
    expect(informer.whyNotSynced()).toBe('the server has not sent all objects yet');
    list.fail(forbidden());
    await clock.settle();
    expect(informer.whyNotSynced()).toContain('access is denied');
    await clock.advance(800);
    (await source.nextList()).answer([], '7');
    await clock.settle();
    expect(informer.whyNotSynced()).toBeUndefined();
    await end();
  });

  test('SharedInformer says how long ago the server was last heard of', async () => {
    const { informer, clock, run, put, end } = make();
    expect(informer.status().lastEventAgeMs).toBeUndefined();
    await clock.advance(1_000);
    await run();
    await clock.advance(5_000);
    expect(informer.status().lastEventAgeMs).toBe(5_000);
    put('a');
    await clock.settle();
    expect(informer.status().lastEventAgeMs).toBe(0);
    await end();
  });

  test('SharedInformer.attempted resolves at the first failure, of each run', async () => {
    const clock = new FakeClock();
    const source = new FakeListerWatcher<Widget>();
    const options = { reflector: { watchList: false } };
    const informer = new SharedInformer<Widget>({ source, clock, random: fixedRandom(0) }, options);
    for (const failure of [forbidden(), undefined]) {
      const stop = new AbortController();
      const running = informer.run(stop.signal);
      let isOver = false;
      const attempted = informer.attempted(forever).then(() => {
        isOver = true;
      });
      const list = await source.nextList();
      await clock.settle();
      expect(isOver).toBe(false);
      if (failure) list.fail(failure);
      else list.answer([], '7');
      await clock.settle();
      expect(isOver).toBe(true);
      expect(informer.hasSynced).toBe(failure === undefined);
      await attempted;
      stop.abort();
      await running;
    }
  });

  test('SharedInformer.attempted resolves at the end, and rejects when its signal aborts first', async () => {
    const { informer, clock, source, end } = scripted({ reflector: { watchList: false } });
    await source.nextList();
    const early = new AbortController();
    const tooEarly = informer.attempted(early.signal);
    early.abort();
    await expect(tooEarly).rejects.toMatchObject({ code: 'INFORMER_NOT_SYNCED' });
    const attempted = informer.attempted(forever);
    await end();
    await attempted;
    expect(clock.pending).toBe(0);
  });

  test('SharedInformer refuses to wait or to run without a signal', async () => {
    const { informer } = make();
    const signal = undefined as never;
    expect(() => informer.synced(signal)).toThrow(
      'Cannot wait for informer: signal must be an AbortSignal, got undefined',
    );
    expect(() => informer.attempted(signal)).toThrow('Cannot wait for informer: signal must be an AbortSignal');
    await expect(informer.run(signal)).rejects.toThrow('Cannot run informer: signal must be an AbortSignal');
  });

  test('SharedInformer says in its log that it is at rest while the server does not know the resource', async () => {
    const { logger, clock, source, end } = scripted({ reflector: { watchList: false } });
    (await source.nextList()).fail(gone());
    await clock.settle();
    const message = 'Informer of widgets.example.com is at rest until the server knows the resource';
    expect(logger.lines).toContainEqual(expect.objectContaining({ level: 'info', message }));
    await end();
  });
});

describe('SharedInformer, what it does with what comes', () => {
  test.each([
    ['in-order', ['add a@1', 'add b@2', 'update a@1 to 3']],
    ['compressing', ['add a@1', 'update a@1 to 3', 'add b@2']],
  ] as const)('SharedInformer with queue "%s" tells of several changes of several objects', async (queue, told) => {
    const { informer, clock, source, end } = scripted({ queue, reflector: { watchList: false } });
    const handler = new RecordingHandler<Widget>();
    informer.addHandler(handler);
    (await source.nextList()).answer([], '0');
    (await source.nextWatch()).send(frame('added', 'a', 1), frame('added', 'b', 2), frame('modified', 'a', 3));
    await clock.settle();
    expect(handler.take()).toEqual(told);
    await end();
  });

  test('SharedInformer holds and tells nothing of an object that was deleted before the full state was complete', async () => {
    const { informer, clock, source, end } = scripted();
    const handler = new RecordingHandler<Widget>();
    informer.addHandler(handler);
    const watch = (await source.nextWatch()).send(frame('added', 'a', 1), frame('added', 'b', 2));
    watch.send(frame('deleted', 'a', 3), { type: 'bookmark', resourceVersion: '4', initialEventsEnd: true });
    await clock.settle();
    expect([...informer.indexer.keys()]).toEqual(['b']);
    expect(handler.take()).toEqual(['add b@2 initial']);
    await end();
  });

  test('SharedInformer reports an index function that fails, with index and key, and a commit listener that does', async () => {
    const boom = new Error('boom');
    const broken = (): string[] => {
      throw boom;
    };
    const { informer, put, run, clock, logger, end } = make({ indexes: { broken } });
    await run();
    put('a');
    await clock.settle();
    expect(logger.lines).toContainEqual(
      expect.objectContaining({ level: 'error', fields: expect.objectContaining({ index: 'broken', key: 'a' }) }),
    );
    informer.indexer.onCommit({ committed: broken });
    put('b');
    await clock.settle();
    expect(logger.lines.at(-1)).toMatchObject({
      level: 'error',
      fields: { error: boom },
      message: 'Informer of widgets.example.com: a commit listener failed',
    });
    await end();
  });

  test('SharedInformer says "objects" of a source that does not say what it lists', async () => {
    const source = { list: () => new Promise<never>(() => {}), watch: () => [] as never };
    const informer = new SharedInformer({ source, clock: new FakeClock(), random: fixedRandom(0) });
    await expect(informer.synced(AbortSignal.abort())).rejects.toThrow(
      'Informer of objects is not synced: it does not run',
    );
  });

  test('SharedInformer lets go of a full state that broke off in its middle', async () => {
    let released = 0;
    const storage = (): Storage<Widget> => ({
      sizeBytes: 0,
      keep: () => {},
      at: () => undefined,
      drop: () => {},
      empty: storage,
      release: () => released++,
    });
    const { clock, source, end } = scripted({ storage: storage() });
    const watch = (await source.nextWatch()).send(frame('added', 'a', 1));
    await clock.settle();
    expect(released).toBe(0);
    watch.end();
    await clock.settle();
    expect(source.requests.length).toBe(1); // at once, not with the next try
    expect(released).toBe(1);
    await end();
  });

  test('SharedInformer measures in seconds how long cache and hand-over take', async () => {
    const fake = new FakeClock();
    let reads = 0;
    const clock: Clock = {
      now: () => fake.now(),
      monotonic: () => reads++ * 500, // each look at it costs half a second
      setTimer: (delayMs, callback) => fake.setTimer(delayMs, callback),
      sleep: (...args) => fake.sleep(...args),
      turn: () => fake.turn(),
    };
    const source = new FakeListerWatcher<Widget>();
    const metrics = new RecordingMetrics();
    const options = { identity, reflector: { watchList: false } };
    const informer = new SharedInformer<Widget>({ source, clock, random: fixedRandom(0), metrics }, options);
    const stop = new AbortController();
    const running = informer.run(stop.signal);
    (await source.nextList()).answer([], '1');
    (await source.nextWatch()).send(frame('added', 'a', 2));
    await fake.settle();
    const [seconds = 0] = metrics.observations('informer_processing_latency_seconds', identity) ?? [];
    expect(seconds).toBeGreaterThanOrEqual(0.5);
    expect(seconds).toBeLessThan(100);
    stop.abort();
    await running;
  });

  test('SharedInformer measures that it is not synced from its start on, and the time that each commit takes', async () => {
    const { metrics, server, run, clock, put, end } = make({ identity });
    server.failNext('watch', forbidden());
    server.failNext('list', forbidden());
    await clock.advance(1_000);
    await run();
    expect(metrics.value('informer_synced', identity)).toBe(0);
    await clock.advance(10_000);
    expect(metrics.value('informer_synced', identity)).toBe(1);
    put('a');
    await clock.settle();
    expect(metrics.observations('informer_processing_latency_seconds', identity)).toEqual([0]);
    await end();
  });
});
