import { MessageChannel } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { systemClock } from './system-clock.ts';

describe('systemClock', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'], now: 5_000 });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test('now is wall time', () => {
    expect(systemClock.now()).toBe(5_000);
  });

  test('Beyond 24 days: a timer above 2^31 - 1 ms fires in time and can be cancelled on the way', () => {
    const fired = vi.fn();
    const delayMs = 3 * 2 ** 31;
    systemClock.setTimer(delayMs, fired);
    const cancelled = systemClock.setTimer(delayMs, fired, { unref: true });
    vi.advanceTimersByTime(2 ** 31);
    cancelled.cancel();
    vi.advanceTimersByTime(delayMs - 2 ** 31 - 1);
    expect(fired).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(fired).toHaveBeenCalledTimes(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('setTimer and sleep refuse a delay that is negative or no number', () => {
    expect(() => systemClock.sleep(-1)).toThrow(RangeError);
    expect(() => systemClock.setTimer(-1, () => {})).toThrow(RangeError);
    expect(() => systemClock.setTimer(Number.NaN, () => {})).toThrow('delayMs must be 0 or more, got NaN');
  });

  test('No listener left: sleep returns at once on an aborted signal, early on abort, and leaves no timer', async () => {
    await systemClock.sleep(1_000, AbortSignal.abort());
    const stop = new AbortController();
    const removed = vi.spyOn(stop.signal, 'removeEventListener');
    const slept = systemClock.sleep(10, stop.signal);
    vi.advanceTimersByTime(10);
    await slept;
    expect(removed).toHaveBeenCalledOnce();
    const interrupted = systemClock.sleep(1_000, stop.signal);
    stop.abort();
    await interrupted;
    expect(vi.getTimerCount()).toBe(0);
  });
});

test('systemClock.turn gives I/O a turn', async () => {
  const { port1, port2 } = new MessageChannel();
  let received = false;
  port1.once('message', () => {
    received = true;
  });
  port2.postMessage('ping');
  for (let turns = 0; turns < 10_000 && !received; turns++) await systemClock.turn();
  port1.close();
  expect(received).toBe(true);
});

test('systemClock.monotonic never goes back', () => {
  const start = systemClock.monotonic();
  expect(systemClock.monotonic()).toBeGreaterThanOrEqual(start);
});
