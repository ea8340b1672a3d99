import { FakeClock, RecordingMetrics } from '@bowline/apimachinery/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PriorityQueue } from './priority-queue.ts';

interface Entry {
  readonly key: string;
  priority: number;
  dueMs: number;
  order: number;
}

/** One entry per key; nothing is clever. With `planted` a key that is added with a lower priority takes it: upstream and we keep the higher. */
class Model {
  readonly entries = new Map<string, Entry>();
  readonly processing = new Set<string>();
  readonly #planted: boolean;
  #order = 0;

  constructor(planted: boolean) {
    this.#planted = planted;
  }

  add(key: string, priority: number, dueMs: number, nowMs: number): void {
    const known = this.entries.get(key);
    if (!known) {
      this.entries.set(key, { key, priority, dueMs, order: this.#order++ });
      return;
    }
    const wasReady = known.dueMs <= nowMs;
    const isBlocked = this.processing.has(key);
    if (!wasReady && dueMs < known.dueMs) {
      known.dueMs = dueMs;
      if (dueMs <= nowMs) known.order = this.#order++;
    }
    if (priority > known.priority || this.#planted) {
      known.priority = priority;
      if (!isBlocked) known.order = this.#order++;
    }
  }

  /** Who became ready stands behind those that are. */
  advance(fromMs: number, toMs: number): void {
    const due = [...this.entries.values()].filter(({ dueMs }) => dueMs > fromMs && dueMs <= toMs);
    for (const entry of due.sort((a, b) => a.dueMs - b.dueMs)) entry.order = this.#order++;
  }

  ready(nowMs: number): Entry[] {
    return [...this.entries.values()].filter(({ dueMs }) => dueMs <= nowMs);
  }

  /** Undefined or the keys of the highest priority, the first of which is next. */
  next(nowMs: number): Entry[] {
    const free = this.ready(nowMs).filter(({ key }) => !this.processing.has(key));
    const highest = Math.max(...free.map(({ priority }) => priority));
    return free.filter(({ priority }) => priority === highest).sort((a, b) => a.order - b.order);
  }

  take(key: string): void {
    this.entries.delete(key);
    this.processing.add(key);
  }

  done(key: string): void {
    this.processing.delete(key);
    const again = this.entries.get(key);
    if (again) again.order = this.#order++;
  }
}

const step = fc.oneof(
  fc.record({
    do: fc.constant('add' as const),
    key: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
    priority: fc.integer({ min: -2, max: 2 }),
    afterMs: fc.constantFrom(0, 0, 0, 3, 7, 11),
  }),
  fc.record({ do: fc.constant('get' as const) }),
  fc.record({ do: fc.constant('done' as const), key: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f') }),
  fc.record({ do: fc.constant('advance' as const), ms: fc.integer({ min: 1, max: 6 }) }),
);

let steps = 0;

function property(planted: boolean) {
  return fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 120 }), async (history) => {
    const clock = new FakeClock();
    const metrics = new RecordingMetrics();
    const queue = new PriorityQueue<string, string>({ clock, metrics, name: 'q' });
    const model = new Model(planted);
    for (const action of history) {
      steps++;
      if (action.do === 'add') {
        queue.add(action.key, { priority: action.priority, afterMs: action.afterMs });
        model.add(action.key, action.priority, clock.monotonic() + action.afterMs, clock.monotonic());
      } else if (action.do === 'get') {
        const item = queue.tryGet();
        const [next] = model.next(clock.monotonic());
        expect(item && [item.key, item.priority]).toEqual(next && [next.key, next.priority]);
        if (next) model.take(next.key);
      } else if (action.do === 'done') {
        queue.done(action.key);
        if (model.processing.has(action.key)) model.done(action.key);
      } else {
        const before = clock.monotonic();
        await clock.advance(action.ms);
        model.advance(before, clock.monotonic());
      }
      const ready = model.ready(clock.monotonic());
      expect(queue.length).toBe(ready.length);
      for (let priority = -2; priority <= 2; priority++) {
        const depth = metrics.value('workqueue_depth', { name: 'q', priority: String(priority) }) ?? 0;
        expect(depth).toBe(ready.filter((entry) => entry.priority === priority).length);
      }
    }
    queue.shutDown();
  });
}

test('PriorityQueue follows the merge rules through 50,000 random steps, and its depth never drifts', async () => {
  steps = 0;
  await fc.assert(property(false), { numRuns: 1_800 });
  console.log(`PriorityQueue: ${steps.toLocaleString('en-US')} random steps`);
  expect(steps).toBeGreaterThan(50_000);
});

test('PriorityQueue: the property finds a planted bug: a re-add that lowers the priority', async () => {
  const { failed } = await fc.check(property(true), { numRuns: 900, seed: 1 });
  expect(failed).toBe(true);
});
