import fc from 'fast-check';
import { expect, test } from 'vitest';
import { editDistance } from './near-matches.ts';

test.each([
  ['', '', 0],
  ['pods', 'pods', 0],
  ['pod', 'pods', 1],
  ['dpos', 'pdos', 1],
  ['deploymnets', 'deployments', 1],
  ['kitten', 'sitting', 3],
  ['', 'abc', 3],
])('editDistance from "%s" to "%s" is %i', (a, b, distance) => {
  expect(editDistance(a, b)).toBe(distance);
});

test('editDistance is the same in both directions and bounded by the longer word', () => {
  const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 8 });
  fc.assert(
    fc.property(word, word, (a, b) => {
      expect(editDistance(a, b)).toBe(editDistance(b, a));
      expect(editDistance(a, b)).toBeLessThanOrEqual(Math.max(a.length, b.length));
      expect(editDistance(a, b) === 0).toBe(a === b);
    }),
  );
});
