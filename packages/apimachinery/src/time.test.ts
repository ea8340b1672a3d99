import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatMicroTime, formatTime, parseTime } from './time.ts';

test('formatTime cuts to whole seconds in UTC', () => {
  expect(formatTime(Date.UTC(2026, 7, 6, 12, 30, 45, 999))).toBe('2026-08-06T12:30:45Z');
});

test('formatMicroTime always writes six digits', () => {
  expect(formatMicroTime(Date.UTC(2026, 7, 6, 12, 30, 45))).toBe('2026-08-06T12:30:45.000000Z');
  expect(formatMicroTime(1.5)).toBe('1970-01-01T00:00:00.001500Z');
  expect(formatMicroTime(-0.001)).toBe('1969-12-31T23:59:59.999999Z');
});

test('parseTime reads back any time to the microsecond', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4e15 }), (micros) => {
      expect(Math.round(parseTime(formatMicroTime(micros / 1000)) * 1000)).toBe(micros);
    }),
  );
});

test('parseTime reads offsets and fractions', () => {
  expect(parseTime('2026-08-06T14:30:45+02:00')).toBe(Date.UTC(2026, 7, 6, 12, 30, 45));
  expect(parseTime('1970-01-01t00:00:00.25z')).toBe(250);
});

test.each([
  '',
  'now',
  '2026-08-06',
  '2026-08-06T12:30:45',
  '2026-13-06T12:30:45Z',
  '2026-02-30T12:30:45Z',
  'Thu Aug 06 2026',
])('parseTime refuses "%s"', (text) => {
  expect(() => parseTime(text)).toThrow(TypeError);
});

test('formatTime refuses what has no year of four digits', () => {
  expect(() => formatTime(Number.NaN)).toThrow(RangeError);
  expect(() => formatTime(Date.UTC(10_000, 0))).toThrow('years 0 to 9999');
});
