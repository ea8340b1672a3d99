/** The middle one; of an even number the lower middle. NaN when there are none. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) / 2)] ?? Number.NaN;
}

/** A point: how many, and what was measured there. */
export type Point = readonly [x: number, y: number];

/** The straight line with the least squares through points. */
export interface Line {
  readonly slope: number;
  readonly intercept: number;
}

/** @returns NaN for fewer than two different places. */
export function fitLine(points: readonly Point[]): Line {
  const mean = (of: (point: Point) => number): number =>
    points.reduce((sum, point) => sum + of(point), 0) / points.length;
  const meanX = mean(([x]) => x);
  const meanY = mean(([, y]) => y);
  const slope = mean(([x, y]) => (x - meanX) * (y - meanY)) / mean(([x]) => (x - meanX) ** 2);
  return { slope, intercept: meanY - slope * meanX };
}

/** The power of x by which y grows: 1 is linear. A regression of the logarithms. */
export function growthExponent(points: readonly Point[]): number {
  return fitLine(points.map(([x, y]) => [Math.log(x), Math.log(y)])).slope;
}

/** From which x on the first line is below the second. Undefined when it never is, or always was. */
export function crossover(first: Line, second: Line): number | undefined {
  const x = (first.intercept - second.intercept) / (second.slope - first.slope);
  return x > 0 && first.slope < second.slope ? x : undefined;
}
