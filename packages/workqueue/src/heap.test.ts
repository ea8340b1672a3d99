import { expect, test } from 'vitest';
import { Heap, type Ranked } from './heap.ts';

function heapOf(...ranks: number[]): { heap: Heap<Ranked>; items: Ranked[]; drain: () => number[] } {
  const heap = new Heap<Ranked>();
  const items = ranks.map((rank) => ({ rank, order: 0, position: 0 }));
  for (const item of items) heap.push(item);
  const drain = (): number[] => {
    const left: number[] = [];
    for (let first = heap.first; first; first = heap.first) {
      left.push(first.rank);
      heap.remove(first);
    }
    return left;
  };
  return { heap, items, drain };
}

test('Heap gives back the lowest rank first', () => {
  expect(heapOf(5, 3, 9, 1, 7, 3, 0).drain()).toEqual([0, 1, 3, 3, 5, 7, 9]);
});

test('Heap stays in order when an item leaves whose place is taken by one that belongs above it', () => {
  const { heap, items, drain } = heapOf(0, 100, 1, 110, 120, 2, 3, 130, 140, 150, 160, 40, 50, 60, 4);
  heap.remove(items[7] as Ranked); // 4 takes the place of 130, below 110 and 100
  expect(drain()).toEqual([0, 1, 2, 3, 4, 40, 50, 60, 100, 110, 120, 140, 150, 160]);
});

test('Heap gives back items of one rank in the order in which they came, also after one rose to it', () => {
  const { heap, items } = heapOf(1, 1, 8, 1);
  const risen = items[2] as Ranked;
  risen.rank = 1;
  heap.hasten(risen);
  for (const item of items) {
    expect(heap.first).toBe(item);
    heap.remove(item);
  }
  expect(heap.first).toBeUndefined();
});
