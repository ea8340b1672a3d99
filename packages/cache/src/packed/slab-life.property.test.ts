import type { EncodedItem, Encoding } from '@bowline/apimachinery';
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
  /** How often an object was found elsewhere, and how often for at least the second time. */
  moved: number;
  movedAgain: number;
}

/** What the state holds under a key. */
interface Entry {
  readonly slot: number;
  readonly text: string;
  /** Where it stood when it was last looked at, and how often it had moved until then. */
  bytes: Buffer | undefined;
  moves: number;
}

/** A storage and what it must hold. Gives slots as a cache does. */
class State {
  readonly storage: PackedStorage<Text>;
  readonly entries = new Map<string, Entry>();
  readonly #free: number[] = [];
  #slots = 0;

  constructor(storage: PackedStorage<Text>) {
    this.storage = storage;
  }

  put(key: string, text: string): void {
    const slot = this.entries.get(key)?.slot ?? this.#free.pop() ?? this.#slots++;
    this.storage.keep(slot, item(key, text));
    this.entries.set(key, { slot, text, bytes: undefined, moves: 0 });
  }

  drop(key: string, { slot }: Entry): void {
    this.storage.drop(slot);
    this.entries.delete(key);
    this.#free.push(slot);
  }

  at({ slot }: Entry): EncodedItem<Text> {
    const item = this.storage.at(slot);
    if (item === undefined) throw new Error(`There is nothing in slot ${slot}`);
    return item as EncodedItem<Text>;
  }
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
    let state = new State(createPackedStorage({ clock, compressAfterMs, recentObjects }, allocator, sizes));
    let made = 0;

    const textOf = (key: string, length: number): string => `${key} ${++made} `.padEnd(length, '.').slice(0, length);
    const holdItem = (item: EncodedItem<Text>, key: string, expected: string): void => {
      const { bytes } = item;
      allocator.held.add({ bytes, expected, now: () => (item.key === key ? item.object.text() : item.key) });
    };
    const holdObject = (object: Text, expected: string): void => {
      allocator.held.add({ bytes: object.bytes, expected, now: () => object.text() });
    };
    const put = (into: State, key: string, length: number, isHeld: boolean): void => {
      const before = into.entries.get(key);
      if (before && isHeld) holdItem(into.at(before), key, before.text);
      into.put(key, textOf(key, length));
    };
    const checkAll = (): void => {
      let live = 0;
      for (const [key, entry] of state.entries) {
        const item = state.at(entry);
        live += entry.text.length;
        same(item.key, key);
        same(item.read([]), entry.text);
        if (isCold) continue;
        if (entry.bytes !== undefined && entry.bytes !== item.bytes) {
          count.moved++;
          if (++entry.moves > 1) count.movedAgain++;
        }
        entry.bytes = item.bytes;
      }
      same(state.storage.stats().liveBytes, live);
      for (const { expected, now } of allocator.held) same(now(), expected);
    };

    for (const each of steps) {
      count.steps++;
      if (each.type === 'put') put(state, each.key, each.length, each.isHeld);
      else if (each.type === 'forget') {
        for (const held of [...allocator.held].slice(0, each.count)) allocator.held.delete(held);
      } else if (each.type === 'wait') {
        await clock.advance(each.hours * 1_000);
        count.compressed += state.storage.stats().compressedSlabs;
      } else if (each.type === 'replace') {
        const next = new State(state.storage.empty());
        for (const [key, length] of each.lengths) put(next, key, length, each.isHeld);
        if (each.isAbandoned) next.storage.release();
        else {
          const before = state;
          // Also who holds the storage reads on, as a loop does that began before.
          for (const [key, entry] of each.isHeld ? before.entries : []) {
            holdItem(before.at(entry), key, entry.text);
            const { bytes } = before.at(entry);
            allocator.held.add({ bytes, expected: entry.text, now: () => before.at(entry).read([]) });
          }
          before.storage.release();
          same(before.storage.sizeBytes, 0);
          state = next;
        }
        checkAll();
      } else {
        const entry = state.entries.get(each.key);
        if (entry === undefined) continue;
        const item = state.at(entry);
        if (each.type === 'read') {
          const { object } = item;
          same(object.text(), entry.text);
          if (recentObjects > 0) same(state.at(entry).object, object);
          if (each.isHeld) holdObject(object, entry.text);
        } else {
          if (each.isHeld) holdItem(item, each.key, entry.text);
          state.drop(each.key, entry);
          same(state.storage.at(entry.slot), undefined);
        }
      }
      if (!isCold) same(state.storage.sizeBytes, allocator.sizeBytes);
      if (count.steps % 8 === 0) checkAll();
    }
    checkAll();
    state.storage[Symbol.dispose]();
    same(clock.pending, 0);
    count.poisoned += allocator.poisoned;
    count.spared += allocator.spared;
  });
}

test('Slab life: what somebody holds never changes, and no slab is read that the storage has let go of', async () => {
  const count = { steps: 0, poisoned: 0, spared: 0, compressed: 0, moved: 0, movedAgain: 0 };
  await fc.assert(lives(Poisoner, count), { numRuns: 900 });
  console.log(`Slabs: ${JSON.stringify(count)}`);
  expect(count.steps).toBeGreaterThan(50_000);
  expect(Math.min(count.poisoned, count.spared, count.compressed, count.moved)).toBeGreaterThan(500);
  expect(count.movedAgain).toBeGreaterThan(100);
});

test('Random slab lives find an allocator that gives out again what is still held', async () => {
  const count = { steps: 0, poisoned: 0, spared: 0, compressed: 0, moved: 0, movedAgain: 0 };
  const { failed } = await fc.check(lives(Recycler, count), { numRuns: 100, seed: 1 });
  expect(failed).toBe(true);
});
