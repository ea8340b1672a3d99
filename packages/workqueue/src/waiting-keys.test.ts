import { FakeClock } from '@bowline/apimachinery/testing';
import { expect, test } from 'vitest';
import { DelayingQueue, PriorityQueue } from './index.ts';

/** Each number below 101 once, in no order. */
const mixed = Array.from({ length: 101 }, (_, i) => (i * 37) % 101);

/** Says when each key comes out. */
async function readyTimes(clock: FakeClock, queue: DelayingQueue, ms: number): Promise<string[]> {
  const times: string[] = [];
  for (let now = 1; now <= ms; now++) {
    await clock.advance(1);
    for (let item = queue.tryGet(); item; item = queue.tryGet()) {
      times.push(`${item.key}@${now}`);
      item[Symbol.dispose]();
    }
  }
  return times;
}

test('Patient: many keys with different delays come out each at its own time', async () => {
  const clock = new FakeClock();
  const queue = new DelayingQueue({ clock });
  for (const at of mixed) if (at > 0) queue.addAfter(`key-${at}`, at);
  expect(await readyTimes(clock, queue, 101)).toEqual(Array.from({ length: 100 }, (_, i) => `key-${i + 1}@${i + 1}`));
  expect(clock.pending).toBe(0);
});

test('Patient: many keys that are due together come out in the order in which they were added', async () => {
  const clock = new FakeClock();
  const queue = new DelayingQueue({ clock });
  for (const at of mixed) queue.addAfter(`key-${at}`, 1 + (at % 3));
  const expected = [1, 2, 3].flatMap((due) =>
    mixed.filter((at) => 1 + (at % 3) === due).map((at) => `key-${at}@${due}`),
  );
  expect(await readyTimes(clock, queue, 4)).toEqual(expected);
});

test('Patient: keys keep their times when others that wait are added at once', async () => {
  const clock = new FakeClock();
  const queue = new PriorityQueue({ clock });
  for (const at of mixed) if (at > 0) queue.addAfter(`key-${at}`, at);
  const early = mixed.filter((at) => at > 0 && at % 3 === 0);
  for (const at of early) queue.add(`key-${at}`);
  expect(early.map(() => queue.tryGet()?.key)).toEqual(early.map((at) => `key-${at}`));
  const late = mixed.filter((at) => at % 3 !== 0).sort((a, b) => a - b);
  expect(await readyTimes(clock, queue, 101)).toEqual(late.map((at) => `key-${at}@${at}`));
});

test('PriorityQueue raises the priority of a key that waits for its time, and never lowers it', async () => {
  const clock = new FakeClock();
  const queue = new PriorityQueue({ clock });
  queue.add('risen', { afterMs: 5, priority: 1 });
  queue.add('risen', { afterMs: 9, priority: 7 });
  queue.add('risen', { afterMs: 9, priority: 3 });
  queue.add('other', { priority: 5 });
  await clock.advance(5);
  const [first, second] = [queue.tryGet(), queue.tryGet()];
  expect([first?.key, first?.priority, second?.key]).toEqual(['risen', 7, 'other']);
});

test('DelayingQueue lists no key as waiting after shutdown', () => {
  const queue = new DelayingQueue({ clock: new FakeClock() });
  queue.addAfter('a', 5);
  expect([queue.keys('waiting'), queue.waiting]).toEqual([['a'], 1]);
  queue.shutDown();
  expect([queue.keys('waiting'), queue.waiting]).toEqual([[], 0]);
});

test('Explaining: a key keeps its first 16 causes and counts all, also when two bundles of causes come together', async () => {
  const clock = new FakeClock();
  const queue = new PriorityQueue<string, number>({ clock });
  for (let cause = 0; cause < 10; cause++) queue.add('a', { cause });
  const first = queue.tryGet();
  for (let cause = 10; cause < 20; cause++) queue.add('a', { cause, afterMs: 1 });
  first?.retry(); // its ten causes join the ten that wait
  first?.[Symbol.dispose]();
  await clock.advance(10_000);
  const again = queue.tryGet();
  expect([again?.causes.length, again?.causeCount]).toEqual([16, 20]);
});

test('DelayingQueue.addAfter refuses an option that it does not know', () => {
  const queue = new DelayingQueue({ clock: new FakeClock() });
  expect(() => queue.addAfter('a', 5, { cuase: 'update' } as never)).toThrow(TypeError);
  expect(queue.waiting).toBe(0);
});
