import { getEventListeners } from 'node:events';
import { FakeClock, fixedRandom } from '@bowline/apimachinery/testing';
import { describe, expect, test } from 'vitest';
import { added, bookmark, deleted, errorFrame, expired, item, modified, type Widget } from './reflector.fixture.ts';
import { FakeListerWatcher, FakeWatch } from './testing.ts';
import { listWatchUntil, until, untilWithoutRetry, type WatchCondition } from './until.ts';

function setUp() {
  const clock = new FakeClock();
  const source = new FakeListerWatcher<Widget>();
  const ports = { source, clock, random: fixedRandom(0) };
  const isTidy = async (): Promise<void> => {
    await clock.settle();
    expect(source.openWatches).toBe(0);
    expect(clock.pending).toBe(0);
  };
  return { clock, source, ports, isTidy };
}

const is =
  (type: string, key: string): WatchCondition<Widget> =>
  (change) =>
    change.type === type && change.item.key === key;

async function* framesOf(watch: FakeWatch<Widget>) {
  for await (const chunk of watch) yield* chunk;
}

describe('until', () => {
  test('until resolves with the change that meets its condition, through the end of a watch', async () => {
    const { clock, source, ports, isTidy } = setUp();
    const { signal } = new AbortController();
    const met = until(ports, { resourceVersion: '10', signal }, async (change) => change.item.key === 'b');
    (await source.nextWatch()).send(added('a', 11), bookmark(12)).end();
    await clock.advance(1_000);
    (await source.nextWatch()).send(added('b', 13));
    expect((await met).item.resourceVersion).toBe('13');
    expect(source.requests.map(({ call }) => call.resourceVersion)).toEqual(['10', '12']);
    expect(getEventListeners(signal, 'abort').length).toBe(0);
    await isTidy();
  });

  test('until is Ordered: it takes its conditions in order, and shows the change that meets one to the next', async () => {
    const { source, ports, isTidy } = setUp();
    const met = until(ports, { resourceVersion: '10' }, is('added', 'a'), is('added', 'a'), is('deleted', 'a'));
    (await source.nextWatch()).send(deleted('a', 11), added('a', 12), modified('a', 13), deleted('a', 14));
    expect((await met).item.resourceVersion).toBe('14');
    await isTidy();
  });

  test('until fails with LISTWATCH_TIMED_OUT and says how many conditions were met', async () => {
    const { clock, source, ports, isTidy } = setUp();
    const met = until(ports, { resourceVersion: '10', timeoutMs: 5_000 }, is('added', 'a'), is('deleted', 'a'));
    const failed = expect(met).rejects.toMatchObject({
      code: 'LISTWATCH_TIMED_OUT',
      message: 'Not all conditions were met within 5 s: 1 of 2 met',
    });
    (await source.nextWatch()).send(added('a', 11));
    await clock.advance(5_000);
    await failed;
    await isTidy();
  });

  test('until fails with what its condition throws, or with what ends the watch', async () => {
    const { source, ports, isTidy } = setUp();
    const thrown = until(ports, { resourceVersion: '10' }, () => {
      throw new Error('odd');
    });
    (await source.nextWatch()).send(added('a', 11));
    await expect(thrown).rejects.toThrow('odd');
    const gone = until(ports, { resourceVersion: '10' }, is('added', 'a'));
    (await source.nextWatch()).send(errorFrame(expired));
    await expect(gone).rejects.toBe(expired);
    await isTidy();
  });

  test('until ends with the reason of its signal, before and while it waits, even for a condition', async () => {
    const { source, ports, isTidy } = setUp();
    const stop = new AbortController();
    const reason = new Error('enough');
    const hanging: WatchCondition<Widget> = () => new Promise(() => {});
    const met = until(ports, { resourceVersion: '10', signal: stop.signal }, hanging);
    (await source.nextWatch()).send(added('a', 11));
    stop.abort(reason);
    await expect(met).rejects.toBe(reason);
    await expect(until(ports, { resourceVersion: '10', signal: stop.signal }, hanging)).rejects.toBe(reason);
    expect(getEventListeners(stop.signal, 'abort').length).toBe(0);
    await isTidy();
  });

  test('until refuses wrong arguments', async () => {
    const { ports } = setUp();
    await expect(until(ports, { resourceVersion: '0' }, is('added', 'a'))).rejects.toThrow(/^Cannot wait: resourceV/);
    await expect(until(ports, { resourceVersion: '1' })).rejects.toThrow(/^Cannot wait: number of conditions must/);
    const untyped = until as (...values: unknown[]) => Promise<unknown>;
    await expect(untyped(ports, { resourceVersion: '1' }, 'added')).rejects.toThrow(/^Cannot wait: condition must be/);
    await expect(untyped()).rejects.toThrow(TypeError);
    await expect(untyped(ports, { resourceVersion: '1', timeoutMs: Number.NaN })).rejects.toThrow(RangeError);
  });
});

describe('untilWithoutRetry', () => {
  test('untilWithoutRetry fails with LISTWATCH_ENDED when the changes end first', async () => {
    const { clock } = setUp();
    const call = { resourceVersion: '', allowWatchBookmarks: false, timeoutSeconds: 1, signal: AbortSignal.any([]) };
    const watch = new FakeWatch<Widget>(call);
    const met = untilWithoutRetry({ frames: framesOf(watch), clock }, {}, is('added', 'a'), is('deleted', 'a'));
    watch.send(added('a', 1), bookmark(2)).end();
    await expect(met).rejects.toMatchObject({ code: 'LISTWATCH_ENDED', message: expect.stringMatching(/1 of 2 met$/) });
  });

  test('untilWithoutRetry passes over bookmarks and what cannot be read, and fails with an error of the frames', async () => {
    const { clock } = setUp();
    const seen: string[] = [];
    async function* frames() {
      yield bookmark(1);
      yield { type: 'error' as const, error: new Error('odd'), undecodable: { key: 'x', message: 'odd' } };
      yield added('a', 2);
      yield errorFrame(expired);
    }
    const condition: WatchCondition<Widget> = ({ type, item }) => {
      seen.push(`${type} ${item.key}`);
      return false;
    };
    await expect(untilWithoutRetry({ frames: frames(), clock }, {}, condition)).rejects.toBe(expired);
    expect(seen).toEqual(['added a']);
  });

  test('untilWithoutRetry takes only true for met', async () => {
    const { clock } = setUp();
    async function* frames() {
      yield added('a', 2);
    }
    const truthy = (() => 'yes') as never;
    await expect(untilWithoutRetry({ frames: frames(), clock }, {}, truthy)).rejects.toThrow('0 of 1 met');
  });

  test('untilWithoutRetry lets go of the frames, and does not mind what they throw then', async () => {
    const { clock } = setUp();
    let returns = 0;
    const frames = {
      [Symbol.asyncIterator]: () => ({
        next: async () => ({ done: false as const, value: added('a', 1) }),
        return: async (): Promise<never> => {
          returns += 1;
          throw new Error('not to be seen');
        },
      }),
    };
    expect((await untilWithoutRetry({ frames, clock }, {}, is('added', 'a'))).item.key).toBe('a');
    expect(returns).toBe(1);
    const plain = {
      [Symbol.asyncIterator]: () => ({ next: async () => ({ done: false as const, value: added('a', 1) }) }),
    };
    expect((await untilWithoutRetry({ frames: plain, clock }, {}, is('added', 'a'))).item.key).toBe('a');
  });

  test('untilWithoutRetry refuses wrong arguments', async () => {
    const { clock } = setUp();
    const untyped = untilWithoutRetry as (...values: unknown[]) => Promise<unknown>;
    const frames = new FakeWatch<Widget>({} as never);
    await expect(untyped()).rejects.toThrow('Cannot wait: ports must be an object, got undefined');
    await expect(untyped({ clock }, {})).rejects.toThrow(
      'Cannot wait: frames must be an async iterable of watch frames',
    );
    await expect(untyped({ frames: 1, clock }, {})).rejects.toThrow('Cannot wait: frames must be an async iterable');
    await expect(untyped({ frames: null, clock }, {})).rejects.toThrow('Cannot wait: frames must be an async iterable');
    await expect(untyped({ frames }, {})).rejects.toThrow('Cannot wait: clock must be');
    await expect(untyped({ frames, clock })).rejects.toThrow('Cannot wait: options must be an object');
    await expect(untyped({ frames, clock }, { timeoutMS: 1 })).rejects.toThrow('did you mean "timeoutMs"?');
    await expect(untyped({ frames, clock }, { signal: 1 })).rejects.toThrow(
      'Cannot wait: signal must be an AbortSignal',
    );
    await expect(untyped({ frames, clock }, {})).rejects.toThrow(
      'Cannot wait: number of conditions must be a whole number, 1 or more, got 0',
    );
  });

  test('untilWithoutRetry resolves with the last change, and ends in time although the frames do not', async () => {
    const { clock } = setUp();
    const call = { resourceVersion: '', allowWatchBookmarks: false, timeoutSeconds: 1, signal: AbortSignal.any([]) };
    const watch = new FakeWatch<Widget>(call).send(added('a', 1));
    const { item: met } = await untilWithoutRetry({ frames: framesOf(watch), clock }, {}, is('added', 'a'));
    expect(met.key).toBe('a');
    const silent = new FakeWatch<Widget>(call);
    const late = untilWithoutRetry({ frames: framesOf(silent), clock }, { timeoutMs: 10 }, is('added', 'a'));
    const failed = expect(late).rejects.toMatchObject({ code: 'LISTWATCH_TIMED_OUT' });
    await clock.advance(10);
    await failed;
    expect(clock.pending).toBe(0);
  });
});

describe('listWatchUntil', () => {
  test('listWatchUntil shows each condition all that exists, then the changes after the list', async () => {
    const { source, ports, isTidy } = setUp();
    const met = listWatchUntil(ports, {}, is('added', 'b'), is('added', 'a'), is('deleted', 'a'));
    (await source.nextList()).answer([item('a', 1), item('b', 2)], '10');
    const watch = await source.nextWatch();
    expect(watch.call.resourceVersion).toBe('10');
    watch.send(deleted('a', 11));
    expect((await met).type).toBe('deleted');
    await isTidy();
  });

  test('listWatchUntil needs no watch when what exists meets all conditions, and fails as its list fails', async () => {
    const { source, ports, isTidy } = setUp();
    const met = listWatchUntil(ports, {}, is('added', 'a'));
    (await source.nextList()).answer([item('a', 1)], '10');
    expect((await met).item.key).toBe('a');
    const failed = listWatchUntil(ports, {}, is('added', 'a'));
    (await source.nextList()).fail(expired);
    await expect(failed).rejects.toBe(expired);
    expect(source.requests.map(({ verb }) => verb)).toEqual(['list', 'list']);
    await isTidy();
  });

  test('listWatchUntil asks for the most recent state, and ends the request when its time is over', async () => {
    const { clock, source, ports, isTidy } = setUp();
    const met = listWatchUntil(ports, { timeoutMs: 1_000 }, is('added', 'a'));
    const failed = expect(met).rejects.toThrow('Not all conditions were met within 1 s: 0 of 1 met');
    const list = await source.nextList();
    expect(list.call.resourceVersion).toBe('');
    await clock.advance(1_000);
    await failed;
    expect(list.call.signal.aborted).toBe(true);
    await isTidy();
  });

  test('listWatchUntil resolves with the change that met the last condition, of those that exist', async () => {
    const { source, ports, isTidy } = setUp();
    const met = listWatchUntil(ports, {}, is('added', 'b'), is('added', 'a'));
    (await source.nextList()).answer([item('a', 1), item('b', 2), item('c', 3)], '10');
    expect((await met).item.key).toBe('a');
    await isTidy();
  });

  test('listWatchUntil refuses wrong arguments, and asks for nothing', async () => {
    const { source, ports } = setUp();
    const untyped = listWatchUntil as (...values: unknown[]) => Promise<unknown>;
    await expect(untyped()).rejects.toThrow('Cannot wait: ports must be an object');
    await expect(untyped({ ...ports, random: undefined }, {}, () => true)).rejects.toThrow(
      'Cannot wait: random must be',
    );
    await expect(untyped(ports, { timeoutMs: 0 }, () => true)).rejects.toThrow('Cannot wait: timeoutMs must be');
    await expect(untyped(ports, { resourceVersion: '1' }, () => true)).rejects.toThrow('resourceVersion');
    await expect(untyped(ports, {})).rejects.toThrow('Cannot wait: number of conditions must be');
    expect(source.requests).toEqual([]);
  });
});
