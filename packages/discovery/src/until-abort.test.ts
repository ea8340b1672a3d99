import { expect, test } from 'vitest';
import { untilAbort } from './until-abort.ts';

const never = new Promise<string>(() => {});

test('untilAbort gives what the promise gives, unless the signal comes first', async () => {
  const { signal } = new AbortController();
  await expect(untilAbort(Promise.resolve('here'), signal)).resolves.toBe('here');
  await expect(untilAbort(Promise.reject(new Error('broken')), signal)).rejects.toThrow('broken');
  await expect(untilAbort(Promise.resolve('here'), undefined)).resolves.toBe('here');
  const stop = new AbortController();
  const waiting = untilAbort(never, stop.signal);
  stop.abort(new Error('stop'));
  await expect(waiting).rejects.toThrow('stop');
});

test('untilAbort does not wait where the signal has aborted already, and leaves no rejection behind', async () => {
  const stopped = AbortSignal.abort(new Error('stopped'));
  await expect(untilAbort(never, stopped)).rejects.toThrow('stopped');
  await expect(untilAbort(Promise.reject(new Error('broken')), stopped)).rejects.toThrow('stopped');
});
