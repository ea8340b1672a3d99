import { expect, test, vi } from 'vitest';
import { systemClock } from './system-clock.ts';

test('systemClock sets timers that are longer than setTimeout can wait', () => {
  vi.useFakeTimers();
  try {
    const delayMs = 2 ** 31 + 5_000;
    let fired = 0;
    systemClock.setTimer(delayMs, () => fired++);
    const cancelled = systemClock.setTimer(delayMs, () => fired++, { unref: true });
    vi.advanceTimersByTime(delayMs - 1);
    expect(fired).toBe(0);
    cancelled.cancel();
    vi.advanceTimersByTime(1);
    expect(fired).toBe(1);
  } finally {
    vi.useRealTimers();
  }
});

test('systemClock.turn lets what is due go first, and monotonic never goes back', async () => {
  const before = systemClock.monotonic();
  const order: string[] = [];
  setImmediate(() => order.push('immediate'));
  await systemClock.turn();
  expect(order).toEqual(['immediate']);
  expect(systemClock.monotonic()).toBeGreaterThanOrEqual(before);
});

test.each([
  [undefined, true],
  [{ unref: false }, true],
  [{ unref: true }, false],
])('systemClock sets timers that keep the process alive unless told otherwise: %o', (options, keeps) => {
  const timeouts = vi.spyOn(globalThis, 'setTimeout');
  try {
    systemClock.setTimer(1_000, () => {}, options).cancel();
    const [set] = timeouts.mock.results;
    expect((set?.value as NodeJS.Timeout | undefined)?.hasRef()).toBe(keeps);
  } finally {
    timeouts.mockRestore();
  }
});
