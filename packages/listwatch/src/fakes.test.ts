import { getEventListeners } from 'node:events';
import type { WatchFrame } from '@bowline/apimachinery';
import { FakeClock } from '@bowline/apimachinery/testing';
import { describe, expect, test } from 'vitest';
import { added, bookmark, item, modified, type Widget } from './reflector.fixture.ts';
import { FakeListerWatcher, FakeWatch, itemOf, MemorySink } from './testing.ts';

const callOf = (signal: AbortSignal) => ({ resourceVersion: '', allowWatchBookmarks: true, timeoutSeconds: 1, signal });

async function read(watch: FakeWatch<Widget>): Promise<(readonly WatchFrame<Widget>[] | string)[]> {
  const seen: (readonly WatchFrame<Widget>[] | string)[] = [];
  try {
    for await (const chunk of watch) seen.push(chunk);
    seen.push('end');
  } catch (error) {
    seen.push(`error ${(error as Error).message}`);
  }
  return seen;
}

describe('FakeWatch', () => {
  test('FakeWatch gives chunks as they were sent, before and while it is read, then ends', async () => {
    const watch = new FakeWatch<Widget>(callOf(AbortSignal.any([]))).accept();
    const seen = read(watch);
    await new FakeClock().settle();
    watch.send(added('a', 1), bookmark(2)).send(modified('a', 3));
    expect([watch.closed, watch.ended]).toEqual([false, false]);
    watch.end();
    watch.fail(new Error('it has ended already'));
    expect(await seen).toEqual([[], [added('a', 1), bookmark(2)], [modified('a', 3)], 'end']);
    expect([watch.closed, watch.ended]).toEqual([true, true]);
  });

  test('FakeWatch breaks after what was sent before', async () => {
    const watch = new FakeWatch<Widget>(callOf(AbortSignal.any([]))).send(added('a', 1));
    watch.fail(new Error('broken'));
    watch.end();
    expect(await read(watch)).toEqual([[added('a', 1)], 'error broken']);
    const waiting = new FakeWatch<Widget>(callOf(AbortSignal.any([])));
    const seen = read(waiting);
    await new FakeClock().settle();
    waiting.fail(new Error('broken'));
    expect(await seen).toEqual(['error broken']);
  });

  test('FakeWatch ends by its signal, whatever was sent, and leaves no listener', async () => {
    const stop = new AbortController();
    let closes = 0;
    const watch = new FakeWatch<Widget>(callOf(stop.signal), () => {
      closes += 1;
    });
    const seen = read(watch);
    await new FakeClock().settle();
    watch.send(added('a', 1));
    stop.abort();
    expect(await seen).toEqual(['end']);
    expect(await read(watch)).toEqual(['end']);
    expect([closes, getEventListeners(stop.signal, 'abort').length]).toEqual([1, 0]);
  });

  test('FakeWatch ends when its reader leaves, while it waits and between chunks', async () => {
    const stop = new AbortController();
    const closed: unknown[] = [];
    const watch = new FakeWatch<Widget>(callOf(stop.signal), (each) => closed.push(each));
    const frames = watch[Symbol.asyncIterator]();
    const next = frames.next();
    expect(await frames.return?.()).toEqual({ done: true, value: undefined });
    expect(await next).toEqual({ done: true, value: undefined });
    expect(closed).toEqual([watch]);
    expect(getEventListeners(stop.signal, 'abort').length).toBe(0);
  });
});

describe('FakeListerWatcher', () => {
  test('FakeListerWatcher hands out requests in their order, before and after they are waited for', async () => {
    const source = new FakeListerWatcher<Widget>();
    const stop = new AbortController();
    const waiting = source.nextList();
    const first = source.list({ resourceVersion: '1', signal: stop.signal });
    const second = source.list({ resourceVersion: '2', signal: stop.signal });
    (await waiting).answer([item('a', 1)], '5', { continue: 't' });
    (await source.nextList()).fail(new Error('no'));
    expect(await first).toEqual({ items: [item('a', 1)], resourceVersion: '5', continue: 't' });
    await expect(second).rejects.toThrow('no');
    expect(getEventListeners(stop.signal, 'abort').length).toBe(0);
    expect(source.requests.map(({ verb, call }) => `${verb} ${call.resourceVersion}`)).toEqual(['list 1', 'list 2']);
    source.retireConnections();
    expect(source.retired).toBe(1);
  });

  test('FakeListerWatcher rejects a list whose signal aborts, before or while it waits', async () => {
    const source = new FakeListerWatcher<Widget>();
    const stop = new AbortController();
    const list = source.list({ signal: stop.signal });
    stop.abort(new Error('enough'));
    await expect(list).rejects.toThrow('enough');
    await expect(source.list({ signal: stop.signal })).rejects.toThrow('enough');
    (await source.nextList()).answer([], '1'); // too late
    expect(source.requests.length).toBe(2);
  });

  test('FakeListerWatcher counts the watches that are read', async () => {
    const source = new FakeListerWatcher<Widget>();
    source.watch(callOf(AbortSignal.any([])));
    const watch = await source.nextWatch();
    expect(source.openWatches).toBe(1);
    watch.end();
    await read(watch);
    expect(source.openWatches).toBe(0);
  });
});

describe('MemorySink', () => {
  const { signal } = new AbortController();

  test('MemorySink shows a full state when it is committed, and keeps what it is told to', async () => {
    const sink = new MemorySink<Widget>();
    sink.apply(
      [
        { type: 'added', item: item('old', 1) },
        { type: 'added', item: item('gone', 2) },
      ],
      '2',
    );
    const replacement = sink.replace();
    replacement.put([item('b', 3), item('a', 4), item('c', 5)]);
    replacement.remove('c');
    replacement.keep?.('old');
    replacement.keep?.('unheard of');
    expect(sink.contents).toEqual(['gone@2', 'old@1']);
    await replacement.commit('7', signal);
    expect(sink.contents).toEqual(['a@4', 'b@3', 'old@1']);
    expect(sink.resourceVersion).toBe('7');
    await sink.replace().commit('8', signal);
    expect(sink.log).toEqual(['added old', 'added gone', 'replace 7: a b old', 'replace 8:']);
  });

  test('MemorySink refuses to commit what was abandoned', async () => {
    const sink = new MemorySink<Widget>();
    const first = sink.replace();
    const second = sink.replace();
    await expect(first.commit('1', signal)).rejects.toThrow('Cannot commit: the replacement was abandoned');
    await second.commit('2', signal);
    await expect(second.commit('3', signal)).rejects.toThrow('abandoned');
    expect(sink.resourceVersion).toBe('2');
  });

  test('MemorySink counts what is abandoned, unless it was committed or replaced before', async () => {
    const sink = new MemorySink<Widget>();
    const first = sink.replace();
    const second = sink.replace();
    first.abandon?.();
    expect(sink.abandoned).toBe(0);
    await second.commit('2', signal);
    second.abandon?.();
    expect(sink.abandoned).toBe(0);
    const third = sink.replace();
    third.abandon?.();
    third.abandon?.();
    expect(sink.abandoned).toBe(1);
    await expect(third.commit('3', signal)).rejects.toThrow('abandoned');
  });

  test('MemorySink logs bookmarks and deletions, fails when it is told to, and says when it is full', async () => {
    const sink = new MemorySink<Widget>();
    sink.apply([{ type: 'added', item: item('a', 1) }], '1');
    sink.apply([{ type: 'deleted', item: item('a', 2), finalStateUnknown: false }], '2');
    sink.apply([], '3');
    expect([sink.log, sink.contents]).toEqual([['added a', 'deleted a', 'bookmark 3'], []]);
    sink.failNext(new Error('one'));
    sink.failNext(new Error('two'));
    expect(() => sink.apply([], '4')).toThrow('one');
    await expect(sink.replace().commit('4', signal)).rejects.toThrow('two');
    expect(sink.resourceVersion).toBe('3');
    expect(sink.drained()).toBeUndefined();
    sink.fill();
    const room = sink.drained();
    sink.fill();
    expect(sink.drained()).toBe(room);
    sink.drain();
    await room;
    expect(sink.drained()).toBeUndefined();
  });
});

test('itemOf freezes the object at every depth', () => {
  const object = {
    apiVersion: 'v1',
    kind: 'W',
    metadata: { namespace: 'n', name: 'a', uid: 'u', resourceVersion: '7' },
  };
  const made = itemOf({ ...object, metadata: { ...object.metadata, creationTimestamp: '2026-01-01T00:00:00Z' } });
  expect(made).toMatchObject({ key: 'n/a', uid: 'u', resourceVersion: '7' });
  expect([Object.isFrozen(made), Object.isFrozen(made.object), Object.isFrozen(made.object.metadata)]).toEqual([
    true,
    true,
    true,
  ]);
});
