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

describe.each([
  ['InOrderQueue', InOrderQueue],
  ['DeltaFIFO', DeltaFIFO],
] as const)('%s', (name, Queue) => {
  test(`Nothing lost: what is behind ${name} ends equal to what its producer saw, through random histories`, async () => {
    const property = fc.asyncProperty(fc.array(step), fc.integer({ min: 1, max: 4 }), async (steps, batchSize) => {
      const clock = new FakeClock();
      const sink = new MemorySink();
      const queue = new Queue<Thing>({ sink, clock, known: sink }, { batchSize });
      const stop = new AbortController();
      const running = queue.run(stop.signal);
      const model = new Map<string, number>();
      /** Per key every version that it ever had, in order. */
      const history = new Map<string, number[]>();
      let version = 0;
      const next = (key: string): string => {
        history.set(key, [...(history.get(key) ?? []), ++version]);
        return `${key}@${version}`;
      };

      // What the sink is told of one object is a part of its history, in order; versions are never ahead of what was told.
      const told = new Map<string, number>();
      sink.beforeApply = (changes) => {
        for (const { item } of changes) {
          const at = Number(item.resourceVersion);
          expect(at).toBeGreaterThanOrEqual(told.get(item.key) ?? 0);
          expect(history.get(item.key)).toContain(at);
          told.set(item.key, at);
        }
      };

      for (const each of steps) {
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
          for (const key of each.keys) model.set(key, history.get(key)?.at(-1) ?? 0);
        }
        const reached = Number(sink.resourceVersion);
        for (const [key, held] of model) {
          if (held <= reached) expect(Number(sink.item(key)?.resourceVersion)).toBeGreaterThanOrEqual(held);
        }
      }
      await clock.settle();
      const held = Array.from(sink.held.values(), (item) => [item.key, Number(item.resourceVersion)]);
      expect(held.sort()).toEqual([...model].sort());
      expect(queue.length).toBe(0);
      stop.abort();
      await running;
    });
    await fc.assert(property, { numRuns: 200 });
  });
});
