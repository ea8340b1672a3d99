import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { PriorityQueue } from './priority-queue.ts';

test('PriorityOrder forgets priorities that no key has, also when each is higher than all before', () => {
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  const queue = new PriorityQueue<string>();
  let priority = 0;
  const used = (): number => {
    for (let i = 0; i < 10_000; i++) {
      queue.add('a', { priority: priority++ });
      queue.tryGet()?.[Symbol.dispose]();
    }
    collect();
    return getHeapStatistics().used_heap_size;
  };
  const before = used();
  expect(used() - before).toBeLessThan(1_000_000); // a hundred bytes for each priority would be as much
});
