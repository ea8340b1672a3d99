import { expect, test } from 'vitest';
import { type BackoffOptions, exponentialBackoff } from './backoff.ts';
import { FakeClock } from './fake-clock.ts';
import { fixedRandom } from './seeded-random.ts';

const random = fixedRandom(0.5);

test('exponentialBackoff grows by its factor up to its cap', () => {
  const backoff = exponentialBackoff({ initialMs: 100, factor: 3, capMs: 1_000, random });
  expect([1, 2, 3, 4, 5].map(() => backoff.next())).toEqual([100, 300, 900, 1_000, 1_000]);
  backoff.reset();
  expect(backoff.next()).toBe(100);
});

test('exponentialBackoff lengthens each delay by jitter, beyond the cap too', () => {
  const backoff = exponentialBackoff({ initialMs: 100, capMs: 150, jitter: 1, random });
  expect([backoff.next(), backoff.next(), backoff.next()]).toEqual([150, 225, 225]);
});

test('exponentialBackoff starts over after a quiet time', async () => {
  const clock = new FakeClock();
  const backoff = exponentialBackoff({ initialMs: 1, random, clock, resetAfterMs: 1_000 });
  const delays = [backoff.next(), backoff.next()];
  await clock.advance(1_000);
  delays.push(backoff.next());
  await clock.advance(1_001);
  delays.push(backoff.next());
  expect(delays).toEqual([1, 2, 4, 1]);
});

test.each<[Partial<BackoffOptions>, string]>([
  [{ initialMs: 0 }, 'initialMs must be more than 0'],
  [{ initialMs: Number.NaN }, 'initialMs must be more than 0'],
  [{ factor: 0.5 }, 'factor must be 1 or more'],
  [{ jitter: -1 }, 'jitter must be 0 or more'],
  [{ capMs: 5 }, 'capMs must be initialMs or more'],
  [{ resetAfterMs: 0 }, 'resetAfterMs must be more than 0'],
  [{ resetAfterMs: 1 }, 'clock must be given'],
])('exponentialBackoff refuses %o', (options, message) => {
  expect(() => exponentialBackoff({ initialMs: 10, random, ...options })).toThrow(message);
});
