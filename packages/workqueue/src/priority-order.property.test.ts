import { FakeClock } from '@bowline/apimachinery/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PriorityQueue } from './priority-queue.ts';

const key = fc.constantFrom('a/1', 'a/2', 'a/3', 'b/1', 'b/2', 'c/1', 'c/2', 'd/1');
const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constant('add' as const), key, priority: fc.integer({ min: -2, max: 2 }) }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('take' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('advance' as const), ms: fc.integer({ min: 1, max: 15 }) }) },
);

interface Entry {
  readonly key: string;
  priority: number;
  readonly sinceMs: number;
  /** Number of the step in which it got its priority. */
  rankedAt: number;
}

const maxStarvationMs = 30;

function assert(holds: boolean, what: string): void {
  if (!holds) throw new Error(what);
}

/** Namespaces take turns, nobody starves, and every key comes out once. */
function property(count: { steps: number }, fairBy: 'namespace' | undefined) {
  return fc.asyncProperty(
    fc.array(step, { minLength: 60, maxLength: 200, size: 'max' }),
    fc.boolean(),
    async (all, ages) => {
      const clock = new FakeClock();
      const queue = new PriorityQueue<string>({ clock, fairBy, ...(ages ? { maxStarvationMs } : {}) });
      const entries = new Map<string, Entry>();
      let previous: { readonly namespace: string; readonly priority: number; readonly at: number } | undefined;
      let hasJumped = false;
      for (const [at, each] of all.entries()) {
        count.steps++;
        if (each.do === 'add') {
          queue.add(each.key, { priority: each.priority });
          const known = entries.get(each.key);
          if (!known) entries.set(each.key, { ...each, sinceMs: clock.monotonic(), rankedAt: at });
          else if (each.priority > known.priority) {
            known.priority = each.priority;
            known.rankedAt = at;
          }
        } else if (each.do === 'advance') {
          await clock.advance(each.ms);
        } else {
          const item = queue.tryGet();
          item?.[Symbol.dispose]();
          const taken = item && entries.get(item.key);
          assert(item === undefined ? entries.size === 0 : taken?.priority === item.priority, `took ${item?.key}`);
          if (taken) {
            entries.delete(taken.key);
            const left = [...entries.values()];
            const isHighest = left.every(({ priority }) => priority <= taken.priority);
            const oldest = left.every(({ sinceMs }) => sinceMs >= taken.sinceMs);
            const isDue = ages && clock.monotonic() - taken.sinceMs >= maxStarvationMs;
            assert(isHighest || (isDue && oldest && !hasJumped), `${taken.key} is neither the highest nor starving`);
            hasJumped = !isHighest;
            const namespace = taken.key.slice(0, 1);
            const last = previous;
            if (!ages && last?.namespace === namespace && last.priority === taken.priority) {
              const waited = left.some(
                (other) =>
                  other.priority === taken.priority && !other.key.startsWith(namespace) && other.rankedAt < last.at,
              );
              assert(!waited, `${namespace} had two turns while another waited`);
            }
            previous = { namespace, priority: taken.priority, at };
          }
        }
        assert(queue.length === entries.size, `length ${queue.length} instead of ${entries.size}`);
      }
      const left: string[] = [];
      for (let item = queue.tryGet(); item; item = queue.tryGet()) left.push(item.key);
      assert(left.sort().join() === [...entries.keys()].sort().join(), `${left} are left`);
    },
  );
}

test('PriorityQueue with turns and aging loses nothing, starves nobody and is fair through 100,000 random steps', async () => {
  const count = { steps: 0 };
  await fc.assert(property(count, 'namespace'), { numRuns: 1_000 });
  console.log(`PriorityQueue with turns: ${count.steps.toLocaleString('en-US')} random steps`);
  expect(count.steps).toBeGreaterThan(100_000);
});

test('Random histories find that a PriorityQueue without turns is not fair', async () => {
  const { failed } = await fc.check(property({ steps: 0 }, undefined), { numRuns: 300, seed: 1 });
  expect(failed).toBe(true);
});
