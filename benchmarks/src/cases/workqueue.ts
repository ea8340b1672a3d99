import { setImmediate } from 'node:timers/promises';
import { DelayingQueue, PriorityQueue, RateLimitingQueue, WorkQueue } from '@bowline/workqueue';
import { figure, rate } from '../measure.ts';

// The workloads of client-go's queue, through the public asynchronous `get`.
const million = 1_000_000;
const keys = Array.from(
  { length: million },
  (_, index) => `team-${index % 100}/app-${index % 400}-${index.toString(16).padStart(6, '0')}`,
);

const inTurn = await rate(million, async () => {
  const queue = new WorkQueue<string>();
  for (let index = 0; index < million; index += 1) {
    queue.add('default/web');
    const item = await queue.get();
    item?.[Symbol.dispose]();
  }
});
figure('workqueue: add, get, done in turn', inTurn, 'operations/s');

const distinct = await rate(million, async () => {
  const queue = new WorkQueue<string>();
  for (const key of keys) queue.add(key);
  queue.shutDown();
  for (let item = await queue.get(); item !== undefined; item = await queue.get()) item[Symbol.dispose]();
});
figure('workqueue: 1,000,000 distinct keys added, then got and done', distinct, 'operations/s');

// With one thread a producer and its workers run side by side only if the producer gives way, as a watch does between two chunks of its answer.
const workers = await rate(million, async () => {
  const queue = new RateLimitingQueue<string>();
  const working = queue.work(async () => {}, { concurrency: 4 });
  for (const [index, key] of keys.entries()) {
    queue.add(key);
    if (index % 1_000 === 999) await setImmediate();
  }
  queue.shutDown();
  await working;
});
figure('workqueue: 1 producer, 4 workers, 1,000,000 keys', workers, 'operations/s');

const backlog = await rate(million, async () => {
  const queue = new RateLimitingQueue<string>();
  for (const key of keys) queue.add(key);
  queue.shutDown();
  await queue.work(async () => {}, { concurrency: 4 });
});
figure('workqueue: 1,000,000 keys added, then 4 workers', backlog, 'operations/s');

const again = new WorkQueue<string>();
again.add('default/web');
figure(
  'workqueue: add of a key already queued',
  await rate(10 * million, () => {
    for (let index = 0; index < 10 * million; index += 1) again.add('default/web');
  }),
  'operations/s',
);

const delaying = new DelayingQueue<string>();
figure(
  'workqueue: addAfter, 100,000 keys spread over an hour',
  await rate(100_000, () => {
    for (let index = 0; index < 100_000; index += 1)
      delaying.addAfter(keys[index] ?? '', 1 + ((index * 7919) % 3_600_000));
  }),
  'operations/s',
);
delaying.shutDown();

const prioritized = await rate(million, async () => {
  const queue = new PriorityQueue<string>();
  for (const key of keys) queue.add(key);
  queue.shutDown();
  for (let item = await queue.get(); item !== undefined; item = await queue.get()) item[Symbol.dispose]();
});
figure('priority queue: 1,000,000 distinct keys added and drained', (million / prioritized) * 1_000, 'ms');

const thousand = keys.slice(0, 1_000);
const rounds: number[] = [];
for (let round = 0; round < 1_001; round += 1) {
  const queue = new PriorityQueue<string>();
  const started = performance.now(); // not `rate`: a collection before each round would leave cold caches
  for (const key of thousand) queue.add(key);
  for (let left = thousand.length; left > 0; left -= 1) (await queue.get())?.[Symbol.dispose]();
  rounds.push((performance.now() - started) * 1_000);
}
figure('priority queue: 1,000 keys added and drained', rounds.sort((a, b) => a - b)[500] ?? 0, 'µs');

const full = new DelayingQueue<string>();
const inserted = await rate(million, () => {
  for (let index = 0; index < million; index += 1)
    full.addAfter(keys[index] as string, 1_000_000 + ((index * 7919) % 3_600_000));
});
figure('delaying queue: insert, up to 1,000,000 waiting', 1e6 / inserted, 'µs');
full.shutDown();
