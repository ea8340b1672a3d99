import { describe, expect, test } from 'vitest';
import type { ReflectorOptions } from './options.ts';
import { byList, errorFrame, expired, item, modified, start, status } from './reflector.fixture.ts';

describe('Reflector, full state by list', () => {
  test('Reflector lists at any version first, then watches from the version of the list with bookmarks', async () => {
    const { source, sink, clock, end } = start(byList);
    const list = await source.nextList();
    expect(list.call).toMatchObject({ resourceVersion: '0', limit: 500 });
    list.answer([item('a', 3), item('b', 4)], '10');
    const watch = await source.nextWatch();
    expect(watch.call).toMatchObject({ resourceVersion: '10', allowWatchBookmarks: true, timeoutSeconds: 300 });
    expect(watch.call.sendInitialEvents).toBeUndefined();
    await clock.settle();
    expect(sink.contents).toEqual(['a@3', 'b@4']);
    expect(sink.resourceVersion).toBe('10');
    await end();
  });

  test('Reflector asks for a watch time between the least and twice that', async () => {
    const timeoutOf = async (options: ReflectorOptions, random: number): Promise<number> => {
      const { source, end } = start({ ...byList, ...options }, random);
      (await source.nextList()).answer([], '1');
      const { call } = await source.nextWatch();
      await end();
      return call.timeoutSeconds;
    };
    expect(await timeoutOf({}, 0.999)).toBe(599);
    expect(await timeoutOf({ minWatchTimeoutMs: 1_000 }, 0)).toBe(300);
    expect(await timeoutOf({ minWatchTimeoutMs: 1_800_000 }, 0.5)).toBe(2_700);
  });

  test('Reflector goes Forward: it relists at the last version, without a limit', async () => {
    const { source, clock, synced, end } = start(byList);
    const watch = await synced();
    watch.send(modified('a', 12), errorFrame(expired));
    await clock.advance(800);
    const list = await source.nextList();
    expect(list.call.resourceVersion).toBe('12');
    expect(list.call.limit).toBeUndefined();
    await end();
  });

  test('Reflector lists at the most recent version at once when the last one has expired', async () => {
    const { source, clock, synced, versions, sink, end } = start(byList);
    (await synced()).send(errorFrame(expired));
    await clock.advance(800);
    (await source.nextList()).fail(expired);
    const list = await source.nextList();
    expect(clock.now()).toBe(800);
    expect(list.call.limit).toBeUndefined();
    list.answer([item('a', 30)], '31');
    await clock.settle();
    expect(versions('list')).toEqual(['0', '10', '']);
    expect(sink.contents).toEqual(['a@30']);
    await end();
  });

  test.each([
    { details: { causes: [{ reason: 'ResourceVersionTooLarge', message: 'x' }] } },
    { details: { causes: [{ reason: '', message: 'Too large resource version' }] } },
    { message: 'Too large resource version: 10, current: 5' },
  ])(
    'Reflector lists at the most recent version at once when the last one is too large for the server: %j',
    async (more) => {
      const { source, clock, synced, versions, end } = start(byList);
      (await synced()).send(errorFrame(expired));
      await clock.advance(800);
      (await source.nextList()).fail(status(504, 'Timeout', more));
      (await source.nextList()).answer([], '6');
      await source.nextWatch();
      expect(versions('list')).toEqual(['0', '10', '']);
      expect(versions('watch')).toEqual(['10', '6']);
      await end();
    },
  );

  test('Reflector waits when the most recent version fails too, and asks for it again', async () => {
    const { source, clock, synced, versions, end } = start(byList);
    (await synced()).send(errorFrame(expired));
    await clock.advance(800);
    (await source.nextList()).fail(expired);
    (await source.nextList()).fail(expired);
    await clock.advance(1_600);
    await source.nextList();
    expect(versions('list')).toEqual(['0', '10', '', '']);
    await end();
  });

  test('Reflector stages what comes of an answer before its end, and begins anew with the answer', async () => {
    const { source, sink, clock, end } = start({ ...byList, pageSize: 0 });
    const list = await source.nextList();
    list.call.onItems?.([], true);
    list.call.onItems?.([item('gone', 1)], false);
    list.call.onItems?.([item('a', 1)], true); // the try before was cut off
    list.call.onItems?.([item('b', 2)], false);
    list.answer([item('c', 3)], '10');
    await clock.settle();
    expect(sink.log).toEqual(['replace 10: a b c']);
    await end();
  });

  test('Reflector drops what has come of an answer whose request fails, and what comes too late', async () => {
    const { source, sink, clock, end } = start({ ...byList, pageSize: 0 });
    const first = await source.nextList();
    first.call.onItems?.([item('gone', 1)], true);
    first.fail(new Error('reset'));
    await clock.advance(1_000);
    const second = await source.nextList();
    second.call.onItems?.([item('a', 1)], true);
    first.call.onItems?.([item('late', 1)], false);
    second.answer([], '10');
    await clock.settle();
    expect(sink.log).toEqual(['replace 10: a']);
    expect(sink.abandoned).toBe(1);
    await end();
  });

  test('Reflector drops the pages whose continuation expired, also when they came in pieces', async () => {
    const { source, sink, clock, end } = start({ ...byList, pageSize: 2 });
    const first = await source.nextList();
    first.call.onItems?.([item('a', 1), item('gone', 2)], true);
    first.answer([], '10', { continue: 't1' });
    (await source.nextList()).fail(expired);
    (await source.nextList()).answer([item('a', 1), item('b', 11)], '11');
    await clock.settle();
    expect(sink.log).toEqual(['replace 11: a b']);
    await end();
  });

  test('Reflector tells of a sink that fails while an answer comes', async () => {
    const { source, sink, clock, reflector, end } = start({ ...byList, pageSize: 0 });
    const list = await source.nextList();
    sink.failNextPut(new Error('full'));
    list.call.onItems?.([item('a', 1)], true);
    list.answer([], '10');
    await clock.settle();
    expect(reflector.status().lastError).toContain('could not be stored (full, LISTWATCH_SINK_FAILED)');
    expect(sink.log).toEqual([]);
    await end();
  });

  test('Reflector reads pages of the size it is given, into one full state', async () => {
    const { source, sink, clock, end } = start({ ...byList, pageSize: 2 });
    const first = await source.nextList();
    expect(first.call.limit).toBe(2);
    first.answer([item('a', 1), item('b', 2)], '10', { continue: 't1' });
    const second = await source.nextList();
    await clock.settle();
    expect(sink.contents).toEqual([]);
    expect(second.call).toMatchObject({ limit: 2, continue: 't1' });
    second.answer([item('c', 3)], '10');
    await clock.settle();
    expect(sink.log).toEqual(['replace 10: a b c']);
    await end();
  });

  test('Reflector goes on paging where the server pages although any version would do', async () => {
    const { source, clock, end } = start(byList);
    (await source.nextList()).answer([item('a', 1)], '10', { continue: 't1' });
    (await source.nextList()).answer([], '10');
    (await source.nextWatch()).send(errorFrame(expired));
    await clock.advance(800);
    expect((await source.nextList()).call).toMatchObject({ resourceVersion: '10', limit: 500 });
    await end();
  });

  test('Reflector drops what it read when a page has expired, and lists all at once', async () => {
    const { source, sink, clock, end } = start({ ...byList, pageSize: 1 });
    (await source.nextList()).answer([item('gone', 1)], '10', { continue: 't1' });
    (await source.nextList()).fail(expired);
    const full = await source.nextList();
    expect(full.call).toMatchObject({ resourceVersion: '0' });
    expect(full.call.limit).toBeUndefined();
    full.answer([item('a', 11)], '12');
    await clock.settle();
    expect(sink.contents).toEqual(['a@11']);
    await end();
  });

  test('Reflector takes a list that never comes for a dead connection', async () => {
    const { source, clock, reflector, end } = start({ ...byList, listTimeoutMs: 60_000 });
    const list = await source.nextList();
    await clock.advance(60_000);
    expect(list.call.signal.aborted).toBe(true);
    expect(source.retired).toBe(1);
    expect(reflector.status().lastError).toContain('no answer came for 60 s');
    await clock.advance(800);
    await source.nextList();
    await end();
  });

  test('Reflector counts each page as a sign of life, and reads no more than one ahead', async () => {
    const { source, clock, reflector, end } = start({ ...byList, pageSize: 1 });
    const first = await source.nextList();
    await clock.advance(5_000);
    first.answer([item('a', 1)], '10', { continue: 't1' });
    await clock.settle();
    expect(reflector.status()).toMatchObject({ state: 'listing', lastEventAt: 5_000 });
    expect(source.requests.length).toBe(2);
    await end();
  });

  test('Reflector asks for pages of the same size when it asks for the most recent version', async () => {
    const { source, clock, synced, end } = start({ ...byList, pageSize: 3 });
    (await synced()).send(errorFrame(expired));
    await clock.advance(800);
    const failed = await source.nextList();
    expect(failed.call).toMatchObject({ resourceVersion: '10', limit: 3 });
    failed.fail(expired);
    expect((await source.nextList()).call).toMatchObject({ resourceVersion: '', limit: 3 });
    await end();
  });
});
