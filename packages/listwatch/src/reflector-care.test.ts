import type { KubernetesObject } from '@bowline/apimachinery';
import { FakeClock, fixedRandom, RecordingLogger } from '@bowline/apimachinery/testing';
import { describe, expect, test } from 'vitest';
import { bookmark, item } from './reflector.fixture.ts';
import { Reflector } from './reflector.ts';
import { FakeListerWatcher, MemorySink } from './testing.ts';

describe('Reflector, care', () => {
  test('Reflector reads the most recent full state when its cache differs from the server', async () => {
    const clock = new FakeClock();
    const source = new FakeListerWatcher<KubernetesObject>();
    const stop = new AbortController();
    const cache = { resourceVersion: '10', items: () => [item('a', 1), item('b', 2)] };
    const reflector = new Reflector(
      { source, sink: new MemorySink<KubernetesObject>(), clock, random: fixedRandom(0), cache },
      { watchList: false, consistencyCheckMs: 60_000 },
    );
    const running = reflector.run(stop.signal);
    (await source.nextList()).answer([], '10');
    (await source.nextWatch()).send(bookmark(10));
    await clock.advance(60_000);
    const check = await source.nextList();
    expect(check.call).toMatchObject({ resourceVersion: '10', resourceVersionMatch: 'Exact' });
    check.answer([item('b', 3), item('c', 4)], '10');
    await clock.settle();
    expect(reflector.status()).toMatchObject({ inconsistencies: 1, lastErrorKind: 'inconsistent' });
    expect(reflector.status().lastError).toContain(
      '3 objects differ at version 10; missing: c; surplus: a; outdated: b',
    );
    await clock.advance(800);
    expect((await source.nextList()).call.resourceVersion).toBe('');
    stop.abort();
    await running;
    expect(clock.pending).toBe(0);
  });

  test('Reflector leaves a cache alone that is equal, or of which it could not be found out, and checks again', async () => {
    const clock = new FakeClock();
    const logger = new RecordingLogger();
    const source = new FakeListerWatcher<KubernetesObject>();
    const stop = new AbortController();
    const cache = { resourceVersion: '', items: () => [item('a', 1)] };
    const ports = { source, sink: new MemorySink<KubernetesObject>(), clock, random: fixedRandom(0), cache, logger };
    const reflector = new Reflector(ports, { watchList: false, consistencyCheckMs: 60_000 });
    const running = reflector.run(stop.signal);
    await clock.advance(60_000); // it has no full state yet: nothing to compare
    expect(source.requests.length).toBe(1);
    (await source.nextList()).answer([item('a', 1)], '10');
    const watch = (await source.nextWatch()).accept();
    await clock.advance(60_000);
    cache.resourceVersion = '10';
    await clock.advance(59_999);
    expect(source.requests.length).toBe(2);
    await clock.advance(1);
    (await source.nextList()).answer([item('a', 1)], '10');
    await clock.settle();
    expect(watch.closed).toBe(false);
    expect(reflector.status()).toMatchObject({ inconsistencies: 0, failures: 0, state: 'watching' });
    const compared = logger.lines.filter(({ message }) => message === 'Compared the cache with the server');
    expect(compared.map(({ level, fields }) => [level, fields.type])).toEqual([
      ['debug', 'unknown'],
      ['debug', 'equal'],
    ]);
    stop.abort();
    await running;
    expect(clock.pending).toBe(0);
  });

  test('Reflector ends at once during a check', async () => {
    const clock = new FakeClock();
    const source = new FakeListerWatcher<KubernetesObject>();
    const stop = new AbortController();
    const cache = { resourceVersion: '10', items: () => [item('a', 1)] };
    const ports = { source, sink: new MemorySink<KubernetesObject>(), clock, random: fixedRandom(0), cache };
    const running = new Reflector(ports, { watchList: false, consistencyCheckMs: 60_000 }).run(stop.signal);
    (await source.nextList()).answer([], '10');
    (await source.nextWatch()).send(bookmark(10));
    await clock.advance(60_000);
    expect(source.requests.length).toBe(3);
    stop.abort();
    await running;
    expect(clock.pending).toBe(0);
  });

  test('Reflector checks nothing unless it is told to', async () => {
    const clock = new FakeClock();
    const source = new FakeListerWatcher<KubernetesObject>();
    const stop = new AbortController();
    const cache = { resourceVersion: '10', items: () => [item('a', 1)] };
    const ports = { source, sink: new MemorySink<KubernetesObject>(), clock, random: fixedRandom(0), cache };
    const running = new Reflector(ports, { watchList: false }).run(stop.signal);
    (await source.nextList()).answer([], '10');
    (await source.nextWatch()).accept();
    await clock.advance(300_000);
    expect(source.requests.length).toBe(2);
    stop.abort();
    await running;
  });
});
