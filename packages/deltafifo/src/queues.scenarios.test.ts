import { FakeClock } from '@bowline/apimachinery/testing';
import { afterEach, describe, expect, test } from 'vitest';
import { changes, MemorySink, type Thing, thing } from './doubles.fixture.ts';
import { DeltaFIFO, InOrderQueue } from './index.ts';
import type { QueueOptions } from './options.ts';

// What client-go's tests of its queues show and no other test of ours does; docs/scenarios/deltafifo.md says which.

let finish: () => Promise<void> = async () => {};
afterEach(() => finish());

type Queue = typeof DeltaFIFO<Thing> | typeof InOrderQueue<Thing>;

function setUp(Queue: Queue, options: QueueOptions<Thing> = {}) {
  const clock = new FakeClock();
  const sink = new MemorySink();
  const queue = new Queue({ sink, clock, known: sink }, options);
  const stop = new AbortController();
  let running: Promise<void> | undefined;
  finish = async () => {
    stop.abort(new Error('stop'));
    await running;
    expect(clock.pending).toBe(0);
  };
  return {
    sink,
    queue,
    async deliver(): Promise<void> {
      running ??= queue.run(stop.signal);
      await clock.settle();
    },
    commit(resourceVersion: string, ...specs: string[]): Promise<void> {
      const replacement = queue.replace();
      replacement.put(specs.map(thing));
      return replacement.commit(resourceVersion);
    },
  };
}

describe.each<[string, Queue]>([
  ['InOrderQueue', InOrderQueue],
  ['DeltaFIFO', DeltaFIFO],
])('%s', (name, Queue) => {
  test(`${name} ends two rapid updates of an object with the newer one, whether its consumer waits or is at work`, async () => {
    const { sink, queue, deliver } = setUp(Queue);
    queue.apply(changes('+a@1', 'a@2'), '2');
    await deliver();
    expect(sink.held.get('a')?.object).toBe('a@2');
    queue.apply(changes('a@3'), '3');
    queue.apply(changes('a@4'), '4');
    await deliver();
    expect(sink.held.get('a')?.object).toBe('a@4');
    expect(sink.lines).toEqual(['+a@1 a@2 @2', 'a@3 a@4 @4']);
  });

  test(`${name} gives a consumer that is at work the listed object, not the one that was added before`, async () => {
    const { sink, queue, deliver, commit } = setUp(Queue);
    await deliver();
    queue.apply(changes('+a@10'), '10');
    const committing = commit('20', 'a@15');
    await deliver();
    await committing;
    expect(sink.held.get('a')?.object).toBe('a@15');
    expect(sink.lines).toEqual(['+a@10 @10', '= a@15 @20']);
  });

  test(`${name} hands on the deletion of an object whose addition nobody has seen, behind that`, async () => {
    const { sink, queue, deliver } = setUp(Queue);
    queue.apply(changes('+a@5', '-a@6'), '6');
    expect(queue.length).toBe(2);
    await deliver();
    expect(sink.lines).toEqual(['+a@5 -a@6 @6']);
    expect(sink.held.size).toBe(0);
  });

  test(`${name} adds nothing to the deletion of an object that a resync no longer finds`, async () => {
    const { sink, queue, deliver } = setUp(Queue);
    sink.held.set('a', thing('a@1'));
    queue.apply(changes('-a@2'), '2');
    queue.resync();
    await deliver();
    expect(sink.lines).toEqual(['-a@2 @2']);
  });

  test(`${name} keeps a resync and then an update of an object in that order`, async () => {
    const { sink, queue, deliver, commit } = setUp(Queue, { batchSize: 1 });
    const committing = commit('1', 'a@1', 'b@1');
    await deliver();
    await committing;
    queue.resync();
    sink.beforeApply = ([first]) => {
      if (first?.item.object === 'a@1') queue.apply(changes('a@2'), '2');
    };
    await deliver();
    expect(sink.lines.slice(1)).toEqual(['a@1 @1', 'b@1 @1', 'a@2 @2']);
  });

  test(`${name} keeps full states and the bookmark between them in their order, behind earlier changes`, async () => {
    const { sink, queue, deliver, commit } = setUp(Queue);
    queue.apply(changes('+a@1'), '1');
    const first = commit('10', 'b@2');
    queue.apply([], '15');
    const second = commit('20', 'c@16');
    expect(queue.length).toBe(3);
    await deliver();
    await Promise.all([first, second]);
    expect(sink.lines).toEqual(['+a@1 @1', '= ?a@1 b@2 @10', '@15', '= ?b@2 c@16 @20']);
  });

  test(`Transforming: ${name} gives transform an object again that it has made itself and that is listed once more`, async () => {
    const seen: string[] = [];
    const transform = (object: Thing): Thing => {
      seen.push(object);
      return object.endsWith('!') ? object : `${object}!`;
    };
    const { sink, queue, deliver } = setUp(Queue, { transform });
    queue.apply(changes('+a@1'), '1');
    await deliver();
    const replacement = queue.replace();
    replacement.put([...sink.held.values()]);
    const committing = replacement.commit('2');
    await deliver();
    await committing;
    expect(seen).toEqual(['a@1', 'a@1!']);
    expect(sink.lines).toEqual(['+a@1! @1', '= a@1! @2']);
  });
});

test('DeltaFIFO that is not told what is known hands on what came of each object, also its deletion', async () => {
  const clock = new FakeClock();
  const sink = new MemorySink();
  const queue = new DeltaFIFO<Thing>({ sink, clock });
  queue.apply(changes('+foo@10', 'bar@15', '+qux@17', '-qux@18', '-baz@19'), '19');
  const stop = new AbortController();
  const running = queue.run(stop.signal);
  await clock.settle();
  stop.abort();
  await running;
  expect(sink.lines).toEqual(['+foo@10 bar@15 +qux@17 -qux@18 -baz@19 @19']);
});

test('In order: InOrderQueue lets an object that changes again wait behind the others', async () => {
  const { sink, queue, deliver } = setUp(InOrderQueue, { batchSize: 1 });
  queue.apply(changes('a@1', 'b@1', 'c@1'), '1');
  queue.apply(changes('d@2', 'a@2'), '2');
  await deliver();
  expect(sink.lines).toEqual(['a@1 @', 'b@1 @', 'c@1 @1', 'd@2 @1', 'a@2 @2']);
});

const numbered = (count: number): string[] => Array.from({ length: count }, (_, i) => `k${i}@1`);

test.each<[string, string[], number[]]>([
  ['fills one batch', numbered(4), [4]],
  ['is one change', ['a@1'], [1]],
  ['goes one beyond the limit', numbered(5), [4, 1]],
  ['goes beyond the limit twice', numbered(9), [4, 4, 1]],
  ['names a key again', ['a@1', 'b@1', 'a@2', 'c@1'], [4]],
  ['names a key again across the limit', ['a@1', 'b@1', 'c@1', 'd@1', 'a@2'], [4, 1]],
  ['mixes additions, changes and both sorts of deletions', ['+a@1', 'b@1', '-c@1', '?d@1'], [4]],
])(
  'In order: InOrderQueue that is given what %s hands it on in batches of at most batchSize',
  async (_, specs, sizes) => {
    const { sink, queue, deliver } = setUp(InOrderQueue, { batchSize: 4 });
    queue.apply(changes(...specs), '1');
    await deliver();
    const words = sink.lines.map((line) => line.split(' ').slice(0, -1));
    expect(words.map(({ length }) => length)).toEqual(sizes);
    expect(words.flat()).toEqual(specs);
  },
);

test('Whole: InOrderQueue mixes a full state and a resync with no change before or behind them', async () => {
  const { sink, queue, deliver, commit } = setUp(InOrderQueue);
  queue.apply(changes('+a@1'), '1');
  const committing = commit('10', 'a@2', 'b@2');
  queue.apply(changes('b@11'), '11');
  queue.resync();
  queue.apply(changes('a@12'), '12');
  await deliver();
  await committing;
  expect(sink.lines).toEqual(['+a@1 @1', '= a@2 b@2 @10', 'b@11 @11', 'a@2 b@11 @11', 'a@12 @12']);
});
