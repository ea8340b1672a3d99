import { FakeClock } from '@bowline/apimachinery/testing';
import { expect, test } from 'vitest';
import { TokenBucket } from './token-bucket.ts';

test('TokenBucket lets a burst pass, then so many per second, first come first served', async () => {
  const clock = new FakeClock();
  const bucket = new TokenBucket(clock, { qps: 2, burst: 3 });
  expect([1, 2, 3, 4, 5].map(() => bucket.reserve())).toEqual([0, 0, 0, 500, 1_000]);
  await clock.advance(1_000);
  expect(bucket.reserve()).toBe(500);
  bucket.giveBack();
  expect(bucket.reserve()).toBe(500);
  await clock.advance(60_000);
  expect([1, 2, 3, 4].map(() => bucket.reserve())).toEqual([0, 0, 0, 500]);
});

test.each([0.1, 0.7, 3, 99.9, 100_000])('TokenBucket keeps to %d per second over 100,000 requests', async (qps) => {
  const clock = new FakeClock();
  const bucket = new TokenBucket(clock, { qps, burst: 1 });
  for (let sent = 0; sent < 100_000; sent++) bucket.reserve();
  const waitMs = bucket.reserve();
  expect(waitMs).toBeCloseTo((100_000 / qps) * 1_000, 3);
});

test('TokenBucket refuses a rate that is none', () => {
  expect(() => new TokenBucket(new FakeClock(), { qps: 0, burst: 1 })).toThrow(
    'Cannot limit rate: qps must be more than 0, got 0',
  );
  expect(() => new TokenBucket(new FakeClock(), { qps: 1, burst: Number.NaN })).toThrow(RangeError);
});
