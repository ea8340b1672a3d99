import { expect, test } from 'vitest';
import { machine, SteppingClock } from './doubles.fixture.ts';
import { inSlices } from './in-slices.ts';
import { Indexer } from './indexer.ts';

test('inSlices gives all values in order, and way in between (Smooth)', async () => {
  const clock = new SteppingClock(); // each look at it takes a millisecond
  const seen: number[] = [];
  for await (const value of inSlices(
    Array.from({ length: 1_000 }, (_, index) => index),
    { clock },
  ))
    seen.push(value);
  expect(seen).toEqual(Array.from({ length: 1_000 }, (_, index) => index));
  expect(clock.turns).toBeGreaterThan(0);
});

test('inSlices sees a cache as it was at the start of the loop (Whole loops)', async () => {
  const clock = new SteppingClock();
  const cache = new Indexer({ clock });
  for (let index = 0; index < 100; index++) cache.add(machine(`m-${index}`));
  let isFirst = true;
  clock.onTurn = () => {
    if (isFirst) for (let index = 0; index < 100; index++) cache.delete(`m-${index}`);
    isFirst = false;
  };
  let seen = 0;
  for await (const _ of inSlices(cache.list(), { clock })) {
    seen++;
    for (let look = 0; look < 10; look++) clock.monotonic();
  }
  expect([seen, cache.size]).toEqual([100, 0]);
});

test('inSlices ends with the reason of its signal, and when the loop is left', async () => {
  const clock = new SteppingClock();
  const stop = new AbortController();
  clock.onTurn = () => stop.abort(new Error('enough'));
  const forever = {
    ended: false,
    *[Symbol.iterator]() {
      try {
        for (;;) yield 1;
      } finally {
        this.ended = true;
      }
    },
  };
  const loop = async (): Promise<void> => {
    for await (const _ of inSlices(forever, { clock, signal: stop.signal })) clock.monotonic();
  };
  await expect(loop()).rejects.toThrow('enough');
  expect(forever.ended).toBe(true);
  forever.ended = false;
  for await (const _ of inSlices(forever, { clock: new SteppingClock() })) break;
  expect(forever.ended).toBe(true);
  await expect(loop()).rejects.toThrow('enough');
});

test('inSlices refuses what is no iterable', () => {
  expect(() => inSlices(5 as never)).toThrow('Cannot loop in slices: values must be an iterable, got 5');
  expect(() => inSlices(null as never)).toThrow('Cannot loop in slices: values must be an iterable, got null');
  expect(() => inSlices([], { clok: 1 } as never)).toThrow('clok');
  expect(() => inSlices([], { clock: {} } as never)).toThrow(
    'Cannot loop in slices: clock must be a clock (an object with monotonic, turn), got an object',
  );
});
