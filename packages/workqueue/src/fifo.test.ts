import { getHeapStatistics } from 'node:v8';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Fifo } from './fifo.ts';

class Withdrawing extends Fifo<number> {
  readonly live: Set<number>;

  constructor() {
    const live = new Set<number>();
    super((item) => live.has(item));
    this.live = live;
  }

  override push(item: number): void {
    this.live.add(item);
    super.push(item);
  }

  pop(): number | undefined {
    const item = this.first;
    if (item !== undefined) this.leave(item);
    return item;
  }

  /** A number that is in the line. */
  leave(item: number): void {
    this.live.delete(item);
    this.withdraw();
  }
}

test('Fifo gives back what it was given, in order, while it grows and shrinks', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -3_000, max: 3_000 }), { maxLength: 12 }), (bursts) => {
      const fifo = new Withdrawing();
      let pushed = 0;
      let popped = 0;
      for (const burst of bursts) {
        for (let i = 0; i < burst; i++) fifo.push(pushed++);
        for (let i = 0; i > burst; i--) {
          const expected = popped < pushed ? popped++ : undefined;
          if (fifo.pop() !== expected) throw new Error(`Lost order at ${expected}`);
        }
        expect(fifo.length).toBe(pushed - popped);
      }
    }),
  );
});

test('Fifo forgets what was withdrawn, and gives back the rest in order', () => {
  const push = fc.record({ do: fc.constant('push' as const), count: fc.integer({ min: 1, max: 40 }) });
  const pop = fc.record({ do: fc.constant('pop' as const), count: fc.integer({ min: 1, max: 30 }) });
  const leave = fc.record({ do: fc.constant('leave' as const), at: fc.double({ min: 0, max: 1, maxExcluded: true }) });
  fc.assert(
    fc.property(fc.array(fc.oneof(push, pop, leave), { maxLength: 60, size: 'max' }), (steps) => {
      const fifo = new Withdrawing();
      const model: number[] = [];
      let next = 0;
      for (const step of steps) {
        if (step.do === 'push') {
          for (let i = 0; i < step.count; i++) {
            model.push(next);
            fifo.push(next++);
          }
        } else if (step.do === 'pop') {
          for (let i = 0; i < step.count; i++) {
            expect(fifo.first).toBe(model[0]);
            expect(fifo.pop()).toBe(model.shift());
          }
        } else {
          const [item] = model.splice(Math.floor(step.at * model.length), 1);
          if (item !== undefined) fifo.leave(item);
        }
        expect(fifo.length).toBe(model.length);
      }
      while (model.length > 0) expect(fifo.pop()).toBe(model.shift());
      expect(fifo.pop()).toBeUndefined();
      expect(fifo.length).toBe(0);
    }),
  );
});

test('Fifo does not grow by what was withdrawn, though nothing is ever taken', () => {
  const fifo = new Withdrawing();
  fifo.push(-1);
  const grow = (times: number): number => {
    const before = getHeapStatistics().used_heap_size;
    for (let i = 0; i < times; i++) {
      fifo.push(i);
      fifo.leave(i);
    }
    return getHeapStatistics().used_heap_size - before;
  };
  grow(200_000); // compiles
  const least = Math.min(...[1, 2, 3, 4].map(() => grow(200_000)));
  expect(least).toBeLessThan(400_000); // two bytes each would be more
  expect(fifo.length).toBe(1);
  expect(fifo.pop()).toBe(-1);
});
