import { getEventListeners } from 'node:events';
import { type KubernetesObject, statusError } from '@bowline/apimachinery';
import { FakeClock, fixedRandom } from '@bowline/apimachinery/testing';
import { ListWatch, type WatchCondition, type WatchedChange } from '@bowline/listwatch';
import { FakeItemServer, type FakeItemServerOptions } from '@bowline/listwatch/testing';
import { describe, expect, test } from 'vitest';
import { Widget } from './informer.fixture.ts';
import { InformerWatcher, type InformerWatcherOptions, untilWithSync } from './informer-watcher.ts';

function setUp(serverOptions: FakeItemServerOptions = {}) {
  const clock = new FakeClock();
  const server = new FakeItemServer(serverOptions);
  const ports = { source: new ListWatch<Widget>(server, Widget), clock, random: fixedRandom(0) };
  return {
    clock,
    server,
    ports,
    put: (name: string, size = 0) => server.put(Widget, { metadata: { name }, spec: { size } }),
    isTidy() {
      expect(server.openWatches).toBe(0);
      expect(clock.pending).toBe(0);
    },
  };
}

const nameOf = ({ type, item }: WatchedChange<KubernetesObject>): string => `${type} ${item.key}`;

/** Reads to the end. */
function read(watcher: InformerWatcher<Widget>): { readonly seen: string[]; readonly over: Promise<void> } {
  const seen: string[] = [];
  const all = async (): Promise<void> => {
    for await (const change of watcher) seen.push(nameOf(change));
  };
  return { seen, over: all() };
}

function watch(options: InformerWatcherOptions<Widget> = {}, serverOptions: FakeItemServerOptions = {}) {
  const world = setUp(serverOptions);
  const stop = new AbortController();
  const watcher = new InformerWatcher(world.ports, { signal: stop.signal, ...options });
  return {
    ...world,
    watcher,
    stop,
    read: () => read(watcher),
    /** Ends it, and proves that it leaves nothing behind. */
    async end(over: Promise<void>) {
      stop.abort();
      await over;
      world.isTidy();
      expect(getEventListeners(stop.signal, 'abort').length).toBe(0);
    },
  };
}

describe('InformerWatcher', () => {
  test.each([
    ['a watch-list', true],
    ['a list', false],
  ])('InformerWatcher yields what exists as added, then every change, by %s', async (_, watchList) => {
    const { clock, put, server, watcher, read, end } = watch({ reflector: { watchList } }, { watchList });
    put('a');
    put('b');
    const { seen, over } = read();
    await clock.settle();
    expect(seen.splice(0).sort()).toEqual(['added a', 'added b']);
    put('c');
    put('a', 1);
    server.delete(Widget, 'b');
    await clock.settle();
    expect(seen).toEqual(['added c', 'modified a', 'deleted b']);
    expect([...watcher.informer.indexer.keys()].sort()).toEqual(['a', 'c']);
    await end(over);
  });

  test('InformerWatcher yields a deletion that was missed, with the last object that was seen', async () => {
    const { clock, put, server, watcher, end } = watch();
    put('a', 7);
    const changes: WatchedChange<Widget>[] = [];
    const over = (async () => {
      for await (const change of watcher) changes.push(change);
    })();
    await clock.settle();
    server.muteWatches();
    server.delete(Widget, 'a');
    server.compact();
    await clock.advance(600_000);
    expect(changes.map(nameOf)).toEqual(['added a', 'deleted a']);
    expect(changes[1]?.item.object.spec?.size).toBe(7);
    await end(over);
  });

  test('InformerWatcher yields a deletion and an addition for an object that was recreated in a gap', async () => {
    const { clock, put, server, read, end } = watch();
    put('a');
    const { seen, over } = read();
    await clock.settle();
    server.muteWatches();
    server.delete(Widget, 'a');
    put('a');
    server.compact();
    await clock.advance(600_000);
    expect(seen).toEqual(['added a', 'deleted a', 'added a']);
    await end(over);
  });

  test('InformerWatcher transforms each object once', async () => {
    let calls = 0;
    const transform = (widget: Widget): Widget => {
      calls += 1;
      return { ...widget, spec: { size: (widget.spec?.size ?? 0) + 100 } };
    };
    const { clock, put, watcher, end } = watch({ transform });
    put('a', 1);
    put('b', 2);
    const sizes: unknown[] = [];
    const over = (async () => {
      for await (const { item } of watcher) sizes.push(item.object.spec?.size);
    })();
    await clock.settle();
    put('c', 3);
    await clock.settle();
    expect(sizes.sort()).toEqual([101, 102, 103]);
    expect(calls).toBe(3);
    await end(over);
  });

  test('InformerWatcher keeps the order of many changes for a slow reader, who sees a cache that is at least as new', async () => {
    const { clock, put, watcher, end } = watch();
    const seen: number[] = [];
    const over = (async () => {
      for await (const { item } of watcher) {
        const size = item.object.spec?.size ?? 0;
        seen.push(size);
        expect(watcher.informer.indexer.get('a')?.spec?.size).toBeGreaterThanOrEqual(size);
        await clock.sleep(10, new AbortController().signal);
      }
    })();
    await clock.settle();
    const sizes = Array.from({ length: 2_500 }, (_, index) => index + 1);
    for (const size of sizes) put('a', size);
    await clock.advance(30_000);
    expect(seen).toEqual(sizes);
    await end(over);
  });

  test('InformerWatcher is Bounded: it merges the changes of one object for a reader who is too far behind', async () => {
    const { clock, put, watcher, end } = watch({ maxPending: 10 });
    const seen: number[] = [];
    let open = (): void => {};
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    const over = (async () => {
      for await (const { item } of watcher) {
        seen.push(item.object.spec?.size ?? 0);
        await gate;
      }
    })();
    await clock.settle();
    for (let size = 1; size <= 1_000; size++) {
      put('a', size);
      await clock.settle();
    }
    open();
    await clock.settle();
    expect(seen.length).toBeLessThan(20);
    expect(seen.at(-1)).toBe(1_000);
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    await end(over);
  });

  test('InformerWatcher ends while it waits for a change, at once and with nothing left', async () => {
    const { clock, watcher, isTidy } = watch();
    const changes = watcher[Symbol.asyncIterator]();
    const next = changes.next();
    await clock.settle();
    await changes.return?.();
    expect(await next).toEqual({ done: true, value: undefined });
    expect(watcher.informer.isStopped).toBe(true);
    expect(clock.now()).toBe(0);
    isTidy();
  });

  test('InformerWatcher ends with unread changes, at once and with nothing left', async () => {
    const { clock, put, watcher, isTidy } = watch();
    for (const name of ['a', 'b', 'c']) put(name);
    for await (const change of watcher) {
      expect(change.type).toBe('added');
      await clock.settle();
      break;
    }
    expect(watcher.informer.isStopped).toBe(true);
    expect(clock.now()).toBe(0);
    isTidy();
  });

  test('InformerWatcher ends by its signal, before and while it is read, with changes unread', async () => {
    const { clock, put, watcher, stop, isTidy } = watch();
    put('a');
    put('b');
    const changes = watcher[Symbol.asyncIterator]();
    expect((await changes.next()).done).toBe(false);
    stop.abort();
    expect((await changes.next()).done).toBe(true);
    isTidy();
    const late = new InformerWatcher(setUp().ports, { signal: stop.signal });
    expect((await late[Symbol.asyncIterator]().next()).done).toBe(true);
    expect(getEventListeners(stop.signal, 'abort').length).toBe(0);
    expect(clock.pending).toBe(0);
  });

  test('InformerWatcher does nothing before it is read, and is read once', async () => {
    const { clock, server, watcher } = watch();
    const changes = watcher[Symbol.asyncIterator]();
    await clock.settle();
    expect(server.requests).toEqual([]);
    await changes.return?.();
    expect(server.requests).toEqual([]);
    expect(() => watcher[Symbol.asyncIterator]()).toThrow(/^Cannot read informer watcher: it must be new/);
  });

  test('InformerWatcher refuses wrong arguments', () => {
    const { ports } = setUp();
    const make = (...values: unknown[]) => Reflect.construct(InformerWatcher, values);
    expect(() => make()).toThrow('Cannot create informer: ports must be an object, got undefined');
    expect(() => make(ports, 1)).toThrow('Cannot create informer watcher: options must be an object, got 1');
    expect(() => make(ports, { signal: 1 })).toThrow('Cannot create informer watcher: signal must be an AbortSignal');
    expect(() => make(ports, { maxpending: 1 })).toThrow('did you mean "maxPending"?');
  });
});

const is =
  (type: string, key: string): WatchCondition<Widget> =>
  (change) =>
    change.type === type && change.item.key === key;

describe('untilWithSync', () => {
  test('untilWithSync takes its conditions in order, of what exists and of what changes', async () => {
    const { clock, server, put, ports, isTidy } = setUp();
    put('a', 1);
    const met = untilWithSync(ports, {}, is('added', 'a'), is('added', 'b'), is('deleted', 'a'));
    await clock.settle();
    put('b');
    await clock.settle();
    server.delete(Widget, 'a');
    expect((await met)?.item.object.spec?.size).toBe(1);
    isTidy();
  });

  test('untilWithSync fails with LISTWATCH_TIMED_OUT when its conditions are not met in time', async () => {
    const { clock, put, ports, isTidy } = setUp();
    put('a');
    const met = untilWithSync(ports, { timeoutMs: 5_000 }, is('added', 'a'), is('added', 'b'));
    const failed = expect(met).rejects.toMatchObject({
      code: 'LISTWATCH_TIMED_OUT',
      message: 'Not all conditions were met within 5 s: 1 of 2 met',
    });
    await clock.advance(5_000);
    await failed;
    isTidy();
  });

  test.each([
    ['without a precondition', undefined],
    ['with a precondition', () => true],
  ])(
    'untilWithSync fails with INFORMER_NOT_SYNCED, which names the cause, when it never syncs, %s',
    async (_, precondition) => {
      const { clock, server, ports, isTidy } = setUp();
      for (let failure = 0; failure < 100; failure++) {
        for (const verb of ['list', 'watch'] as const) {
          server.failNext(verb, statusError({ code: 403, reason: 'Forbidden', message: 'no' }));
        }
      }
      const met = untilWithSync(ports, { timeoutMs: 5_000, precondition }, is('added', 'a'));
      const failed = expect(met).rejects.toMatchObject({
        code: 'INFORMER_NOT_SYNCED',
        message: expect.stringContaining('access is denied'),
        cause: { code: 'LISTWATCH_TIMED_OUT' },
      });
      await clock.advance(5_000);
      await failed;
      isTidy();
    },
  );

  test('untilWithSync ends with nothing when its precondition is met by the first full state', async () => {
    const { put, ports, isTidy } = setUp();
    put('a');
    put('b');
    let asked = 0;
    const condition: WatchCondition<Widget> = () => {
      throw new Error('not to be asked');
    };
    const precondition = async (lister: { list(): Iterable<Widget> }): Promise<boolean> => {
      asked += 1;
      return [...lister.list()].length === 2;
    };
    expect(await untilWithSync(ports, { precondition }, condition)).toBeUndefined();
    expect(asked).toBe(1);
    isTidy();
  });

  test('untilWithSync goes on to its conditions when its precondition is not met, which see what exists', async () => {
    const { put, ports, isTidy } = setUp();
    put('a');
    let asked = 0;
    const precondition = (): boolean => {
      asked += 1;
      return false;
    };
    expect((await untilWithSync(ports, { precondition }, is('added', 'a')))?.item.key).toBe('a');
    expect(asked).toBe(1);
    isTidy();
  });

  test('untilWithSync fails with what a condition or its precondition throws', async () => {
    const { put, ports, isTidy } = setUp();
    put('a');
    const fail = (): never => {
      throw new Error('odd');
    };
    await expect(untilWithSync(ports, {}, fail)).rejects.toThrow('odd');
    await expect(untilWithSync(ports, { precondition: fail }, is('added', 'a'))).rejects.toThrow('odd');
    isTidy();
  });

  test('untilWithSync ends with the reason of its signal, before and while it waits', async () => {
    const { clock, server, ports, isTidy } = setUp();
    const stop = new AbortController();
    const reason = new Error('enough');
    const met = untilWithSync(ports, { signal: stop.signal }, is('added', 'a'));
    await clock.settle();
    stop.abort(reason);
    await expect(met).rejects.toBe(reason);
    const { length } = server.requests;
    await expect(untilWithSync(ports, { signal: stop.signal }, is('added', 'a'))).rejects.toBe(reason);
    expect(server.requests.length).toBe(length);
    expect(getEventListeners(stop.signal, 'abort').length).toBe(0);
    isTidy();
  });

  test('untilWithSync refuses wrong arguments, and asks for nothing', async () => {
    const { server, ports } = setUp();
    const untyped = untilWithSync as (...values: unknown[]) => Promise<unknown>;
    await expect(untyped()).rejects.toThrow(TypeError);
    await expect(untyped(ports)).rejects.toThrow('Cannot wait: options must be an object, got undefined');
    await expect(untyped(ports, {})).rejects.toThrow(/^Cannot wait: number of conditions must be/);
    await expect(untyped(ports, {}, 'added')).rejects.toThrow(/^Cannot wait: condition must be/);
    await expect(untyped(ports, { timeoutMs: 0 }, () => true)).rejects.toThrow(/^Cannot wait: timeoutMs must be/);
    await expect(untyped(ports, { precondition: true }, () => true)).rejects.toThrow(/^Cannot wait: precondition must/);
    await expect(untyped(ports, { timeOutMs: 1 }, () => true)).rejects.toThrow('did you mean "timeoutMs"?');
    expect(server.requests).toEqual([]);
  });
});
