import { FakeClock } from '@bowline/apimachinery/testing';
import { expect, test } from 'vitest';
import {
  BucketRateLimiter,
  defaultControllerRateLimiter,
  defaultItemBasedRateLimiter,
  ItemExponentialFailureRateLimiter,
  ItemFastSlowRateLimiter,
  MaxOfRateLimiter,
  WithMaxWaitRateLimiter,
} from './limiters.ts';
import type { RateLimiter } from './ports.ts';

function delays(limiter: RateLimiter, key: string, times: number): number[] {
  return Array.from({ length: times }, () => limiter.when(key));
}

test('ItemExponentialFailureRateLimiter doubles per key up to its maximum, and starts over after forget', () => {
  const limiter = new ItemExponentialFailureRateLimiter({ baseDelayMs: 1, maxDelayMs: 1_000 });
  expect(delays(limiter, 'one', 5)).toEqual([1, 2, 4, 8, 16]);
  expect(limiter.numRequeues('one')).toBe(5);
  expect(delays(limiter, 'two', 2)).toEqual([1, 2]);
  expect(limiter.numRequeues('two')).toBe(2);
  limiter.forget('one');
  expect(limiter.numRequeues('one')).toBe(0);
  expect(limiter.when('one')).toBe(1);
});

test.each([1_000_000, 3_600_000_000])(
  'ItemExponentialFailureRateLimiter stays at %i ms however often a key fails',
  (maxDelayMs) => {
    const limiter = new ItemExponentialFailureRateLimiter({ baseDelayMs: 1, maxDelayMs });
    expect(delays(limiter, 'one', 2_000).at(-1)).toBe(maxDelayMs);
  },
);

test('ItemFastSlowRateLimiter is slow after maxFastAttempts failures, and fast again after forget', () => {
  const limiter = new ItemFastSlowRateLimiter({ fastDelayMs: 5, slowDelayMs: 10_000, maxFastAttempts: 3 });
  expect(delays(limiter, 'one', 5)).toEqual([5, 5, 5, 10_000, 10_000]);
  expect(limiter.numRequeues('one')).toBe(5);
  expect(limiter.when('two')).toBe(5);
  limiter.forget('one');
  expect(limiter.numRequeues('one')).toBe(0);
  expect(limiter.when('one')).toBe(5);
});

test('BucketRateLimiter lets a burst through, then spaces all keys evenly, and fills up with time', async () => {
  const clock = new FakeClock();
  const limiter = new BucketRateLimiter({ perSecond: 10, burst: 3, clock });
  expect(delays(limiter, 'one', 3)).toEqual([0, 0, 0]);
  expect(delays(limiter, 'two', 2)).toEqual([100, 200]);
  expect(limiter.numRequeues('one')).toBe(0);
  await clock.advance(200);
  limiter.forget('one');
  expect(limiter.when()).toBe(100);
  await clock.advance(60_000);
  expect(delays(limiter, 'one', 4)).toEqual([0, 0, 0, 100]);
});

test('MaxOfRateLimiter takes the longest delay and the most failures, and forgets everywhere', () => {
  const limiter = new MaxOfRateLimiter(
    new ItemFastSlowRateLimiter({ fastDelayMs: 5, slowDelayMs: 3_000, maxFastAttempts: 3 }),
    new ItemExponentialFailureRateLimiter({ baseDelayMs: 1, maxDelayMs: 1_000 }),
  );
  expect(delays(limiter, 'one', 5)).toEqual([5, 5, 5, 3_000, 3_000]);
  expect(limiter.numRequeues('one')).toBe(5);
  limiter.forget('one');
  expect(limiter.numRequeues('one')).toBe(0);
  expect(new MaxOfRateLimiter().when('one')).toBe(0);
});

test('WithMaxWaitRateLimiter caps the delay and leaves the rest to the limiter inside', () => {
  const inside = new ItemExponentialFailureRateLimiter({ baseDelayMs: 1_000, maxDelayMs: 60_000 });
  const limiter = new WithMaxWaitRateLimiter(inside, { maxDelayMs: 3_000 });
  expect(delays(limiter, 'one', 4)).toEqual([1_000, 2_000, 3_000, 3_000]);
  expect(limiter.numRequeues('one')).toBe(4);
  limiter.forget('one');
  expect(inside.numRequeues('one')).toBe(0);
});

test('defaultControllerRateLimiter backs off from 5 ms to 1000 s per key, and to 10 a second for all together', () => {
  const limiter = defaultControllerRateLimiter({ clock: new FakeClock() });
  expect(delays(limiter, 'one', 3)).toEqual([5, 10, 20]);
  expect(delays(limiter, 'one', 20).at(-1)).toBe(1_000_000);
  for (let i = 23; i < 100; i++) limiter.when(`key-${i}`);
  expect(limiter.when('other')).toBe(100);
});

test('defaultItemBasedRateLimiter backs off from 1 ms to 1000 s', () => {
  expect(delays(defaultItemBasedRateLimiter(), 'one', 21)).toEqual(
    Array.from({ length: 21 }, (_, i) => Math.min(2 ** i, 1_000_000)),
  );
});

test.each<[string, () => RateLimiter]>([
  [
    'baseDelayMs must be above 0, got 0',
    () => new ItemExponentialFailureRateLimiter({ baseDelayMs: 0, maxDelayMs: 1 }),
  ],
  [
    'maxDelayMs must be finite and at least baseDelayMs, got 1',
    () => new ItemExponentialFailureRateLimiter({ baseDelayMs: 2, maxDelayMs: 1 }),
  ],
  [
    'slowDelayMs must be a finite number, 0 or more, got -1',
    () => new ItemFastSlowRateLimiter({ fastDelayMs: 0, slowDelayMs: -1, maxFastAttempts: 1 }),
  ],
  [
    'maxFastAttempts must be 0 or more, got NaN',
    () => new ItemFastSlowRateLimiter({ fastDelayMs: 0, slowDelayMs: 1, maxFastAttempts: Number.NaN }),
  ],
  ['perSecond must be above 0 and finite, got 0', () => new BucketRateLimiter({ perSecond: 0, burst: 1 })],
  ['burst must be 1 or more, got 0', () => new BucketRateLimiter({ perSecond: 1, burst: 0 })],
  [
    'maxDelayMs must be 0 or more, got -1',
    () => new WithMaxWaitRateLimiter(new MaxOfRateLimiter(), { maxDelayMs: -1 }),
  ],
])('Rate limiters refuse settings that are out of range: %s', (message, create) => {
  expect(create).toThrow(new RangeError(`Cannot create rate limiter: ${message}`));
});
