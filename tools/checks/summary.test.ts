import { expect, test } from 'vitest';
import { linesOf, rowOf } from './summary.ts';

const vitest = { numPassedTests: 3, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0, success: true };
const file = 'packages/cache/.results/tests.json';

test('rowOf reads a vitest report', () => {
  expect(rowOf(file, JSON.stringify(vitest))).toEqual({ name: 'packages/cache tests', passed: 3, failed: 0 });
});

test('rowOf counts skipped tests and tests to do as failed', () => {
  const text = JSON.stringify({ ...vitest, numFailedTests: 1, numPendingTests: 2, numTodoTests: 4, success: false });
  expect(rowOf(file, text)).toMatchObject({ passed: 3, failed: 7 });
});

test('rowOf counts a report without tests as failed, and one that did not succeed', () => {
  expect(rowOf(file, JSON.stringify({ ...vitest, numPassedTests: 0 }))).toMatchObject({ passed: 0, failed: 1 });
  expect(rowOf(file, JSON.stringify({ ...vitest, success: false }))).toMatchObject({ passed: 3, failed: 1 });
});

test('rowOf reads the result of a check', () => {
  expect(rowOf('.results/lint.json', '{"name":"lint","passed":9,"failed":1}')).toEqual({
    name: 'lint',
    passed: 9,
    failed: 1,
  });
});

test('linesOf ends with the sum, alone on its line', () => {
  const lines = linesOf([
    { name: 'a', passed: 2, failed: 0 },
    { name: 'b', passed: 3, failed: 1 },
  ]);
  expect(lines).toHaveLength(3);
  expect(lines.at(-1)).toBe('5 passed, 1 failed');
});
