import type { Change } from '@bowline/apimachinery';
import { FakeClock } from '@bowline/apimachinery/testing';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { change, MemorySink, type Thing, thing } from './doubles.fixture.ts';
import { DeltaFIFO, InOrderQueue } from './index.ts';

const key = fc.constantFrom('a', 'b', 'c', 'd', 'e');
const step = fc.oneof(
  fc.record({ type: fc.constant('changes' as const), keys: fc.array(fc.tuple(key, fc.boolean()), { maxLength: 6 }) }),
  fc.record({ type: fc.constant('replace' as const), keys: fc.uniqueArray(key), isAborted: fc.boolean() }),
  fc.record({ type: fc.constant('resync' as const) }),
  fc.record({ type: fc.constant('wait' as const) }),
);

/** What is behind a queue ends equal to what its producer saw, whatever happens on the way. */
function historiesOf(Queue: typeof InOrderQueue | typeof DeltaFIFO, count: { steps: number }) {
  return fc.asyncProperty(
    fc.array(step, { maxLength: 200, size: 'max' }),
    fc.integer({ min: 1, max: 4 }),
    async (steps, batchSize) => {
      const clock = new FakeClock();
      const sink = new MemorySink();
      const queue = new Queue<Thing>({ sink, clock, known: sink }, { batchSize });
      const stop = new AbortController();
      const running = queue.run(stop.signal);
      const model = new Map<string, number>();
      /** Per key every version that it ever had. */
      const history = new Map<string, Set<number>>();
      let version = 0;
      const next = (key: string): string => {
        history.set(key, (history.get(key) ?? new Set()).add(++version));
        return `${key}@${version}`;
      };

      // What the sink is told of one object is a part of its history, in order; versions are never ahead of what was told.
      const told = new Map<string, number>();
      sink.beforeApply = (changes) => {
        for (const { item } of changes) {
          const at = Number(item.resourceVersion);
          if (at < (told.get(item.key) ?? 0)) throw new Error(`${item.key} goes back to ${at}`);
          if (!history.get(item.key)?.has(at)) throw new Error(`${item.key} never was ${at}`);
          told.set(item.key, at);
        }
      };

      for (const each of steps) {
        count.steps++;
        if (each.type === 'wait') await clock.settle();
        else if (each.type === 'resync') queue.resync();
        else if (each.type === 'changes') {
          const made = each.keys.map(([key, isDeletion]) => {
            const spec = next(key);
            if (isDeletion) model.delete(key);
            else model.set(key, version);
            return change(isDeletion ? `-${spec}` : spec);
          });
          queue.apply(made, String(version));
        } else {
          const replacement = queue.replace();
          replacement.put(each.keys.map((key) => thing(next(key))));
          const signal = each.isAborted ? AbortSignal.abort(new Error('stop')) : undefined;
          void replacement
            .commit(String(++version), signal)
            .catch((error: Error) => expect(error.message).toBe('stop'));
          if (each.isAborted) continue;
          model.clear();
          for (const key of each.keys) model.set(key, Math.max(...(history.get(key) ?? [])));
        }
        const reached = Number(sink.resourceVersion);
        for (const [key, held] of model) {
          if (held > reached || Number(sink.item(key)?.resourceVersion) >= held) continue;
          throw new Error(`${key} is older than ${reached}`);
        }
      }
      await clock.settle();
      const held = Array.from(sink.held.values(), (item) => [item.key, Number(item.resourceVersion)]);
      expect(held.sort()).toEqual([...model].sort());
      expect(queue.length).toBe(0);
      stop.abort();
      await running;
    },
  );
}

describe.each([
  ['InOrderQueue', InOrderQueue],
  ['DeltaFIFO', DeltaFIFO],
] as const)('%s', (name, Queue) => {
  test(`Nothing lost: what is behind ${name} ends equal to what its producer saw, through random histories`, async () => {
    const count = { steps: 0 };
    await fc.assert(historiesOf(Queue, count), { numRuns: 700 });
    console.log(`${name}: ${count.steps.toLocaleString('en-US')} random steps`);
    expect(count.steps).toBeGreaterThan(50_000);
  });

  test(`Nothing lost: random histories find a ${name} that loses the last of six changes`, async () => {
    class Lossy extends (Queue as typeof InOrderQueue)<Thing> {
      override apply(changes: readonly Change<Thing>[], resourceVersion: string): void {
        super.apply(changes.slice(0, 5), resourceVersion);
      }
    }
    const { failed } = await fc.check(historiesOf(Lossy as typeof Queue, { steps: 0 }), { numRuns: 100, seed: 1 });
    expect(failed).toBe(true);
  });
});
