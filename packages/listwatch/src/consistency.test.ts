import type { Item, Page } from '@bowline/apimachinery';
import { FakeClock } from '@bowline/apimachinery/testing';
import { describe, expect, test } from 'vitest';
import { type ConsistencyReport, checkConsistency, describeDifferences } from './consistency.ts';
import { item, type Widget } from './reflector.fixture.ts';
import { FakeListerWatcher } from './testing.ts';

function setUp(items: readonly Item<Widget>[], resourceVersion = '10') {
  const clock = new FakeClock();
  const source = new FakeListerWatcher<Widget>();
  const stop = new AbortController();
  const cache = { resourceVersion, items: () => items };
  const report = checkConsistency({ source, cache, clock }, { signal: stop.signal });
  return { clock, source, stop, cache, report };
}

/** What is found when the cache holds `items` and the server answers with `listed`. */
async function compared(
  items: readonly Item<Widget>[],
  listed: readonly Item<Widget>[],
  more?: Partial<Page<Widget>>,
): Promise<ConsistencyReport> {
  const { source, report } = setUp(items);
  (await source.nextList()).answer(listed, '10', more);
  return report;
}

const withUid = (other: Item<Widget>, uid: string): Item<Widget> => ({ ...other, uid });

describe('checkConsistency', () => {
  test('checkConsistency asks for exactly the version of the cache', async () => {
    const { source, report } = setUp([]);
    const list = await source.nextList();
    expect(list.call).toMatchObject({ resourceVersion: '10', resourceVersionMatch: 'Exact' });
    list.answer([], '10');
    expect(await report).toEqual({ type: 'equal', resourceVersion: '10', objects: 0 });
  });

  test('checkConsistency finds equal what is equal in any order', async () => {
    const report = await compared([item('a', 1), item('b', 2)], [item('b', 2), item('a', 1)]);
    expect(report).toEqual({ type: 'equal', resourceVersion: '10', objects: 2 });
  });

  test('checkConsistency reads all pages', async () => {
    const { source, report } = setUp([item('a', 1), item('b', 2)]);
    (await source.nextList()).answer([item('a', 1)], '10', { continue: 't' });
    const second = await source.nextList();
    expect(second.call.continue).toBe('t');
    second.answer([item('b', 2)], '10');
    expect((await report).type).toBe('equal');
  });

  test('checkConsistency names what is missing, surplus or outdated', async () => {
    const report = await compared(
      [item('surplus', 1), item('older', 1), withUid(item('recreated', 1), 'before'), item('same', 4)],
      [item('older', 2), item('recreated', 1), item('missing', 3), item('same', 4)],
    );
    expect(report).toEqual({
      type: 'different',
      resourceVersion: '10',
      objects: 4,
      differences: 4,
      missing: ['missing'],
      surplus: ['surplus'],
      outdated: ['older', 'recreated'],
    });
  });

  test('checkConsistency names ten keys of each difference at most, and counts all', async () => {
    const many = (name: string, version: number): Item<Widget>[] =>
      Array.from({ length: 11 }, (_, index) => item(`${name}${String(index).padStart(2, '0')}`, version));
    const report = await compared([...many('a', 1), ...many('c', 1)], [...many('b', 1), ...many('c', 2)]);
    if (report.type !== 'different') throw new Error(report.type);
    expect(report.differences).toBe(33);
    expect([report.missing.length, report.surplus.length, report.outdated.length]).toEqual([10, 10, 10]);
    expect(report.missing[0]).toBe('b00');
  });

  test('checkConsistency does not blame the cache for what cannot be read', async () => {
    const undecodable = [{ key: 'b', message: 'broken' }, { message: 'broken, and nobody knows which' }];
    expect(await compared([item('a', 1), item('b', 2)], [item('a', 1)], { undecodable })).toEqual({
      type: 'equal',
      resourceVersion: '10',
      objects: 1,
    });
  });

  test.each(['', '0'])(
    'checkConsistency does not judge a cache at version "%s", and asks for nothing',
    async (version) => {
      const { source, report } = setUp([item('a', 1)], version);
      expect(await report).toEqual({ type: 'unknown', reason: 'the cache has no version' });
      expect(source.requests).toEqual([]);
    },
  );

  test('checkConsistency tries a failed list again each second, with what the cache holds then', async () => {
    const { source, clock, cache, report } = setUp([item('a', 1)]);
    for (const reason of ['one', 'two', 'three', 'four']) {
      (await source.nextList()).fail(new Error(reason));
      await clock.advance(999);
      cache.resourceVersion = '11';
      const before = source.requests.length;
      await clock.advance(1);
      expect(source.requests.length).toBe(before + 1);
    }
    const last = await source.nextList();
    expect(last.call.resourceVersion).toBe('11');
    last.answer([item('a', 1)], '11');
    expect(await report).toEqual({ type: 'equal', resourceVersion: '11', objects: 1 });
  });

  test('checkConsistency gives up after five failed lists, with the reason of the last one', async () => {
    const { source, clock, report } = setUp([item('a', 1)]);
    for (const reason of ['one', 'two', 'three', 'four']) {
      (await source.nextList()).fail(new Error(reason));
      await clock.advance(1_000);
    }
    (await source.nextList()).fail(new Error('five\nfailed'));
    expect(await report).toEqual({ type: 'unknown', reason: 'five failed' });
    expect(source.requests.length).toBe(5);
    expect(clock.pending).toBe(0);
  });

  test('checkConsistency rejects with the reason of its signal: before, while it lists, and while it waits', async () => {
    const reason = new Error('enough');
    const listing = setUp([]);
    await listing.source.nextList();
    listing.stop.abort(reason);
    await expect(listing.report).rejects.toBe(reason);

    const waiting = setUp([]);
    (await waiting.source.nextList()).fail(new Error('x'));
    await waiting.clock.settle();
    waiting.stop.abort(reason);
    await expect(waiting.report).rejects.toBe(reason);
    expect(waiting.clock.pending).toBe(0);

    const { source, cache, clock } = waiting;
    const asked = source.requests.length;
    await expect(checkConsistency({ source, cache, clock }, { signal: AbortSignal.abort(reason) })).rejects.toBe(
      reason,
    );
    expect(source.requests.length).toBe(asked);
  });

  test('checkConsistency compares big caches in slices', async () => {
    const fake = new FakeClock();
    let reads = 0;
    let turns = 0;
    const items = Array.from({ length: 2_000 }, (_, index) => item(`w${index}`, 1));
    const report = await checkConsistency(
      {
        source: { list: async () => ({ items, resourceVersion: '10' }) },
        cache: { resourceVersion: '10', items: () => items },
        clock: {
          now: () => fake.now(),
          monotonic: () => reads++, // each look at it costs a millisecond
          setTimer: (delayMs, callback) => fake.setTimer(delayMs, callback),
          sleep: (...args) => fake.sleep(...args),
          turn: async () => {
            turns += 1;
          },
        },
      },
      { signal: new AbortController().signal },
    );
    expect(report.type).toBe('equal');
    expect(turns).toBeGreaterThan(5);
    expect(turns).toBeLessThan(50); // it does not look at the clock for each object
  });

  test('checkConsistency refuses wrong arguments', async () => {
    const { signal } = new AbortController();
    const untyped = checkConsistency as (...values: unknown[]) => Promise<unknown>;
    const ports = {
      source: { list: () => {} },
      cache: { resourceVersion: '1', items: () => [] },
      clock: new FakeClock(),
    };
    await expect(untyped()).rejects.toThrow('Cannot check consistency: ports must be an object, got undefined');
    const needs = {
      source: 'a source (an object with list)',
      cache: 'a cache (an object with items)',
      clock: 'a clock (an object with monotonic, sleep, turn)',
    };
    for (const [port, rule] of Object.entries(needs)) {
      await expect(untyped({ ...ports, [port]: {} }, { signal })).rejects.toThrow(
        `Cannot check consistency: ${port} must be ${rule}, got`,
      );
    }
    await expect(untyped(ports, { signal: 1 })).rejects.toThrow('signal must be an AbortSignal, got 1');
    await expect(untyped(ports, { signal, attempts: 1 })).rejects.toThrow('attempts');
    await expect(untyped(ports, {})).rejects.toThrow(TypeError);
  });

  // The digest is a sum: two differences must not cancel each other.
  test('checkConsistency is not deceived by objects that swapped their versions', async () => {
    const names = Array.from({ length: 40 }, (_, index) => `w${index}`);
    for (const shift of [1, 2, 10, 39]) {
      const held = names.map((name, index) => item(name, 100 + index));
      const listed = names.map((name, index) => item(name, 100 + ((index + shift) % 40)));
      expect(await compared(held, listed)).toMatchObject({ type: 'different', differences: 40 });
    }
    const report = await compared([item('a', 1), item('b', 2)], [item('a', 2), item('b', 1)]);
    expect(report).toMatchObject({ type: 'different', outdated: ['a', 'b'] });
  });
});

describe('describeDifferences', () => {
  test('describeDifferences names in one line what differs, and nothing that does not', () => {
    const found = {
      type: 'different',
      resourceVersion: '7',
      objects: 9,
      missing: [],
      surplus: [],
      outdated: [],
    } as const;
    expect(describeDifferences({ ...found, differences: 3, missing: ['a/x', 'a/y'], outdated: ['b/z'] })).toBe(
      '3 objects differ at version 7; missing: a/x, a/y; outdated: b/z',
    );
    expect(describeDifferences({ ...found, differences: 1, surplus: ['c'] })).toBe(
      '1 objects differ at version 7; surplus: c',
    );
  });
});
