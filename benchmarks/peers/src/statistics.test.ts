import { describe, expect, test } from 'vitest';
import { crossover, fitLine, growthExponent, median } from './statistics.ts';

describe('median', () => {
  test('median is the middle one, whatever the order', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([10, 9])).toBe(9);
    expect(median([])).toBeNaN();
  });
});

describe('fitLine', () => {
  test('fitLine finds the line that points lie on', () => {
    const { slope, intercept } = fitLine([
      [1, 5],
      [2, 7],
      [10, 23],
    ]);
    expect(slope).toBeCloseTo(2);
    expect(intercept).toBeCloseTo(3);
  });

  test('fitLine says NaN where there is no line', () => {
    expect(fitLine([[1, 5]]).slope).toBeNaN();
    expect(fitLine([]).slope).toBeNaN();
  });
});

describe('growthExponent', () => {
  test.each([0.5, 1, 2])('growthExponent finds the power %d', (power) => {
    const points = [10, 50, 100, 150].map((x) => [x, 7 * x ** power] as const);
    expect(growthExponent(points)).toBeCloseTo(power);
  });
});

describe('crossover', () => {
  test('crossover is where the flatter line comes to be below', () => {
    expect(crossover({ slope: 1, intercept: 60 }, { slope: 4, intercept: 30 })).toBe(10);
  });

  test('crossover is undefined where the first line is always below, or never', () => {
    expect(crossover({ slope: 1, intercept: 10 }, { slope: 4, intercept: 30 })).toBeUndefined();
    expect(crossover({ slope: 5, intercept: 60 }, { slope: 4, intercept: 30 })).toBeUndefined();
  });
});
