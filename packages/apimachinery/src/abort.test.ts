import { expect, test } from 'vitest';
import { abortError, untilAborted } from './abort.ts';

test('abortError is the reason when that is an error, else an AbortError', () => {
  const reason = new Error('stopping');
  expect(abortError(AbortSignal.abort(reason))).toBe(reason);
  expect(abortError(AbortSignal.abort())).toMatchObject({ name: 'AbortError' });
  expect(abortError(AbortSignal.abort('because'))).toMatchObject({ name: 'AbortError', cause: 'because' });
});

test('untilAborted resolves on abort, at once when it has happened', async () => {
  await untilAborted(AbortSignal.abort());
  const stop = new AbortController();
  let done = false;
  const waiting = untilAborted(stop.signal).then(() => {
    done = true;
  });
  await Promise.resolve();
  expect(done).toBe(false);
  stop.abort();
  await waiting;
});
