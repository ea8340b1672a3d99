import { FakeClock, RecordingMetrics } from '@bowline/apimachinery/testing';
import { expect, test } from 'vitest';
import { PriorityQueue, type PriorityQueueOptions } from './priority-queue.ts';

function setUp(options: Omit<PriorityQueueOptions<string>, 'clock' | 'metrics' | 'name'> = {}) {
  const clock = new FakeClock();
  const metrics = new RecordingMetrics();
  const queue = new PriorityQueue<string, string>({ clock, metrics, name: 'tests', ...options });
  const take = (): string | undefined => {
    const item = queue.tryGet();
    item?.[Symbol.dispose]();
    return item?.key;
  };
  const drain = (): string[] => {
    const keys: string[] = [];
    for (let key = take(); key !== undefined; key = take()) keys.push(key);
    return keys;
  };
  const depth = (priority: number | string): number | undefined =>
    metrics.value('workqueue_depth', { name: 'tests', priority: String(priority) });
  return { clock, metrics, queue, take, drain, depth };
}

test('Urgent: PriorityQueue hands out keys by priority, and keys of one priority in the order they were added', () => {
  const { queue, drain } = setUp();
  queue.add('low', { priority: -100 });
  queue.add('a');
  queue.add('b');
  queue.add('high', { priority: 10 });
  expect(drain()).toEqual(['high', 'a', 'b', 'low']);
});

test('PriorityQueue hands out one added key, with its priority', async () => {
  const { queue } = setUp();
  queue.add('a', { priority: 5 });
  expect(await queue.get()).toMatchObject({ key: 'a', priority: 5 });
  expect(queue.length).toBe(0);
});

test('PriorityQueue hands out a key that is being processed only after it is done, with its new priority', async () => {
  const { queue, depth } = setUp();
  queue.add('a', { priority: 1 });
  const item = queue.tryGet();
  queue.add('a');
  queue.add('a', { priority: 7 });
  expect(queue.length).toBe(1);
  expect(depth(7)).toBe(1);
  const waiting = queue.get();
  expect(queue.processing).toBe(1);
  item?.[Symbol.dispose]();
  expect(queue.length).toBe(0); // handed over at once
  expect(await waiting).toMatchObject({ key: 'a', priority: 7 });
  expect(depth(0)).toBe(0);
  expect(depth(7)).toBe(0);
  queue.done('a');
  expect(queue.tryGet()).toBeUndefined();
});

test('PriorityQueue hands out a key once however often it was added', () => {
  const { metrics, queue, drain, depth } = setUp();
  for (let i = 0; i < 5; i++) queue.add('a');
  expect([queue.length, depth(0), metrics.value('workqueue_adds_total', { name: 'tests' })]).toEqual([1, 1, 1]);
  expect(drain()).toEqual(['a']);
});

test('PriorityQueue keeps the highest priority of a key: a rise puts it behind its new equals, a lower one changes nothing', () => {
  const { queue, drain, depth } = setUp();
  for (const key of ['a', 'b', 'c']) queue.add(key);
  queue.add('x', { priority: 1 });
  queue.add('c', { priority: 1 });
  queue.add('c', { priority: -5 });
  queue.add('a', { priority: 1 });
  expect(depth(0)).toBe(1);
  expect(depth(1)).toBe(3);
  expect(drain()).toEqual(['x', 'c', 'a', 'b']);
  expect(depth(0)).toBe(0);
  expect(depth(1)).toBe(0);
});

test('PriorityQueue keeps the shorter of two delays, and the higher of two priorities', async () => {
  const { clock, queue, take } = setUp();
  queue.add('a', { afterMs: 60_000, priority: 3 });
  queue.add('a', { afterMs: 1_000 });
  expect(queue.length).toBe(0);
  await clock.advance(999);
  expect(take()).toBeUndefined();
  await clock.advance(1);
  expect(queue.tryGet()).toMatchObject({ key: 'a', priority: 3 });
  await clock.advance(100_000);
  expect(take()).toBeUndefined();
});

test('PriorityQueue hands out a waiting key at once when it is added without a delay, once, and with all its causes', async () => {
  const { clock, queue, depth } = setUp();
  const waiting = queue.get();
  queue.add('a', { afterMs: 1_000, priority: -1, cause: 'first' });
  queue.add('a', { priority: 2, cause: 'second' });
  expect(await waiting).toMatchObject({ key: 'a', priority: 2, causes: ['first', 'second'], causeCount: 2 });
  expect(queue.waiting).toBe(0);
  queue.done('a');
  await clock.advance(2_000);
  expect(queue.tryGet()).toBeUndefined();
  expect(depth(2)).toBe(0);
});

test('PriorityQueue counts one add and one key in depth when a waiting key is added without a delay', () => {
  const { metrics, queue, drain, depth } = setUp();
  const adds = () => metrics.value('workqueue_adds_total', { name: 'tests' });
  queue.add('a', { afterMs: 1_000 });
  queue.add('a');
  expect([queue.length, depth(0), adds()]).toEqual([1, 1, 1]);
  queue.add('b', { afterMs: 1_000 });
  queue.add('b', { priority: 1 });
  expect([queue.length, depth(0), depth(1), adds()]).toEqual([2, 1, 1, 2]);
  expect(drain()).toEqual(['b', 'a']);
  expect([queue.length, depth(0), depth(1), adds()]).toEqual([0, 0, 0, 2]);
});

test('PriorityQueue counts one add and one key in depth when a key whose delay is over is added again', async () => {
  const { clock, metrics, queue, drain, depth } = setUp();
  queue.add('a', { afterMs: 10 });
  await clock.advance(10);
  queue.add('a');
  expect([queue.length, depth(0), metrics.value('workqueue_adds_total', { name: 'tests' })]).toEqual([1, 1, 1]);
  expect(drain()).toEqual(['a']);
  expect([queue.length, depth(0)]).toEqual([0, 0]);
});

test('PriorityQueue hands a delayed key at its time, and no later, to who waits for it', async () => {
  const { clock, queue } = setUp();
  let takenAt = -1;
  const start = clock.monotonic();
  const taking = queue.get().then(() => {
    takenAt = clock.monotonic() - start;
  });
  queue.add('a', { afterMs: 500 });
  await clock.advance(10_000);
  await taking;
  expect(takenAt).toBe(500);
});

test('PriorityQueue does not let a key wait again that can be handed out already', () => {
  const { queue, drain } = setUp();
  queue.add('a');
  queue.add('b');
  queue.add('b', { afterMs: 1_000, priority: 1 });
  expect(queue.waiting).toBe(0);
  expect(drain()).toEqual(['b', 'a']);
  queue.add('c');
  const item = queue.tryGet();
  queue.add('c'); // can be handed out as soon as the item is done
  queue.addAfter('c', 1_000);
  expect(queue.waiting).toBe(0);
  item?.[Symbol.dispose]();
  expect(drain()).toEqual(['c']);
});

test('PriorityQueue counts a delayed key in length and depth exactly from the time it can be handed out', async () => {
  const { clock, metrics, queue, depth } = setUp();
  queue.add('a', { afterMs: 500 });
  await clock.advance(499);
  expect([queue.length, depth(0), metrics.value('workqueue_adds_total', { name: 'tests' })]).toEqual([0, undefined, 0]);
  await clock.advance(1);
  expect([queue.length, depth(0), metrics.value('workqueue_adds_total', { name: 'tests' })]).toEqual([1, 1, 1]);
  expect(metrics.value('workqueue_retries_total', { name: 'tests' })).toBe(1);
});

test('PriorityQueue lets a high key that becomes ready pass low ones, and hands out delayed keys by their time', async () => {
  const { clock, queue, drain } = setUp();
  queue.add('low', { priority: -1 });
  queue.add('late', { afterMs: 20 });
  queue.add('early', { afterMs: 10 });
  await clock.advance(20);
  expect(drain()).toEqual(['early', 'late', 'low']);
});

test('PriorityQueue waits for the longer of afterMs and the limiter', async () => {
  const { clock, queue, take } = setUp();
  queue.add('a', { afterMs: 100, rateLimited: true });
  expect(queue.numRequeues('a')).toBe(1);
  await clock.advance(99);
  expect(take()).toBeUndefined();
  await clock.advance(1);
  expect(take()).toBe('a');
  queue.add('a', { afterMs: 1, rateLimited: true });
  await clock.advance(9);
  expect(take()).toBeUndefined();
  await clock.advance(1);
  expect(take()).toBe('a');
});

test('PriorityQueue computes the delay of each rate-limited key on its own, and limits per key alone', async () => {
  const { clock, queue, take, drain } = setUp();
  for (const delayMs of [5, 10, 20]) {
    queue.addRateLimited('slow');
    await clock.advance(delayMs);
    expect(take()).toBe('slow');
  }
  queue.addRateLimited('slow');
  for (let i = 0; i < 200; i++) queue.addRateLimited(`key-${i}`, { priority: i === 7 ? 1 : 0 });
  await clock.advance(5);
  const keys = drain();
  expect([keys.length, keys[0], keys.includes('slow')]).toEqual([200, 'key-7', false]);
  await clock.advance(34);
  expect(drain()).toEqual([]);
  await clock.advance(1);
  expect(drain()).toEqual(['slow']);
});

test('PriorityQueue.work retries with the priority and the causes of the key', async () => {
  const { clock, queue } = setUp();
  const runs: string[] = [];
  queue.add('a', { priority: 4, cause: 'update' });
  const stop = new AbortController();
  const working = queue.work(
    (key, { priority, causes }) => {
      runs.push(`${key} ${priority} ${causes}`);
      if (runs.length < 3) throw new Error('boom');
    },
    { signal: stop.signal },
  );
  await clock.advance(1_000);
  stop.abort();
  await working;
  expect(runs).toEqual(['a 4 update', 'a 4 update', 'a 4 update']);
  expect(clock.pending).toBe(0);
});

test('Aging: PriorityQueue hands out a low key once it has waited for maxStarvationMs', async () => {
  const { clock, queue, take } = setUp({ maxStarvationMs: 1_000 });
  queue.add('low', { priority: -100 });
  const seen: (string | undefined)[] = [];
  for (let i = 0; i < 12; i++) {
    queue.add(`high-${i}`);
    seen.push(take());
    await clock.advance(100);
  }
  expect(seen.indexOf('low')).toBe(10);
});

test('Aging: PriorityQueue gives at most every second turn to a flood of keys that have waited for too long', async () => {
  const { clock, queue, take } = setUp({ maxStarvationMs: 1_000 });
  for (let i = 0; i < 5; i++) queue.add(`low-${i}`, { priority: -1 });
  await clock.advance(1_000);
  for (let i = 0; i < 5; i++) queue.add(`high-${i}`);
  const seen = Array.from({ length: 10 }, () => take()?.split('-')[0]);
  expect(seen).toEqual(['low', 'high', 'low', 'high', 'low', 'high', 'low', 'high', 'low', 'high']);
});

test('Aging: a key that has waited for too long and comes first anyway leaves the next turn to another such key', async () => {
  const { clock, queue, drain } = setUp({ maxStarvationMs: 50 });
  queue.add('a');
  queue.add('low', { priority: -1 });
  await clock.advance(50);
  queue.add('b');
  expect(drain()).toEqual(['a', 'low', 'b']);
});

test('Aging: PriorityQueue counts the wait of a key from when it could be handed out first, also after its priority rose', async () => {
  const { clock, queue, take } = setUp({ maxStarvationMs: 1_000 });
  queue.add('a', { priority: -2 });
  await clock.advance(600);
  queue.add('b', { priority: -1 });
  queue.add('a', { priority: -1 });
  await clock.advance(400);
  queue.add('c');
  expect([take(), take(), take()]).toEqual(['a', 'c', 'b']);
});

test('Even-handed: PriorityQueue hands out the namespaces of one priority in turn', () => {
  const { queue, drain } = setUp({ fairBy: 'namespace' });
  for (const key of ['flood/1', 'flood/2', 'flood/3', 'flood/4', 'team/1', 'node-1', 'team/2']) queue.add(key);
  queue.add('flood/5', { priority: 1 });
  expect(drain()).toEqual(['flood/5', 'flood/1', 'team/1', 'node-1', 'flood/2', 'team/2', 'flood/3', 'flood/4']);
});

test('Even-handed: a namespace whose last key has risen gives up its turn, and stands behind when it comes back', () => {
  const { queue, drain } = setUp({ fairBy: 'namespace' });
  for (const key of ['a/1', 'b/1', 'c/1', 'b/2']) queue.add(key);
  queue.add('a/1', { priority: 1 });
  queue.add('a/2');
  expect(drain()).toEqual(['a/1', 'b/1', 'c/1', 'a/2', 'b/2']);
});

test('Even-handed: a namespace that leaves from the middle of the line changes no other turn', () => {
  const { queue, drain } = setUp({ fairBy: 'namespace' });
  for (const key of ['a/1', 'b/1', 'c/1', 'a/2']) queue.add(key);
  queue.add('b/1', { priority: 1 });
  expect(drain()).toEqual(['b/1', 'a/1', 'c/1', 'a/2']);
  expect(queue.length).toBe(0);
});

test('Even-handed: a namespace keeps its turn when one of several keys has risen', () => {
  const { queue, drain } = setUp({ fairBy: 'namespace' });
  for (const key of ['a/1', 'a/2', 'b/1', 'a/3']) queue.add(key);
  queue.add('a/2', { priority: 1 });
  expect(drain()).toEqual(['a/2', 'a/1', 'b/1', 'a/3']);
});

test('Even-handed: a key that has waited for too long takes the turn of its namespace', async () => {
  const { clock, queue, drain } = setUp({ fairBy: 'namespace', maxStarvationMs: 50 });
  queue.add('x/1');
  queue.add('h/1', { priority: 1 });
  await clock.advance(40);
  queue.add('x/2');
  queue.add('y/1');
  await clock.advance(10);
  expect(drain()).toEqual(['x/1', 'h/1', 'y/1', 'x/2']);
});

test('Urgent: PriorityQueue forgets a priority that nobody has any more, and knows it again', () => {
  const { queue, take, drain } = setUp();
  for (let round = 0; round < 3; round++) {
    queue.add('low', { priority: -1 });
    queue.add('a', { priority: round });
    queue.add('low', { priority: 5 });
    expect(take()).toBe('low');
    queue.add('low', { priority: -1 });
    expect(drain()).toEqual(['a', 'low']);
    expect(queue.length).toBe(0);
  }
});

test('Even-handed: PriorityQueue takes turns by any group of keys', () => {
  const { queue, drain } = setUp({ fairBy: (key) => key.length });
  for (const key of ['a', 'b', 'c', 'dd']) queue.add(key);
  expect(drain()).toEqual(['a', 'dd', 'b', 'c']);
});

test('PriorityQueue measures the depth of 25 priorities, and of all others together, without drift', () => {
  const { queue, drain, depth } = setUp();
  for (let i = 0; i < 100; i++) queue.add(`same-${i}`); // many keys of one priority are one series
  for (let priority = 0; priority < 25; priority++) queue.add(`key-${priority}`, { priority });
  expect([depth(0), depth(24), depth('exceeded_cardinality_limit')]).toEqual([101, 1, undefined]);
  drain();
  expect([depth(0), depth(24), depth('exceeded_cardinality_limit')]).toEqual([0, 0, undefined]);
  for (let priority = 0; priority < 40; priority++) queue.add(`key-${priority}`, { priority });
  expect([depth(0), depth(24), depth(25), depth('exceeded_cardinality_limit')]).toEqual([1, 1, undefined, 15]);
  queue.add('key-0', { priority: 39 });
  expect([depth(0), depth('exceeded_cardinality_limit')]).toEqual([0, 16]);
  for (let priority = 1_000; priority < 2_000; priority++) queue.add(`far-${priority}`, { priority });
  expect([depth(1_999), depth('exceeded_cardinality_limit')]).toEqual([undefined, 1_016]);
  queue.add('again', { priority: 3 });
  expect(depth(3)).toBe(2);
  drain();
  expect([depth(0), depth(24), depth('exceeded_cardinality_limit')]).toEqual([0, 0, 0]);
});

test('PriorityQueue.shutDown can be called twice, releases who waits, and hands out what is ready', async () => {
  const { clock, queue, drain } = setUp();
  const blocked = queue.get();
  queue.shutDown();
  queue.shutDown();
  expect(await blocked).toBeUndefined();
  expect(await queue.get()).toBeUndefined();
  const { queue: second, drain: rest } = setUp();
  second.add('a');
  second.add('b', { afterMs: 10 });
  second.shutDown();
  second.add('c');
  expect(rest()).toEqual(['a']);
  expect(second.droppedAfterShutdown).toBe(1);
  expect([drain(), clock.pending]).toEqual([[], 0]);
});

test('PriorityQueue.shutDownWithDrain resolves once every key is done', async () => {
  const { queue } = setUp();
  queue.add('a');
  const item = queue.tryGet();
  queue.add('a');
  let isDrained = false;
  const draining = queue.shutDownWithDrain().then(() => {
    isDrained = true;
  });
  item?.[Symbol.dispose]();
  await Promise.resolve();
  expect(isDrained).toBe(false);
  queue.tryGet()?.[Symbol.dispose]();
  await draining;
});

test.each<[string, (queue: PriorityQueue<string, string>) => void]>([
  ['priority must be an integer, got NaN', (queue) => queue.add('a', { priority: Number.NaN })],
  ['priority must be an integer, got 1.5', (queue) => queue.addRateLimited('a', { priority: 1.5 })],
  ['afterMs must be a finite number, 0 or more, got -1', (queue) => queue.add('a', { afterMs: -1 })],
  ['delayMs must be a finite number, 0 or more, got undefined', (queue) => queue.addAfter('a', undefined as never)],
  ['rateLimited must be a boolean, got "yes"', (queue) => queue.add('a', { rateLimited: 'yes' as never })],
  [
    'options.prio is unknown; known are cause, priority, afterMs, rateLimited',
    (queue) => queue.add('a', { prio: 1 } as never),
  ],
  ['options must be an object, got null', (queue) => queue.add('a', null as never)],
  ['options.prio is unknown; known are cause, priority', (queue) => queue.addAfter('a', 1, { prio: 1 } as never)],
])('PriorityQueue refuses what it cannot use: %s', (message, act) => {
  const { queue } = setUp();
  expect(() => act(queue)).toThrow(`Cannot add key: ${message}`);
  expect([queue.length, queue.waiting]).toEqual([0, 0]);
});

test.each<[string, object]>([
  ['maxStarvationMs must be above 0, got 0', { maxStarvationMs: 0 }],
  ['fairBy must be a function, got "name"', { fairBy: 'name' }],
  ['limiter must be a RateLimiter, got an object', { limiter: {} }],
  [
    'options.ordering is unknown; known are keyOf, name, metrics, clock, limiter, maxStarvationMs, fairBy',
    { ordering: () => [] },
  ],
])('PriorityQueue refuses settings that it cannot use: %s', (message, options) => {
  expect(() => new PriorityQueue(options as never)).toThrow(`Cannot create queue: ${message}`);
});

test('PriorityQueue drains rounds of many adds, some of them delayed, with parallel workers, each key once at a time', async () => {
  const { clock, queue } = setUp({ maxStarvationMs: 50, fairBy: 'namespace' });
  const busy = new Set<string>();
  let done = 0;
  const worker = async (): Promise<void> => {
    for (let item = await queue.get(); item; item = await queue.get()) {
      expect(busy.has(item.key)).toBe(false);
      busy.add(item.key);
      await undefined;
      busy.delete(item.key);
      done++;
      item[Symbol.dispose]();
    }
  };
  const workers = Array.from({ length: 10 }, worker);
  for (let round = 0; round < 20; round++) {
    for (let i = 0; i < 1_000; i++) queue.add(`team-${i % 7}/${i}`, { afterMs: i % 3 ? 0 : 5, priority: i % 4 });
    await clock.advance(10);
  }
  expect(done).toBe(20_000);
  queue.shutDown();
  queue.add('late');
  await Promise.all(workers);
  expect(clock.pending).toBe(0);
});

test('PriorityQueue.shutDown while keys are handed out lets every worker end', async () => {
  const { queue } = setUp();
  const seen: string[] = [];
  const workers = Array.from({ length: 3 }, async () => {
    for (let item = await queue.get(); item; item = await queue.get()) {
      seen.push(item.key);
      if (seen.length === 2) queue.shutDown();
      item[Symbol.dispose]();
    }
  });
  for (const key of ['a', 'b', 'c', 'd']) queue.add(key);
  await Promise.all(workers);
  expect(seen.sort()).toEqual(['a', 'b', 'c', 'd']);
});

test('PriorityQueue keeps the place of a key that is added again with the same priority', () => {
  const { queue, drain } = setUp();
  for (const key of ['a', 'b', 'a']) queue.add(key);
  expect(drain()).toEqual(['a', 'b']);
});

test('Aging: PriorityQueue measures the wait of each key from its own add', async () => {
  const { clock, queue, take } = setUp({ maxStarvationMs: 1_000 });
  await clock.advance(900);
  queue.add('low', { priority: -1 });
  await clock.advance(200);
  queue.add('high');
  expect([take(), take()]).toEqual(['high', 'low']);
});
