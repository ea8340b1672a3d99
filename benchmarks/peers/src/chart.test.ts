import { describe, expect, test } from 'vitest';
import { drawChart, spread, stepFor } from './chart.ts';

const chart = {
  title: 'Time & memory',
  xLabel: 'pods',
  yLabel: 's',
  series: [
    {
      name: 'ours <best>',
      isOurs: true,
      points: [
        [10_000, 0.2],
        [150_000, 2.5],
      ],
    },
    {
      name: 'theirs',
      points: [
        [10_000, 0.5],
        [50_000, 3],
        [150_000, 10],
      ],
    },
    { name: 'fails', points: [] },
  ],
} as const;

/** All numbers of an attribute of all elements. */
const numbers = (svg: string, attribute: string): number[] =>
  [...svg.matchAll(new RegExp(` ${attribute}="([-\\d.]+)"`, 'g'))].map(([, value]) => Number(value));

describe('drawChart', () => {
  const svg = drawChart(chart);

  test('drawChart names its axes and lines, in text that is safe in XML', () => {
    for (const text of ['Time &amp; memory', 'ours &lt;best&gt;', 'theirs', '>pods<', '>150,000<', '>10<']) {
      expect(svg).toContain(text);
    }
    expect(svg.match(/<text/g)?.length).toBe(svg.match(/<\/text>/g)?.length);
  });

  test('drawChart puts every point into the picture', () => {
    expect(numbers(svg, 'cx')).toHaveLength(5);
    for (const x of numbers(svg, 'cx')) expect(x).toBeGreaterThan(60);
    for (const x of numbers(svg, 'cx')) expect(x).toBeLessThanOrEqual(540);
    for (const y of numbers(svg, 'cy')) expect(y).toBeGreaterThanOrEqual(52);
    for (const y of numbers(svg, 'cy')) expect(y).toBeLessThanOrEqual(364);
  });

  test('drawChart leaves out what has no points', () => {
    expect(svg).not.toContain('fails');
    expect(svg).not.toContain('NaN');
    expect(drawChart({ ...chart, series: [] })).not.toContain('NaN');
  });

  test('drawChart has text for light and for dark ground', () => {
    expect(svg).toContain('prefers-color-scheme:dark');
  });
});

describe('spread', () => {
  test('spread moves labels apart that would overlap, and keeps their order', () => {
    expect(spread([100, 102, 50], 18, 360)).toEqual([100, 118, 50]);
  });

  test('spread keeps the lowest label above the bottom', () => {
    expect(spread([355, 358, 359], 18, 360)).toEqual([324, 342, 360]);
  });
});

describe('stepFor', () => {
  test.each([
    [10, 2],
    [9.5, 2],
    [1_700, 500],
    [150_000, 50_000],
    [0.3, 0.05],
  ])('stepFor has at most six round steps up to %d', (top, step) => {
    expect(stepFor(top, 6)).toBeCloseTo(step);
  });
});
