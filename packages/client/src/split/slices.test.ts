import type { Clock } from '@bowline/apimachinery';
import { FakeClock } from '@bowline/apimachinery/testing';
import { describe, expect, test } from 'vitest';
import { Slices, steps } from './slices.ts';

/** A clock on which work takes time. */
class WorkClock extends FakeClock implements Clock {
  elapsedMs = 0;
  turns = 0;

  override monotonic(): number {
    return this.elapsedMs;
  }

  override async turn(): Promise<void> {
    this.turns++;
  }
}

describe('Slices', () => {
  test('Slices gives others a turn after 3 ms of work, and not before (Never in the way)', async () => {
    const clock = new WorkClock();
    const slices = new Slices(clock);
    const turnsAfter: number[] = [];
    for (let piece = 1; piece <= 20; piece++) {
      await slices.do(() => {
        clock.elapsedMs += 1;
      });
      turnsAfter.push(clock.turns);
      clock.elapsedMs += 1_000; // Waiting for the network is no work.
    }
    expect(turnsAfter.indexOf(1)).toBe(2);
    expect(clock.turns).toBe(6);
  });

  test('steps cuts a chunk of any size into pieces that are quickly done', () => {
    const sizes = [...steps(new Uint8Array(200_000))].map(({ length }) => length);
    expect(sizes).toEqual([65_536, 65_536, 65_536, 3_392]);
    expect([...steps(new Uint8Array(0))]).toHaveLength(1);
  });
});
