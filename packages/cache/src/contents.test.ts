import { expect, test, vi } from 'vitest';
import { Contents } from './contents.ts';
import { type Machine, machineItem } from './doubles.fixture.ts';
import { plainStorage } from './plain-storage.ts';
import { SecondaryIndex } from './secondary-index.ts';

function setUp() {
  const index = new SecondaryIndex<Machine>('node', 'spec.node', true);
  return { index, contents: new Contents<Machine>(plainStorage(), [index]) };
}

test('Contents.set leaves the indexes as they are', () => {
  const { index, contents } = setUp();
  contents.set(machineItem('a'));
  expect([...index.values()]).toEqual([]);
  index.set(contents.slotOf('a'), 'n1');
  contents.set(machineItem('a', { resourceVersion: 2 }));
  expect([...contents.find(index.find('n1'), ({ resourceVersion }) => resourceVersion)]).toEqual(['2']);
});

test('Contents.delete makes room for the next key, which is found under nothing of the one before', () => {
  const { index, contents } = setUp();
  contents.set(machineItem('a'));
  index.set(contents.slotOf('a'), 'n1');
  const slots = [...index.find('n1')];
  expect([contents.delete('a'), contents.delete('a')]).toEqual([true, false]);
  contents.set(machineItem('b'));
  expect([...index.find('n1')]).toEqual([]);
  index.set(contents.slotOf('b'), 'n2');
  expect([...index.find('n2')]).toEqual(slots);
});

test('Contents.fileSlot files what is held, and nothing for what is gone', () => {
  const { contents } = setUp();
  for (const key of ['a', 'b', 'c']) contents.set(machineItem(key));
  contents.delete('b');
  const index = new SecondaryIndex<Machine>('name', 'metadata.name', true);
  for (let slot = 0; slot < contents.slotCount; slot++) {
    contents.fileSlot(index, slot, ({ key }) => (key === 'c' ? ['n1', 'n2'] : 'n1'));
  }
  expect(contents.slotCount).toBe(3);
  expect([...contents.find(index.find('n1'), ({ key }) => key)]).toEqual(['a', 'c']);
  expect([...contents.find(index.find('n2'), ({ key }) => key)]).toEqual(['c']);
});

test('Contents.beforeChange copies what loops have not seen once, however many loops are under way', () => {
  const storage = plainStorage<Machine>();
  const at = vi.spyOn(storage, 'at');
  const contents = new Contents<Machine>(storage, []);
  const names = ['a', 'b', 'c', 'd'];
  for (const name of names) contents.set(machineItem(name));
  const loops = [2, 0, 4, 1].map((seen) => {
    const loop = contents.items(({ key }) => key);
    for (let i = 0; i < seen; i++) loop.next();
    return { seen, loop };
  });
  const found = contents.find([3, 0], ({ key }) => key);
  const keys = contents.keys();
  at.mockClear();
  contents.beforeChange();
  expect(at).toHaveBeenCalledTimes(4 + 2);
  for (const name of names) contents.delete(name);
  contents.set(machineItem('e'));
  for (const { seen, loop } of loops) expect([...loop]).toEqual(names.slice(seen));
  expect([[...found], [...keys]]).toEqual([['d', 'a'], names]);
});
