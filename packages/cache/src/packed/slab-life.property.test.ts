import type { EncodedItem, Encoding, Item } from '@bowline/apimachinery';
import { FakeClock } from '@bowline/apimachinery/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createPackedStorage, type PackedStorage } from './packed-storage.ts';
import type { SlabAllocator } from './ports.ts';

/** An object that reads its bytes whenever it is looked at. */
interface Text {
  readonly bytes: Buffer;
  text(): string;
}

const encoding: Encoding<Text> = {
  object: (bytes, start, end) => ({ bytes, text: () => bytes.toString('latin1', start, end) }),
  decode: () => {
    throw new Error('nobody decodes');
  },
  read: (bytes, start, end) => bytes.toString('latin1', start, end),
  room: ({ start, end }) => end - start,
  copy: ({ bytes, start, end }, target, at) => bytes.copy(target, at, start, end),
};

function item(key: string, text: string): EncodedItem<Text> {
  const bytes = Buffer.from(text, 'latin1');
  const [start, end] = [0, bytes.length];
  const read = (): unknown => encoding.read(bytes, start, end, []);
  return {
    key,
    uid: key,
    resourceVersion: '1',
    encoding,
    bytes,
    start,
    end,
    object: encoding.object(bytes, 0, 0),
    read,
  };
}

/** What somebody holds: it must say the same for ever. */
interface Held {
  readonly bytes: Buffer;
  readonly expected: string;
  now(): unknown;
}

/** Gives out slabs, and overwrites those that nobody needs any more: whoever reads one nevertheless reads rubbish. */
class Poisoner implements SlabAllocator {
  readonly held = new Set<Held>();
  sizeBytes = 0;
  poisoned = 0;
  spared = 0;

  allocate(sizeBytes: number): Buffer {
    this.sizeBytes += sizeBytes;
    return Buffer.allocUnsafeSlow(sizeBytes);
  }

  retired(bytes: Buffer): void {
    this.sizeBytes -= bytes.length;
    for (const each of this.held) {
      if (each.bytes.buffer !== bytes.buffer) continue;
      this.spared++;
      return;
    }
    bytes.fill('!');
    this.poisoned++;
  }
}

/** The planted bug: gives out again what was retired. */
class Recycler extends Poisoner {
  readonly #free: Buffer[] = [];

  override allocate(sizeBytes: number): Buffer {
    const index = this.#free.findIndex(({ length }) => length === sizeBytes);
    const [again] = index < 0 ? [] : this.#free.splice(index, 1);
    if (again) this.sizeBytes += sizeBytes;
    return again ?? super.allocate(sizeBytes);
  }

  override retired(bytes: Buffer): void {
    super.retired(bytes);
    this.#free.push(bytes);
  }
}

const key = fc.integer({ min: 0, max: 39 }).map((i) => `k-${i}`);
const length = fc.oneof(
  { weight: 20, arbitrary: fc.integer({ min: 1, max: 120 }) },
  { weight: 1, arbitrary: fc.integer({ min: 200, max: 600 }) },
);
const isHeld = fc.boolean();
const step = fc.oneof(
  { weight: 12, arbitrary: fc.record({ type: fc.constant('put' as const), key, length, isHeld }) },
  { weight: 6, arbitrary: fc.record({ type: fc.constant('drop' as const), key, isHeld }) },
  { weight: 6, arbitrary: fc.record({ type: fc.constant('read' as const), key, isHeld }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('forget' as const), count: fc.nat(8) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('wait' as const), hours: fc.integer({ min: 1, max: 6 }) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant('replace' as const),
      lengths: fc.array(fc.tuple(key, length), { maxLength: 30 }),
      isHeld,
      isAbandoned: fc.boolean(),
    }),
  },
);

interface Count {
  steps: number;
  poisoned: number;
  spared: number;
  compressed: number;
}

function same(got: unknown, expected: unknown): void {
  if (got !== expected) throw new Error(`got ${got} instead of ${expected}`);
}

/** What is held never changes, and what the storage holds is what was put into it. */
function lives(Allocator: typeof Poisoner, count: Count) {
  const histories = fc.array(step, { maxLength: 150, size: 'max' });
  return fc.asyncProperty(histories, fc.boolean(), fc.nat(5), async (steps, isCold, recentObjects) => {
    const clock = new FakeClock();
    const allocator = new Allocator();
    const compressAfterMs = isCold ? 4_000 : undefined;
    const sizes = { first: 256, largest: 1_024, block: 200 };
    let storage: PackedStorage<Text> = createPackedStorage({ clock, compressAfterMs, recentObjects }, allocator, sizes);
    let model = new Map<string, { readonly item: Item<Text>; readonly text: string }>();
    let made = 0;

    const textOf = (key: string, length: number): string => `${key} ${++made} `.padEnd(length, '.').slice(0, length);
    const holdItem = (item: Item<Text>, expected: string): void => {
      const { bytes } = item as EncodedItem<Text>;
      allocator.held.add({ bytes, expected, now: () => item.object.text() });
    };
    const holdObject = (object: Text, expected: string): void => {
      allocator.held.add({ bytes: object.bytes, expected, now: () => object.text() });
    };
    const put = (
      into: PackedStorage<Text>,
      state: typeof model,
      key: string,
      length: number,
      isHeld: boolean,
    ): void => {
      const text = textOf(key, length);
      const before = state.get(key);
      state.set(key, { item: into.keep(item(key, text)), text });
      if (!before) return;
      if (isHeld) holdItem(before.item, before.text);
      into.drop(before.item);
    };
    const checkAll = (): void => {
      let live = 0;
      for (const { item, text } of model.values()) {
        live += text.length;
        same(item.read?.([]), text);
      }
      same(storage.stats().liveBytes, live);
      for (const { expected, now } of allocator.held) same(now(), expected);
    };

    for (const each of steps) {
      count.steps++;
      if (each.type === 'put') put(storage, model, each.key, each.length, each.isHeld);
      else if (each.type === 'forget') {
        for (const held of [...allocator.held].slice(0, each.count)) allocator.held.delete(held);
      } else if (each.type === 'wait') {
        await clock.advance(each.hours * 1_000);
        count.compressed += storage.stats().compressedSlabs;
      } else if (each.type === 'replace') {
        const next = storage.empty();
        const state: typeof model = new Map();
        for (const [key, length] of each.lengths) put(next, state, key, length, each.isHeld);
        if (each.isAbandoned) next.release();
        else {
          if (each.isHeld) for (const { item, text } of model.values()) holdItem(item, text);
          storage.release();
          same(storage.sizeBytes, 0);
          [storage, model] = [next, state];
        }
        checkAll();
      } else {
        const known = model.get(each.key);
        if (known === undefined) continue;
        const { item, text } = known;
        if (each.type === 'read') {
          const { object } = item;
          same(object.text(), text);
          if (recentObjects > 0) same(item.object, object);
          if (each.isHeld) holdObject(object, text);
        } else {
          if (each.isHeld) holdItem(item, text);
          storage.drop(item);
          model.delete(each.key);
        }
      }
      if (!isCold) same(storage.sizeBytes, allocator.sizeBytes);
      if (count.steps % 8 === 0) checkAll();
    }
    checkAll();
    storage[Symbol.dispose]();
    same(clock.pending, 0);
    count.poisoned += allocator.poisoned;
    count.spared += allocator.spared;
  });
}

test('Slab life: what somebody holds never changes, and no slab is read that the storage has let go of', async () => {
  const count = { steps: 0, poisoned: 0, spared: 0, compressed: 0 };
  await fc.assert(lives(Poisoner, count), { numRuns: 900 });
  console.log(`Slabs: ${JSON.stringify(count)}`);
  expect(count.steps).toBeGreaterThan(50_000);
  expect(Math.min(count.poisoned, count.spared, count.compressed)).toBeGreaterThan(500);
});

test('Random slab lives find an allocator that gives out again what is still held', async () => {
  const count = { steps: 0, poisoned: 0, spared: 0, compressed: 0 };
  const { failed } = await fc.check(lives(Recycler, count), { numRuns: 100, seed: 1 });
  expect(failed).toBe(true);
});
