import { describe, expect, test } from 'vitest';
import { RetryWindow } from './retry-window.ts';

/** Asks at each of these times, in seconds. */
function answers(lengthMs: number, ...times: readonly number[]): readonly boolean[] {
  let now = 0;
  const window = new RetryWindow({ monotonic: () => now }, lengthMs);
  return times.map((seconds) => {
    now = seconds * 1_000;
    return window.allows();
  });
}

describe('RetryWindow', () => {
  test('RetryWindow of no length allows nothing', () => {
    expect(answers(0, 0, 1, 1_000)).toEqual([false, false, false]);
  });

  test('RetryWindow is open from the first trouble on, for its length', () => {
    expect(answers(30_000, 7, 8, 37, 37.001, 38)).toEqual([true, true, true, false, false]);
  });

  test('RetryWindow opens anew after a minute without trouble, not after a shorter one', () => {
    expect(answers(30_000, 0, 31, 90.999, 150.999, 151, 180.999, 181)).toEqual([
      true,
      false,
      false, // 59.999 s after the one before
      true, // a minute after it
      true,
      true,
      false,
    ]);
  });
});
