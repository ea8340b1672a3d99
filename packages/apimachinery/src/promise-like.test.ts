import { expect, test } from 'vitest';
import { isPromiseLike } from './promise-like.ts';

test('isPromiseLike knows promises and what can be waited for like one', () => {
  const like = Object.fromEntries([['then', () => {}]]);
  expect([Promise.resolve(), like].map(isPromiseLike)).toEqual([true, true]);
  const unlike = Object.fromEntries([['then', 5]]);
  expect([undefined, null, 5, 'then', {}, unlike, () => {}].map(isPromiseLike)).not.toContain(true);
});
