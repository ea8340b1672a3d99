import type { Clock } from '@bowline/apimachinery';
import { FakeClock, fixedRandom } from '@bowline/apimachinery/testing';
import { describe, expect, test } from 'vitest';
import type { ReflectorOptions } from './options.ts';
import type { ListerWatcher } from './ports.ts';
import { byList, deleted, item, refused, start, status, type Widget } from './reflector.fixture.ts';
import { Reflector } from './reflector.ts';
import { FakeListerWatcher, MemorySink } from './testing.ts';

describe('Reflector, lifecycle', () => {
  test('Reflector does nothing before run, and nothing when it is aborted before', async () => {
    const clock = new FakeClock();
    const source = new FakeListerWatcher<Widget>();
    const reflector = new Reflector({ source, sink: new MemorySink<Widget>(), clock, random: fixedRandom(0) });
    expect(reflector.status()).toMatchObject({ state: 'idle', synced: false, resourceVersion: '' });
    await reflector.run(AbortSignal.abort());
    expect(source.requests).toEqual([]);
    expect(reflector.status().state).toBe('stopped');
  });

  test('Reflector runs once', async () => {
    const { reflector, stop, end } = start();
    await expect(reflector.run(stop.signal)).rejects.toThrow(TypeError);
    await end();
    await expect(reflector.run(stop.signal)).rejects.toThrow('state must be "idle", got "stopped"');
  });

  test.each(['listing', 'streaming', 'opening', 'watching', 'waiting'] as const)(
    'Reflector is Tidy: it ends at once and leaves nothing behind while %s',
    async (state) => {
      const { source, clock, reflector, end } = start({ watchList: state === 'streaming' });
      if (state !== 'streaming') {
        const list = await source.nextList();
        if (state === 'waiting') list.fail(refused);
        else if (state !== 'listing') list.answer([], '1');
        if (state === 'watching') (await source.nextWatch()).accept();
      }
      await clock.settle();
      expect(reflector.status().state).toBe(state);
      await end();
      expect(clock.now()).toBe(0);
    },
  );

  test('Reflector ends within a second although its source does not let go', async () => {
    const clock = new FakeClock();
    const never = new Promise<never>(() => {});
    const source: ListerWatcher<Widget> = {
      list: () => never,
      async *watch() {
        yield [];
        await never;
      },
    };
    const sink = new MemorySink<Widget>();
    const stop = new AbortController();
    const running = new Reflector({ source, sink, clock, random: fixedRandom(0) }).run(stop.signal);
    await clock.settle();
    stop.abort();
    await clock.advance(1_000);
    await running;
    expect(clock.pending).toBe(0);
  });

  test('Reflector survives a source that throws at once', async () => {
    const clock = new FakeClock();
    const listedAt: number[] = [];
    const source: ListerWatcher<Widget> = {
      list() {
        listedAt.push(clock.now());
        throw new Error('not even a promise');
      },
      watch() {
        throw new Error('nor an iterator');
      },
    };
    const stop = new AbortController();
    const ports = { source, sink: new MemorySink<Widget>(), clock, random: fixedRandom(0) };
    const running = new Reflector(ports, { minBackoffMs: 100, maxBackoffMs: 300 }).run(stop.signal);
    await clock.advance(1_000);
    stop.abort();
    await running;
    expect(listedAt).toEqual([0, 100, 300, 600, 900]);
    expect(clock.pending).toBe(0);
  });

  test('Reflector is Smooth: it cuts a big full state and a big chunk into slices, so that others get their turn', async () => {
    const fake = new FakeClock();
    let turns = 0;
    let reads = 0;
    const clock: Clock = {
      now: () => fake.now(),
      monotonic: () => fake.monotonic() + reads++, // each look at it costs a millisecond
      setTimer: (delayMs, callback) => fake.setTimer(delayMs, callback),
      sleep: (...args) => fake.sleep(...args),
      turn: () => {
        turns += 1;
        return fake.turn();
      },
    };
    const source = new FakeListerWatcher<Widget>();
    const sink = new MemorySink<Widget>();
    const stop = new AbortController();
    const running = new Reflector({ source, sink, clock, random: fixedRandom(0) }, byList).run(stop.signal);
    const names = Array.from({ length: 10_000 }, (_, index) => `w${index}`);
    (await source.nextList()).answer(
      names.map((name) => item(name, 1)),
      '10',
    );
    const watch = (await source.nextWatch()).accept();
    await fake.settle();
    expect(sink.items.size).toBe(10_000);
    expect(turns).toBeGreaterThan(9);
    turns = 0;
    watch.send(...names.map((name, index) => deleted(name, 11 + index)));
    await fake.settle();
    expect(sink.items.size).toBe(0);
    expect(turns).toBeGreaterThan(9);
    stop.abort();
    await running;
  });

  test('Reflector commits nothing of a full state in whose middle it is told to end', async () => {
    const fake = new FakeClock();
    const stop = new AbortController();
    let reads = 0;
    const clock: Clock = {
      now: () => fake.now(),
      monotonic: () => reads++, // each look at it costs a millisecond
      setTimer: (delayMs, callback) => fake.setTimer(delayMs, callback),
      sleep: (...args) => fake.sleep(...args),
      turn: () => {
        stop.abort();
        return fake.turn();
      },
    };
    const source = new FakeListerWatcher<Widget>();
    const sink = new MemorySink<Widget>();
    const running = new Reflector({ source, sink, clock, random: fixedRandom(0) }, byList).run(stop.signal);
    const items = Array.from({ length: 10_000 }, (_, index) => item(`w${index}`, 1));
    (await source.nextList()).answer(items, '10');
    await running;
    expect(stop.signal.aborted).toBe(true);
    expect(sink.log).toEqual([]);
  });

  test('Reflector says nothing of a full state whose commit ends after it was told to end', async () => {
    const clock = new FakeClock();
    const stop = new AbortController();
    const source = new FakeListerWatcher<Widget>();
    const sink = new MemorySink<Widget>();
    const replace = sink.replace.bind(sink);
    sink.replace = () => {
      const replacement = replace();
      const commit = async (version: string, signal: AbortSignal): Promise<void> => {
        await replacement.commit(version, signal);
        stop.abort();
      };
      return { ...replacement, commit };
    };
    const reflector = new Reflector({ source, sink, clock, random: fixedRandom(0) }, byList);
    const running = reflector.run(stop.signal);
    (await source.nextList()).answer([item('a', 1)], '10');
    await running;
    expect(reflector.status()).toMatchObject({ state: 'stopped', synced: false, resourceVersion: '', relists: {} });
  });

  test('Reflector is Candid: it says what it does, what is wrong and what to do', async () => {
    const clock = new FakeClock(1_000);
    const source = new FakeListerWatcher<Widget>();
    const states: string[] = [];
    const stop = new AbortController();
    const reflector: Reflector<Widget> = new Reflector(
      {
        source,
        sink: new MemorySink<Widget>(),
        clock,
        random: fixedRandom(0),
        observer: {
          changed: () => {
            const { state } = reflector.status();
            if (states.at(-1) !== state) states.push(state);
          },
        },
      },
      byList,
    );
    const running = reflector.run(stop.signal);
    (await source.nextList()).fail(status(403, 'Forbidden'));
    await clock.settle();
    expect(reflector.status()).toEqual({
      state: 'waiting',
      synced: false,
      resourceVersion: '',
      failures: 1,
      lastError:
        'Cannot list widgets.example.com: access is denied (Forbidden, API_FORBIDDEN); grant the verbs "list" and "watch" on widgets.example.com',
      lastErrorKind: 'forbidden',
      lastErrorAdvice: 'grant the verbs "list" and "watch" on widgets.example.com',
      lastErrorIsLasting: true,
      lastErrorAt: 1_000,
      lastEventAt: undefined,
      lastEventAgeMs: undefined,
      lastSyncAt: undefined,
      nextAttemptAt: 1_800,
      relists: {},
      relistCount: 0,
      lastRelistCause: undefined,
      inconsistencies: 0,
      undecodable: [],
    });
    await clock.advance(800);
    (await source.nextList()).answer([], '3');
    (await source.nextWatch()).accept();
    await clock.settle();
    expect(reflector.status()).toMatchObject({
      failures: 0,
      lastErrorAt: 1_000,
      lastSyncAt: 1_800,
      lastEventAt: 1_800,
      relists: { forbidden: 1 },
      relistCount: 0,
      lastRelistCause: 'forbidden',
      lastErrorIsLasting: true,
      lastEventAgeMs: 0,
    });
    await clock.advance(5_000);
    expect(reflector.status()).toMatchObject({ lastEventAt: 1_800, lastEventAgeMs: 5_000 });
    stop.abort();
    await running;
    expect(states).toEqual(['listing', 'waiting', 'listing', 'opening', 'watching', 'stopped']);
  });

  test('Reflector tells its observer nothing of changes that come while all is well', async () => {
    const clock = new FakeClock();
    const source = new FakeListerWatcher<Widget>();
    const stop = new AbortController();
    let told = 0;
    const ports = { source, sink: new MemorySink<Widget>(), clock, random: fixedRandom(0) };
    const running = new Reflector({ ...ports, observer: { changed: () => told++ } }, byList).run(stop.signal);
    (await source.nextList()).answer([], '3');
    const watch = (await source.nextWatch()).accept();
    await clock.settle();
    const before = told;
    for (let version = 4; version < 9; version++) watch.send(deleted('a', version));
    await clock.settle();
    expect(told).toBe(before);
    stop.abort();
    await running;
  });

  test('Reflector puts no credentials into status or log', async () => {
    const { source, clock, reflector, logger, end } = start(byList);
    const secret = 'sk-abcdefghijklmnopqrstuvwxyz';
    (await source.nextList()).fail(
      new Error(`request with Authorization: Bearer ${secret} to https://me:${secret}@host failed`),
    );
    await clock.settle();
    expect(JSON.stringify([reflector.status(), logger.lines])).not.toContain(secret);
    await end();
  });

  test.each<[ReflectorOptions, string]>([
    [{ pageSize: -1 }, 'pageSize must be a whole number, 0 or more, got -1'],
    [{ minBackoffMs: 0 }, 'minBackoffMs must be more than 0, got 0'],
    [{ maxBackoffMs: 10 }, 'maxBackoffMs must be minBackoffMs or more, got 10'],
    [{ idleTimeoutMs: Number.NaN }, 'idleTimeoutMs must be more than 0, got NaN'],
    [{ listTimeoutMs: 0 }, 'listTimeoutMs must be more than 0, got 0'],
    [{ initialEventsIdleMs: 0 }, 'initialEventsIdleMs must be more than 0, got 0'],
  ])('Reflector refuses %j', (options, rule) => {
    const ports = {
      source: new FakeListerWatcher<Widget>(),
      sink: new MemorySink<Widget>(),
      clock: new FakeClock(),
      random: fixedRandom(0),
    };
    expect(() => new Reflector(ports, options)).toThrow(`Cannot create reflector: ${rule}`);
    expect(() => new Reflector(ports, options)).toThrow(RangeError);
  });

  test.each<[object, string]>([
    [{ source: undefined }, 'source must be a list-watch (an object with list, watch), got undefined'],
    [{ source: { list: () => {} } }, 'source must be a list-watch (an object with list, watch)'],
    [{ sink: { replace: () => {}, apply: () => {} } }, 'sink must be a sink (an object with replace, apply, drained)'],
    [{ clock: {} }, 'clock must be a clock'],
    [{ random: {} }, 'random must be a random source (an object with next)'],
    [{ logger: {} }, 'logger must be a logger'],
    [{ observer: {} }, 'observer must be an observer (an object with changed)'],
    [{ metrics: {} }, 'metrics must be '],
    [{ watchLists: {} }, 'watchLists must be a watch-list memory (an object with allows, missed, worked)'],
  ])('Reflector refuses the ports %j', (wrong, message) => {
    const source = new FakeListerWatcher<Widget>();
    const ports = { source, sink: new MemorySink<Widget>(), clock: new FakeClock(), random: fixedRandom(0) };
    expect(() => new Reflector({ ...ports, ...wrong } as never)).toThrow(`Cannot create reflector: ${message}`);
    expect(() => new Reflector({ ...ports, ...wrong } as never)).toThrow(TypeError);
  });

  test('Reflector needs a cache to check, and refuses to run without a signal', async () => {
    const source = new FakeListerWatcher<Widget>();
    const ports = { source, sink: new MemorySink<Widget>(), clock: new FakeClock(), random: fixedRandom(0) };
    const options = { consistencyCheckMs: 1_000 };
    expect(() => new Reflector(ports, options)).toThrow('cache must be a cache (an object with items), got undefined');
    expect(() => new Reflector(undefined as never)).toThrow('Cannot create reflector: ports must be an object');
    await expect(new Reflector(ports).run(undefined as never)).rejects.toThrow(
      'Cannot run reflector: signal must be an AbortSignal, got undefined',
    );
    expect(source.requests).toEqual([]);
  });
});
