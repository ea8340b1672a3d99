import type { EncodedItem } from '@bowline/apimachinery';
import { encodedItem } from '@bowline/apimachinery/testing';
import { describe, expect, test } from 'vitest';
import { type Machine, machine, machineItem, TestEncoding } from '../doubles.fixture.ts';
import { encodeKey } from '../encoded-key.ts';
import { Indexer } from '../indexer.ts';
import { Keeper, type Kept } from './kept.fixture.ts';
import { createPackedStorage, packedStorage } from './packed-storage.ts';
import type { SlabAllocator } from './ports.ts';

/** Gives out slabs, and remembers which of them are no longer needed. */
class Shelf implements SlabAllocator {
  readonly sizes: number[] = [];
  readonly retiredSlabs: Buffer[] = [];

  allocate(sizeBytes: number): Buffer {
    this.sizes.push(sizeBytes);
    return Buffer.allocUnsafeSlow(sizeBytes);
  }

  retired(bytes: Buffer): void {
    this.retiredSlabs.push(bytes);
  }
}

/** A machine of about so many bytes. */
function large(key: string, bytes: number): Machine {
  return machine(key, { spec: { node: 'n'.repeat(bytes - 150) } });
}

const sizeOf = (object: unknown): number => JSON.stringify(object).length;

test('packedStorage keeps the bytes of an item and nothing of the buffer in which they came', () => {
  const storage = packedStorage<Machine>();
  const object = machine('ns/a', { resourceVersion: 7, labels: { app: 'web' }, spec: { node: 'n1' } });
  const item = encodedItem(object);
  storage.keep(0, item);
  const kept = storage.at(0) as EncodedItem<Machine>;
  item.bytes.fill(0);
  expect([kept.key, kept.uid, kept.resourceVersion]).toEqual(['ns/a', 'uid of ns/a', '7']);
  expect(kept.object).toEqual(object);
  expect(Object.isFrozen(kept.object.spec)).toBe(true);
  expect(kept.read?.(['spec', 'node'])).toBe('n1');
  expect(kept.read?.(['metadata', 'labels'])).toEqual({ app: 'web' });
  expect(storage.stats()).toEqual({
    sizeBytes: 65_536,
    liveBytes: sizeOf(object),
    slabs: 1,
    compressedSlabs: 0,
    decodes: 1,
  });
});

test('packedStorage tells each item where its copy stands, once and for ever, in a slab of many or of its own', () => {
  const storage = packedStorage<Machine>({ drop: ['metadata.labels'] });
  const objects = [machine('ns/a', { labels: { app: 'web' } }), large('ns/b', 400_000), machine('ns/c')];
  const places: [Buffer, number, number][] = [];
  objects.forEach((object, slot) => {
    const item: EncodedItem<Machine> = { ...encodedItem(object), movedTo: (...place) => void places.push(place) };
    storage.keep(slot, item);
  });
  const copies = (): unknown[] => places.map(([bytes, start, end]) => JSON.parse(bytes.toString('utf8', start, end)));
  const { labels, ...metadata } = objects[0]?.metadata ?? {};
  const expected = [{ ...objects[0], metadata }, objects[1], objects[2]];
  expect(copies()).toEqual(expected);
  for (let slot = 0; slot < 3; slot++) storage.drop(slot);
  for (let slot = 0; slot < 500; slot++) storage.keep(slot % 50, encodedItem(large(`ns/${slot}`, 3_000)));
  expect(copies()).toEqual(expected);
  expect(places).toHaveLength(3);
});

test('packedStorage knows the key in each slot, of items with bytes and without, and none where there is nothing', () => {
  const storage = packedStorage<Machine>();
  storage.keep(0, encodedItem(machine('ns/a')));
  storage.keep(1, machineItem('ns/b'));
  storage.keep(2, encodedItem(machine('ns/ü')));
  storage.keep(3, encodedItem(machine('ns/gone')));
  storage.drop(3);
  storage.keep(4, machineItem('ns/turns'));
  storage.keep(4, encodedItem(machine('ns/turned')));
  const keys = ['ns/a', 'ns/b', 'ns/ü', 'ns/gone', 'ns/turned'];
  const known = [0, 1, 2, 3, 4, 5].map((slot) => keys.filter((key) => storage.hasKey?.(slot, encodeKey(key))));
  expect(known).toEqual([['ns/a'], ['ns/b'], ['ns/ü'], [], ['ns/turned'], []]);
  expect([0, 1, 2, 3, 4, 5].map((slot) => storage.at(slot)?.key)).toEqual([
    'ns/a',
    'ns/b',
    'ns/ü',
    undefined,
    'ns/turned',
    undefined,
  ]);
});

test('packedStorage tells objects apart that had the same key one after the other, also when they are gone', () => {
  const storage = packedStorage<Machine>();
  const uids = ['0f9e7a52-6a0d-4b43-9c3e-0d5bd2e0a7c1', '0f9e7a52-6a0d-4b43-9c3e-0d5bd2e0a7c2', 'no uuid', 'none'];
  const kept = uids.map((uid, version) => {
    storage.keep(0, encodedItem(machine('a', { uid, resourceVersion: version })));
    return storage.at(0) as EncodedItem<Machine>;
  });
  storage.drop(0);
  const others = uids.map((uid, version) => machineItem('a', { uid, resourceVersion: version }));
  const next = storage.empty();
  const again = kept.map((item, slot) => {
    next.keep(slot, item);
    return next.at(slot) as EncodedItem<Machine>;
  });
  storage.release();
  for (const [i, item] of kept.entries()) {
    expect([item.uid, item.resourceVersion]).toEqual([uids[i], String(i)]);
    for (const all of [kept, again, others])
      for (const has of [item.hasUidOf, item.hasVersionOf])
        expect(all.map((other) => has?.call(item, other))).toEqual(uids.map((_, j) => i === j));
  }
});

test('packedStorage keeps items without bytes as they are', () => {
  const storage = packedStorage<Machine>();
  const item = machineItem('a');
  storage.keep(0, item);
  expect(storage.at(0)).toBe(item);
  storage.keep(1, encodedItem(machine('b')));
  const packed = storage.at(1);
  storage.keep(1, item);
  storage.keep(0, encodedItem(machine('c')));
  expect([storage.at(0)?.key, storage.at(1), packed?.object]).toEqual(['c', item, machine('b')]);
  expect(storage.stats().liveBytes).toBe(sizeOf(machine('c')));
  storage.drop(0);
  storage.drop(1);
  expect([storage.at(0), storage.at(1), storage.stats().liveBytes]).toEqual([undefined, undefined, 0]);
});

test('packedStorage takes a packed item of another storage, or of its own', () => {
  const storage = packedStorage<Machine>();
  const first = new Keeper(storage).keep(encodedItem(machine('a'))).now;
  const other = storage.empty();
  other.keep(0, first);
  storage.keep(0, first); // its own: in the same slot, too
  storage.keep(1, first);
  storage.drop(0);
  const all = [first, other.at(0), storage.at(1)];
  expect(all.map((item) => item?.object.metadata.name)).toEqual(['a', 'a', 'a']);
  expect(storage.stats().liveBytes).toBe(sizeOf(machine('a')));
  expect(other.stats().liveBytes).toBe(sizeOf(machine('a')));
});

test('packedStorage cuts managed fields and what `drop` names', () => {
  const fat = {
    ...machine('a', { labels: { app: 'web' }, spec: { node: 'n1', tags: ['x'] } }),
    metadata: { ...machine('a').metadata, managedFields: [{ manager: 'm' }] },
  };
  const drop = (...paths: string[]) =>
    new Keeper(packedStorage<Machine>({ drop: paths })).keep(encodedItem(fat as Machine)).object as unknown;
  const { managedFields: _, ...metadata } = fat.metadata;
  expect(drop()).toEqual({ ...fat, metadata });
  expect(drop('spec.tags', 'metadata.creationTimestamp')).toEqual({
    ...fat,
    spec: { node: 'n1' },
    metadata: { name: 'a', uid: 'uid of a', resourceVersion: '1' },
  });
});

test.each([
  ['metadata'],
  ['metadata.name'],
  ['metadata.namespace'],
  ['metadata.uid'],
  ['metadata.resourceVersion'],
  ['metadata.name.x'],
  ['apiVersion'],
  ['kind'],
  ['spec..x'],
  ['spec.containers[0]'],
  ['{.status}'],
  [''],
])('packedStorage does not drop %j', (path) => {
  expect(() => packedStorage({ drop: [path] })).toThrow(
    new RangeError(
      'Cannot create packed storage: drop[0] must be a field path (names separated by dots, no brackets) that leaves apiVersion, kind, ' +
        `metadata.namespace, metadata.name, metadata.uid and metadata.resourceVersion, got ${JSON.stringify(path)}`,
    ),
  );
});

test('packedStorage refuses what plain JavaScript may call it with', () => {
  const bad: [object | null, string][] = [
    [null, 'Cannot create packed storage: options must be an object, got null'],
    [{ drop: 'spec' }, 'drop must be an array, got "spec"'],
    [{ drop: [5] }, 'drop[0] must be a field path'],
    [{ recentObjects: -1 }, 'recentObjects must be a whole number, 0 or more, got -1'],
    [{ compressAfterMs: 0 }, 'compressAfterMs must be more than 0, got 0'],
    [{ compressAfterMs: Number.NaN }, 'compressAfterMs must be more than 0, got NaN'],
    [{ compressAfterMS: 5 }, 'got "compressAfterMS"; did you mean "compressAfterMs"?'],
    [{ clock: {} }, 'clock must be a clock (an object with monotonic, turn, setTimer), got an object'],
  ];
  for (const [options, message] of bad) expect(() => packedStorage(options as never)).toThrow(message);
});

describe('slabs', () => {
  test('packedStorage begins small and takes as much again as it has, up to 1 MiB at a time', () => {
    const shelf = new Shelf();
    const storage = createPackedStorage<Machine>({}, shelf);
    for (let i = 0; i < 1_600; i++) storage.keep(i, encodedItem(large(`m-${i}`, 2_000)));
    const kib = shelf.sizes.map((size) => size / 1_024);
    expect(kib).toEqual([64, 64, 128, 256, 512, 1_024, 1_024, 1_024]);
    expect(storage.sizeBytes).toBe(shelf.sizes.reduce((sum, size) => sum + size, 0));
  });

  test('packedStorage gives an object larger than a quarter of a slab one of its own, and goes on with the slab before', () => {
    const shelf = new Shelf();
    const storage = createPackedStorage<Machine>({}, shelf);
    const keeper = new Keeper(storage);
    keeper.keep(encodedItem(machine('a')));
    const big = large('big', 100_000);
    const kept = keeper.keep(encodedItem(big));
    keeper.keep(encodedItem(machine('b')));
    expect(shelf.sizes).toEqual([65_536, sizeOf(big)]);
    expect(kept.object).toEqual(big);
    kept.drop();
    expect(storage.stats()).toMatchObject({ sizeBytes: 65_536, slabs: 1 });
    expect(kept.object).toEqual(big);
    // What is large only before fields are cut goes where there is room.
    const fat = { ...machine('fat'), metadata: { ...machine('fat').metadata, managedFields: 'x'.repeat(80_000) } };
    expect(keeper.keep(encodedItem(fat as never)).object).toEqual(machine('fat'));
    expect(storage.stats()).toMatchObject({ sizeBytes: 65_536, slabs: 1 });
  });

  test('packedStorage copies what is live out of slabs when less than two thirds of them are live, a little at each call, and lets go of them', () => {
    const shelf = new Shelf();
    const storage = createPackedStorage<Machine>({}, shelf);
    const keeper = new Keeper(storage);
    const kept: Kept<Machine>[] = [];
    for (let i = 0; i < 5_000; i++) kept.push(keeper.keep(encodedItem(large(`m-${i}`, 1_000))));
    const before = storage.sizeBytes;
    const held = kept.slice(0, 3).map((item) => ({ item, object: item.object }));
    let most = 0;
    for (const [i, item] of kept.entries()) {
      if (i % 5 === 0) continue;
      const { liveBytes } = storage.stats();
      item.drop();
      most = Math.max(most, liveBytes - storage.stats().liveBytes);
    }
    const live = kept.filter((_, i) => i % 5 === 0);
    expect(storage.stats().liveBytes).toBe(live.reduce((sum, { object }) => sum + sizeOf(object), 0));
    for (let i = 0; i < 100; i++) keeper.keep(encodedItem(machine('x'))).drop();
    expect(storage.sizeBytes).toBeLessThan(before / 2);
    expect(storage.sizeBytes).toBeLessThanOrEqual(storage.stats().liveBytes * 2 + 1_048_576);
    expect(shelf.retiredSlabs.length).toBeGreaterThan(3);
    for (const [i, item] of kept.entries()) expect(item.object.metadata.name).toBe(`m-${i}`);
    for (const { item, object } of held) expect([object.metadata.name, object]).toEqual([item.key, item.object]);
  });

  test('packedStorage.release lets go of all slabs, and what they hold stays readable', () => {
    const shelf = new Shelf();
    const storage = createPackedStorage<Machine>({}, shelf);
    const keeper = new Keeper(storage);
    const kept = Array.from({ length: 100 }, (_, i) => keeper.keep(encodedItem(large(`m-${i}`, 1_000))));
    for (const { object } of kept) expect(object.kind).toBe('Machine');
    storage.release();
    expect(storage.stats()).toMatchObject({ sizeBytes: 0, liveBytes: 0, slabs: 0 });
    expect(shelf.retiredSlabs).toHaveLength(2);
    expect(kept.map(({ object }) => object.metadata.name)).toEqual(kept.map(({ key }) => key));
    const empty = storage.empty();
    expect(empty.stats()).toMatchObject({ sizeBytes: 0, decodes: 200 });
  });
});

describe('without memory', () => {
  /** One that has none while `isEmpty`. */
  class EmptyShelf extends Shelf {
    isEmpty = false;

    override allocate(sizeBytes: number): Buffer {
      if (this.isEmpty) throw new RangeError('Array buffer allocation failed');
      return super.allocate(sizeBytes);
    }
  }

  test('packedStorage.keep throws and changes nothing, and what comes later goes where nothing else is', () => {
    const shelf = new EmptyShelf();
    const storage = createPackedStorage<Machine>({}, shelf, { first: 4_096, largest: 65_536, block: 1_024 });
    storage.keep(0, encodedItem(large('small', 800)));
    storage.keep(1, encodedItem(large('huge', 60_000)));
    const before = storage.stats();
    shelf.isEmpty = true;
    for (let i = 0; i < 2; i++)
      expect(() => storage.keep(2, encodedItem(large('middle', 10_000)))).toThrow('Array buffer allocation failed');
    expect([storage.stats(), storage.at(2)]).toEqual([before, undefined]);
    shelf.isEmpty = false;
    storage.drop(0);
    storage.keep(3, encodedItem(large('three', 10_000)));
    storage.keep(4, encodedItem(large('four', 60_000)));
    expect([1, 2, 3, 4].map((slot) => storage.at(slot)?.key)).toEqual(['huge', undefined, 'three', 'four']);
    expect(storage.at(3)?.object).toEqual(large('three', 10_000));
  });

  test('Indexer deletes and tells all that it is asked to, and compacts later', () => {
    const shelf = new EmptyShelf();
    const storage = createPackedStorage<Machine>({}, shelf, { first: 4_096, largest: 4_096, block: 1_024 });
    const indexer = new Indexer<Machine>({ storage });
    const items = Array.from({ length: 15 }, (_, i) => encodedItem(large(`m-${i}`, 900)));
    for (const item of items) indexer.apply([{ type: 'added', item }], '');
    let told = 0;
    indexer.onCommit({ committed: ({ length }) => (told += length) });
    shelf.isEmpty = true;
    const deleted = items.filter((_, i) => i % 4 < 2 && i < 12);
    for (const item of deleted) indexer.apply([{ type: 'deleted', item, finalStateUnknown: false }], '');
    expect([told, indexer.size, indexer.storageStats?.slabs]).toEqual([6, 9, 4]);
    shelf.isEmpty = false;
    indexer.delete('m-14');
    expect(indexer.storageStats?.slabs).toBe(3);
    const kept = [2, 3, 6, 7, 10, 11, 12, 13];
    expect([...indexer.keys()].sort()).toEqual(kept.map((i) => `m-${i}`).sort());
    for (const i of kept) expect(indexer.get(`m-${i}`)).toEqual(large(`m-${i}`, 900));
  });

  test('Indexer tells of what it could change before there was no memory, and an index that is being built finds it', async () => {
    const shelf = new EmptyShelf();
    const storage = createPackedStorage<Machine>({}, shelf, { first: 4_096, largest: 4_096, block: 1_024 });
    const indexer = new Indexer<Machine>({ storage });
    const change = (key: string, bytes: number) =>
      ({ type: 'modified', item: encodedItem(large(key, bytes)) }) as const;
    indexer.apply([change('ns/a', 900), change('ns/b', 900)], '1');
    const told: string[] = [];
    indexer.onCommit({ committed: (transitions) => told.push([...transitions].map(({ key }) => key).join()) });
    const building = indexer.addIndex('kind', 'kind');
    for (let i = 0; i < 10; i++) await Promise.resolve(); // all is filed, and waits for the end of the turn
    shelf.isEmpty = true;
    const changes = ['a', 'b', 'c', 'd'].map((name) => change(`ns/${name}`, 900));
    expect(() => indexer.apply(changes, '2')).toThrow('Array buffer allocation failed');
    expect([told, indexer.resourceVersion, indexer.size]).toEqual([['ns/a,ns/b'], '1', 2]);
    expect(() => indexer.apply(changes.slice(2), '2')).toThrow('Array buffer allocation failed');
    expect(told).toHaveLength(1);
    await building;
    expect(indexer.indexKeys('kind', 'Machine')).toEqual(['ns/a', 'ns/b']);
  });
});

describe('recent objects', () => {
  function reading(recentObjects: number | undefined, keys: readonly string[]) {
    const encoding = new TestEncoding();
    const storage = packedStorage<Machine>({ recentObjects });
    const keeper = new Keeper(storage);
    const items = new Map(keys.map((key) => [key, keeper.keep(encodedItem(machine(key), { encoding }))]));
    return { read: (key: string) => items.get(key)?.object, encoding, storage, items };
  }

  test('packedStorage hands out the same object while it is read', () => {
    const { read, encoding } = reading(undefined, ['a', 'b']);
    expect(read('a')).toBe(read('a'));
    read('b');
    read('a');
    expect(encoding.objects).toBe(2);
  });

  test('packedStorage holds no more objects than it may, those that are read again longest', () => {
    const { read, encoding, storage } = reading(2, ['hot', 'b', 'c', 'd']);
    const hot = read('hot');
    for (const key of ['b', 'c', 'd', 'b', 'c', 'd']) {
      read(key);
      expect(read('hot')).toBe(hot);
    }
    expect(encoding.objects).toBe(7);
    expect(storage.stats().decodes).toBe(7);
  });

  test('packedStorage may hold none', () => {
    const { read, encoding } = reading(0, ['a']);
    expect(read('a')).not.toBe(read('a'));
    expect(encoding.objects).toBe(2);
  });

  test('Reading a path decodes no object, and a dropped item is read as before', () => {
    const { items, encoding } = reading(undefined, ['a']);
    const [a] = items.values();
    expect(a?.read?.(['metadata', 'name'])).toBe('a');
    expect(encoding.objects).toBe(0);
    const object = a?.object;
    a?.drop();
    expect(a?.object).toBe(object);
    expect(a?.read?.(['metadata', 'name'])).toBe('a');
  });
});

test('Indexer says what its storage says of itself, if it can, also of what replaced it', async () => {
  expect(new Indexer<Machine>().storageStats).toBeUndefined();
  const indexer = new Indexer<Machine>({ storage: packedStorage() });
  const replacement = indexer.replace();
  replacement.put([encodedItem(machine('a')), encodedItem(machine('b'))]);
  expect(indexer.storageStats).toMatchObject({ sizeBytes: 0, slabs: 0 });
  await replacement.commit('1');
  expect(indexer.get('a')?.metadata.name).toBe('a');
  expect(indexer.sizeBytes).toBe(65_536);
  await indexer.replace().commit('2');
  expect(indexer.storageStats).toEqual({ sizeBytes: 0, liveBytes: 0, slabs: 0, compressedSlabs: 0, decodes: 1 });
});

test('Indexer refuses an index of what its storage drops, by path', async () => {
  const storage = packedStorage<Machine>({ drop: ['spec.node'] });
  const rule = 'must be outside of what the storage drops (metadata.managedFields, spec.node)';
  expect(() => new Indexer<Machine>({ storage }, { indexes: { node: 'spec.node' } })).toThrow(
    new RangeError(`Cannot create indexer: indexes.node ${rule}, got "spec.node"`),
  );
  const indexer = new Indexer<Machine>({ storage }, { indexes: { tag: 'spec.tags', fn: ({ spec }) => spec.node } });
  for (const path of ['spec.node', 'metadata.managedFields.manager'] as never[]) {
    expect(() => indexer.addIndex('more', path)).toThrow(`Cannot add index "more": definition ${rule}, got "${path}"`);
  }
  await indexer.addIndex('nodes', 'spec.nodes' as never);
  expect(indexer.indexNames).toEqual(['namespace', 'tag', 'fn', 'nodes']);
  await new Indexer<Machine>().addIndex('node', 'spec.node');
});
