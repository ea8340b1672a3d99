import { describe, expect, test } from 'vitest';
import {
  added,
  bookmark,
  byList,
  deleted,
  errorFrame,
  expired,
  item,
  modified,
  refused,
  reset,
  start,
  status,
  throttled,
} from './reflector.fixture.ts';

describe('Reflector, watch', () => {
  test('Reflector applies changes in order, chunk by chunk, and follows versions and bookmarks', async () => {
    const { sink, clock, synced, reflector, end } = start(byList);
    const watch = await synced([item('a', 1)]);
    watch.send(added('b', 11), modified('a', 12), bookmark(15)).send(deleted('b', 16)).send(bookmark(20));
    await clock.settle();
    expect(sink.log).toEqual(['replace 10: a', 'added b', 'modified a', 'deleted b', 'bookmark 20']);
    expect(sink.contents).toEqual(['a@12']);
    expect(sink.resourceVersion).toBe('20');
    expect(reflector.status()).toMatchObject({ state: 'watching', resourceVersion: '20', failures: 0 });
    await end();
  });

  test('Reflector follows the version of each addition, change, bookmark and deletion', async () => {
    const { sink, clock, synced, reflector, end } = start(byList);
    const watch = await synced();
    const reached: string[] = [];
    for (const frame of [added('a', 11), modified('a', 13), bookmark(17), deleted('a', 19)]) {
      watch.send(frame);
      await clock.settle();
      expect(sink.resourceVersion).toBe(reflector.status().resourceVersion);
      reached.push(sink.resourceVersion);
    }
    expect(reached).toEqual(['11', '13', '17', '19']);
    await end();
  });

  test('Reflector is Frugal: it watches on at the last version when a watch ends, without a list', async () => {
    const { source, clock, synced, versions, end } = start(byList);
    const watch = await synced();
    await clock.advance(1_000);
    watch.send(bookmark(42)).end();
    await source.nextWatch();
    expect(clock.now()).toBe(1_000);
    expect(versions('watch')).toEqual(['10', '42']);
    expect(versions('list')).toEqual(['0']);
    await end();
  });

  test('Reflector asks for no more than one watch a second from a server that ends each at once', async () => {
    const { source, clock, synced, versions, end } = start(byList);
    (await synced()).send(bookmark(11)).end();
    for (let version = 12; version < 22; version++) {
      await clock.advance(999);
      expect(source.openWatches).toBe(0);
      await clock.advance(1);
      (await source.nextWatch()).send(bookmark(version)).end();
    }
    await clock.settle();
    expect(versions('list').length).toBe(1);
    await end();
  });

  test('Reflector reads the full state again, after a wait, when a watch ends within a second without an event', async () => {
    const { source, clock, synced, reflector, end } = start(byList);
    (await synced()).end();
    await clock.settle();
    expect(reflector.status()).toMatchObject({ state: 'waiting', lastErrorKind: 'short-watch' });
    await clock.advance(800);
    (await source.nextList()).answer([], '11');
    await clock.settle();
    expect(reflector.status().relists).toEqual({ initial: 1, 'short-watch': 1 });
    await end();
  });

  test.each([
    [999, true],
    [1_000, false],
  ])(
    'Reflector calls a watch short that ends %i ms after it was accepted, without an event: %s',
    async (ms, isShort) => {
      const { source, clock, reflector, end } = start(byList);
      (await source.nextList()).answer([], '10');
      const watch = await source.nextWatch();
      await clock.advance(5_000); // until it was accepted
      watch.accept();
      await clock.advance(ms);
      watch.end();
      await clock.settle();
      expect(reflector.status().lastErrorKind).toBe(isShort ? 'short-watch' : undefined);
      expect(reflector.status().state).toBe(isShort ? 'waiting' : 'opening');
      await end();
    },
  );

  test('Reflector does not call a watch short that brought an event, or that broke', async () => {
    const { source, clock, synced, versions, end } = start(byList);
    (await synced()).send(bookmark(11)).end();
    await clock.advance(1_000);
    (await source.nextWatch()).send(bookmark(12)).fail(reset);
    await clock.advance(1_000);
    expect(versions('watch')).toEqual(['10', '11', '12']);
    expect(versions('list').length).toBe(1);
    await end();
  });

  test('Reflector waits as after a failure when a watch broke at once, without an event', async () => {
    const { source, clock, versions, reflector, end } = start({ ...byList, minBackoffMs: 7_000 });
    (await source.nextList()).answer([], '10');
    (await source.nextWatch()).accept().fail(reset);
    await clock.advance(6_999);
    expect(reflector.status()).toMatchObject({ state: 'waiting', failures: 1, lastErrorKind: 'broken' });
    await clock.advance(1);
    expect(versions('watch')).toEqual(['10', '10']);
    await end();
  });

  test('Reflector watches on after a broken connection, and keeps what came before', async () => {
    const { source, sink, clock, synced, versions, reflector, end } = start(byList);
    const watch = await synced();
    watch.send(added('a', 11)).fail(reset);
    await clock.advance(1_000);
    (await source.nextWatch()).accept();
    await clock.settle();
    expect(sink.contents).toEqual(['a@11']);
    expect(versions('watch')).toEqual(['10', '11']);
    expect(versions('list').length).toBe(1);
    expect(reflector.status()).toMatchObject({ failures: 0, lastErrorKind: 'broken' });
    await end();
  });

  test('Reflector is Patient: it waits without a new list while connections are refused, 0.8 s, doubled up to 30 s', async () => {
    const { source, clock, versions, end } = start(byList);
    (await source.nextList()).answer([], '10');
    const waits: number[] = [];
    let last = 0;
    for (let attempt = 0; attempt < 9; attempt++) {
      (await source.nextWatch()).fail(refused);
      await clock.settle();
      const next = clock.nextDeadline() ?? 0;
      waits.push(next - last);
      last = next;
      await clock.advance(next - clock.monotonic());
    }
    expect(waits).toEqual([800, 1_600, 3_200, 6_400, 12_800, 25_600, 30_000, 30_000, 30_000]);
    expect(versions('list').length).toBe(1);
    await end();
  });

  test('Reflector waits as its options say: 10 ms, doubled up to 100 ms', async () => {
    const { source, clock, end } = start({ ...byList, minBackoffMs: 10, maxBackoffMs: 100 });
    const at: number[] = [];
    for (let attempt = 0; attempt < 6; attempt++) {
      (await source.nextList()).fail(refused);
      at.push(clock.now());
      await clock.settle();
      await clock.advance((clock.nextDeadline() ?? 0) - clock.monotonic());
    }
    expect(at).toEqual([0, 10, 30, 70, 150, 250]);
    await end();
  });

  test('Reflector lengthens each wait by a random share, at most to its double', async () => {
    const { source, clock, end } = start(byList, 0.5);
    (await source.nextList()).fail(refused);
    await clock.settle();
    expect(clock.nextDeadline()).toBe(1_200);
    await end();
  });

  test('Reflector has waits of their own for 429, for 5xx and for connections that fail', async () => {
    const { source, clock, end } = start(byList);
    const waits: number[] = [];
    for (const error of [
      refused,
      refused,
      refused,
      throttled,
      status(503, 'x'),
      status(500, 'x'),
      throttled,
      refused,
    ]) {
      (await source.nextList()).fail(error);
      await clock.settle();
      waits.push((clock.nextDeadline() ?? 0) - clock.monotonic());
      await clock.advance(waits.at(-1) ?? 0);
    }
    expect(waits).toEqual([800, 1_600, 3_200, 800, 800, 1_600, 1_600, 6_400]);
    await end();
  });

  test('Reflector starts its waits over after two minutes without a failure', async () => {
    const { source, clock, end } = start(byList);
    for (let attempt = 0; attempt < 4; attempt++) {
      (await source.nextList()).fail(refused);
      await clock.advance(30_000);
    }
    (await source.nextList()).answer([], '1');
    const watch = (await source.nextWatch()).accept();
    await clock.advance(120_001);
    watch.end();
    (await source.nextWatch()).fail(refused);
    await clock.settle();
    expect((clock.nextDeadline() ?? 0) - clock.monotonic()).toBe(800);
    await end();
  });

  test.each([
    ['429', throttled],
    ['503', status(503, 'ServiceUnavailable')],
    ['504', status(504, 'Timeout')],
    ['a reset', reset],
    ['an unknown host', Object.assign(new Error('getaddrinfo ENOTFOUND x'), { code: 'ENOTFOUND' })],
  ])('Reflector does not list again when opening a watch fails with %s', async (_, error) => {
    const { source, clock, versions, end } = start(byList);
    (await source.nextList()).answer([], '10');
    for (let attempt = 0; attempt < 4; attempt++) {
      (await source.nextWatch()).fail(error);
      await clock.advance(60_000);
    }
    await source.nextWatch();
    expect(versions('list').length).toBe(1);
    expect(versions('watch')).toEqual(['10', '10', '10', '10', '10']);
    await end();
  });

  test.each([
    ['401', status(401, 'Unauthorized')],
    ['403', status(403, 'Forbidden')],
    ['404', status(404, 'NotFound')],
    ['500', status(500, 'InternalError')],
    ['410', expired],
  ])('Reflector lists again, after a wait, when opening a watch fails with %s', async (_, error) => {
    const { source, clock, versions, end } = start(byList);
    (await source.nextList()).answer([], '10');
    (await source.nextWatch()).fail(error);
    await clock.advance(799);
    expect(versions('list').length).toBe(1);
    await clock.advance(1);
    expect(versions('list')).toEqual(['0', '10']);
    await end();
  });

  test('Reflector tells that a watch could not be opened at its version, which within a watch is ordinary', async () => {
    const { source, clock, reflector, end } = start(byList);
    (await source.nextList()).answer([], '10');
    (await source.nextWatch()).fail(expired);
    await clock.settle();
    expect(reflector.status()).toMatchObject({ state: 'waiting', failures: 1, lastErrorKind: 'expired' });
    await end();
  });

  test('Reflector relists after an internal error at the opening, whatever the window for those within a watch', async () => {
    const { source, clock, versions, end } = start({ ...byList, maxInternalErrorRetryMs: 60_000 });
    (await source.nextList()).answer([], '10');
    (await source.nextWatch()).fail(status(500, 'InternalError'));
    await clock.advance(800);
    expect(versions('list')).toEqual(['0', '10']);
    await end();
  });

  test('Reflector waits after an opening that broke, however long that took', async () => {
    const { source, clock, versions, end } = start(byList);
    (await source.nextList()).answer([], '10');
    const watch = await source.nextWatch();
    await clock.advance(9_000);
    watch.fail(reset);
    await clock.advance(799);
    expect(versions('watch').length).toBe(1);
    await clock.advance(1);
    expect(versions('watch')).toEqual(['10', '10']);
    await end();
  });

  test('Reflector keeps the window for internal errors to internal errors', async () => {
    const { clock, synced, versions, end } = start({ ...byList, maxInternalErrorRetryMs: 60_000 });
    const watch = await synced();
    await clock.advance(5_000);
    watch.send(errorFrame(status(403, 'Forbidden')));
    await clock.advance(800);
    expect(versions('list')).toEqual(['0', '10']);
    await end();
  });

  test('Reflector waits and watches on after a 429 within a watch', async () => {
    const { source, clock, synced, versions, end } = start(byList);
    (await synced()).send(added('a', 11), errorFrame(throttled));
    await clock.advance(800);
    await source.nextWatch();
    expect(versions('watch')).toEqual(['10', '11']);
    expect(versions('list').length).toBe(1);
    await end();
  });

  test('Reflector waits as long as the server asks, at most five minutes', async () => {
    const { source, clock, end } = start(byList);
    (await source.nextList()).fail(status(503, 'ServiceUnavailable', { details: { retryAfterSeconds: 17 } }));
    await clock.settle();
    expect(clock.nextDeadline()).toBe(17_000);
    await clock.advance(17_000);
    (await source.nextList()).fail(status(429, 'TooManyRequests', { details: { retryAfterSeconds: 1e9 } }));
    await clock.settle();
    expect(clock.nextDeadline()).toBe(317_000);
    await end();
  });

  test('Reflector relists quietly when the history it needs is gone', async () => {
    const { clock, synced, reflector, logger, source, end } = start(byList);
    (await synced([item('a', 1)])).send(errorFrame(expired));
    await clock.advance(800);
    (await source.nextList()).answer([item('b', 20)], '21');
    await clock.settle();
    expect(reflector.status()).toMatchObject({ failures: 0, relists: { initial: 1, expired: 1 } });
    expect(reflector.status().lastError).toBeUndefined();
    expect(logger.lines.filter(({ level }) => level === 'warn' || level === 'error')).toEqual([]);
    await end();
  });

  test('Reflector repairs the sink by a new list when the server cannot read an object', async () => {
    const { source, sink, clock, synced, end } = start(byList);
    const watch = (await synced([item('corrupt', 1), item('fine', 2)])).send(errorFrame(status(500, 'StoreReadError')));
    await clock.advance(800);
    expect(watch.closed).toBe(true);
    (await source.nextList()).answer([item('fine', 2)], '12');
    await clock.settle();
    expect(sink.contents).toEqual(['fine@2']);
    await end();
  });

  test('Reflector answers internal errors by watching on within the window it is given', async () => {
    const attempts = async (maxInternalErrorRetryMs: number): Promise<number> => {
      const { source, clock, synced, versions, end } = start({ ...byList, maxInternalErrorRetryMs });
      let watch = await synced();
      while (versions('list').length === 1) {
        watch.send(errorFrame(status(500, 'InternalError')));
        await clock.advance(1_000);
        if (source.openWatches === 1) watch = (await source.nextWatch()).accept();
        else if (versions('list').length === 1) await clock.advance(60_000);
      }
      await end();
      return versions('watch').length - 1;
    };
    expect(await attempts(0)).toBe(0);
    expect(await attempts(30_000)).toBe(31);
  });

  test('Reflector opens the window for internal errors anew after a quiet minute', async () => {
    const { source, clock, synced, versions, reflector, end } = start({ ...byList, maxInternalErrorRetryMs: 30_000 });
    let watch = await synced();
    const fail = async (): Promise<void> => {
      watch.send(errorFrame(status(500, 'InternalError')));
      await clock.advance(1_000);
      if (source.openWatches === 1) watch = (await source.nextWatch()).accept();
    };
    for (let failure = 0; failure < 9; failure++) await fail();
    await clock.advance(60_000);
    while (source.openWatches === 1) await fail();
    expect(versions('watch').length - 1).toBe(9 + 31);
    expect(versions('list')).toEqual(['0', '10']);
    expect(reflector.status()).toMatchObject({ state: 'listing', failures: 1, lastErrorKind: 'internal' });
    await end();
  });

  test('Reflector does not advance while a watch without a version replays all objects', async () => {
    const { source, clock, versions, reflector, end } = start(byList);
    (await source.nextList()).answer([], '');
    const watch = (await source.nextWatch()).accept();
    watch.send(added('b', 9), added('a', 4));
    await clock.settle();
    expect(reflector.status().resourceVersion).toBe('');
    watch.send(modified('a', 12), added('c', 13));
    await clock.settle();
    expect(reflector.status().resourceVersion).toBe('13');
    expect(versions('watch')).toEqual(['']);
    await end();
  });

  test('Reflector reads the full state again after a watch without a version', async () => {
    const { source, sink, clock, reflector, end } = start(byList);
    (await source.nextList()).answer([item('a', 1)], '0');
    const watch = (await source.nextWatch()).accept().send(added('a', 1));
    await clock.advance(1_000);
    watch.end();
    (await source.nextList()).answer([], '5');
    await clock.settle();
    expect(sink.contents).toEqual([]);
    expect(reflector.status().relists).toEqual({ initial: 1, unversioned: 1 });
    await end();
  });

  test('Reflector asks the sink for room before it reads on', async () => {
    const { sink, clock, synced, end } = start(byList);
    const watch = await synced();
    watch.send(added('a', 11));
    await clock.settle();
    sink.fill();
    watch.send(added('b', 12)).send(added('c', 13));
    await clock.settle();
    expect(sink.contents).toEqual(['a@11', 'b@12']); // one reading was under way
    sink.drain();
    await clock.settle();
    expect(sink.contents).toEqual(['a@11', 'b@12', 'c@13']);
    await end();
  });

  test('Reflector reads the full state again when the sink throws', async () => {
    const { source, sink, clock, synced, reflector, end } = start(byList);
    const watch = await synced();
    sink.failNext(new Error('index "x" exploded'));
    watch.send(added('a', 11));
    await clock.settle();
    expect(reflector.status()).toMatchObject({ state: 'waiting', lastErrorKind: 'sink' });
    expect(reflector.status().lastError).toContain('index "x" exploded');
    await clock.advance(800);
    (await source.nextList()).answer([item('a', 11)], '12');
    await clock.settle();
    expect(sink.contents).toEqual(['a@11']);
    await end();
  });
});
