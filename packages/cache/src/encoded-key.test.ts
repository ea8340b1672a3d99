import { expect, test } from 'vitest';
import { encodeKey } from './encoded-key.ts';

test.each([
  ['ns/name', 7],
  ['a', 1],
  ['', 0],
  ['\x00\x7f', 2],
  ['ns/né', 0],
  ['n\u{1f600}', 0],
  ['n\ud800', 0],
  ['a'.repeat(1_024), 1_024],
  ['a'.repeat(1_025), 0],
  // As many characters as bytes fit.
  [`é${'a'.repeat(1_023)}`, 0],
  [`é${'a'.repeat(1_027)}`, 0],
  [`é${'a'.repeat(1_019)}\u{1f600}`, 0],
])('encodeKey gives the bytes of short ASCII keys, and only the text of others: %j', (text, length) => {
  encodeKey('of another key, which is longer');
  const key = encodeKey(text);
  expect([key.text, key.length]).toEqual([text, length]);
  if (length > 0) expect(Buffer.from(key.bytes.subarray(0, length)).toString('latin1')).toBe(text);
});

test('encodeKey gives a key the same hash each time, and others when they differ in any one character', () => {
  const text = 'kube-system/coredns-7d9f8c6b5-x2x4z';
  const { hash } = encodeKey(text);
  for (let at = 0; at < text.length; at++) {
    const other = `${text.slice(0, at)}_${text.slice(at + 1)}`;
    expect(encodeKey(other).hash).not.toBe(hash);
    expect(encodeKey(text).hash).toBe(hash);
  }
  const half = text.slice(0, 11);
  expect(encodeKey(half + text.slice(11)).hash).toBe(hash); // a string of other pieces
});

test.each([
  ['whose ends are beyond 1,024 bytes', 'a'.repeat(1_030)],
  ['whose ends are beyond 1,024 bytes of other characters', '\u65e5'.repeat(400)],
  ['of which each ends in half a character', 'n'],
])('encodeKey gives keys %s hashes of their own', (_, start) => {
  const keys = Array.from({ length: 100 }, (_, i) => start + String.fromCharCode(0xd8_00 + i));
  expect(new Set(keys.map((key) => encodeKey(key).hash)).size).toBe(100);
});
