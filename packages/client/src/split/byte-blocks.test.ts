import { expect, test } from 'vitest';
import { ByteBlocks } from './byte-blocks.ts';

test('ByteBlocks gives many items places in one buffer, and large ones a buffer of their own', () => {
  const blocks = new ByteBlocks();
  const places = Array.from({ length: 100 }, (_, index) => {
    const bytes = blocks.take(1000 + index);
    bytes.fill(index, blocks.start, blocks.start + 1000 + index);
    return { bytes, start: blocks.start, end: blocks.start + 1000 + index };
  });
  for (const [index, { bytes, start, end }] of places.entries())
    expect(bytes.subarray(start, end).every((byte) => byte === index)).toBe(true);
  expect(new Set(places.map(({ bytes }) => bytes)).size).toBe(1);
  expect(blocks.take(100_000)).toHaveLength(100_000);
  expect(blocks.start).toBe(0);
  expect(blocks.take(0)).toBe(places[0]?.bytes);
  expect(blocks.take(30_000)).not.toBe(places[0]?.bytes);
});
