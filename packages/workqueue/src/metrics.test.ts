import { FakeClock, RecordingMetrics } from '@bowline/apimachinery/testing';
import { expect, test, vi } from 'vitest';
import { RateLimitingQueue } from './rate-limiting-queue.ts';

const labels = { name: 'tests' };

function setUp(): { clock: FakeClock; metrics: RecordingMetrics; queue: RateLimitingQueue } {
  const clock = new FakeClock();
  const metrics = new RecordingMetrics();
  return { clock, metrics, queue: new RateLimitingQueue({ clock, metrics, name: 'tests' }) };
}

test('Measured: WorkQueue counts an add once while the key waits, and keeps depth, latency and work duration', async () => {
  const { clock, metrics, queue } = setUp();
  queue.add('foo');
  await clock.advance(50);
  queue.add('foo');
  expect(metrics.value('workqueue_adds_total', labels)).toBe(1);
  expect(metrics.value('workqueue_depth', labels)).toBe(1);

  const first = queue.tryGet();
  expect(metrics.value('workqueue_depth', labels)).toBe(0);
  expect(metrics.observations('workqueue_queue_duration_seconds', labels)).toEqual([0.05]);

  queue.add('foo');
  queue.add('foo');
  expect(metrics.value('workqueue_adds_total', labels)).toBe(2);
  expect(metrics.value('workqueue_depth', labels)).toBe(1);
  await clock.advance(25);
  first?.[Symbol.dispose]();
  expect(metrics.observations('workqueue_work_duration_seconds', labels)).toEqual([0.025]);
  expect(metrics.value('workqueue_depth', labels)).toBe(1);

  await clock.advance(10);
  const second = queue.tryGet();
  expect(metrics.observations('workqueue_queue_duration_seconds', labels)).toEqual([0.05, 0.035]);
  await clock.advance(5);
  second?.[Symbol.dispose]();
  expect(metrics.observations('workqueue_work_duration_seconds', labels)).toEqual([0.025, 0.005]);
});

test('Measured: WorkQueue says every 500 ms how long unfinished work has taken, and stops when there is none', async () => {
  const { clock, metrics, queue } = setUp();
  queue.add('a');
  queue.add('b');
  const a = queue.tryGet();
  await clock.advance(300);
  const b = queue.tryGet();
  await clock.advance(700);
  expect(metrics.value('workqueue_unfinished_work_seconds', labels)).toBe(1.7);
  expect(metrics.value('workqueue_longest_running_processor_seconds', labels)).toBe(1);
  a?.[Symbol.dispose]();
  b?.[Symbol.dispose]();
  await clock.advance(500);
  expect(metrics.value('workqueue_unfinished_work_seconds', labels)).toBe(0);
  expect(metrics.value('workqueue_longest_running_processor_seconds', labels)).toBe(0);
  expect(clock.pending).toBe(0);
});

test('WorkQueue no longer measures unfinished work after shutdown, and leaves no timer behind', async () => {
  const { clock, metrics, queue } = setUp();
  queue.add('a');
  queue.add('b');
  queue.tryGet();
  queue.shutDown();
  queue.tryGet();
  expect(clock.pending).toBe(0);
  await clock.advance(10_000);
  expect(metrics.value('workqueue_unfinished_work_seconds', labels)).toBe(0);
});

test('WorkQueue measures unfinished work with a timer that keeps no process alive', () => {
  const { clock, queue } = setUp();
  const timers = vi.spyOn(clock, 'setTimer');
  queue.add('a');
  queue.tryGet();
  expect(timers).toHaveBeenCalledExactlyOnceWith(500, expect.any(Function), { unref: true });
});

test('DelayingQueue counts every delayed add as a retry, also one that waits already or has no delay', () => {
  const { metrics, queue } = setUp();
  queue.addAfter('a', 10);
  queue.addAfter('a', 10);
  queue.addAfter('b', 0);
  queue.addRateLimited('c');
  queue.shutDown();
  queue.addAfter('d', 10);
  expect(metrics.value('workqueue_retries_total', labels)).toBe(4);
});

test('WorkQueue without a name measures nothing', () => {
  const metrics = new RecordingMetrics();
  const queue = new RateLimitingQueue({ metrics, clock: new FakeClock() });
  queue.add('a');
  queue.tryGet();
  expect(metrics.value('workqueue_adds_total')).toBeUndefined();
  expect(metrics.value('workqueue_adds_total', { name: '' })).toBeUndefined();
});
