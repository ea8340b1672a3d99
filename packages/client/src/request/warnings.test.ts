import { expect, test } from 'vitest';
import { warningsOf } from './warnings.ts';

test('warningsOf reads headers that are repeated, joined, escaped, dated', () => {
  const warning = [
    '299 - "unknown field \\"spec.foo\\"", 299 proxy "old, really" "Wed, 21 Oct 2015 07:28:00 GMT"',
    '199 - "no matter"',
    '299 - ""',
  ];
  expect(warningsOf({ warning })).toEqual([
    { agent: '-', text: 'unknown field "spec.foo"' },
    { agent: 'proxy', text: 'old, really' },
    { agent: '-', text: '' },
  ]);
  expect(warningsOf({ warning: 'nonsense' })).toEqual([]);
  expect(warningsOf({})).toEqual([]);
});
