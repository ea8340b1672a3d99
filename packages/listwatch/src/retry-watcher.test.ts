import { getEventListeners } from 'node:events';
import { FakeClock, fixedRandom } from '@bowline/apimachinery/testing';
import { describe, expect, test } from 'vitest';
import type { ListerWatcher } from './ports.ts';
import {
  added,
  bookmark,
  deleted,
  errorFrame,
  expired,
  item,
  modified,
  refused,
  reset,
  status,
  throttled,
  type Widget,
} from './reflector.fixture.ts';
import { start } from './retry-watcher.fixture.ts';
import { RetryWatcher } from './retry-watcher.ts';
import { FakeListerWatcher } from './testing.ts';

const passing: readonly (readonly [string, Error])[] = [
  ['a refused connection', refused],
  ['a reset', reset],
  ['a gateway time-out', status(504, 'Timeout')],
  ['an internal error', status(500, 'InternalError')],
  ['an unknown code', status(599, 'Unheard')],
  ['an unknown error', new Error('odd')],
  ['throttling', throttled],
];
const final: readonly (readonly [string, Error])[] = [
  ['API_EXPIRED', expired],
  ['API_FORBIDDEN', status(403, 'Forbidden')],
  ['API_UNAUTHORIZED', status(401, 'Unauthorized')],
];

describe('RetryWatcher', () => {
  test.each([
    ['""', ''],
    ['"0"', '0'],
    ['undefined', undefined],
  ])('RetryWatcher refuses to begin at %s', (_, version) => {
    const ports = { source: new FakeListerWatcher(), clock: new FakeClock(), random: fixedRandom(0) };
    const options = { resourceVersion: version as string };
    expect(() => new RetryWatcher(ports, options)).toThrow(/^Cannot create retry watcher: resourceVersion must be /);
  });

  test('RetryWatcher is Lossless: it begins after its version and goes on after the last version or bookmark', async () => {
    const { source, clock, seen, versions, end } = start();
    (await source.nextWatch()).send(added('a', 11), modified('a', 12)).end();
    await clock.advance(1_000);
    (await source.nextWatch()).send(bookmark(20)).end();
    await clock.advance(1_000);
    (await source.nextWatch()).send(deleted('a', 25)).end();
    await clock.advance(1_000);
    await source.nextWatch();
    expect(versions()).toEqual(['10', '12', '20', '25']);
    expect(seen).toEqual(['added a@11', 'modified a@12', 'deleted a@25']);
    await end();
  });

  test('RetryWatcher skips what a server repeats, and keeps equal versions of one watch', async () => {
    const { source, clock, seen, versions, end } = start();
    (await source.nextWatch()).send(added('old', 9), added('same', 10), added('a', 12), added('b', 12)).end();
    await clock.advance(1_000);
    (await source.nextWatch()).send(bookmark(3), added('a', 12), added('b', 12), added('c', 13)).end();
    await clock.advance(1_000);
    expect(seen).toEqual(['added a@12', 'added b@12', 'added c@13']);
    expect(versions()).toEqual(['10', '12', '13']);
    await end();
  });

  test.each([
    ['one watch', 'consecutive', [[11]]],
    ['one watch', 'gapped', [[15]]],
    ['two watches', 'consecutive', [[11, 12], [13]]],
    ['two watches', 'gapped', [[15], [25, 45]]],
    ['four watches', 'consecutive', [[11], [12, 13], [14], [15]]],
    ['four watches', 'gapped', [[12], [24, 28], [], [77]]],
    ['four watches', 'equal', [[12, 12], [13, 13, 13], [], [14, 14]]],
  ])('RetryWatcher is whole after %s with %s versions', async (_count, _kind, watches) => {
    const { source, clock, seen, versions, end } = start();
    const froms = ['10'];
    for (const sent of watches) {
      // Servers may repeat what is not after the version that was asked for.
      const repeated = Number(froms.at(-1));
      const frames = [repeated, ...sent].map((version) => modified('a', version));
      (await source.nextWatch()).send(...frames).end();
      await clock.advance(1_000);
      froms.push(String(sent.at(-1) ?? froms.at(-1)));
    }
    expect(seen).toEqual(watches.flat().map((version) => `modified a@${version}`));
    expect(versions()).toEqual(froms);
    await end();
  });

  test('RetryWatcher recovers from a source that gives no watch, and from one that throws at once', async () => {
    const clock = new FakeClock();
    const fake = new FakeListerWatcher<Widget>();
    const failures: (() => unknown)[] = [
      () => undefined,
      () => {
        throw new Error('no watch');
      },
    ];
    const source: ListerWatcher<Widget> = {
      list: (call) => fake.list(call),
      watch: (call) => (failures.shift() ?? (() => fake.watch(call)))() as ReturnType<typeof fake.watch>,
    };
    const ports = { source, clock, random: fixedRandom(0) };
    const frames = new RetryWatcher(ports, { resourceVersion: '10' })[Symbol.asyncIterator]();
    const first = frames.next();
    await clock.advance(3_000);
    (await fake.nextWatch()).send(added('a', 11));
    expect((await first).value).toMatchObject({ type: 'added' });
    await frames.return?.();
    expect(clock.pending).toBe(0);
  });

  test('RetryWatcher waits until the last opening is a second ago, and not at all after a long watch', async () => {
    const { source, clock, versions, end } = start();
    const first = (await source.nextWatch()).accept();
    await clock.advance(400);
    first.end();
    await clock.advance(599);
    expect(versions().length).toBe(1);
    await clock.advance(1);
    const second = (await source.nextWatch()).accept();
    await clock.advance(5_000);
    second.end();
    await clock.settle();
    expect(versions().length).toBe(3);
    await end();
  });

  test.each(passing)('RetryWatcher recovers from %s, at the opening and within the watch', async (_, error) => {
    const { source, clock, seen, versions, end } = start();
    (await source.nextWatch()).fail(error);
    await clock.advance(1_000);
    (await source.nextWatch()).send(added('a', 11), errorFrame(error));
    await clock.advance(2_000);
    (await source.nextWatch()).send(added('b', 12));
    await clock.settle();
    expect(seen).toEqual(['added a@11', 'added b@12']);
    expect(versions()).toEqual(['10', '10', '11']);
    await end();
  });

  test('RetryWatcher doubles its waits up to 30 s, and waits as long as the server asks for, up to 5 min', async () => {
    const { source, clock, versions, end } = start();
    for (const waitMs of [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]) {
      (await source.nextWatch()).fail(refused);
      await clock.advance(waitMs - 1);
      const before = versions().length;
      await clock.advance(1);
      expect(versions().length).toBe(before + 1);
    }
    (await source.nextWatch()).send(errorFrame(status(429, 'TooManyRequests', { details: { retryAfterSeconds: 90 } })));
    await clock.advance(89_999);
    expect(versions().length).toBe(8);
    await clock.advance(1);
    expect(versions().length).toBe(9);
    (await source.nextWatch()).fail(status(503, 'ServiceUnavailable', { details: { retryAfterSeconds: 86_400 } }));
    await clock.advance(300_000);
    expect(versions().length).toBe(10);
    await end();
  });

  test.each(final)('RetryWatcher ends with the error event on %s within a watch', async (code, error) => {
    const { source, reading, seen, end } = start();
    (await source.nextWatch()).send(added('a', 11), errorFrame(error), added('b', 12));
    await reading;
    expect(seen).toEqual(['added a@11', `error ${code}`, 'end']);
    await end();
  });

  test.each(final)('RetryWatcher ends with the error event on %s at the opening', async (code, error) => {
    const { source, stop, reading, seen, end } = start();
    (await source.nextWatch()).fail(error);
    await reading;
    expect(getEventListeners(stop.signal, 'abort').length).toBe(0);
    expect(seen).toEqual([`error ${code}`, 'end']);
    await end();
  });

  test('RetryWatcher ends with LISTWATCH_NO_VERSION when an object has no version', async () => {
    const { source, reading, seen, end } = start();
    (await source.nextWatch()).send({ type: 'added', item: { ...item('a', 11), resourceVersion: '' } });
    await reading;
    expect(seen).toEqual(['error LISTWATCH_NO_VERSION', 'end']);
    await end();
  });

  test('RetryWatcher tells of an object that cannot be read, and watches on', async () => {
    const { source, clock, seen, end } = start();
    const undecodable = { message: 'odd' };
    (await source.nextWatch()).send({ type: 'error', error: new Error('odd'), undecodable }, added('b', 12));
    await clock.settle();
    expect(seen).toEqual(['error odd', 'added b@12']);
    await end();
  });

  test('RetryWatcher ends a watch that outlives its time, and does not use its connection again', async () => {
    const { source, clock, versions, end } = start();
    (await source.nextWatch()).accept();
    await clock.advance(330_000);
    expect(source.retired).toBe(1);
    await clock.advance(1_000);
    expect(versions()).toEqual(['10', '10']);
    await end();
  });

  test('RetryWatcher ends a watch that is silent for 90 s once bookmarks came, also the next one', async () => {
    const { source, clock, versions, end } = start();
    (await source.nextWatch()).send(bookmark(12));
    await clock.advance(89_999);
    expect(source.openWatches).toBe(1);
    await clock.advance(1);
    expect(source.retired).toBe(1);
    await clock.advance(1_000);
    (await source.nextWatch()).accept();
    await clock.advance(90_000);
    expect(source.retired).toBe(2);
    await clock.advance(2_000);
    expect(versions()).toEqual(['10', '12', '12']);
    await end();
  });

  test('RetryWatcher ends a watch whose ping is not answered', async () => {
    const clock = new FakeClock();
    const source = Object.assign(new FakeListerWatcher<Widget>(), { ping: () => new Promise<void>(() => {}) });
    const ports = { source, clock, random: fixedRandom(0) };
    const frames = new RetryWatcher(ports, { resourceVersion: '10' })[Symbol.asyncIterator]();
    const next = frames.next();
    const watch = (await source.nextWatch()).accept();
    await clock.advance(44_999);
    expect(watch.closed).toBe(false);
    await clock.advance(1);
    expect(watch.closed).toBe(true);
    expect(source.retired).toBe(1);
    await frames.return?.();
    await next;
    expect(clock.pending).toBe(0);
  });

  test('RetryWatcher ends with unread events when its reader leaves, and while it waits', async () => {
    const clock = new FakeClock();
    const source = new FakeListerWatcher<Widget>();
    const ports = { source, clock, random: fixedRandom(0) };
    const frames = new RetryWatcher(ports, { resourceVersion: '10' })[Symbol.asyncIterator]();
    const first = frames.next();
    (await source.nextWatch()).send(added('a', 11), added('b', 12));
    expect((await first).done).toBe(false);
    await frames.return?.();
    expect(source.openWatches).toBe(0);
    const waiting = new RetryWatcher(ports, { resourceVersion: '10' })[Symbol.asyncIterator]();
    const next = waiting.next();
    await source.nextWatch();
    await waiting.return?.();
    expect(await next).toEqual({ done: true, value: undefined });
    expect(source.openWatches).toBe(0);
    expect(clock.pending).toBe(0);
  });

  test('RetryWatcher begins each iteration at its version, and may have several', async () => {
    const clock = new FakeClock();
    const source = new FakeListerWatcher<Widget>();
    const watcher = new RetryWatcher({ source, clock, random: fixedRandom(0.5) }, { resourceVersion: '10' });
    for (let round = 0; round < 2; round++) {
      const frames = watcher[Symbol.asyncIterator]();
      const first = frames.next();
      const watch = await source.nextWatch();
      expect(watch.call).toMatchObject({ resourceVersion: '10', allowWatchBookmarks: true, timeoutSeconds: 450 });
      watch.send(added('a', 11));
      expect((await first).value).toEqual(added('a', 11));
      await frames.return?.();
    }
    expect(clock.pending).toBe(0);
  });

  test('RetryWatcher asks for nothing when it is aborted before, and leaves no listener when it is left before it is read', async () => {
    const clock = new FakeClock();
    const source = new FakeListerWatcher<Widget>();
    const ports = { source, clock, random: fixedRandom(0) };
    const gone = new RetryWatcher(ports, { resourceVersion: '10', signal: AbortSignal.abort() });
    expect((await gone[Symbol.asyncIterator]().next()).done).toBe(true);
    const stop = new AbortController();
    await new RetryWatcher(ports, { resourceVersion: '10', signal: stop.signal })[Symbol.asyncIterator]().return?.();
    expect(getEventListeners(stop.signal, 'abort').length).toBe(0);
    expect(source.requests).toEqual([]);
  });

  test('RetryWatcher yields nothing more of a chunk after an abort', async () => {
    const { source, clock, stop, seen, reading } = start();
    (await source.nextWatch()).send(added('a', 11), added('b', 12));
    const original = seen.push.bind(seen);
    seen.push = (...names: string[]): number => {
      stop.abort();
      return original(...names);
    };
    await reading;
    expect([...seen]).toEqual(['added a@11', 'end']);
    expect(clock.pending).toBe(0);
  });

  test('RetryWatcher starts its waits over after a change, not after a bookmark', async () => {
    const { source, clock, versions, end } = start();
    (await source.nextWatch()).fail(refused);
    await clock.advance(1_000);
    (await source.nextWatch()).fail(refused);
    await clock.advance(2_000);
    (await source.nextWatch()).send(bookmark(12)).fail(reset);
    await clock.advance(3_999);
    expect(versions().length).toBe(3);
    await clock.advance(1);
    (await source.nextWatch()).send(added('a', 13)).fail(reset);
    await clock.advance(1_000);
    expect(versions()).toEqual(['10', '10', '10', '12', '13']);
    await end();
  });

  test('RetryWatcher compares opaque versions with nothing, and goes on after the last one', async () => {
    const { source, clock, seen, versions, end } = start('opaque-1');
    const opaque = (resourceVersion: string) => ({
      type: 'added' as const,
      item: { ...item('a', 1), resourceVersion },
    });
    (await source.nextWatch()).send(opaque('opaque-1'), opaque('opaque-0')).end();
    await clock.advance(1_000);
    expect(seen).toEqual(['added a@opaque-1', 'added a@opaque-0']);
    expect(versions()).toEqual(['opaque-1', 'opaque-0']);
    await end();
  });

  test('RetryWatcher wraps what is no error', async () => {
    const { source, clock, versions, end } = start();
    (await source.nextWatch()).fail('a text');
    await clock.advance(1_000);
    expect(versions().length).toBe(2);
    await end();
  });

  test.each<[object, string]>([
    [{ source: {} }, 'source must be a list-watch'],
    [{ clock: {} }, 'clock must be a clock'],
    [{ random: {} }, 'random must be a random source'],
  ])('RetryWatcher refuses the ports %j', (wrong, message) => {
    const ports = { source: new FakeListerWatcher(), clock: new FakeClock(), random: fixedRandom(0), ...wrong };
    expect(() => new RetryWatcher(ports as never, { resourceVersion: '1' })).toThrow(
      `Cannot create retry watcher: ${message}`,
    );
  });

  test('RetryWatcher refuses wrong options', () => {
    const ports = { source: new FakeListerWatcher(), clock: new FakeClock(), random: fixedRandom(0) };
    const make = (options?: unknown) => () => new RetryWatcher(ports, options as never);
    expect(make()).toThrow('Cannot create retry watcher: options must be an object, got undefined');
    expect(make({ resourceVersion: 7 })).toThrow(
      'resourceVersion must be a resource version other than "" and "0", got 7',
    );
    expect(make({ resourceVersion: '0' })).toThrow(RangeError);
    expect(make({ resourceVersion: '1', signal: 1 })).toThrow('signal must be an AbortSignal, got 1');
    expect(make({ resourceVersion: '1', resourceversion: '1' })).toThrow('did you mean "resourceVersion"?');
  });
});
