import { encodedItem, FakeClock } from '@bowline/apimachinery/testing';
import { expect, test } from 'vitest';
import { type Machine, machine, TestEncoding } from '../doubles.fixture.ts';
import { encodeKey } from '../encoded-key.ts';
import { Keeper } from './kept.fixture.ts';
import { createPackedStorage, packedStorage } from './packed-storage.ts';

const object = (i: number): Machine => machine(`ns/m-${i}`, { spec: { node: `${i} `.repeat(200) } });

/** A storage that holds some slabs, and what it gave out of it. */
function setUp({ count = 3_000, recentObjects = 1_024 } = {}) {
  const clock = new FakeClock();
  const encoding = new TestEncoding();
  const retired: Buffer[] = [];
  const allocator = {
    allocate: (sizeBytes: number) => Buffer.allocUnsafeSlow(sizeBytes),
    retired: (bytes: Buffer) => void retired.push(bytes),
  };
  const storage = createPackedStorage<Machine>({ compressAfterMs: 60_000, clock, recentObjects }, allocator);
  const keeper = new Keeper(storage);
  const kept = Array.from({ length: count }, (_, i) => keeper.keep(encodedItem(object(i), { encoding })));
  const at = (i: number) => {
    const item = kept[i];
    if (item === undefined) throw new Error(`there is no item ${i}`);
    return item;
  };
  return { clock, storage, keeper, kept, at, retired, encoding };
}

test('packedStorage compresses full slabs that nobody has read for the time it is told, and rests', async () => {
  const { clock, storage, kept, retired } = setUp();
  const { slabs, sizeBytes, liveBytes } = storage.stats();
  await clock.advance(60_000);
  expect(storage.stats().compressedSlabs).toBe(0);
  await clock.advance(15_000);
  expect(storage.stats()).toMatchObject({ slabs, compressedSlabs: slabs - 1, liveBytes });
  expect(storage.sizeBytes).toBeLessThan(sizeBytes / 2);
  expect(retired).toHaveLength(slabs - 1);
  expect(clock.pending).toBe(0);
  for (const [i, item] of kept.entries()) {
    expect(item.read?.(['metadata', 'name'])).toBe(`m-${i}`);
    expect(item.object).toEqual(object(i));
  }
});

test('packedStorage decompresses the block that is read and no more, and lets go of it when it is cold again', async () => {
  const { clock, storage, at, encoding, retired } = setUp();
  await clock.advance(75_000);
  const cold = storage.sizeBytes;
  const read = at(0).object;
  expect(at(1).read?.(['kind'])).toBe('Machine');
  const warm = storage.sizeBytes;
  expect([warm > cold + 60_000, warm < cold + 70_000]).toEqual([true, true]);
  expect(clock.pending).toBe(1);
  for (let i = 0; i < 10; i++) {
    await clock.advance(30_000);
    expect(at(0).object).toBe(read);
  }
  expect([storage.sizeBytes, encoding.objects]).toEqual([warm, 1]);
  const before = retired.length;
  await clock.advance(75_000);
  expect([storage.sizeBytes, clock.pending, retired.length - before]).toEqual([cold, 0, 1]);
  expect(at(0).object).not.toBe(read);
  expect(at(0).object).toEqual(read);
});

test('packedStorage decompresses nothing for what names an object', async () => {
  const { clock, storage, at } = setUp();
  await clock.advance(75_000);
  const cold = storage.sizeBytes;
  for (let i = 0; i < 3_000; i++) {
    expect([at(i).key, at(i).uid, storage.hasKey?.(i, encodeKey(`ns/m-${i}`))]).toEqual([
      `ns/m-${i}`,
      `uid of ns/m-${i}`,
      true,
    ]);
  }
  expect(storage.sizeBytes).toBe(cold);
});

test('packedStorage does not compress a slab that is read', async () => {
  const { clock, storage, at } = setUp();
  const { slabs } = storage.stats();
  const read = at(0).object;
  for (let i = 0; i < 8; i++) {
    await clock.advance(30_000);
    expect(at(0).object).toBe(read);
  }
  expect(storage.stats().compressedSlabs).toBe(slabs - 2);
});

test('packedStorage does not compress what was written a moment ago', async () => {
  const { clock, storage, keeper, at } = setUp({ count: 200 });
  await clock.advance(600_000);
  const { compressedSlabs } = storage.stats();
  for (let i = 0; i < 3_000; i++) keeper.keep(at(i % 200));
  await clock.advance(60_000);
  expect(storage.stats().compressedSlabs).toBe(compressedSlabs);
  await clock.advance(15_000);
  expect(storage.stats().compressedSlabs).toBe(storage.stats().slabs - 1);
});

test('packedStorage sets no timer while it has nothing full, and none once it is released or disposed', async () => {
  const little = setUp({ count: 10 });
  expect(little.clock.pending).toBe(0);
  const { clock, storage, at } = setUp();
  expect(clock.pending).toBe(1);
  const next = new Keeper(storage.empty());
  storage.release();
  expect(clock.pending).toBe(0);
  for (let i = 0; i < 300; i++) next.keep(at(i));
  expect(clock.pending).toBe(1);
  storage[Symbol.dispose]();
  expect(clock.pending).toBe(0);
  for (let i = 0; i < 300; i++) next.keep(at(i));
  expect(clock.pending).toBe(0);
});

test('packedStorage compacts compressed slabs, and what was dropped in them stays readable', async () => {
  const { clock, storage, keeper, kept, at } = setUp({ recentObjects: 0 });
  await clock.advance(75_000);
  const { slabs } = storage.stats();
  for (const [i, item] of kept.entries()) if (i % 4 !== 0) item.drop();
  for (let i = 0; i < 200; i++) keeper.keep(at(0)).drop();
  const after = storage.stats();
  expect([after.slabs < slabs, after.sizeBytes < after.liveBytes * 2 + 1_048_576]).toEqual([true, true]);
  for (const [i, item] of kept.entries()) expect(item.object).toEqual(object(i));
  storage.release();
  expect(storage.sizeBytes).toBe(0);
  for (const [i, item] of kept.entries()) expect(item.object).toEqual(object(i));
});

test('packedStorage leaves an object of more than 2 MiB as it is', async () => {
  const { clock, storage, keeper } = setUp({ count: 0 });
  keeper.keep(encodedItem(machine('a', { spec: { node: 'x'.repeat(2_100_000) } })));
  expect(clock.pending).toBe(0);
  keeper.keep(encodedItem(machine('a', { spec: { node: 'x'.repeat(2_000_000) } })));
  await clock.advance(75_000);
  expect(storage.stats()).toMatchObject({ slabs: 2, compressedSlabs: 1 });
});

test('packedStorage does not compress a slab that was dropped or read while it was at work', async () => {
  const { clock, storage, kept, at } = setUp();
  // Each look at the clock takes 5 ms, so that there is a turn after each block.
  const { monotonic, turn } = clock;
  let now = 0;
  let turns = 0;
  clock.monotonic = () => (now += 5);
  clock.turn = () => {
    if (++turns === 1) expect(at(0).object.metadata.name).toBe('m-0');
    if (turns === 2) for (const item of kept.slice(100)) item.drop();
    return turn.call(clock);
  };
  await clock.advance(75_000);
  expect(turns).toBeGreaterThan(1);
  expect(storage.stats().compressedSlabs).toBe(0);
  clock.monotonic = monotonic;
  for (const [i, item] of kept.entries()) expect(item.object).toEqual(object(i));
});

test('packedStorage that compresses takes pages that the system gets back when they are freed, and no others do', () => {
  const bufferOf = (compressAfterMs?: number) => {
    const storage = packedStorage<Machine>({ compressAfterMs, clock: new FakeClock() });
    const item = new Keeper(storage).keep(encodedItem(object(1)));
    expect(item.object).toEqual(object(1));
    return item.bytes.buffer as ArrayBufferLike & { readonly resizable: boolean };
  };
  expect([bufferOf(1_000).resizable, bufferOf().resizable]).toEqual([true, false]);
});
