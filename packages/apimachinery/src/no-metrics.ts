import type { Metrics } from './ports.ts';

const series = Object.freeze({ add() {}, set() {}, observe() {} });

/** Measures nothing. The default of every option that takes metrics. */
export const noMetrics: Metrics = Object.freeze({
  counter: () => series,
  gauge: () => series,
  histogram: () => series,
  remove() {},
});
