import { defineKind } from '@bowline/apimachinery';
import { FakeClock, fixedRandom } from '@bowline/apimachinery/testing';
import { describe, expect, test } from 'vitest';
import { ListWatch } from './list-watch.ts';
import {
  added,
  bookmark,
  byList,
  errorFrame,
  expired,
  item,
  modified,
  start,
  type Widget,
} from './reflector.fixture.ts';
import { Reflector } from './reflector.ts';
import { FakeItemServer, FakeListerWatcher, MemorySink } from './testing.ts';

describe('Reflector, watchdog', () => {
  test('Reflector is Watchful: it takes a watch for dead that is silent for 90 s after bookmarks came, and uses new connections', async () => {
    const { source, clock, synced, versions, reflector, end } = start(byList);
    const watch = await synced();
    await clock.advance(60_000);
    watch.send(bookmark(11));
    await clock.advance(89_999);
    expect(watch.closed).toBe(false);
    await clock.advance(1);
    expect(watch.closed).toBe(true);
    expect(source.retired).toBe(1);
    (await source.nextWatch()).accept();
    expect(versions('watch')).toEqual(['10', '11']);
    expect(reflector.status().lastError).toBe(
      'Cannot watch widgets.example.com: the connection is silent and is taken for dead (nothing came for 90 s, LISTWATCH_SILENT); new connections are used',
    );
    await end();
  });

  test('Reflector lets any frame prove that the watch is alive', async () => {
    const { source, clock, synced, end } = start(byList);
    const watch = await synced();
    watch.send(bookmark(11));
    for (let version = 12; version < 22; version++) {
      await clock.advance(29_000);
      watch.send(modified('a', version));
    }
    expect(source.retired).toBe(0);
    expect(watch.closed).toBe(false);
    await end();
  });

  test('Reflector does not take silence for death where no bookmark ever came, until the watch is overdue', async () => {
    const { source, clock, synced, reflector, end } = start(byList);
    const watch = await synced();
    watch.send(modified('a', 11)); // a change is no bookmark
    await clock.advance(329_999);
    expect(watch.closed).toBe(false);
    await clock.advance(1);
    expect(watch.closed).toBe(true);
    expect(source.retired).toBe(1);
    expect(reflector.status().lastError).toContain('the server should have ended it but did not for 330 s');
    await source.nextWatch();
    await end();
  });

  test('Reflector lets the server be late by what it is told', async () => {
    const { source, clock, synced, end } = start({ ...byList, minWatchTimeoutMs: 600_000, overdueMarginMs: 1 }, 0.5);
    const watch = await synced();
    expect(watch.call.timeoutSeconds).toBe(900);
    await clock.advance(900_000);
    expect(watch.closed).toBe(false);
    await clock.advance(1);
    expect(watch.closed).toBe(true);
    expect(source.retired).toBe(1);
    await end();
  });

  test('Reflector takes a watch for dead that is not answered, too, and asks for the next over new connections', async () => {
    const { source, clock, versions, end } = start(byList);
    (await source.nextList()).answer([], '10');
    const watch = await source.nextWatch();
    await clock.advance(330_000);
    expect(watch.closed).toBe(true);
    expect(source.retired).toBe(1);
    (await source.nextWatch()).accept();
    expect(versions('watch')).toEqual(['10', '10']);
    await end();
  });

  test('Reflector retires connections before it asks for the next watch', async () => {
    const source = new FakeListerWatcher<Widget>();
    const retiredAt: number[] = [];
    source.retireConnections = () => retiredAt.push(source.requests.length);
    const { clock, synced, end } = start(byList, 0, source);
    (await synced()).send(bookmark(11));
    await clock.advance(90_000);
    expect(source.requests.length).toBe(3);
    expect(retiredAt).toEqual([2]);
    await end();
  });

  test('Reflector watches over a reopened watch from its beginning', async () => {
    const { source, clock, synced, end } = start({ ...byList, idleTimeoutMs: 80_000 });
    const watch = await synced();
    watch.send(bookmark(11));
    await clock.advance(1_000);
    watch.end();
    const dead = await source.nextWatch();
    await clock.advance(80_000);
    expect(dead.closed).toBe(true);
    await end();
  });

  test('Reflector does not blame the server for time that the sink took', async () => {
    const { source, sink, clock, synced, end } = start(byList);
    const watch = await synced();
    watch.send(bookmark(11));
    await clock.settle();
    watch.send(added('a', 12));
    sink.fill();
    await clock.advance(200_000);
    sink.drain();
    await clock.settle();
    expect(watch.closed).toBe(false);
    expect(source.retired).toBe(0);
    await end();
  });
});

/** A source whose connections can be asked for a sign of life. */
function pinged(): {
  source: FakeListerWatcher<Widget>;
  pings: AbortSignal[];
  answer: { now: 'alive' | 'dead' | 'none' };
} {
  const pings: AbortSignal[] = [];
  const answer: { now: 'alive' | 'dead' | 'none' } = { now: 'alive' };
  const ping = (signal: AbortSignal): Promise<void> => {
    pings.push(signal);
    if (answer.now === 'alive') return Promise.resolve();
    return answer.now === 'dead' ? Promise.reject(new Error('the connection is closed')) : new Promise(() => {});
  };
  return { source: Object.assign(new FakeListerWatcher<Widget>(), { ping }), pings, answer };
}

describe('Reflector, pings', () => {
  test('Reflector asks for a sign of life after each 30 s of silence, and keeps a watch that gives one', async () => {
    const { source, pings } = pinged();
    const { clock, synced, end } = start(byList, 0, source);
    const watch = await synced();
    await clock.advance(29_999);
    expect(pings.length).toBe(0);
    await clock.advance(1);
    expect(pings.length).toBe(1);
    await clock.advance(29_999);
    expect(pings.length).toBe(1);
    await clock.advance(30_001);
    expect(pings.length).toBe(3);
    watch.send(modified('a', 11));
    await clock.advance(29_999);
    expect(pings.length).toBe(3);
    await clock.advance(1);
    expect(pings.length).toBe(4);
    expect(watch.closed).toBe(false);
    expect(source.retired).toBe(0);
    await end();
  });

  test('Reflector takes a watch for dead whose ping is not answered within 15 s, and uses new connections', async () => {
    const { source, pings, answer } = pinged();
    const { clock, synced, versions, reflector, end } = start(byList, 0, source);
    const watch = await synced();
    answer.now = 'none';
    await clock.advance(44_999);
    expect(watch.closed).toBe(false);
    await clock.advance(1);
    expect(watch.closed).toBe(true);
    expect(pings[0]?.aborted).toBe(true);
    expect(source.retired).toBe(1);
    expect(reflector.status()).toMatchObject({ lastErrorKind: 'silent', failures: 1 });
    expect(reflector.status().lastError).toContain('a ping was not answered for 15 s');
    (await source.nextWatch()).accept();
    await clock.settle();
    expect(versions('watch')).toEqual(['10', '10']);
    expect(versions('list').length).toBe(1);
    expect(reflector.status()).toMatchObject({ state: 'watching', failures: 0 });
    await end();
  });

  test('Reflector takes a watch for dead at once when its ping fails, also when it throws', async () => {
    for (const ping of [
      () => Promise.reject(new Error('closed')),
      () => {
        throw new Error('closed');
      },
    ]) {
      const source = Object.assign(new FakeListerWatcher<Widget>(), { ping });
      const { clock, synced, end } = start(byList, 0, source);
      const watch = await synced();
      await clock.advance(30_000);
      expect(watch.closed).toBe(true);
      expect(source.retired).toBe(1);
      await end();
    }
  });

  test('Reflector pings when its options say so', async () => {
    const { source, pings, answer } = pinged();
    const { clock, synced, end } = start({ ...byList, pingAfterMs: 5_000, pingTimeoutMs: 2_000 }, 0, source);
    const watch = await synced();
    answer.now = 'none';
    await clock.advance(6_999);
    expect(pings.length).toBe(1);
    expect(watch.closed).toBe(false);
    await clock.advance(1);
    expect(watch.closed).toBe(true);
    await end();
  });

  test('Reflector lets an event prove what a ping has not proven, and pings again after 30 s of silence', async () => {
    const { source, pings, answer } = pinged();
    const { clock, synced, end } = start(byList, 0, source);
    const watch = await synced();
    answer.now = 'none';
    await clock.advance(40_000);
    watch.send(modified('a', 11));
    await clock.advance(5_000); // the ping would have been due
    expect(watch.closed).toBe(false);
    expect(pings.length).toBe(1);
    await clock.advance(30_000); // after the end of that ping
    expect(pings.length).toBe(2);
    await clock.advance(15_000);
    expect(watch.closed).toBe(true);
    await end();
  });

  test('Reflector does not ping for a watch that the server has not accepted, and takes pings back at its end', async () => {
    const { source, pings, answer } = pinged();
    const { clock, end } = start(byList, 0, source);
    (await source.nextList()).answer([], '10');
    const watch = await source.nextWatch();
    await clock.advance(100_000);
    expect(pings.length).toBe(0);
    answer.now = 'none';
    watch.accept();
    await clock.advance(30_000);
    expect(pings.map(({ aborted }) => aborted)).toEqual([false]);
    await end();
    expect(pings.map(({ aborted }) => aborted)).toEqual([true]);
  });

  test('Reflector pings through the client of its list-watch, and finds a dead connection in 45 s', async () => {
    const clock = new FakeClock();
    const server = new FakeItemServer({ ping: true });
    const kind = defineKind({ group: '', version: 'v1', kind: 'Widget', resource: 'widgets', scope: 'Cluster' });
    const sink = new MemorySink<Widget>();
    const stop = new AbortController();
    const source = new ListWatch<Widget>(server, kind);
    const running = new Reflector({ source, sink, clock, random: fixedRandom(0) }).run(stop.signal);
    await clock.advance(60_000);
    expect([server.pings, server.retired]).toEqual([2, 0]);
    server.sendBookmarks();
    await clock.settle();
    server.muteWatches();
    server.put(kind, { metadata: { name: 'a' } });
    await clock.advance(44_999);
    expect(sink.contents).toEqual([]);
    await clock.advance(1);
    expect(sink.contents).toEqual(['a@2']);
    expect(server.retired).toBe(1);
    stop.abort();
    await running;
    expect([server.openWatches, clock.pending]).toEqual([0, 0]);
  });
});

describe('Reflector, objects that cannot be read', () => {
  const broken = { key: 'b', message: 'metadata.name is missing' };

  test('Reflector skips an event that cannot be read or is of another kind, does not advance, and says so', async () => {
    const { sink, clock, synced, reflector, end } = start(byList);
    const watch = await synced([item('b', 1)]);
    watch.send({ type: 'error', error: new Error(broken.message), undecodable: broken });
    await clock.settle();
    expect(reflector.status()).toMatchObject({ state: 'watching', resourceVersion: '10', undecodable: [broken] });
    expect(sink.contents).toEqual(['b@1']);
    watch.send(modified('b', 12));
    await clock.settle();
    expect(reflector.status().undecodable).toEqual([]);
    await end();
  });

  test('Reflector is Careful: it never takes an object that cannot be read for deleted', async () => {
    const { source, sink, clock, synced, reflector, end } = start(byList);
    (await synced([item('a', 1), item('b', 1)])).send(errorFrame(expired));
    await clock.advance(800);
    (await source.nextList()).answer([item('c', 11)], '12', { undecodable: [broken] });
    await clock.settle();
    expect(sink.contents).toEqual(['b@1', 'c@11']);
    expect(reflector.status().undecodable).toEqual([broken]);
    await end();
  });

  test('Reflector keeps them through a watch-list too', async () => {
    const { source, sink, clock, end } = start();
    const watch = (await source.nextWatch()).accept().send(added('b', 1), bookmark(2, true));
    await clock.settle();
    watch.send(errorFrame(expired));
    await clock.advance(800);
    const again = (await source.nextWatch()).accept();
    again.send({ type: 'error', error: new Error('x'), undecodable: broken }, bookmark(5, true));
    await clock.settle();
    expect(sink.contents).toEqual(['b@1']);
    await end();
  });
});
