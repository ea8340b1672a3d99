import { expect, test } from 'vitest';
import { noMetrics } from './no-metrics.ts';
import { RecordingMetrics } from './recording-metrics.ts';

test('noMetrics measures nothing', () => {
  const description = { name: 'n', help: 'h' };
  noMetrics.counter(description).add();
  noMetrics.gauge(description).set(1);
  noMetrics.histogram(description).observe(1);
  expect(noMetrics.remove(description)).toBe(undefined);
});

test('RecordingMetrics keeps one series per name and labels, in any order of labels', () => {
  const metrics = new RecordingMetrics();
  metrics.counter({ name: 'adds', help: '', labels: { a: '1', b: '2' } }).add();
  metrics.counter({ name: 'adds', help: '', labels: { b: '2', a: '1' } }).add(2);
  metrics.gauge({ name: 'depth', help: '' }).set(5);
  const histogram = metrics.histogram({ name: 'seconds', help: '' });
  histogram.observe(1);
  histogram.observe(0.5);
  expect(metrics.value('adds', { a: '1', b: '2' })).toBe(3);
  expect(metrics.value('adds')).toBe(undefined);
  expect(metrics.value('depth')).toBe(5);
  expect(metrics.observations('seconds')).toEqual([1, 0.5]);
  metrics.remove({ name: 'depth', help: '' });
  expect(metrics.value('depth')).toBe(undefined);
  expect(() => metrics.counter({ name: 'adds', help: '' }).add(-1)).toThrow(RangeError);
});
