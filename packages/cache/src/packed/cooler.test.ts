import { FakeClock } from '@bowline/apimachinery/testing';
import { expect, test } from 'vitest';
import { Cooler } from './cooler.ts';

test('Cooler tries again an hour later what there was no memory to compress into', async () => {
  const clock = new FakeClock();
  const cooler = new Cooler(clock, 60_000);
  let hasMemory = false;
  let frozen: readonly Buffer[] | undefined;
  cooler.add({
    readAt: 0,
    pieces: () => {
      if (!hasMemory) throw new RangeError('Array buffer allocation failed');
      return frozen === undefined ? [Buffer.alloc(1_000)] : [];
    },
    freeze: (pieces) => {
      frozen = pieces;
    },
    cool: () => false,
  });
  await clock.advance(120_000);
  expect([frozen, clock.pending]).toEqual([undefined, 1]);
  hasMemory = true;
  await clock.advance(60_000);
  expect([frozen?.length, clock.pending]).toEqual([1, 0]);
});
