import { describe, expect, test } from 'vitest';
import { judgeStops } from './programs/stops.ts';

const span = (startMs: number, endMs: number) => ({ startMs, endMs });

describe('judgeStops', () => {
  test('judgeStops leaves the time of a collection out of the turn in which it was', () => {
    const turns = [span(0, 1), span(1, 32), span(32, 44)];
    const collections = [span(5, 30)];
    expect(judgeStops(turns, collections)).toEqual({ worstStopMs: 30, worstCollectionMs: 25, worstOwnStopMs: 11 });
  });

  test('judgeStops counts of a collection what lies within the turn', () => {
    expect(judgeStops([span(10, 31)], [span(0, 20), span(30, 40)])).toEqual({
      worstStopMs: 20,
      worstCollectionMs: 20,
      worstOwnStopMs: 9,
    });
  });

  test('judgeStops finds nothing where nothing was late', () => {
    expect(judgeStops([], [])).toEqual({ worstStopMs: 0, worstCollectionMs: 0, worstOwnStopMs: 0 });
  });
});
