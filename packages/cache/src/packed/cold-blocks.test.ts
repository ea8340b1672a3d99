import { expect, test } from 'vitest';
import { ColdBlocks, compress } from './cold-blocks.ts';

/** The blocks of a text, and their compressed forms. */
function blocksOf(...texts: readonly string[]): ColdBlocks {
  const cuts = [0];
  for (const text of texts) cuts.push((cuts.at(-1) ?? 0) + text.length);
  return new ColdBlocks(
    cuts,
    texts.map((text) => compress(Buffer.from(text))),
  );
}

test('ColdBlocks.at gives the block in which a position lies, however small, and the last one for the end', () => {
  const blocks = blocksOf('a'.repeat(5_000), 'bb', 'ccc');
  const read = (position: number): [string, number] => {
    const { bytes, from } = blocks.at(position, 0);
    return [bytes.toString(), from];
  };
  expect([4_999, 5_000, 5_001, 5_002, 5_004, 5_005].map(read)).toEqual([
    ['a'.repeat(5_000), 0],
    ['bb', 5_000],
    ['bb', 5_000],
    ['ccc', 5_002],
    ['ccc', 5_002],
    ['ccc', 5_002],
  ]);
});

test('ColdBlocks.missingAt says how many bytes a read decompresses: none of a block that is warm', () => {
  const blocks = blocksOf('a'.repeat(70), 'b'.repeat(90));
  const cold = blocks.sizeBytes;
  expect([blocks.missingAt(0), blocks.missingAt(70), blocks.isWarm]).toEqual([70, 90, false]);
  blocks.at(75, 3);
  expect([blocks.missingAt(0), blocks.missingAt(70), blocks.isWarm]).toEqual([70, 0, true]);
  expect(blocks.sizeBytes - cold).toBe(90);
  expect(blocks.cool(2)).toEqual([]);
  expect(blocks.cool(3).map(String)).toEqual(['b'.repeat(90)]);
  expect([blocks.sizeBytes, blocks.missingAt(70)]).toEqual([cold, 90]);
});

test('ColdBlocks without blocks can be read nowhere', () => {
  expect(() => blocksOf().at(0, 0)).toThrow('Cannot read slab: it is empty');
});
