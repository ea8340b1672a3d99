import { expect, test } from 'vitest';
import { warningHeaders } from './warnings.ts';

test('warningHeaders says each warning once, on one line, quoted', () => {
  expect(warningHeaders(['a "b"', 'c\nd', 'a "b"', ''])).toEqual(['299 - "a \\"b\\""', '299 - "c d"']);
});

test('warningHeaders cuts when there is too much to say', () => {
  const headers = warningHeaders(['x'.repeat(4_000), 'y'.repeat(4_000)]);
  expect(headers.map(({ length }) => length)).toEqual([256 + '299 - ""'.length, 256 + '299 - ""'.length]);
  expect(warningHeaders(Array.from({ length: 100 }, (_, index) => `${index}${'z'.repeat(300)}`))).toHaveLength(16);
});
