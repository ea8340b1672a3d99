import { describe, expect, test } from 'vitest';
import { judgeStops } from './stops.ts';

const span = (startMs: number, endMs: number) => ({ startMs, endMs });
const turn = (startMs: number, endMs: number, ranMs = endMs - startMs) => ({ startMs, endMs, ranMs });

describe('judgeStops', () => {
  test('judgeStops leaves the time of a collection out of the turn in which it was', () => {
    const turns = [turn(0, 1), turn(1, 32), turn(32, 44)];
    const collections = [span(5, 30)];
    expect(judgeStops(turns, collections)).toEqual({ worstStopMs: 30, worstCollectionMs: 25, worstOwnStopMs: 11 });
  });

  test('judgeStops counts of a collection what lies within the turn', () => {
    expect(judgeStops([turn(10, 31)], [span(0, 20), span(30, 40)])).toEqual({
      worstStopMs: 20,
      worstCollectionMs: 20,
      worstOwnStopMs: 9,
    });
  });

  test('judgeStops leaves out of our own stops what other programs had the processor for', () => {
    expect(judgeStops([turn(0, 51, 8)], [])).toEqual({ worstStopMs: 50, worstCollectionMs: 0, worstOwnStopMs: 8 });
  });

  test('judgeStops finds nothing where nothing was late', () => {
    expect(judgeStops([], [])).toEqual({ worstStopMs: 0, worstCollectionMs: 0, worstOwnStopMs: 0 });
  });
});
