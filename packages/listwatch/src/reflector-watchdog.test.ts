import { describe, expect, test } from 'vitest';
import { added, bookmark, byList, errorFrame, expired, item, modified, start } from './reflector.fixture.ts';

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
    const { source, clock, synced, end } = start(byList);
    const watch = await synced();
    await clock.advance(329_999);
    expect(watch.closed).toBe(false);
    await clock.advance(1);
    expect(watch.closed).toBe(true);
    expect(source.retired).toBe(1);
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
