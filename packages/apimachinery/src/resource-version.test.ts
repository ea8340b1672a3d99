import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compareResourceVersions, isComparableResourceVersion } from './resource-version.ts';

test('Exact order: compareResourceVersions agrees with the numbers, however long', () => {
  const version = fc.bigInt({ min: 0n, max: 10n ** 40n });
  fc.assert(
    fc.property(version, version, (a, b) => {
      expect(compareResourceVersions(String(a), String(b))).toBe(a < b ? -1 : a > b ? 1 : 0);
    }),
  );
});

test('Exact order: neighbours beyond 2^53 differ', () => {
  expect(compareResourceVersions('9007199254740993', '9007199254740992')).toBe(1);
});

test.each(['', '01', '-1', '1.0', '1e3', 'abc', ' 1', '１'])('compareResourceVersions refuses "%s"', (text) => {
  expect(isComparableResourceVersion(text)).toBe(false);
  expect(() => compareResourceVersions(text, '1')).toThrow(TypeError);
  expect(() => compareResourceVersions('1', text)).toThrow(`got "${text}"`);
});

test.each(['0', '1', '10', '18446744073709551616'])('isComparableResourceVersion accepts "%s"', (text) => {
  expect(isComparableResourceVersion(text)).toBe(true);
});
