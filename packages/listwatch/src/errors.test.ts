import { describe, expect, test } from 'vitest';
import {
  endedError,
  inconsistentError,
  inSink,
  noVersionError,
  seconds,
  shortWatchError,
  silentError,
  timedOutError,
} from './errors.ts';

describe('errors', () => {
  test.each([
    [silentError(90_000, 'nothing came'), 'LISTWATCH_SILENT', 'nothing came for 90 s'],
    [shortWatchError(), 'LISTWATCH_SHORT_WATCH', 'it ended within a second, without an event'],
    [inconsistentError('a differs'), 'LISTWATCH_INCONSISTENT', 'a differs'],
    [
      noVersionError('a/b'),
      'LISTWATCH_NO_VERSION',
      '"a/b" has no resource version: the watch cannot be resumed after it',
    ],
    [endedError('1 of 2 met'), 'LISTWATCH_ENDED', 'The changes ended before they met all conditions: 1 of 2 met'],
    [timedOutError(500, '1 of 2 met'), 'LISTWATCH_TIMED_OUT', 'Not all conditions were met within 500 ms: 1 of 2 met'],
  ])('%s has its code and says what is wrong', (error, code, message) => {
    expect(error).toMatchObject({ code, message, retryable: true });
  });

  test.each([
    [999, '999 ms'],
    [1_000, '1 s'],
    [1_449, '1.4 s'],
    [90_000, '90 s'],
  ])('seconds says %i ms as %s', (ms, text) => {
    expect(seconds(ms)).toBe(text);
  });

  test('inSink says that an error is of the sink, at once or later, and lets results through', async () => {
    const cause = new Error('odd');
    const failed = { code: 'LISTWATCH_SINK_FAILED', message: 'odd', cause };
    const fail = (): never => {
      throw cause;
    };
    expect(inSink(() => 7)).toBe(7);
    expect(await inSink(async () => 7)).toBe(7);
    expect(() => inSink(fail)).toThrow(expect.objectContaining(failed));
    await expect(inSink(async () => fail())).rejects.toMatchObject(failed);
    const text = (): never => {
      throw 'text';
    };
    expect(() => inSink(text)).toThrow(expect.objectContaining({ message: 'text', cause: 'text' }));
  });
});
