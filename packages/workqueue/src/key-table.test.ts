import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { KeyTable } from './key-table.ts';
import type { KeyId } from './ports.ts';
import { type ItemOwner, QueueItem } from './work-item.ts';

type Item = QueueItem<KeyId, never>;

const owner: ItemOwner<KeyId, never> = { done() {}, retry() {}, forget() {} };
const itemOf = (id: KeyId): Item => new QueueItem<KeyId, never>(owner, id, id, undefined);

/** What a table should hold: nothing is clever. */
class Model {
  readonly waiting: KeyId[] = [];
  readonly processing = new Map<KeyId, Item>();
}

const steps = fc.array(
  fc.oneof(
    fc.record({ do: fc.constant('add' as const), count: fc.integer({ min: 1, max: 700 }), asItem: fc.boolean() }),
    fc.record({ do: fc.constant('pop' as const), count: fc.integer({ min: 1, max: 900 }) }),
    fc.record({ do: fc.constant('delete' as const), count: fc.integer({ min: 1, max: 900 }), fromEnd: fc.boolean() }),
  ),
  { maxLength: 40, size: 'max' },
);

/** Compares a table with the model after each step; the ids come back after a while. */
function property(make: () => KeyTable<KeyId, never>, count: { steps: number }) {
  return fc.property(steps, fc.integer({ min: 900, max: 5_000 }), (all, ids) => {
    const table = make();
    const model = new Model();
    let next = 0;
    for (const step of all) {
      for (let i = 0; i < step.count; i++) {
        count.steps++;
        if (step.do === 'add') {
          const id = (next++ * 7) % ids;
          if (table.find(id)) continue;
          table.add(step.asItem ? itemOf(id) : id);
          model.waiting.push(id);
        } else if (step.do === 'pop') {
          const item = table.pop();
          if (item?.id !== model.waiting.shift()) throw new Error(`Wrong order: ${item?.id}`);
          if (!item) break;
          item.state = 'processing';
          model.processing.set(item.id, item);
        } else {
          const [item] = step.fromEnd ? [...model.processing.values()].slice(-1) : model.processing.values();
          if (!item) break;
          item.state = 'done';
          table.delete(item);
          model.processing.delete(item.id);
        }
      }
      const [waiting, processing] = [model.waiting.length, model.processing.size];
      if (table.length !== waiting || table.size !== waiting + processing) throw new Error('Wrong sizes');
      for (const [id, item] of model.processing) if (table.find(id) !== item) throw new Error(`Lost item ${id}`);
    }
    expect(table.keys('processing').sort()).toEqual([...model.processing.keys()].sort());
    expect(table.keys('ready')).toEqual(model.waiting);
    for (let id = 0; id < ids; id++)
      if ((table.find(id) !== undefined) !== (model.waiting.includes(id) || model.processing.has(id)))
        throw new Error(`Wrong answer for ${id}`);
  });
}

test('KeyTable holds the keys that wait, in order, and those being processed, through 100,000 random steps and many moves', () => {
  const count = { steps: 0 };
  fc.assert(
    property(() => new KeyTable(itemOf), count),
    { numRuns: 60 },
  );
  expect(count.steps).toBeGreaterThan(100_000);
});

test('Random histories find a KeyTable that remembers what is done', () => {
  class Remembering extends KeyTable<KeyId, never> {
    override delete(item: Item): void {
      if (item.id !== 14) super.delete(item);
    }
  }
  const { failed } = fc.check(
    property(() => new Remembering(itemOf), { steps: 0 }),
    { numRuns: 60, seed: 1 },
  );
  expect(failed).toBe(true);
});

test('KeyTable makes one item for a key, when it is first asked for', () => {
  let made = 0;
  const table = new KeyTable<KeyId, never>((id) => {
    made++;
    return itemOf(id);
  });
  table.add('a');
  table.add('');
  table.add(0);
  expect(made).toBe(0);
  const found = table.find('a');
  expect([found, table.pop(), made]).toEqual([found, found, 1]);
  expect([table.pop()?.id, table.pop()?.id, table.pop(), made]).toEqual(['', 0, undefined, 3]);
});

test('KeyTable forgets ids that are done, though a key that came before them stays', () => {
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  const table = new KeyTable<KeyId, never>(itemOf);
  let next = 0;
  const take = (): Item => {
    table.add(next++);
    return table.pop() as Item;
  };
  const stays = take();
  const used = (): number => {
    for (let i = 0; i < 100_000; i++) table.delete(take());
    collect();
    return getHeapStatistics().used_heap_size;
  };
  const before = used();
  expect(used() - before).toBeLessThan(1_000_000); // ten bytes for each id would be as much
  expect([table.find(0), table.size]).toEqual([stays, 1]);
});
