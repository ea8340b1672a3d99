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
  reset,
  start,
  status,
  throttled,
  type Widget,
} from './reflector.fixture.ts';
import { Reflector } from './reflector.ts';
import { FakeListerWatcher, type FakeWatch, MemorySink } from './testing.ts';
import { WatchListMemory } from './watch-list-memory.ts';

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

  test('Reflector does not apply again what the last chunk of a watch-list brought before its end', async () => {
    const { source, sink, clock, reflector, end } = start();
    (await source.nextWatch()).accept().send(added('a', 1), bookmark(11, true), modified('a', 12));
    await clock.settle();
    expect(sink.log).toEqual(['replace 11: a', 'modified a']);
    expect(reflector.status().lastEventAt).toBe(0);
    await end();
  });

  test('Reflector is well again after a watch-list that worked, and watches over it from its bookmark on', async () => {
    const { source, clock, reflector, end } = start();
    (await source.nextWatch()).fail(throttled);
    await clock.advance(800);
    expect(reflector.status().failures).toBe(1);
    const watch = (await source.nextWatch()).accept().send(bookmark(11, true));
    await clock.settle();
    expect(reflector.status()).toMatchObject({ failures: 0, lastEventAt: 800 });
    await clock.advance(89_999);
    expect(watch.closed).toBe(false);
    await clock.advance(1);
    expect(watch.closed).toBe(true);
    await end();
  });

  test('Reflector says how long it waited for the end of a watch-list that goes on for ever', async () => {
    const { source, clock, logger, end } = start({ initialEventsTimeoutMs: 20_000 });
    const watch = (await source.nextWatch()).accept();
    for (let second = 0; second <= 20; second += 5) {
      watch.send(modified('a', second));
      await clock.advance(5_000);
    }
    await source.nextList();
    expect(logger.lines.filter(({ level }) => level === 'warn').map(({ fields }) => fields)).toMatchObject([
      { waitedMs: 20_000, frames: 5 },
    ]);
    expect(source.retired).toBe(0);
    await end();
  });

  test('Reflector says why it lists instead', async () => {
    const { source, clock, logger, end } = start();
    (await source.nextWatch()).fail(status(403, 'Forbidden'));
    await source.nextList();
    await clock.settle();
    expect(logger.lines.at(-1)).toMatchObject({
      level: 'debug',
      fields: { kind: 'forbidden' },
      message: expect.stringMatching(/^Cannot watch widgets.example.com: .*; listing instead$/),
    });
    await end();
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
    const calls = source.requests.map(({ call: { signal: _, onRetry: _onRetry, ...call } }) => call);
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
    expect(sink.abandoned).toBe(1);
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

  test('Reflector says what came of a watch-list that never ended', async () => {
    const said = async (act: (watch: FakeWatch<Widget>) => void): Promise<string> => {
      const { source, clock, logger, reflector, end } = start();
      act(await source.nextWatch());
      await clock.advance(10_000);
      await source.nextList();
      await end();
      expect(reflector.status().lastError).toBeUndefined(); // it goes on at once: nothing is wrong
      return logger.lines
        .filter(({ level }) => level === 'warn')
        .map(({ message }) => message)
        .join();
    };
    const what = 'No end of the initial events of widgets.example.com';
    const advice = 'listing instead; set watchList to false for a server that does not know sendInitialEvents';
    expect(await said(() => {})).toBe(`${what}: no answer came; listing instead`);
    expect(await said((watch) => watch.accept())).toBe(`${what}: nothing came; ${advice}`);
    expect(await said((watch) => watch.send(added('a', 1), added('b', 2)))).toBe(
      `${what}: the last of 2 events came 10 s ago; ${advice}`,
    );
  });

  test('Reflector says at once why its source repeats a request, and never that no answer came (Candid)', async () => {
    const { source, clock, reflector, logger, end } = start();
    const { onRetry } = (await source.nextWatch()).call;
    onRetry?.(reset);
    expect(reflector.status()).toMatchObject({ failures: 1, lastErrorKind: 'broken', state: 'streaming' });
    expect(reflector.status().lastError).toContain('Cannot watch widgets.example.com: the connection broke');
    for (let tries = 2; tries <= 10; tries++) onRetry?.(reset);
    await clock.advance(10_000);
    const list = await source.nextList();
    list.call.onRetry?.(throttled);
    expect(reflector.status()).toMatchObject({ failures: 11, lastErrorKind: 'throttled' });
    list.answer([item('a', 1)], '5');
    (await source.nextWatch()).accept();
    await clock.settle();
    expect(reflector.status()).toMatchObject({ failures: 0, state: 'watching' });
    await end();
    const warnings = logger.lines.filter(({ level }) => level === 'warn').map(({ message }) => message);
    expect(warnings.length).toBe(4 + 1 + 1); // the 1st, 2nd, 4th and 8th time; then the list; then its own trouble
    expect(warnings[4]).toMatch(/the connection broke .*ECONNRESET.*; listing instead$/);
    expect(warnings.join()).not.toContain('no answer came');
  });

  test('Reflector retires the connections of a watch-list that is not answered, and does not hold it against the server', async () => {
    const { source, clock, end } = start();
    for (let attempt = 1; attempt <= 3; attempt++) {
      await source.nextWatch();
      await clock.advance(10_000);
      expect(source.retired).toBe(attempt);
      (await source.nextList()).answer([], '3');
      (await source.nextWatch()).accept().send(errorFrame(expired));
      await clock.advance(5_000);
    }
    expect((await source.nextWatch()).call.sendInitialEvents).toBe(true);
    await end();
  });

  test('Reflector retires no connections when a server that answered does not end its watch-list', async () => {
    const { source, clock, end } = start();
    (await source.nextWatch()).accept();
    await clock.advance(10_000);
    await source.nextList();
    expect(source.retired).toBe(0);
    await end();
  });

  test('Reflector retires the connections of a watch-list whose ping is not answered, and does not hold it against the server', async () => {
    const ping = (): Promise<void> => new Promise(() => {});
    const fake = Object.assign(new FakeListerWatcher<Widget>(), { ping });
    const options = { initialEventsIdleMs: 200_000, pingAfterMs: 3_000, pingTimeoutMs: 2_000 };
    const { source, clock, end } = start(options, 0, fake);
    for (let attempt = 1; attempt <= 3; attempt++) {
      expect((await source.nextWatch()).accept().call.sendInitialEvents).toBe(true);
      await clock.advance(5_000);
      expect(source.retired).toBe(attempt);
      (await source.nextList()).answer([], '3');
      (await source.nextWatch()).accept().send(errorFrame(expired));
      await clock.advance(2_000);
    }
    await end();
  });

  test('Reflector tries a watch-list again after one that worked, however often others were missed before', async () => {
    const { source, clock, end } = start();
    /** Ends a watch, and lets the wait after it pass. */
    const expire = async (watch: FakeWatch<Widget>): Promise<void> => {
      watch.accept().send(errorFrame(expired));
      await clock.settle();
      await clock.advance((clock.nextDeadline() ?? 0) - clock.monotonic());
    };
    for (let round = 0; round < 3; round++) {
      (await source.nextWatch()).accept();
      await clock.advance(10_000);
      (await source.nextList()).answer([], '3');
      await expire(await source.nextWatch());
      const works = await source.nextWatch();
      expect(works.call.sendInitialEvents).toBe(true);
      works.accept().send(bookmark(4, true));
      await clock.settle();
      await expire(works);
    }
    await end();
  });

  test('Reflector keeps what it knows of watch-lists in a memory that others share, by resource', async () => {
    const clock = new FakeClock();
    const watchLists = new WatchListMemory({ clock }, { missLimit: 1 });
    const verbs = async (description: string): Promise<readonly string[]> => {
      const source = Object.assign(new FakeListerWatcher<Widget>(), { description });
      const stop = new AbortController();
      const ports = { source, sink: new MemorySink<Widget>(), clock, random: fixedRandom(0), watchLists };
      const running = new Reflector(ports).run(stop.signal);
      await clock.settle();
      if (source.openWatches > 0) (await source.nextWatch()).accept();
      await clock.advance(10_000);
      stop.abort();
      await running;
      return source.requests.map(({ verb }) => verb);
    };
    expect(await verbs('pods in namespace "a"')).toEqual(['watch', 'list']);
    expect(await verbs('pods in namespace "b"')).toEqual(['list']);
    expect(await verbs('nodes')).toEqual(['watch', 'list']);
  });

  test('Reflector streams at the most recent version only once, then lists', async () => {
    const { source, clock, versions, end } = start();
    (await source.nextWatch()).accept().send(bookmark(11, true)).send(errorFrame(expired));
    await clock.advance(800);
    (await source.nextWatch()).accept().send(errorFrame(expired));
    (await source.nextWatch()).accept().send(errorFrame(expired));
    (await source.nextList()).answer([], '20');
    expect(versions('watch')).toEqual(['', '11', '']);
    expect(versions('list')).toEqual(['']);
    expect(clock.now()).toBe(800);
    await end();
  });

  test('Reflector keeps half a full state to itself when its sink fails, and begins anew', async () => {
    const { source, sink, clock, reflector, end } = start();
    sink.failNext(new Error('no room'));
    const watch = (await source.nextWatch()).accept().send(added('a', 1), bookmark(2, true));
    await clock.settle();
    expect(watch.closed).toBe(true);
    expect(reflector.status()).toMatchObject({ state: 'waiting', synced: false, lastErrorKind: 'sink' });
    await clock.advance(800);
    (await source.nextWatch()).accept().send(added('b', 3), bookmark(4, true));
    await clock.settle();
    expect(sink.contents).toEqual(['b@3']);
    expect(reflector.status().relists).toEqual({ sink: 1 });
    await end();
  });
});
