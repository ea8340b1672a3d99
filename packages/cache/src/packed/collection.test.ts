import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type EncodedItem, type Item, systemClock, type Transition } from '@bowline/apimachinery';
import { encodedItem } from '@bowline/apimachinery/testing';
import { expect, test } from 'vitest';
import { type Machine, machine, TestEncoding } from '../doubles.fixture.ts';
import { Indexer } from '../indexer.ts';
import { Entries } from './entries.ts';
import { Keeper, type Kept } from './kept.fixture.ts';
import { createPackedStorage } from './packed-storage.ts';

setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');

/** An encoding whose objects read their bytes for as long as they live. */
class LazyEncoding extends TestEncoding {
  override object(bytes: Buffer, start: number, end: number): Machine {
    const decode = (): Machine => this.decode(bytes, start, end);
    return {
      get metadata() {
        return decode().metadata;
      },
    } as Machine;
  }
}

/** In a function of its own, so that no frame that is still there has the last object. */
function namesOf(items: readonly Item<Machine>[]): string[] {
  return items.map(({ object }) => object.metadata.name);
}

function setUp() {
  const slabs: WeakRef<ArrayBufferLike>[] = [];
  const allocator = {
    allocate(sizeBytes: number): Buffer {
      const bytes = Buffer.allocUnsafeSlow(sizeBytes);
      slabs.push(new WeakRef(bytes.buffer));
      return bytes;
    },
  };
  /** @returns how many slabs are left, at last. */
  const alive = async (): Promise<number> => {
    let count = slabs.length;
    // A compiler that is at work beside holds for a while what it looks at.
    for (let round = 0; round < 10 && count > 0; round++) {
      await systemClock.turn(); // until then what a weak reference was made of stays
      collect();
      count = slabs.filter((slab) => slab.deref() !== undefined).length;
    }
    return count;
  };
  const storage = createPackedStorage<Machine>({}, allocator);
  const encoding = new LazyEncoding();
  const make = (): Item<Machine>[] =>
    Array.from({ length: 1_000 }, (_, i) =>
      encodedItem(machine(`m-${i}`, { spec: { node: 'n'.repeat(1_000) } }), { encoding }),
    );
  const keeper = new Keeper(storage);
  const fill = (): Kept<Machine>[] => make().map((item) => keeper.keep(item));
  return { storage, allocator, keeper, make, fill, alive };
}

test('packedStorage: slabs are freed when what was in them is dropped and nobody holds it, and only those', async () => {
  const { storage, keeper, fill, alive } = setUp();
  const items = fill();
  expect(namesOf(items)).toEqual(items.map(({ key }) => key));
  const all = await alive();
  expect(all).toBe(storage.stats().slabs);
  let held: Machine[] = [items[0], items[999]].flatMap((item) => item?.object ?? []);
  for (const item of items.splice(0)) item.drop();
  for (let i = 0; i < 50; i++) keeper.keep(encodedItem(machine('x'))).drop();
  expect(storage.stats().slabs).toBe(1);
  expect(await alive()).toBeLessThanOrEqual(3);
  expect(held.map(({ metadata }) => metadata.name)).toEqual(['m-0', 'm-999']);
  held = [];
  expect(await alive()).toBe(1);
});

/** What was in a storage that is gone: the items themselves. */
function itemsOf(setUpOf: ReturnType<typeof setUp>): Item<Machine>[] {
  const storage = setUpOf.storage.empty();
  const keeper = new Keeper(storage);
  const items = setUpOf.make().map((item) => keeper.keep(item).now);
  expect(namesOf(items)).toHaveLength(1_000);
  storage.release();
  expect(storage.at(999)?.key).toBe('m-999');
  return items;
}

test('packedStorage: of a state that was replaced only those slabs stay of which somebody holds something', async () => {
  const all = setUp();
  let items = itemsOf(all);
  items = items.slice(500, 501);
  expect(await all.alive()).toBe(1);
  expect(namesOf(items)).toEqual(['m-500']);
  items = [];
  expect(await all.alive()).toBe(0);
});

test('packedStorage: an item that was taken before compaction holds the slab it was in, and the state holds it no longer', async () => {
  const { storage, keeper, fill, alive } = setUp();
  const items = fill();
  let held: Item<Machine>[] = [items[0], items[10]].flatMap((item) => item?.now ?? []);
  for (const [i, item] of items.entries()) if (i % 10 !== 0) item.drop();
  items.length = 0;
  for (let i = 0; i < 100; i++) keeper.keep(encodedItem(machine('x'))).drop();
  const { slabs } = storage.stats();
  expect(await alive()).toBe(slabs + 1);
  expect(namesOf(held)).toEqual(['m-0', 'm-10']);
  held = [];
  expect(await alive()).toBe(slabs);
});

test('packedStorage has no key of what it holds on the heap', async () => {
  const [count, length, uid] = [2_000, 1_000, '0a1b2c3d-4e5f-4000-8000-0123456789ab'];
  const heap = async (): Promise<number> => {
    await systemClock.turn();
    collect();
    return process.memoryUsage().heapUsed;
  };
  const filled = (): Indexer<Machine> => {
    const indexer = new Indexer<Machine>({ storage: createPackedStorage<Machine>({}, setUp().allocator) });
    for (let resourceVersion = 1; resourceVersion < 4; resourceVersion++) {
      for (let i = 0; i < count; i++) {
        const object = machine(`m-${i}-${'k'.repeat(length)}`, { uid, resourceVersion });
        indexer.apply([{ type: 'modified', item: encodedItem(object) }], String(resourceVersion));
      }
    }
    return indexer;
  };
  filled(); // what it takes to run this at all
  const before = await heap();
  const indexer = filled();
  expect((await heap()) - before).toBeLessThan((count * length) / 2);
  expect(indexer.size).toBe(count);
});

test('Entries keep what API servers make outside of the heap', async () => {
  const count = 20_000;
  const heap = async (): Promise<number> => {
    await systemClock.turn();
    collect();
    return process.memoryUsage().heapUsed;
  };
  const encoding = new TestEncoding();
  const filled = (): Entries<Machine> => {
    const entries = new Entries<Machine>(2 * count);
    for (let i = 0; i < count; i++) {
      const uid = `6ba7b810-9dad-11d1-80b4-00c04fd${String(i).padStart(5, '0')}`;
      const names = { key: `ns/${String(i).padStart(5, '0')}`, uid, resourceVersion: String(2 ** 33 + i) };
      entries.add({ ...names, encoding } as unknown as EncodedItem<Machine>, i + 1, i);
    }
    entries.close();
    return entries;
  };
  filled();
  const before = await heap();
  const entries = filled();
  expect((await heap()) - before).toBeLessThan(count * 40); // texts would take some 150
  expect(entries.length).toBe(count);
});

test('an indexer takes storages by `empty`, so that whoever holds the one it was given holds no objects', async () => {
  const { storage, make, alive } = setUp();
  const indexer = new Indexer<Machine>({ storage });
  indexer.apply(
    make().map((item) => ({ type: 'modified', item })),
    '1',
  );
  expect(await alive()).toBe(indexer.storageStats?.slabs);
  await indexer.replace().commit('2');
  expect(await alive()).toBe(0);
  expect(storage.stats().slabs).toBe(0);
});

/** Leaves every other loop, and goes to the end of the rest. In a function of its own, so that no frame that is still there has the last item. */
function end(loops: readonly Iterator<unknown>[]): void {
  for (const [i, loop] of loops.entries()) {
    loop.next();
    if (i % 2 === 0) loop.return?.();
    else while (!loop.next().done);
  }
}

test('a loop over what a full state changed holds no state any more once it has ended, or was left', async () => {
  const { storage, make, alive } = setUp();
  const indexer = new Indexer<Machine>({ storage });
  const loops: Iterator<Transition<Machine>>[] = [];
  indexer.onCommit({ committed: (transitions) => loops.push(...[1, 2].map(() => transitions[Symbol.iterator]())) });
  const state = async (items: Item<Machine>[], resourceVersion: string): Promise<void> => {
    const next = indexer.replace();
    next.put(items);
    await next.commit(resourceVersion);
  };
  await state(make(), '1');
  await state(make().slice(0, 500), '2');
  await state([], '3');
  expect(await alive()).toBeGreaterThan(0);
  end(loops);
  expect(loops).toHaveLength(6);
  expect(await alive()).toBe(0);
  expect(loops.map((loop) => loop.next())).toEqual(loops.map(() => ({ done: true, value: undefined })));
});

test('a full state that is given up, or whose commit fails, is freed although its producer and the cache live on', async () => {
  const { storage, make, alive } = setUp();
  const indexer = new Indexer<Machine>({ storage });
  const given = indexer.replace();
  given.put(make());
  expect(await alive()).toBeGreaterThan(0);
  given.abandon?.();
  expect(await alive()).toBe(0);
  const failing = indexer.replace();
  failing.put(make());
  await expect(failing.commit('1', AbortSignal.abort(new Error('stop')))).rejects.toThrow('stop');
  expect(await alive()).toBe(0);
  expect(() => given.put([])).toThrow('it has been abandoned');
  expect(() => failing.put([])).toThrow('it has been committed');
});
