import { getEventListeners } from 'node:events';
import { FakeClock, fixedRandom } from '@bowline/apimachinery/testing';
import { describe, expect, test } from 'vitest';
import type { ListerWatcher } from './ports.ts';
import { added, bookmark, type Widget } from './reflector.fixture.ts';
import { FakeListerWatcher, type FakeWatch } from './testing.ts';
import { WatchStream } from './watch-stream.ts';

const limits = { minWatchTimeoutMs: 300_000, overdueMarginMs: 30_000, pingAfterMs: 30_000, pingTimeoutMs: 15_000 };

function open(source: ListerWatcher<Widget>, clock = new FakeClock()) {
  const stop = new AbortController();
  const stream = WatchStream.open(
    { source, clock, random: fixedRandom(0) },
    { resourceVersion: '10', signal: stop.signal },
    limits,
  );
  return { clock, stop, stream };
}

async function fake() {
  const source = new FakeListerWatcher<Widget>();
  const opened = open(source);
  const watch: FakeWatch<Widget> = await source.nextWatch();
  return { ...opened, watch };
}

describe('WatchStream', () => {
  test('WatchStream reads chunk by chunk, then how it ended', async () => {
    const { stream, watch } = await fake();
    watch.accept().send(added('a', 11), bookmark(12)).end();
    expect([stream.accepted, stream.frameCount]).toEqual([false, 0]);
    expect(await stream.read()).toEqual({ type: 'frames', frames: [] });
    expect([stream.accepted, stream.frameCount]).toEqual([true, 0]);
    expect(await stream.read()).toEqual({ type: 'frames', frames: [added('a', 11), bookmark(12)] });
    expect(stream.frameCount).toBe(2);
    expect(await stream.read()).toEqual({ type: 'ended' });
  });

  test('WatchStream reads with what it failed', async () => {
    const { stream, watch } = await fake();
    const error = new Error('broken');
    watch.fail(error);
    expect(await stream.read()).toEqual({ type: 'failed', error });
    const thrown = open({
      list: () => Promise.reject(error),
      watch: () => {
        throw error;
      },
    });
    expect(await thrown.stream.read()).toEqual({ type: 'failed', error });
  });

  test('WatchStream gives back what was not wanted yet', async () => {
    const { stream, watch } = await fake();
    watch.send(added('a', 11), added('b', 12));
    await stream.read();
    stream.unread([added('b', 12)]);
    expect(await stream.read()).toEqual({ type: 'frames', frames: [added('b', 12)] });
    watch.end();
    expect(await stream.read()).toEqual({ type: 'ended' });
    stream.unread([]);
    expect(stream.frameCount).toBe(2);
  });

  test('WatchStream is interrupted in a reading, or at the next one', async () => {
    const error = new Error('stop');
    const now = await fake();
    const reading = now.stream.read();
    now.stream.interrupt(error);
    expect(await reading).toEqual({ type: 'failed', error });
    const later = await fake();
    later.watch.send(added('a', 11));
    later.stream.interrupt(error);
    expect(await later.stream.read()).toEqual({ type: 'failed', error });
  });

  test('WatchStream is aborted in a reading and after it, and passes the reason on', async () => {
    const { stop, stream, watch } = await fake();
    const reading = stream.read();
    const reason = new Error('enough');
    stop.abort(reason);
    expect(await reading).toEqual({ type: 'aborted' });
    expect(watch.call.signal.reason).toBe(reason);
    expect(await stream.read()).toEqual({ type: 'aborted' });
  });

  test('WatchStream closes: its source is told, the reading ends, and no listener or timer is left', async () => {
    const { clock, stop, stream, watch } = await fake();
    const reading = stream.read();
    await stream.close();
    expect(await reading).toEqual({ type: 'aborted' });
    expect([watch.closed, watch.call.signal.aborted]).toEqual([true, true]);
    expect(getEventListeners(stop.signal, 'abort').length).toBe(0);
    expect(clock.pending).toBe(0);
  });

  test('WatchStream returns its source once, and not one that has ended', async () => {
    let returns = 0;
    const source = (done: boolean): ListerWatcher<Widget> => ({
      list: () => Promise.reject(new Error('unused')),
      watch: () => ({
        [Symbol.asyncIterator]: () => ({
          next: async () => (done ? { done, value: undefined } : { done: false as const, value: [] }),
          return: async () => {
            returns += 1;
            throw new Error('not to be seen');
          },
        }),
      }),
    });
    const going = open(source(false)).stream;
    await going.read();
    await going.close();
    await going.close();
    expect(returns).toBe(1);
    const over = open(source(true)).stream;
    expect(await over.read()).toEqual({ type: 'ended' });
    await over.close();
    expect(returns).toBe(1);
  });

  test('WatchStream closes before it was read, also where its source threw or has no end', async () => {
    const failing: ListerWatcher<Widget> = {
      list: () => Promise.reject(new Error('unused')),
      watch: () => {
        throw new Error('no watch');
      },
    };
    const { stream, clock } = open(failing);
    await stream.close();
    expect(clock.pending).toBe(0);
  });

  test('WatchStream knows how long ago it was opened, and how long ago something came', async () => {
    const { clock, stream, watch } = await fake();
    await clock.advance(2_000);
    expect([stream.sinceOpenedMs, stream.silentMs]).toEqual([2_000, 2_000]);
    watch.accept();
    await stream.read();
    await clock.advance(3_000);
    expect([stream.sinceOpenedMs, stream.silentMs]).toEqual([5_000, 3_000]);
  });

  test('WatchStream is short until a second after it was first accepted, unless it brought something', async () => {
    const { clock, stream, watch } = await fake();
    await clock.advance(5_000);
    expect(stream.isShort).toBe(false); // not answered for long
    watch.accept();
    await stream.read();
    expect(stream.isShort).toBe(true);
    await clock.advance(900);
    watch.accept();
    await stream.read();
    expect(stream.isShort).toBe(true);
    await clock.advance(100);
    expect(stream.isShort).toBe(false);
    const busy = await fake();
    busy.watch.send(bookmark(11));
    await busy.stream.read();
    expect(busy.stream.isShort).toBe(false);
  });

  test('WatchStream asks for bookmarks and a random life, and is silent when it outlives that', async () => {
    const source = new FakeListerWatcher<Widget>();
    const clock = new FakeClock();
    const { signal } = new AbortController();
    const ports = { source, clock, random: fixedRandom(0.9999) };
    const stream = WatchStream.open(ports, { resourceVersion: '10', signal }, limits);
    expect((await source.nextWatch()).call).toMatchObject({ allowWatchBookmarks: true, timeoutSeconds: 599 });
    const reading = stream.read();
    await clock.advance(629_000);
    expect(await reading).toEqual({ type: 'silent', limit: 'overdue', limitMs: 629_000 });
    await stream.close();
  });
});
