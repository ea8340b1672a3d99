import { FakeClock } from '@bowline/apimachinery/testing';
import { expect, test } from 'vitest';
import { DeltaFIFO } from './delta-fifo.ts';
import { changes, MemorySink, type Thing, thing } from './doubles.fixture.ts';
import type { KnownObjects } from './ports.ts';

function setUp(options: { known?: KnownObjects<Thing> | 'nothing'; batchSize?: number } = {}) {
  const clock = new FakeClock();
  const sink = new MemorySink();
  const { known = sink, batchSize } = options;
  const queue = new DeltaFIFO<Thing>({ sink, clock, known: known === 'nothing' ? undefined : known }, { batchSize });
  const deliver = async (): Promise<string[]> => {
    const stop = new AbortController();
    const running = queue.run(stop.signal);
    await clock.settle();
    stop.abort();
    await running;
    return sink.lines;
  };
  return { queue, sink, deliver };
}

test('Together: DeltaFIFO hands on the changes of one object together, objects in the order of their first change', async () => {
  const { queue, deliver } = setUp();
  queue.apply(changes('+a@1', '+b@2', '+c@3', 'a@4'), '4');
  queue.apply(changes('b@5', 'a@6', '-c@7'), '7');
  expect(queue.length).toBe(7);
  expect(await deliver()).toEqual(['+a@1 a@4 a@6 +b@2 b@5 +c@3 -c@7 @7']);
});

test('Together: an object that changes again does not lose its place, nor jump the line', async () => {
  const { queue, deliver } = setUp({ batchSize: 1 });
  queue.apply(changes('a@1', 'b@1', 'c@1'), '1');
  queue.apply(changes('d@2', 'a@2'), '2');
  expect(await deliver()).toEqual(['a@1 a@2 @', 'b@1 @', 'c@1 @1', 'd@2 @2']);
});

test('Together: DeltaFIFO never cuts between two changes of one object', async () => {
  const { queue, deliver } = setUp({ batchSize: 3 });
  queue.apply(changes('a@1', 'a@2', 'b@3', 'b@4', 'c@5', 'd@6', 'd@7', 'd@8', 'd@9'), '9');
  expect(await deliver()).toEqual(['a@1 a@2 @', 'b@3 b@4 c@5 @', 'd@6 d@7 d@8 d@9 @9']);
});

test.each([
  [['-a@2', '-a@3'], '-a@2'],
  [['-a@2', '?a@3'], '-a@2'],
  [['?a@2', '-a@3'], '-a@3'],
  [['?a@2', '?a@3'], '?a@2'],
  [['-a@2', '+a@3', '-a@4'], '-a@2 +a@3 -a@4'],
])(
  'Compressing: DeltaFIFO makes one deletion of successive ones, and keeps what was observed: %j',
  async (specs, kept) => {
    const { queue, deliver } = setUp();
    queue.apply(changes('+a@1', ...specs), '9');
    expect(queue.length).toBe(1 + kept.split(' ').length);
    expect(await deliver()).toEqual([`+a@1 ${kept} @9`]);
  },
);

test('Compressing: DeltaFIFO drops a deletion of what is neither queued nor known, and still hands on the version', async () => {
  const { queue, sink, deliver } = setUp();
  sink.held.set('known', thing('known@1'));
  queue.apply(changes('-unknown@2', '-known@3', '+queued@4', '-queued@5'), '5');
  expect(queue.length).toBe(3);
  expect(await deliver()).toEqual(['-known@3 +queued@4 -queued@5 @5']);

  const empty = setUp();
  empty.queue.apply(changes('-unknown@2'), '2');
  expect(await empty.deliver()).toEqual(['@2']);
});

test('DeltaFIFO keeps a deletion of what a waiting full state may hold', async () => {
  const { queue, sink, deliver } = setUp();
  const replacement = queue.replace();
  replacement.put([thing('a@1')]);
  const committing = replacement.commit('5');
  queue.apply(changes('-a@6'), '6');
  expect(await deliver()).toEqual(['= a@1 @5', '-a@6 @6']);
  await committing;
  expect(sink.held.size).toBe(0);
});

test('DeltaFIFO that is not told what is known hands on every deletion', async () => {
  const { queue, deliver } = setUp({ known: 'nothing' });
  queue.apply(changes('-a@1'), '1');
  expect(await deliver()).toEqual(['-a@1 @1']);
});

test('DeltaFIFO.resync leaves out what changes anyway', async () => {
  const { queue, sink, deliver } = setUp();
  for (const key of ['a', 'b', 'c']) sink.held.set(key, thing(`${key}@1`));
  queue.resync();
  queue.apply(changes('b@2'), '2');
  expect(await deliver()).toEqual(['a@1 c@1 @', 'b@2 @2']);
});

test('DeltaFIFO.resync of an object stays before a later update of it', async () => {
  const { queue, sink, deliver } = setUp();
  sink.held.set('a', thing('a@1'));
  queue.resync();
  sink.beforeApply = ([first]) => {
    if (first?.item.object === 'a@1') queue.apply(changes('a@2'), '2');
  };
  expect(await deliver()).toEqual(['a@1 @', 'a@2 @2']);
});
