import { FakeClock } from '@bowline/apimachinery/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DelayingQueue } from './delaying-queue.ts';

function setUp(): { clock: FakeClock; queue: DelayingQueue<string, string>; taken: () => string[] } {
  const clock = new FakeClock();
  const queue = new DelayingQueue<string, string>({ clock });
  const taken = (): string[] => {
    const keys: string[] = [];
    for (let item = queue.tryGet(); item; item = queue.tryGet()) {
      keys.push(item.key);
      item[Symbol.dispose]();
    }
    return keys;
  };
  return { clock, queue, taken };
}

test('Patient: DelayingQueue hands out a key once, and not before its time', async () => {
  const { clock, queue, taken } = setUp();
  queue.addAfter('a', 50);
  expect(queue.waiting).toBe(1);
  expect(queue.keys('waiting')).toEqual(['a']);
  await clock.advance(49);
  expect(taken()).toEqual([]);
  await clock.advance(1);
  expect(taken()).toEqual(['a']);
  await clock.advance(10_000);
  expect(taken()).toEqual([]);
  expect(clock.pending).toBe(0);
});

test.each([
  [50, 30],
  [30, 50],
])('Patient: of two times of a key the earlier wins (%i ms, then %i ms)', async (first, second) => {
  const { clock, queue, taken } = setUp();
  queue.addAfter('a', first);
  queue.addAfter('a', second);
  await clock.advance(30);
  expect(taken()).toEqual(['a']);
  await clock.advance(10_000);
  expect(taken()).toEqual([]);
});

test('Patient: a key whose time becomes earlier passes those that are due before its first time', async () => {
  const { clock, queue, taken } = setUp();
  queue.addAfter('a', 50);
  queue.addAfter('b', 40);
  queue.addAfter('a', 30);
  await clock.advance(30);
  expect(taken()).toEqual(['a']);
  await clock.advance(10);
  expect(taken()).toEqual(['b']);
});

test('Patient: DelayingQueue rounds the end of a delay up to a whole millisecond', async () => {
  const { clock, queue, taken } = setUp();
  queue.addAfter('a', 1.2);
  queue.addAfter('b', 2);
  queue.addAfter('c', 0.1);
  await clock.advance(1);
  expect(taken()).toEqual(['c']);
  await clock.advance(1);
  expect(taken()).toEqual(['a', 'b']);
  expect(clock.pending).toBe(0);
});

test('DelayingQueue hands out what was added later but is due earlier first', async () => {
  const { clock, queue, taken } = setUp();
  queue.addAfter('late', 1_000);
  queue.addAfter('early', 50);
  await clock.advance(60);
  expect(taken()).toEqual(['early']);
  await clock.advance(940);
  expect(taken()).toEqual(['late']);
  expect(clock.pending).toBe(0);
});

test('DelayingQueue hands out keys by their time, and keys of one time in the order they were added', async () => {
  const { clock, queue, taken } = setUp();
  queue.addAfter('3', 500);
  queue.addAfter('1', 300);
  queue.addAfter('2', 300);
  queue.addAfter('0', 100);
  await clock.advance(2_000);
  expect(taken()).toEqual(['0', '1', '2', '3']);
});

test('DelayingQueue.addAfter of 0 ms and add without afterMs queue at once', () => {
  const { clock, queue, taken } = setUp();
  queue.addAfter('a', 0);
  queue.add('b');
  queue.add('c', { afterMs: 5 });
  expect(taken()).toEqual(['a', 'b']);
  expect(clock.pending).toBe(1);
});

test('Explaining: DelayingQueue keeps the causes of a key that waits for its time', async () => {
  const { clock, queue } = setUp();
  queue.addAfter('a', 10, { cause: 'first' });
  queue.add('a', { afterMs: 5, cause: 'second' });
  await clock.advance(5);
  expect(queue.tryGet()).toMatchObject({ causes: ['first', 'second'], causeCount: 2 });
});

test('DelayingQueue loses what waits for its time at shutdown, counts later adds and leaves no timer behind', async () => {
  const { clock, queue, taken } = setUp();
  queue.addAfter('a', 50);
  queue.shutDown();
  queue.addAfter('b', 50);
  queue.addAfter('c', 0);
  expect(clock.pending).toBe(0);
  await clock.advance(100);
  expect(taken()).toEqual([]);
  expect(queue.waiting).toBe(0);
  expect(queue.droppedAfterShutdown).toBe(2);
});

test.each([-1, Number.NaN, Number.POSITIVE_INFINITY])('DelayingQueue.addAfter refuses a delay of %d', (delayMs) => {
  const { queue } = setUp();
  const message = `Cannot add key: delayMs must be a finite number, 0 or more, got ${delayMs}`;
  expect(() => queue.addAfter('a', delayMs)).toThrow(new RangeError(message));
  expect(() => queue.add('a', { afterMs: delayMs })).toThrow(RangeError);
});

test('DelayingQueue releases many due keys in slices, so that others get their turn', async () => {
  const { clock, queue } = setUp();
  for (let i = 0; i < 12_000; i++) queue.addAfter(`key-${i}`, 10);
  let seen = -1;
  clock.setTimer(10, () => {
    seen = queue.length;
  });
  await clock.advance(10);
  expect(seen).toBe(5_000);
  expect(queue.length).toBe(12_000);
});

test('DelayingQueue releases every key at its earliest time through random histories', async () => {
  const call = fc.record({
    key: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
    delayMs: fc.integer({ min: 1, max: 40 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(call, fc.integer({ min: 0, max: 15 })), { maxLength: 40 }), async (calls) => {
      const { clock, queue, taken } = setUp();
      const due = new Map<string, number>();
      const advance = async (ms: number): Promise<void> => {
        for (let i = 0; i < ms; i++) {
          await clock.advance(1);
          const expected = [...due].filter(([, at]) => at === clock.now()).map(([key]) => key);
          for (const key of expected) due.delete(key);
          expect(taken().sort()).toEqual(expected.sort());
        }
      };
      for (const [{ key, delayMs }, pause] of calls) {
        queue.addAfter(key, delayMs);
        due.set(key, Math.min(due.get(key) ?? Number.POSITIVE_INFINITY, clock.now() + delayMs));
        await advance(pause);
      }
      await advance(40);
      expect(clock.pending).toBe(0);
    }),
    { numRuns: 40 },
  );
});
