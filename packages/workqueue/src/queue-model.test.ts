import fc from 'fast-check';
import { expect, test } from 'vitest';
import { WorkQueue } from './queue.ts';
import type { WorkItem } from './work-item.ts';

/** The whole promise of a queue in two sets and a list. */
class Model {
  readonly queue: string[] = [];
  readonly dirty = new Set<string>();
  readonly processing = new Set<string>();

  add(key: string): void {
    if (this.dirty.has(key)) return;
    this.dirty.add(key);
    if (!this.processing.has(key)) this.queue.push(key);
  }

  get(): string | undefined {
    const key = this.queue.shift();
    if (key === undefined) return undefined;
    this.dirty.delete(key);
    this.processing.add(key);
    return key;
  }

  done(key: string): void {
    if (this.processing.delete(key) && this.dirty.has(key)) this.queue.push(key);
  }
}

test('WorkQueue behaves as two sets and a list through random histories', () => {
  const key = fc.constantFrom('a', 'b', 'c', 'd', 'e');
  const step = fc.oneof(
    fc.record({ do: fc.constant('add' as const), key }),
    fc.record({ do: fc.constant('done' as const), key }),
    fc.record({ do: fc.constant('dispose' as const), key }),
    fc.record({ do: fc.constant('get' as const), key }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const queue = new WorkQueue<string>();
      const model = new Model();
      const items = new Map<string, WorkItem<string, unknown>>();
      for (const { do: action, key } of steps) {
        if (action === 'add') {
          queue.add(key);
          model.add(key);
        } else if (action === 'get') {
          const item = queue.tryGet();
          expect(item?.key).toBe(model.get());
          if (item) items.set(item.key, item);
        } else {
          if (action === 'done') queue.done(key);
          else items.get(key)?.[Symbol.dispose]();
          model.done(key);
        }
        expect(queue.length).toBe(model.queue.length);
        expect(queue.keys('processing').sort()).toEqual([...model.processing].sort());
      }
    }),
    { numRuns: 500 },
  );
});
