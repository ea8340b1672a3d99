import { getEventListeners } from 'node:events';
import type { MetricDescription, Metrics } from '@bowline/apimachinery';
import { FakeClock } from '@bowline/apimachinery/testing';
import { expect, test } from 'vitest';
import {
  BucketRateLimiter,
  ItemExponentialFailureRateLimiter,
  ItemFastSlowRateLimiter,
  PriorityQueue,
  RateLimitingQueue,
  WorkQueue,
  withMaxWait,
} from './index.ts';

test('Rate limiters take the least settings that make sense', () => {
  const constant = new ItemExponentialFailureRateLimiter({ baseDelayMs: 5, maxDelayMs: 5 });
  expect([constant.when('a'), constant.when('a')]).toEqual([5, 5]);
  const slow = new ItemFastSlowRateLimiter({ fastDelayMs: 0, slowDelayMs: 7, maxFastAttempts: 0 });
  expect(slow.when('a')).toBe(7);
  const atOnce = new ItemFastSlowRateLimiter({ fastDelayMs: 7, slowDelayMs: 0, maxFastAttempts: 1 });
  expect([atOnce.when('a'), atOnce.when('a')]).toEqual([7, 0]);
  const single = new BucketRateLimiter({ perSecond: 10, burst: 1, clock: new FakeClock() });
  expect([single.when(), single.when()]).toEqual([0, 100]);
  expect(withMaxWait(constant, { maxDelayMs: 0 }).when('a')).toBe(0);
});

test.each<[string, (endless: number) => unknown]>([
  ['maxDelayMs', (maxDelayMs) => new ItemExponentialFailureRateLimiter({ baseDelayMs: 1, maxDelayMs })],
  ['fastDelayMs', (fastDelayMs) => new ItemFastSlowRateLimiter({ fastDelayMs, slowDelayMs: 1, maxFastAttempts: 1 })],
  ['slowDelayMs', (slowDelayMs) => new ItemFastSlowRateLimiter({ fastDelayMs: 1, slowDelayMs, maxFastAttempts: 1 })],
  ['perSecond', (perSecond) => new BucketRateLimiter({ perSecond, burst: 1 })],
])('Rate limiters refuse an endless %s: a key would wait for ever, or a limit would be none', (field, create) => {
  expect(() => create(Infinity)).toThrow(RangeError);
  expect(() => create(Infinity)).toThrow(new RegExp(`^Cannot create rate limiter: ${field} must be .*, got Infinity$`));
});

const nothing = (): never => {
  throw new Error('must not be called');
};
test.each<[string, object]>([
  ['a Metrics', { name: 'a', metrics: { counter: nothing, gauge: nothing } }],
  ['a Clock', { clock: { monotonic: nothing, setTimer: nothing } }],
  ['a RateLimiter', { limiter: { when: nothing, forget: nothing } }],
  ['an Ordering', { ordering: () => ({ push: nothing, touch: nothing }) }],
])('Queues refuse %s that lacks one of its methods when they are made, not when they need it', (words, options) => {
  expect(() => new RateLimitingQueue(options as never)).toThrow(`must be ${words}, got an object`);
});

test('Messages show short texts in full and say of long ones only how long they are', () => {
  const make = (name: string) => (): unknown => new WorkQueue({ keyOf: name } as never);
  expect(make('x'.repeat(40))).toThrow(`got "${'x'.repeat(40)}"`);
  expect(make('x'.repeat(41))).toThrow('got a string of 41 characters');
  expect(() => new WorkQueue({ keyOf: [] } as never)).toThrow('got an array');
});

test('WorkQueue.get leaves no listener on its signal, whether a key comes, the queue shuts down or the signal aborts', async () => {
  const queue = new WorkQueue();
  const stop = new AbortController();
  const listeners = (): number => getEventListeners(stop.signal, 'abort').length;
  const first = queue.get({ signal: stop.signal });
  expect(listeners()).toBe(1);
  queue.add('a');
  expect((await first)?.key).toBe('a');
  expect(listeners()).toBe(0);
  const aborted = queue.get({ signal: stop.signal });
  stop.abort();
  expect(await aborted).toBeUndefined();
  queue.add('b'); // to nobody who has gone
  expect(queue.length).toBe(1);
  const other = new AbortController();
  queue.tryGet();
  const last = queue.get({ signal: other.signal });
  queue.shutDown();
  expect(await last).toBeUndefined();
  expect(getEventListeners(other.signal, 'abort')).toHaveLength(0);
});

test('Even-handed: keys without a namespace take their turns together, also those of objects', () => {
  const texts = new PriorityQueue<string>({ fairBy: 'namespace' });
  const objects = new PriorityQueue<{ id: string }>({ fairBy: 'namespace', keyOf: ({ id }) => id });
  const ids = ['alpha', 'beta', 'gamma', 'x/1', 'x/2', 'x/y/3'];
  for (const id of ids) {
    texts.add(id);
    objects.add({ id });
  }
  const order = ['alpha', 'x/1', 'x/y/3', 'beta', 'x/2', 'gamma'];
  expect(ids.map(() => texts.tryGet()?.key)).toEqual(order);
  expect(ids.map(() => objects.tryGet()?.key.id)).toEqual(order);
});

test('Measured: every series has the name that dashboards know and says what it is; durations count from 10 ns to 10 s', () => {
  const seen: MetricDescription[] = [];
  const instrument = { add() {}, set() {}, observe() {}, remove() {} };
  const note = (description: MetricDescription): typeof instrument => {
    seen.push(description);
    return instrument;
  };
  const metrics: Metrics = { counter: note, gauge: note, histogram: note, remove() {} };
  new WorkQueue({ name: 'tests', metrics, clock: new FakeClock() });
  expect(seen.map(({ name }) => name).sort()).toEqual([
    'workqueue_adds_total',
    'workqueue_depth',
    'workqueue_longest_running_processor_seconds',
    'workqueue_queue_duration_seconds',
    'workqueue_retries_total',
    'workqueue_unfinished_work_seconds',
    'workqueue_work_duration_seconds',
  ]);
  for (const { help, labels } of seen) {
    expect(help).toMatch(/\w/);
    expect(labels).toEqual({ name: 'tests' });
  }
  const histograms = seen.flatMap(({ buckets }) => (buckets ? [buckets] : []));
  expect(histograms).toHaveLength(2);
  for (const buckets of histograms) expect([buckets[0], buckets.at(-1), buckets.length]).toEqual([1e-8, 10, 10]);
});
