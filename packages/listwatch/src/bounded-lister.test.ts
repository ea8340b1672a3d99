import { getEventListeners } from 'node:events';
import { FakeClock } from '@bowline/apimachinery/testing';
import { describe, expect, test } from 'vitest';
import { BoundedLister } from './bounded-lister.ts';
import { item, type Widget } from './reflector.fixture.ts';
import { FakeListerWatcher } from './testing.ts';

function setUp() {
  const clock = new FakeClock();
  const source = new FakeListerWatcher<Widget>();
  const stop = new AbortController();
  const lister = new BoundedLister<Widget>(source, clock, 60_000);
  const listed = lister.list({ resourceVersion: '7', limit: 3, signal: stop.signal });
  return {
    clock,
    source,
    stop,
    listed,
    isTidy() {
      expect(clock.pending).toBe(0);
      expect(getEventListeners(stop.signal, 'abort').length).toBe(0);
    },
  };
}

describe('BoundedLister', () => {
  test('BoundedLister passes call, answer and error through', async () => {
    const { source, listed, isTidy } = setUp();
    const list = await source.nextList();
    expect(list.call).toMatchObject({ resourceVersion: '7', limit: 3 });
    list.answer([], '9');
    expect(await listed).toEqual({ items: [], resourceVersion: '9' });
    isTidy();
    const other = setUp();
    (await other.source.nextList()).fail(new Error('odd'));
    await expect(other.listed).rejects.toThrow('odd');
    other.isTidy();
    expect(other.source.retired).toBe(0);
  });

  test('BoundedLister says why the last try failed that its source repeated (Candid)', async () => {
    const { clock, source, listed } = setUp();
    (await source.nextList()).call.onRetry?.(new Error('busy'));
    const failed = expect(listed).rejects.toMatchObject({
      code: 'LISTWATCH_SILENT',
      message: 'no list came for 60 s; the last try failed: busy',
    });
    await clock.advance(60_000);
    await failed;
  });

  test('BoundedLister ends a request that takes too long, and its connection is not used again', async () => {
    const { clock, source, listed, isTidy } = setUp();
    const list = await source.nextList();
    const failed = expect(listed).rejects.toMatchObject({
      code: 'LISTWATCH_SILENT',
      message: 'no answer came for 60 s',
    });
    await clock.advance(59_999);
    expect(list.call.signal.aborted).toBe(false);
    await clock.advance(1);
    await failed;
    expect(list.call.signal.aborted).toBe(true);
    expect(source.retired).toBe(1);
    isTidy();
  });

  test('BoundedLister rejects with the reason of an abort although its source goes on', async () => {
    const { source, stop, listed, isTidy } = setUp();
    const list = await source.nextList();
    stop.abort(new Error('enough'));
    await expect(listed).rejects.toThrow('enough');
    expect(list.call.signal.aborted).toBe(true);
    isTidy();
  });

  test('BoundedLister hands on items of an answer that is coming, and none after it was given up', async () => {
    const clock = new FakeClock();
    const source = new FakeListerWatcher<Widget>();
    const { signal } = new AbortController();
    const seen: string[] = [];
    const listed = new BoundedLister<Widget>(source, clock, 60_000).list({
      signal,
      onItems: (items, restart) => seen.push(`${items.map(({ key }) => key).join(' ')} ${restart}`),
    });
    const list = await source.nextList();
    list.call.onItems?.([item('a', 1)], true);
    list.call.onItems?.([item('b', 1), item('c', 1)], false);
    const failed = expect(listed).rejects.toMatchObject({ code: 'LISTWATCH_SILENT' });
    await clock.advance(60_000);
    await failed;
    list.call.onItems?.([item('late', 1)], false);
    expect(seen).toEqual(['a true', 'b c false']);
  });

  test('BoundedLister asks for items only where somebody takes them', async () => {
    const { source } = setUp();
    expect((await source.nextList()).call.onItems).toBeUndefined();
  });

  test('BoundedLister asks for nothing after an abort', async () => {
    const source = new FakeListerWatcher<Widget>();
    const signal = AbortSignal.abort(new Error('before'));
    await expect(new BoundedLister(source, new FakeClock(), 1).list({ signal })).rejects.toThrow('before');
    expect(source.requests).toEqual([]);
  });

  test('BoundedLister rejects when its source throws at once, and takes a source that retires nothing', async () => {
    const clock = new FakeClock();
    const { signal } = new AbortController();
    const source = {
      list: () => {
        throw new Error('at once');
      },
      watch: () => [] as never,
    };
    await expect(new BoundedLister(source, clock, 1_000).list({ signal })).rejects.toThrow('at once');
    expect(clock.pending).toBe(0);
    const silent = { list: () => new Promise<never>(() => {}), watch: () => [] as never };
    const failed = expect(new BoundedLister(silent, clock, 1_000).list({ signal })).rejects.toThrow(
      'no answer came for 1 s',
    );
    await clock.advance(1_000);
    await failed;
    expect(clock.pending).toBe(0);
  });
});
