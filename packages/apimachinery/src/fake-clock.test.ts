import { describe, expect, test } from 'vitest';
import { FakeClock } from './fake-clock.ts';
import { seededRandom } from './seeded-random.ts';

describe('FakeClock', () => {
  test('Standing time: stops at each deadline and lets woken code run before it goes on', async () => {
    const clock = new FakeClock();
    const log: [number, string][] = [];
    const running = (async () => {
      for (const name of ['a', 'b', 'c']) {
        await clock.sleep(100);
        for (let hop = 0; hop < 50; hop++) await Promise.resolve();
        log.push([clock.now(), name]);
      }
    })();
    await clock.advance(250);
    expect(log).toEqual([
      [100, 'a'],
      [200, 'b'],
    ]);
    expect(clock.now()).toBe(250);
    await clock.advance(50);
    await running;
    expect(log.at(-1)).toEqual([300, 'c']);
    expect(clock.pending).toBe(0);
  });

  test('fires timers by deadline, ties in the order in which they were set, with promises in between', async () => {
    const clock = new FakeClock();
    const fired: string[] = [];
    const add = (name: string, delayMs: number) =>
      clock.setTimer(delayMs, () => {
        fired.push(name);
        void Promise.resolve().then(() => fired.push(`${name}'`));
      });
    add('c', 20);
    add('a', 10);
    add('b', 10);
    await clock.advance(20);
    expect(fired).toEqual(['a', "a'", 'b', "b'", 'c', "c'"]);
  });

  test('a timer that sets a timer fires in time', async () => {
    const clock = new FakeClock(1_000);
    const firedAt: number[] = [];
    const again = (): void => {
      firedAt.push(clock.now());
      if (firedAt.length < 4) clock.setTimer(10, again);
    };
    clock.setTimer(10, again);
    await clock.advance(1_000);
    expect(firedAt).toEqual([1_010, 1_020, 1_030, 1_040]);
    expect(clock.now()).toBe(2_000);
    expect(clock.monotonic()).toBe(1_000);
  });

  test('cancel takes a timer back, before and after it fired', async () => {
    const clock = new FakeClock();
    let fired = 0;
    const first = clock.setTimer(10, () => fired++);
    const second = clock.setTimer(10, () => first.cancel());
    clock.setTimer(5, () => second.cancel());
    await clock.advance(5);
    expect(clock.pending).toBe(1);
    await clock.advance(100);
    expect(fired).toBe(1);
    first.cancel();
    expect(clock.pending).toBe(0);
  });

  test('nextDeadline names the earliest timer; one that never fires has none', () => {
    const clock = new FakeClock();
    expect(clock.nextDeadline()).toBe(undefined);
    clock.setTimer(Number.POSITIVE_INFINITY, () => {});
    expect(clock.nextDeadline()).toBe(undefined);
    const timer = clock.setTimer(30, () => {});
    clock.setTimer(40, () => {});
    expect(clock.nextDeadline()).toBe(30);
    timer.cancel();
    expect(clock.nextDeadline()).toBe(40);
  });

  test('settle runs what is runnable, also what is due now, and time stands', async () => {
    const clock = new FakeClock();
    const log: string[] = [];
    clock.setTimer(0, () => log.push('due'));
    clock.setTimer(1, () => log.push('later'));
    void (async () => {
      await clock.turn();
      await clock.turn();
      log.push('turned twice');
    })();
    await clock.settle();
    expect(log.sort()).toEqual(['due', 'turned twice']);
    expect(clock.monotonic()).toBe(0);
  });

  test('turn resolves by itself, in the order of the calls', async () => {
    const clock = new FakeClock();
    const log: number[] = [];
    await Promise.all([1, 2, 3].map((n) => clock.turn().then(() => log.push(n))));
    expect(log).toEqual([1, 2, 3]);
  });

  test('No listener left: sleep returns at once on an aborted signal, early on abort, and removes its listener', async () => {
    const clock = new FakeClock();
    await clock.sleep(1_000, AbortSignal.abort());
    expect(clock.pending).toBe(0);

    const stop = new AbortController();
    const counted = countListeners(stop.signal);
    const slept = clock.sleep(10, stop.signal);
    expect(counted()).toBe(1);
    await clock.advance(10);
    await slept;
    expect(counted()).toBe(0);

    const interrupted = clock.sleep(1_000, stop.signal);
    stop.abort();
    await interrupted;
    expect(clock.pending).toBe(0);
  });

  test('jumpWallTime moves wall time alone', async () => {
    const clock = new FakeClock(500);
    clock.jumpWallTime(-200);
    await clock.advance(10);
    expect(clock.now()).toBe(310);
    expect(clock.monotonic()).toBe(10);
  });

  test('refuses two advances at once, negative and endless ones', async () => {
    const clock = new FakeClock();
    const first = clock.advance(10);
    await expect(clock.advance(10)).rejects.toThrow('it is advancing already');
    await first;
    await expect(clock.advance(-1)).rejects.toThrow(RangeError);
    await expect(clock.advance(Number.NaN)).rejects.toThrow(RangeError);
    await expect(clock.advance(Number.POSITIVE_INFINITY)).rejects.toThrow(RangeError);
    expect(() => clock.setTimer(Number.NaN, () => {})).toThrow('delayMs must be 0 or more, got NaN');
    expect(() => clock.sleep(-1)).toThrow('delayMs must be 0 or more, got -1');
  });

  test('hands on what a timer throws and can advance again', async () => {
    const clock = new FakeClock();
    clock.setTimer(5, () => {
      throw new Error('boom');
    });
    await expect(clock.advance(10)).rejects.toThrow('boom');
    await clock.advance(10);
    expect(clock.monotonic()).toBe(15);
  });

  test('agrees with a sorted list on random histories of set and cancel', async () => {
    const random = seededRandom('history');
    const clock = new FakeClock();
    const fired: number[] = [];
    const live = new Map<number, { at: number; cancel(): void }>();
    for (let id = 0; id < 2_000; id++) {
      const delayMs = Math.floor(random.next() * 500);
      const timer = clock.setTimer(delayMs, () => fired.push(id));
      live.set(id, { at: clock.monotonic() + delayMs, cancel: () => timer.cancel() });
      if (random.next() < 0.4) {
        const victim = Math.floor(random.next() * id);
        live.get(victim)?.cancel();
        live.delete(victim);
      }
    }
    expect(clock.pending).toBe(live.size);
    await clock.advance(500);
    expect(fired).toEqual([...live].sort(([a, x], [b, y]) => x.at - y.at || a - b).map(([id]) => id));
  });

  test('passes 10,000 seconds with 50,000 timers in seconds', async () => {
    const clock = new FakeClock();
    const random = seededRandom(1);
    let fired = 0;
    for (let timer = 0; timer < 50_000; timer++) clock.setTimer(random.next() * 10_000_000, () => fired++);
    await clock.advance(10_000_000);
    expect(fired).toBe(50_000);
  }, 10_000);
});

function countListeners(signal: AbortSignal): () => number {
  let count = 0;
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  signal.addEventListener = (...args: Parameters<typeof add>) => {
    count++;
    add(...args);
  };
  signal.removeEventListener = (...args: Parameters<typeof remove>) => {
    count--;
    remove(...args);
  };
  return () => count;
}
