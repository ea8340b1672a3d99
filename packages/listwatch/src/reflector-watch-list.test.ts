import { FakeClock, fixedRandom } from '@bowline/apimachinery/testing';
import { describe, expect, test } from 'vitest';
import type { ReflectorOptions } from './options.ts';
import {
  added,
  bookmark,
  deleted,
  errorFrame,
  expired,
  item,
  modified,
  start,
  status,
  throttled,
  type Widget,
} from './reflector.fixture.ts';
import { Reflector } from './reflector.ts';
import { FakeListerWatcher, MemorySink } from './testing.ts';

describe('Reflector, full state by watch-list', () => {
  test('Reflector streams the full state and commits it at the bookmark that ends it', async () => {
    const { source, sink, clock, reflector, end } = start();
    const watch = (await source.nextWatch()).accept();
    expect(watch.call).toMatchObject({
      resourceVersion: '',
      resourceVersionMatch: 'NotOlderThan',
      sendInitialEvents: true,
      allowWatchBookmarks: true,
    });
    watch.send(added('a', 1), added('b', 2), added('c', 3)).send(bookmark(8)).send(modified('a', 9), deleted('b', 10));
    await clock.settle();
    expect(reflector.status()).toMatchObject({ state: 'streaming', synced: false, resourceVersion: '' });
    expect(sink.log).toEqual([]);
    watch.send(bookmark(11, true), added('d', 12));
    await clock.settle();
    expect(sink.log).toEqual(['replace 11: a c', 'added d']);
    expect(sink.contents).toEqual(['a@9', 'c@3', 'd@12']);
    expect(reflector.status()).toMatchObject({ state: 'watching', synced: true, resourceVersion: '12' });
    expect(source.requests.length).toBe(1);
    await end();
  });

  test.each<[string, ReflectorOptions, boolean | undefined, 'list' | 'watch']>([
    ['by default', {}, undefined, 'watch'],
    ['where its source says that it is supported', {}, true, 'watch'],
    ['not where its source says that it is not', {}, false, 'list'],
    ['not where its source says that it is not, whatever the option', { watchList: true }, false, 'list'],
    ['not where it is switched off', { watchList: false }, true, 'list'],
  ])('Reflector asks for a watch-list %s', async (_, options, supportsWatchList, verb) => {
    const clock = new FakeClock();
    const source = Object.assign(new FakeListerWatcher<Widget>(), { supportsWatchList });
    const stop = new AbortController();
    const ports = { source, sink: new MemorySink<Widget>(), clock, random: fixedRandom(0) };
    const running = new Reflector(ports, options).run(stop.signal);
    await clock.settle();
    expect(source.requests.map((request) => request.verb)).toEqual([verb]);
    stop.abort();
    await running;
  });

  test('Reflector watches plainly, at the last version, after a watch-list that was complete', async () => {
    const { source, clock, end } = start();
    const watch = (await source.nextWatch()).accept().send(bookmark(11, true));
    await clock.advance(1_000);
    watch.end();
    const next = await source.nextWatch();
    expect(next.call.resourceVersion).toBe('11');
    expect(next.call.sendInitialEvents).toBeUndefined();
    await end();
  });

  test('Reflector relists through a watch-list that is not older than the last version', async () => {
    const { source, clock, end } = start();
    const watch = (await source.nextWatch()).accept().send(bookmark(11, true)).send(added('a', 14));
    await clock.settle();
    watch.send(errorFrame(expired));
    await clock.advance(800);
    expect((await source.nextWatch()).call).toMatchObject({ resourceVersion: '14', sendInitialEvents: true });
    await end();
  });

  test.each([
    ['Invalid: the server does not know it', status(422, 'Invalid')],
    ['Forbidden', status(403, 'Forbidden')],
    ['InternalError', status(500, 'InternalError')],
  ])('Reflector lists at once when a watch-list is refused with %s', async (_, error) => {
    const { source, clock, reflector, end } = start();
    (await source.nextWatch()).fail(error);
    (await source.nextList()).answer([], '5');
    expect((await source.nextWatch()).call.sendInitialEvents).toBeUndefined();
    expect(clock.now()).toBe(0);
    await clock.settle();
    expect(reflector.status().failures).toBe(0);
    await end();
  });

  test('Reflector repeats a watch-list after 429', async () => {
    const { source, clock, sink, end } = start();
    (await source.nextWatch()).fail(throttled);
    await clock.advance(800);
    (await source.nextWatch()).fail(throttled);
    await clock.advance(1_600);
    (await source.nextWatch()).accept().send(added('a', 1), bookmark(2, true));
    await clock.settle();
    expect(sink.contents).toEqual(['a@1']);
    const calls = source.requests.map(({ call: { signal: _, ...call } }) => call);
    expect(calls[1]).toEqual(calls[0]);
    expect(calls[2]).toEqual(calls[0]);
    await end();
  });

  test('Reflector streams at the most recent version when the last one has expired', async () => {
    const { source, clock, versions, end } = start();
    (await source.nextWatch()).accept().send(bookmark(11, true)).send(errorFrame(expired));
    await clock.advance(800);
    (await source.nextWatch()).accept().send(errorFrame(expired));
    await source.nextWatch();
    expect(versions('watch')).toEqual(['', '11', '']);
    await end();
  });

  test('Reflector starts a watch-list over, with nothing of the first, when it ends before it is complete', async () => {
    const { source, sink, clock, end } = start();
    const first = (await source.nextWatch()).accept().send(added('ghost', 1));
    await clock.advance(2_000);
    first.end();
    const second = await source.nextWatch();
    expect(second.call.sendInitialEvents).toBe(true);
    second.accept().send(added('a', 3), bookmark(4, true));
    await clock.settle();
    expect(sink.contents).toEqual(['a@3']);
    await end();
  });

  test('Reflector lists when a watch-list ends within a second without an event', async () => {
    const { source, clock, end } = start();
    (await source.nextWatch()).accept().end();
    await source.nextList();
    expect(clock.now()).toBe(0);
    await end();
  });

  test('Reflector gives watch-lists that always break off five tries, then lists', async () => {
    const { source, clock, versions, end } = start();
    for (let attempt = 0; attempt < 5; attempt++) {
      (await source.nextWatch()).accept().send(added('a', 1)).end();
      await clock.advance(1_000);
    }
    (await source.nextList()).answer([], '3');
    expect(versions('watch').length).toBe(5);
    await end();
  });

  test('Reflector is Bounded: it lists when the server never ends the initial events, silent for 10 s', async () => {
    const { source, sink, clock, logger, end } = start();
    (await source.nextWatch()).accept().send(added('a', 1));
    await clock.advance(9_999);
    expect(source.requests.length).toBe(1);
    await clock.advance(1);
    (await source.nextList()).answer([item('a', 1)], '3');
    await clock.settle();
    expect(sink.contents).toEqual(['a@1']);
    expect(logger.lines.at(-2)).toMatchObject({
      level: 'warn',
      message: expect.stringContaining('set watchList to false'),
    });
    await end();
  });

  test('Reflector lists when the server never ends the initial events: busy for 5 min', async () => {
    const { source, clock, end } = start();
    const watch = (await source.nextWatch()).accept();
    for (let second = 0; second < 300; second += 5) {
      watch.send(modified('a', second));
      await clock.advance(5_000);
    }
    watch.send(modified('a', 999));
    await source.nextList();
    expect(watch.closed).toBe(true);
    await end();
  });

  test('Reflector stops trying watch-lists after two that the server did not end', async () => {
    const { source, clock, versions, end } = start();
    for (let attempt = 0; attempt < 2; attempt++) {
      (await source.nextWatch()).accept();
      await clock.advance(10_000);
      (await source.nextList()).answer([], '3');
      (await source.nextWatch()).accept().send(errorFrame(expired));
      await clock.advance(5_000);
    }
    await source.nextList();
    expect(versions('watch').length).toBe(4);
    await end();
  });

  test('Reflector ignores a final bookmark that is not marked as one', async () => {
    const { source, sink, clock, end } = start();
    (await source.nextWatch()).accept().send(added('a', 1), bookmark(2, false));
    await clock.settle();
    expect(sink.log).toEqual([]);
    await end();
  });
});
