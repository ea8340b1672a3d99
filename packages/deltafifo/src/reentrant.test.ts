import { FakeClock } from '@bowline/apimachinery/testing';
import { describe, expect, test } from 'vitest';
import { changes, MemorySink, type Thing, thing } from './doubles.fixture.ts';
import { DeltaFIFO, InOrderQueue } from './index.ts';

describe.each([
  ['InOrderQueue', InOrderQueue],
  ['DeltaFIFO', DeltaFIFO],
] as const)('%s', (name, Queue) => {
  /** Delivers `a@1`, and lets `meanwhile` run while the sink takes it. */
  async function deliver(meanwhile: (queue: InOrderQueue<Thing> | DeltaFIFO<Thing>) => void): Promise<string[]> {
    const clock = new FakeClock();
    const sink = new MemorySink();
    const queue = new Queue<Thing>({ sink, clock, known: sink });
    sink.beforeApply = ([first]) => {
      if (first?.item.object === 'a@1') meanwhile(queue);
    };
    queue.apply(changes('a@1'), '1');
    const stop = new AbortController();
    const running = queue.run(stop.signal);
    await clock.settle();
    expect(queue.length).toBe(0);
    stop.abort();
    await running;
    return sink.lines;
  }

  test(`Nothing lost: ${name} delivers a change that comes while the sink takes the last one`, async () => {
    expect(await deliver((queue) => queue.apply(changes('b@2', 'a@3'), '3'))).toEqual(['a@1 @1', 'b@2 a@3 @3']);
  });

  test(`Nothing lost: ${name} delivers a bookmark that comes while the sink takes the last change`, async () => {
    expect(await deliver((queue) => queue.apply([], '7'))).toEqual(['a@1 @1', '@7']);
  });

  test(`Nothing lost: ${name} delivers a full state that comes while the sink takes the last change`, async () => {
    const lines = await deliver((queue) => {
      const replacement = queue.replace();
      replacement.put([thing('b@2')]);
      void replacement.commit('5');
      queue.apply(changes('c@6'), '6');
    });
    expect(lines).toEqual(['a@1 @1', '= ?a@1 b@2 @5', 'c@6 @6']);
  });

  test(`Nothing lost: ${name} delivers what comes while others still wait, and counts them`, async () => {
    const clock = new FakeClock();
    const sink = new MemorySink();
    const queue = new Queue<Thing>({ sink, clock }, { batchSize: 1 });
    const lengths: number[] = [];
    sink.beforeApply = ([first]) => {
      lengths.push(queue.length);
      if (first?.item.object === 'a@1') queue.apply(changes('d@4'), '4');
    };
    queue.apply(changes('a@1', 'b@2'), '2');
    queue.apply(changes('c@3'), '3');
    const stop = new AbortController();
    const running = queue.run(stop.signal);
    await clock.settle();
    stop.abort();
    await running;
    expect(sink.lines).toEqual(['a@1 @', 'b@2 @2', 'c@3 @3', 'd@4 @4']);
    expect(lengths).toEqual([2, 2, 1, 0]);
  });

  test(`${name}.resync that is called while the sink takes a change comes behind it`, async () => {
    expect(await deliver((queue) => queue.resync())).toEqual(['a@1 @1', 'a@1 @1']);
  });
});

test('In order: InOrderQueue.resync takes its place in the order, also for what changes later', async () => {
  const clock = new FakeClock();
  const sink = new MemorySink();
  const queue = new InOrderQueue<Thing>({ sink, clock, known: sink });
  for (const key of ['a', 'b']) sink.held.set(key, thing(`${key}@1`));
  queue.resync();
  queue.apply(changes('b@2'), '2');
  const stop = new AbortController();
  const running = queue.run(stop.signal);
  await clock.settle();
  stop.abort();
  await running;
  expect(sink.lines).toEqual(['a@1 b@1 @', 'b@2 @2']);
});
