import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compareBytes } from './compare-bytes.ts';

test('compareBytes orders strings as their UTF-8 bytes are ordered', () => {
  expect(['😀', '\uff01', 'b', '', 'ab', 'a', '日'].sort(compareBytes)).toEqual([
    '',
    'a',
    'ab',
    'b',
    '日',
    '\uff01',
    '😀',
  ]);
  const text = fc.string({ unit: fc.constantFrom('a', 'b', 'ü', '\ud7ff', '\ue000', '\uffff', '😀', '\u{10ffff}') });
  fc.assert(
    fc.property(text, text, (a, b) => {
      expect(Math.sign(compareBytes(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
    }),
  );
});
