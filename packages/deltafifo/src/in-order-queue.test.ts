import { FakeClock } from '@bowline/apimachinery/testing';
import { expect, test } from 'vitest';
import { changes, MemorySink, type Thing } from './doubles.fixture.ts';
import { InOrderQueue } from './in-order-queue.ts';

async function deliver(batches: readonly (readonly string[])[], batchSize = 1_000): Promise<string[]> {
  const clock = new FakeClock();
  const sink = new MemorySink();
  const queue = new InOrderQueue<Thing>({ sink, clock, known: sink }, { batchSize });
  for (const [index, specs] of batches.entries()) queue.apply(changes(...specs), String(index + 1));
  const stop = new AbortController();
  const running = queue.run(stop.signal);
  await clock.settle();
  stop.abort();
  await running;
  return sink.lines;
}

test('In order: InOrderQueue hands on every change of every object in the order they came', async () => {
  const lines = await deliver([['+a@1', '+b@1', 'a@2'], ['-a@3', '-a@4', '+a@5'], ['b@2']]);
  expect(lines).toEqual(['+a@1 +b@1 a@2 -a@3 -a@4 +a@5 b@2 @3']);
});

test('In order: InOrderQueue hands on deletions of what nobody knows', async () => {
  expect(await deliver([['-a@1', '?b@2']])).toEqual(['-a@1 ?b@2 @1']);
});

test('In order: InOrderQueue cuts batches anywhere, and fills them up', async () => {
  const lines = await deliver([['a@1', 'b@1', 'c@1', 'd@1', 'e@1', 'f@1', 'g@1'], [], ['h@1'], ['i@1']], 3);
  expect(lines).toEqual(['a@1 b@1 c@1 @', 'd@1 e@1 f@1 @', 'g@1 h@1 i@1 @4']);
});
