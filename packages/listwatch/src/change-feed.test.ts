import type { Change, Undecodable, WatchFrame } from '@bowline/apimachinery';
import { FakeClock } from '@bowline/apimachinery/testing';
import { describe, expect, test } from 'vitest';
import { ChangeFeed } from './change-feed.ts';
import { added, bookmark, deleted, errorFrame, expired, item, modified, type Widget } from './reflector.fixture.ts';
import { MemorySink } from './testing.ts';

class BatchSink extends MemorySink<Widget> {
  readonly batches: string[] = [];

  override apply(changes: readonly Change<Widget>[], resourceVersion: string): void {
    this.batches.push(`${changes.length} up to ${resourceVersion}`);
    super.apply(changes, resourceVersion);
  }
}

function setUp(resourceVersion = '10') {
  const clock = new FakeClock();
  const sink = new BatchSink();
  const told: string[] = [];
  const journal = {
    unreadable: ({ key }: Undecodable) => void told.push(`unreadable ${key}`),
    readable: (key: string) => void told.push(`readable ${key}`),
  };
  const stop = new AbortController();
  const feed = new ChangeFeed<Widget>({ sink, clock, journal }, resourceVersion);
  return {
    clock,
    sink,
    told,
    stop,
    changes: feed,
    feed: (...frames: WatchFrame<Widget>[]) => feed.feed(frames, stop.signal),
  };
}

const many = (count: number): WatchFrame<Widget>[] =>
  Array.from({ length: count }, (_, index) => added(`w${index}`, 11 + index));

describe('ChangeFeed', () => {
  test('ChangeFeed applies a chunk at once, up to its last version', async () => {
    const { sink, told, changes, feed } = setUp();
    expect(await feed(added('a', 11), modified('a', 12), deleted('a', 13))).toBeUndefined();
    expect(sink.batches).toEqual(['3 up to 13']);
    expect(sink.log).toEqual(['added a', 'modified a', 'deleted a']);
    expect(changes.resourceVersion).toBe('13');
    expect(told).toEqual(['readable a', 'readable a', 'readable a']);
  });

  test('ChangeFeed tells that deletions were seen', async () => {
    const { sink, feed } = setUp();
    const seen: unknown[] = [];
    sink.apply = (all) => void seen.push(...all);
    await feed(added('a', 11), deleted('a', 12));
    expect(seen).toEqual([
      { type: 'added', item: item('a', 11) },
      { type: 'deleted', item: item('a', 12), finalStateUnknown: false },
    ]);
  });

  test('ChangeFeed tells of a bookmark alone, or with the changes around it, and of nothing when nothing came', async () => {
    const { sink, changes, feed } = setUp();
    await feed();
    await feed(bookmark(20));
    await feed(added('a', 21), bookmark(25));
    await feed(bookmark(30), added('b', 31));
    await feed();
    expect(sink.batches).toEqual(['0 up to 20', '1 up to 25', '1 up to 31']);
    expect(changes.resourceVersion).toBe('31');
  });

  test('ChangeFeed applies what came before an error', async () => {
    const { sink, changes, feed } = setUp();
    expect(await feed(added('a', 11), errorFrame(expired), added('b', 12))).toEqual({ error: expired });
    expect(sink.batches).toEqual(['1 up to 11']);
    expect(changes.resourceVersion).toBe('11');
  });

  test('ChangeFeed does not advance for what it cannot read', async () => {
    const { sink, told, changes, feed } = setUp();
    const undecodable = { key: 'x', message: 'odd' };
    await feed({ type: 'error', error: new Error('odd'), undecodable });
    expect([sink.batches, told, changes.resourceVersion]).toEqual([[], ['unreadable x'], '10']);
    await feed(added('a', 11), { type: 'error', error: new Error('odd'), undecodable }, added('b', 12));
    expect(sink.batches).toEqual(['2 up to 12']);
  });

  test.each(['', '0'])('ChangeFeed does not take versions from the replay of a watch from "%s"', async (version) => {
    const { sink, changes, feed } = setUp(version);
    await feed(added('a', 9), added('b', 3));
    expect(changes.resourceVersion).toBe(version);
    await feed(bookmark(12));
    expect(changes.resourceVersion).toBe('12');
    await feed(added('c', 13));
    expect(changes.resourceVersion).toBe('13');
    expect(sink.batches).toEqual([`2 up to ${version}`, '0 up to 12', '1 up to 13']);
  });

  test.each([modified('a', 12), deleted('a', 12)])(
    'ChangeFeed takes the end of a replay from what is no addition',
    async (frame) => {
      const { changes, feed } = setUp('');
      await feed(added('a', 9), frame, added('b', 13));
      expect(changes.resourceVersion).toBe('13');
    },
  );

  test('ChangeFeed cuts a big chunk into batches of a hundred, and asks for room after each', async () => {
    const { clock, sink, feed } = setUp();
    sink.fill();
    const feeding = feed(...many(250));
    await clock.settle();
    expect(sink.batches).toEqual(['100 up to 110']);
    sink.drain();
    await feeding;
    expect(sink.batches).toEqual(['100 up to 110', '100 up to 210', '50 up to 260']);
  });

  test('ChangeFeed stops between two batches when its signal aborts', async () => {
    const { clock, sink, stop, changes, feed } = setUp();
    sink.fill();
    const feeding = feed(...many(250));
    await clock.settle();
    stop.abort();
    sink.drain();
    expect(await feeding).toBeUndefined();
    expect(sink.batches).toEqual(['100 up to 110']);
    expect(changes.resourceVersion).toBe('110');
  });

  test('ChangeFeed does not advance when its sink fails', async () => {
    const { sink, changes, feed } = setUp();
    sink.failNext(new Error('no room'));
    await expect(feed(added('a', 11))).rejects.toMatchObject({ code: 'LISTWATCH_SINK_FAILED', message: 'no room' });
    expect(changes.resourceVersion).toBe('10');
  });
});
