import type { Clock } from '@bowline/apimachinery';
import { encodedItem, FakeClock, seededRandom } from '@bowline/apimachinery/testing';
import { describe, expect, test } from 'vitest';
import { type Machine, machine, TestEncoding } from '../doubles.fixture.ts';
import { Keeper } from './kept.fixture.ts';
import { createPackedStorage, packedStorage, type SlabSizes } from './packed-storage.ts';

const mebibyte = 1_048_576;

/** A machine of exactly so many bytes, 256 at least. */
function sized(i: number, bytes = 256): Machine {
  const fields = (node: string) => machine(`m-${String(i).padStart(5, '0')}`, { spec: { node } });
  return fields('n'.repeat(bytes - JSON.stringify(fields('')).length));
}

interface Setup {
  readonly slabBytes?: number;
  readonly block?: number;
  readonly itemBytes?: number;
}

/** A storage with one slab that is full to its last byte, and a second that holds one object. */
function setUp({ slabBytes = mebibyte, block = 65_536, itemBytes = 256 }: Setup = {}) {
  const clock = new FakeClock();
  const encoding = new TestEncoding();
  const sizes: SlabSizes = { first: slabBytes, largest: slabBytes, block };
  const slabs: Buffer[] = [];
  const retired: Buffer[] = [];
  const allocator = {
    allocate(sizeBytes: number): Buffer {
      const bytes = Buffer.allocUnsafeSlow(sizeBytes);
      slabs.push(bytes);
      return bytes;
    },
    retired: (bytes: Buffer) => void retired.push(bytes),
  };
  const storage = createPackedStorage<Machine>({ compressAfterMs: 60_000, clock, recentObjects: 4 }, allocator, sizes);
  const keeper = new Keeper(storage);
  const keep = (i: number) => keeper.keep(encodedItem(sized(i, itemBytes), { encoding }));
  const kept = Array.from({ length: slabBytes / itemBytes }, (_, i) => keep(i));
  expect(slabs).toHaveLength(1);
  keep(kept.length);
  expect(slabs).toHaveLength(2);
  /** Calls it until so many calls are over. @returns how many objects had left the first slab after each. */
  const moved = (calls: number, call: (i: number) => void): number[] =>
    Array.from({ length: calls }, (_, i) => {
      call(i);
      return kept.filter(({ bytes }) => bytes !== slabs[0]).length;
    });
  const dropLast = () => kept.pop()?.drop();
  return { clock, encoding, storage, keeper, keep, kept, slabs, retired, moved, dropLast };
}

describe('compaction', () => {
  test('packedStorage moves 64 objects at a call, and lets go of the slab with the last of them', () => {
    const { storage, keep, kept, slabs, retired, moved, dropLast } = setUp();
    const enough = Math.ceil((kept.length * 2) / 3);
    expect(moved(1, () => void kept.splice(enough).map((item) => item.drop()))).toEqual([0]);
    expect(moved(1, dropLast)).toEqual([64]);
    expect(moved(1, () => keep(5_000))).toEqual([128]);
    expect(storage.stats().liveBytes).toBe((enough - 1 + 2) * 256);
    const calls = Math.ceil(kept.length / 64) - 2;
    expect(moved(calls - 1, (i) => keep(6_000 + i)).at(-1)).toBe((calls + 1) * 64);
    expect(retired).toEqual([]);
    expect(moved(1, () => keep(7_000))).toEqual([kept.length]);
    expect([retired.length, retired[0] === slabs[0]]).toEqual([1, true]);
    expect(kept.map(({ object }) => object)).toEqual(kept.map((_, i) => sized(i)));
  });

  test('packedStorage looks at 1,024 places at a call, and goes on where it was', () => {
    const { kept, moved, dropLast } = setUp();
    const dropped = kept.splice(0, kept.length / 3);
    expect(dropped.length).toBeGreaterThan(1_024);
    expect(moved(1, () => void dropped.map((item) => item.drop()))).toEqual([0]);
    expect(moved(4, dropLast)).toEqual([0, 64, 128, 192]);
  });

  test('packedStorage moves 256 KiB at a call', () => {
    const { kept, moved, dropLast, keep, retired } = setUp({ itemBytes: 16_384 });
    expect(moved(21, dropLast).at(-1)).toBe(0);
    expect(moved(1, dropLast)).toEqual([16]);
    expect(moved(1, () => keep(99))).toEqual([32]);
    expect(retired).toEqual([]);
    expect(moved(1, () => keep(100))).toEqual([kept.length]);
    expect(retired).toHaveLength(1);
  });

  test('packedStorage decompresses 256 KiB at a call to move what is in there', async () => {
    const { clock, storage, kept } = setUp({ itemBytes: 1_024 });
    await clock.advance(75_000);
    expect(storage.stats()).toMatchObject({ slabs: 2, compressedSlabs: 1 });
    const grown: number[] = [];
    for (const [i, item] of kept.entries()) {
      if (i % 64 === 0) continue; // the first of each block stays
      const before = storage.sizeBytes;
      item.drop();
      if (storage.sizeBytes !== before) grown.push(storage.sizeBytes - before);
      if (grown.length === 2) break;
    }
    expect(grown).toEqual([4 * 65_536, 3 * 65_536]); // the second has objects to move that nobody has dropped
  });

  test('packedStorage begins with what was dropped before its slab was full', () => {
    const { storage, keep, slabs } = setUp({ slabBytes: 1_024 });
    for (let i = 0; i < 100; i++) keep(100 + i).drop();
    expect(slabs.length).toBeGreaterThan(20);
    expect(storage.stats().slabs).toBeLessThanOrEqual(3);
  });

  test('packedStorage moves nothing while two thirds of all full slabs are live', () => {
    const { moved, dropLast } = setUp({ slabBytes: 2_048 });
    expect(moved(3, dropLast)).toEqual([0, 0, 5]);
  });

  test('packedStorage takes at most one and a half times what is live, and some slabs, whichever objects change, come and go', () => {
    const random = seededRandom(7);
    for (const share of [1, 0.2, 0.01]) {
      const { storage, keeper } = setUp({ slabBytes: 16_384 });
      const count = 2_000;
      const put = (slot: number): void => {
        const size = 256 + Math.floor(random.next() * 3_000);
        storage.keep(slot, encodedItem(sized(slot, size)));
      };
      const slots = Array.from({ length: count }, () => keeper.keep(encodedItem(sized(0))).slot);
      for (const slot of slots) put(slot);
      for (let step = 0; step < 20_000; step++) {
        // Mostly the first ones change.
        const slot = slots[Math.floor(random.next() * count * (random.next() < 0.9 ? share : 1))] as number;
        if (step % 3 === 0 && storage.at(slot)) storage.drop(slot);
        else put(slot);
        if (storage.sizeBytes > storage.stats().liveBytes * 1.5 + 4 * 16_384)
          expect.fail(`${storage.sizeBytes} bytes for ${storage.stats().liveBytes} at step ${step} (${share})`);
      }
    }
  });

  test('packedStorage moves what is in the sparsest slab', () => {
    const { storage, keep, kept, retired, slabs } = setUp({ slabBytes: 2_048 });
    const more = Array.from({ length: 16 }, (_, i) => keep(100 + i)); // the rest of the second slab, a third, and a fourth
    kept[0]?.drop();
    for (const item of more.slice(0, 7)) item.drop();
    expect(retired).toEqual([]);
    kept[1]?.drop();
    expect([retired.length, retired[0] === slabs[1]]).toEqual([1, true]);
    expect(storage.stats().liveBytes).toBe((8 + 1 + 16 - 9) * 256);
  });

  test('packedStorage moves nothing when all objects change in the order in which they came', () => {
    const { storage, keep, retired, slabs } = setUp({ slabBytes: 16_384 });
    for (let round = 0; round < 5; round++) for (let i = 0; i < 1_000; i++) keep(i);
    expect(slabs.length).toBe(Math.ceil((64 + 1 + 5 * 1_000) / 64));
    expect(slabs.length - retired.length).toBe(storage.stats().slabs);
    expect(storage.sizeBytes).toBeLessThan(storage.stats().liveBytes * 1.1);
  });
});

describe('where objects go', () => {
  test('packedStorage copies an object straight into the slab when it fits there, also from far behind', () => {
    const targets: number[] = [];
    class Recording extends TestEncoding {
      override copy(...all: Parameters<TestEncoding['copy']>): number {
        targets.push(all[1].length);
        return super.copy(...all);
      }
    }
    const storage = packedStorage<Machine>();
    storage.keep(0, encodedItem(sized(1), { encoding: new Recording(), before: 200_000 }));
    storage.keep(1, encodedItem(sized(2, 100_000), { encoding: new Recording(), before: 200_000 }));
    expect(targets).toEqual([65_536, 100_000]);
  });

  test('packedStorage goes on with a slab after an object that fits only without what is cut', () => {
    const storage = packedStorage<Machine>();
    const fat = { ...machine('fat'), metadata: { ...machine('fat').metadata, managedFields: 'x'.repeat(80_000) } };
    for (let i = 0; i < 3; i++) storage.keep(i, encodedItem(fat as never));
    expect(storage.stats().slabs).toBe(1);
  });

  test('packedStorage.drop of what is dropped already, or of what was released, is nothing', () => {
    const storage = packedStorage<Machine>();
    const keeper = new Keeper(storage);
    const [a, b] = [keeper.keep(encodedItem(sized(1))), keeper.keep(encodedItem(sized(2)))];
    for (let i = 0; i < 300; i++) keeper.keep(encodedItem(sized(i)));
    a.drop();
    a.drop();
    storage.drop(1_000);
    expect(storage.stats().liveBytes).toBe(301 * 256);
    storage.release();
    b.drop();
    for (let slot = 2; slot < 302; slot++) storage.drop(slot);
    expect(storage.at(2)).toBeUndefined();
    expect(storage.stats()).toMatchObject({ sizeBytes: 0, liveBytes: 0, slabs: 0 });
    expect([a.object, b.object]).toEqual([sized(1), sized(2)]);
    storage[Symbol.dispose]();
  });
});

describe('compression', () => {
  test('packedStorage decompresses exactly the block in which an object lies', async () => {
    const { clock, storage, kept } = setUp({ slabBytes: 16_384, block: 2_048 });
    await clock.advance(75_000);
    const cold = storage.sizeBytes;
    const grownAfter = (i: number): number => {
      expect(kept[i]?.object).toEqual(sized(i));
      return storage.sizeBytes - cold;
    };
    expect([20, 16, 23, 24, 15, 63, 0].map(grownAfter)).toEqual([1, 1, 1, 2, 3, 4, 5].map((blocks) => blocks * 2_048));
    storage.release();
    expect(storage.stats()).toMatchObject({ sizeBytes: 0, liveBytes: 0, slabs: 0, compressedSlabs: 0 });
  });

  test('packedStorage no longer hands out an object that was read before its slab was compressed', async () => {
    const { clock, kept, encoding } = setUp();
    const read = kept[0]?.object;
    expect([kept[0]?.object === read, encoding.objects]).toEqual([true, 1]);
    await clock.advance(90_000);
    expect(kept[0]?.object).toEqual(read);
    expect([kept[0]?.object === read, encoding.objects]).toEqual([false, 2]);
  });

  test('packedStorage compresses and lets go with the pages of the system too', async () => {
    const clock = new FakeClock();
    const storage = packedStorage<Machine>({ compressAfterMs: 60_000, clock });
    const keeper = new Keeper(storage);
    const kept = Array.from({ length: 300 }, (_, i) => keeper.keep(encodedItem(sized(i, 1_024))));
    await clock.advance(75_000);
    const cold = storage.stats();
    expect(cold.compressedSlabs).toBe(cold.slabs - 1);
    expect(kept[0]?.object).toEqual(sized(0, 1_024));
    await clock.advance(90_000);
    expect(storage.sizeBytes).toBe(cold.sizeBytes);
    expect(kept[1]?.object).toEqual(sized(1, 1_024));
    storage.release();
    expect(storage.stats()).toMatchObject({ sizeBytes: 0, slabs: 0, compressedSlabs: 0 });
  });

  test('packedStorage still compresses the others when a slab goes, with a timer that keeps no process alive', async () => {
    const { clock, storage, keep, kept } = setUp({ slabBytes: 4_096 });
    const timers: unknown[] = [];
    const setTimer: Clock['setTimer'] = clock.setTimer;
    clock.setTimer = (...all: Parameters<Clock['setTimer']>) => {
      timers.push(all[2]);
      return setTimer.apply(clock, all);
    };
    for (let i = 0; i < 16; i++) keep(100 + i);
    const { slabs } = storage.stats();
    for (const item of kept) item.drop();
    expect([storage.stats().slabs, clock.pending]).toEqual([slabs - 1, 1]);
    await clock.advance(75_000);
    expect(storage.stats()).toMatchObject({ slabs: slabs - 1, compressedSlabs: slabs - 2 });
    expect(timers.length).toBeGreaterThan(0);
    expect(timers).toEqual(timers.map(() => ({ unref: true })));
  });
});
