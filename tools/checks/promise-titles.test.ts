import { expect, test } from 'vitest';
import { keptBy, promisesOf } from './promise-titles.ts';

const readme = `
- **Before**: is no promise.

## Promises

- **Fair**: keys come out in order.
- **Type and value.** Both.
- **Shares**: one for each; **Thrifty**: it ends.
  More **words** of the same.

## Not its job

- **After**: is none.
`;

test('promisesOf reads the bold names of the list of promises, with or without a full stop', () => {
  expect(promisesOf(readme)).toEqual(['Fair', 'Type and value', 'Shares', 'Thrifty']);
});

test('keptBy finds tests that passed by the name in their title, whatever the capitals', () => {
  const outcomes = new Map([
    [
      'packages/x/src/queue.test.ts',
      new Map([
        ['fair: keys come in order', ['passed']],
        ['Queue is shares', ['passed', 'failed']],
      ]),
    ],
  ]);
  expect(keptBy('Fair', outcomes)).toEqual(['fair: keys come in order']);
  expect(keptBy('Shares', outcomes)).toEqual([]);
  expect(keptBy('Thrifty', outcomes)).toEqual([]);
});
