import { expect, test } from 'vitest';
import { keepUnchangedTimes } from './timestamps.ts';

const object = (time: string, data = '1', manager = 'a') => ({
  metadata: { managedFields: [{ manager, time }] },
  data,
});

test('keepUnchangedTimes takes times back when nothing but them has changed', () => {
  expect(keepUnchangedTimes(object('1'), object('2'))).toEqual(object('1'));
  expect(keepUnchangedTimes(object('1'), object('2', '2'))).toEqual(object('2', '2'));
  expect(keepUnchangedTimes(object('1'), object('2', '1', 'b'))).toEqual(object('2', '1', 'b'));
  expect(keepUnchangedTimes({ data: '1' }, object('2'))).toEqual(object('2'));
});
