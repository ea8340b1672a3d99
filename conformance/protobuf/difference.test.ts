import { expect, test } from 'vitest';
import { firstDifference } from './difference.ts';

test.each([
  [{ a: [1, { 'b/c': 2 }] }, { a: [1, { 'b/c': 3 }] }, '$.a[1]["b/c"]: got 2, Go has 3'],
  [{ a: 1, b: 2 }, { b: 2, a: 1 }, '$: got the keys ["a","b"], Go has ["b","a"]'],
  [{ a: {} }, { a: { b: null } }, '$.a: got the keys [], Go has ["b"]'],
  [{ a: [] }, { a: {} }, '$.a: got [], Go has {}'],
  [{ a: 0 }, { a: null }, '$.a: got 0, Go has null'],
])('firstDifference names the path: %j and %j', (got, wanted, difference) => {
  expect(firstDifference(got, wanted)).toBe(difference);
});

test('firstDifference finds nothing in values with the same text', () => {
  expect(firstDifference({ a: [1, { b: null }] }, { a: [1, { b: null }] })).toBeUndefined();
});
