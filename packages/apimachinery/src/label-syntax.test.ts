import { expect, test } from 'vitest';
import { labelKeyProblems, labelValueProblems } from './label-syntax.ts';

test.each([
  'app',
  'A',
  '1',
  'a.b_c-d',
  'example.com/app',
  `${'a'.repeat(63)}`,
  `${'a'.repeat(63)}.b/${'c'.repeat(63)}`,
])('labelKeyProblems finds nothing wrong with "%s"', (key) => {
  expect(labelKeyProblems(key)).toEqual([]);
});

test.each([
  ['', /^name part must be non-empty$/],
  ['a b', /^name part must consist of alphanumeric/],
  ['-a', /^name part must consist of alphanumeric/],
  ['a'.repeat(64), /^name part must be no more than 63 bytes$/],
  ['/a', /^prefix part must be non-empty$/],
  ['Example.com/a', /^prefix part a lowercase RFC 1123 subdomain/],
  [`${'a.'.repeat(127)}a/b`, /^prefix part must be no more than 253 bytes$/],
  ['a/b/c', /^a valid label key must consist/],
])('labelKeyProblems refuses "%s"', (key, problem) => {
  expect(labelKeyProblems(key)[0]).toMatch(problem);
});

test.each(['', 'a', 'A.b_c-9', 'x'.repeat(63)])('labelValueProblems finds nothing wrong with "%s"', (value) => {
  expect(labelValueProblems(value)).toEqual([]);
});

test.each([
  ['a/b', /^a valid label must be an empty string/],
  ['a_', /^a valid label must be an empty string/],
  ['x'.repeat(64), /^must be no more than 63 bytes$/],
])('labelValueProblems refuses "%s"', (value, problem) => {
  expect(labelValueProblems(value)[0]).toMatch(problem);
});
