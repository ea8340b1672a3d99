import type { Pod } from '@bowline/api/core/v1';
import { encodeMessage } from '@bowline/api/protobuf';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ChunkMemory } from './chunk-memory.ts';
import { core, coreType, cut, frame, keepCopy, podList } from './protobuf.fixture.ts';
import { ProtobufEncoding } from './protobuf-encoding.ts';
import { ProtobufFrameSplitter } from './protobuf-frame-splitter.ts';
import { ProtobufListSplitter } from './protobuf-list-splitter.ts';
import type { SplitItem } from './split-item.ts';

const limits = { maxItemBytes: 1 << 20, maxDepth: 1_000 };
const encoding = new ProtobufEncoding<Pod>('v1', 'Pod', await coreType('Pod'));
const drop = [
  ['metadata', 'managedFields'],
  ['metadata', 'generateName'],
];
const COUNT = 5;

/** What happens to each item, in this order. */
const fates = ['held', 'copied', 'read, copied', 'copied twice', 'copied, read'] as const;
type Fate = (typeof fates)[number];

function podOf(index: number): Record<string, unknown> {
  const managedFields = [{ manager: 'kubelet', operation: 'Update', apiVersion: 'v1' }];
  const metadata = {
    name: `pod-${index}`,
    generateName: 'pod-',
    namespace: 'default',
    uid: `uid-${index}`,
    resourceVersion: `${index + 100}`,
    annotations: { index: `${index}`.repeat(200) },
    managedFields,
  };
  return { metadata, spec: { nodeName: `node-${index}` } };
}

const list = await podList(Array.from({ length: COUNT }, (_, index) => podOf(index)));
const watch = Buffer.concat(
  await Promise.all(Array.from({ length: COUNT }, async (_, index) => frame('ADDED', await core('Pod', podOf(index))))),
);

const copy = (item: SplitItem<Pod>): void => keepCopy(item, drop);

const actions: Readonly<Record<Fate, (item: SplitItem<Pod>) => void>> = {
  held: () => {},
  copied: copy,
  'read, copied': (item) => {
    void item.object;
    copy(item);
  },
  'copied twice': (item) => {
    copy(item);
    copy(item);
  },
  'copied, read': (item) => {
    copy(item);
    void item.object;
  },
};

interface Run {
  readonly isList: boolean;
  readonly shares: readonly number[];
  readonly fates: readonly Fate[];
  /** After how many chunks what happens to the items does. */
  readonly late: number;
}

const runs: fc.Arbitrary<Run> = fc.record({
  isList: fc.boolean(),
  shares: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 6 }),
  fates: fc.array(fc.constantFrom(...fates), { minLength: COUNT, maxLength: COUNT }),
  late: fc.nat(3),
});

/** @param leaves How often who splits a chunk says that it is done with it. */
function check({ isList, shares, fates, late }: Run, leaves: number = 1): void {
  const lists = new ProtobufListSplitter<Pod>(limits, encoding);
  const frames = new ProtobufFrameSplitter<Pod>(limits, encoding, () => {});
  const chunks = cut(isList ? list : watch, shares);
  const freed = new Set<unknown>();
  const items: SplitItem<Pod>[] = [];
  /** In which chunk each item stands, where it stands in one. */
  const homes: (Uint8Array | undefined)[] = [];
  let done = 0;
  const act = (upTo: number): void => {
    for (; done < upTo; done++) actions[fates[done] as Fate](items[done] as SplitItem<Pod>);
  };
  const counts: number[] = [];
  for (const chunk of chunks) {
    const memory = new ChunkMemory(() => {
      expect(freed.has(chunk)).toBe(false);
      freed.add(chunk);
      chunk.fill(0xee); // whoever reads it nevertheless reads rubbish
    });
    if (isList) lists.push(chunk, memory);
    const came = isList
      ? lists.items.splice(0)
      : frames.push(chunk, memory).map((one) => ('item' in one ? one.item : expect.unreachable()));
    items.push(...came);
    homes.push(...came.map(({ bytes }) => (bytes.buffer === chunk.buffer ? chunk : undefined)));
    for (let left = 0; left < leaves; left++) memory.leave();
    counts.push(items.length);
    if (counts.length > late) act(counts[counts.length - 1 - late] as number);
  }
  act(items.length);

  expect(items).toHaveLength(COUNT);
  items.forEach((item, index) => {
    const whole = podOf(index);
    expect(item).toMatchObject({ key: `default/pod-${index}`, uid: `uid-${index}`, resourceVersion: `${index + 100}` });
    expect(item.read(['spec', 'nodeName'])).toBe(`node-${index}`);
    const isMoved =
      homes[index] !== undefined && ['copied', 'copied twice', 'copied, read'].includes(`${fates[index]}`);
    const expected = encoding.decode(...placeOf(whole));
    const { managedFields, generateName, ...metadata } = expected.metadata;
    const seen = isMoved ? { ...expected, metadata } : expected;
    expect(item.object).toEqual(seen);
    expect(item.decode()).toEqual(seen);
  });
  const isGone = (chunk: Uint8Array): boolean =>
    homes.every((home, index) => home !== chunk || /^copied/.test(`${fates[index]}`));
  expect(chunks.map((chunk) => freed.has(chunk))).toEqual(chunks.map(isGone));
}

function placeOf(object: Record<string, unknown>): [Buffer, number, number] {
  const bytes = encodeMessage(encoding.message, object);
  return [bytes, 0, bytes.length];
}

test('ChunkMemory goes when all items in it are copied; each item says what it said, or its copy', () => {
  fc.assert(
    fc.property(runs, (run) => check(run)),
    { numRuns: 1_500 },
  );
});

test('ChunkMemory: its property finds memory that goes too early', () => {
  expect(() =>
    fc.assert(
      fc.property(runs, (run) => check(run, 2)),
      { numRuns: 1_500 },
    ),
  ).toThrow(/Property failed/);
});
