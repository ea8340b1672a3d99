import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Fifo } from './fifo.ts';

test('Fifo gives back what it was given, in order, while its ring grows and shrinks', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -3_000, max: 3_000 }), { maxLength: 12 }), (bursts) => {
      const fifo = new Fifo<number>();
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
