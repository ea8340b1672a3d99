import { FakeClock } from '@bowline/apimachinery/testing';
import { expect, test } from 'vitest';
import { Slices } from './slices.ts';

test('Slices gives others a turn after 3 ms of work, and not before', async () => {
  const clock = new FakeClock(1_000);
  const slices = new Slices(clock);
  await clock.advance(2);
  expect(slices.due).toBe(false);
  await clock.advance(1);
  expect(slices.due).toBe(true);
  let isOver = false;
  const next = slices.next().then(() => {
    isOver = true;
  });
  expect(isOver).toBe(false);
  await next;
  expect(slices.due).toBe(false);
  await clock.advance(2);
  expect(slices.due).toBe(false);
  await clock.advance(1);
  expect(slices.due).toBe(true);
  expect(Slices.length).toBe(100);
});
