import type { Item, Replacement, Sink, WatchFrame } from '@bowline/apimachinery';
import { FakeClock } from '@bowline/apimachinery/testing';
import { describe, expect, test } from 'vitest';
import { added, bookmark, deleted, errorFrame, expired, item, modified, type Widget } from './reflector.fixture.ts';
import { Staging } from './staging.ts';

function setUp(more: Partial<Replacement<Widget>> = {}) {
  const log: string[] = [];
  const replacement: Replacement<Widget> = {
    put: (items) =>
      void log.push(items.length > 5 ? `put ${items.length}` : `put ${items.map(({ key }) => key).join(' ')}`),
    remove: (key) => void log.push(`remove ${key}`),
    keep: (key) => void log.push(`keep ${key}`),
    commit: async (version) => void log.push(`commit ${version}`),
    ...more,
  };
  const sink: Sink<Widget> = { replace: () => replacement, apply: () => {}, drained: () => undefined };
  const clock = new FakeClock();
  const stop = new AbortController();
  const staging = new Staging<Widget>(sink, clock);
  return {
    log,
    stop,
    staging,
    stream: (...frames: WatchFrame<Widget>[]) => staging.stream(frames, stop.signal),
    put: (...items: Item<Widget>[]) => staging.put(items, stop.signal),
  };
}

const items = (count: number): Item<Widget>[] => Array.from({ length: count }, (_, index) => item(`w${index}`, index));

describe('Staging', () => {
  test('Staging puts a page in slices of a hundred, and counts', async () => {
    const { log, staging, put } = setUp();
    await put();
    await put(...items(100));
    await put(...items(250));
    expect(log).toEqual(['put 100', 'put 100', 'put 100', 'put 50']);
    expect(staging.size).toBe(350);
  });

  test('Staging puts nothing after an abort', async () => {
    const { log, stop, put } = setUp();
    stop.abort();
    await put(...items(3));
    expect(log).toEqual([]);
  });

  test('Staging keeps the order of changes, and stops at the bookmark that ends the initial events', async () => {
    const { log, staging, stream } = setUp();
    expect(await stream(added('a', 1), added('b', 2), deleted('a', 3), modified('b', 4), bookmark(5))).toEqual({
      type: 'more',
    });
    expect(log.splice(0)).toEqual(['put a b', 'remove a', 'put b']);
    expect(await stream(added('c', 6), bookmark(7, true), added('d', 8))).toEqual({
      type: 'complete',
      resourceVersion: '7',
      next: 2,
    });
    expect(log).toEqual(['put c']);
    expect(staging.size).toBe(4);
  });

  test('Staging ends at an error', async () => {
    const { stream } = setUp();
    expect(await stream(added('a', 1), errorFrame(expired), bookmark(5, true))).toEqual({
      type: 'error',
      error: expired,
    });
  });

  test('Staging keeps what cannot be read, in its place', async () => {
    const { log, staging, stream } = setUp();
    const undecodable = { key: 'x', message: 'odd' };
    await stream(added('a', 1), { type: 'error', error: new Error('odd'), undecodable }, added('b', 2));
    staging.keep({ message: 'no name' });
    expect(log).toEqual(['put a', 'keep x', 'put b']);
    expect(staging.undecodable).toEqual([undecodable, { message: 'no name' }]);
  });

  test('Staging puts a big chunk of a watch-list in slices, and stops when it is aborted', async () => {
    const { log, stop, stream } = setUp();
    const frames = items(250).map((each): WatchFrame<Widget> => ({ type: 'added', item: each }));
    await stream(...frames);
    expect(log.splice(0)).toEqual(['put 100', 'put 100', 'put 50']);
    stop.abort();
    expect(await stream(...frames)).toEqual({ type: 'more' });
    expect(log).toEqual(['put 100']);
  });

  test('Staging says that an error is of the sink', async () => {
    const fail = (): never => {
      throw new Error('odd');
    };
    const failed = { code: 'LISTWATCH_SINK_FAILED', message: 'odd' };
    const { staging, put, stream, stop } = setUp({ put: fail, remove: fail, keep: fail, commit: async () => fail() });
    await expect(put(item('a', 1))).rejects.toMatchObject(failed);
    await expect(stream(deleted('a', 1))).rejects.toMatchObject(failed);
    expect(() => staging.keep({ key: 'a', message: 'x' })).toThrow(expect.objectContaining(failed));
    await expect(staging.commit('1', stop.signal)).rejects.toMatchObject(failed);
    const sink: Sink<Widget> = { replace: fail, apply: () => {}, drained: () => undefined };
    expect(() => new Staging(sink, new FakeClock())).toThrow(expect.objectContaining(failed));
  });
});
