import { FakeClock, RecordingLogger } from '@bowline/apimachinery/testing';
import { expect, test } from 'vitest';
import type { Enqueue } from '../ports.ts';
import { formatRequest } from '../request.ts';
import { Channel } from './channel.ts';
import { type ChannelMapFunc, ChannelSource } from './channel-source.ts';

class RecordingQueue implements Enqueue {
  readonly keys: string[] = [];
  readonly causes: unknown[] = [];

  add: Enqueue['add'] = (key, options) => {
    this.keys.push(typeof key === 'string' ? key : formatRequest(key));
    this.causes.push(options?.cause);
  };
}

async function start<E>(source: ChannelSource<E>) {
  const clock = new FakeClock();
  const logger = new RecordingLogger();
  const queue = new RecordingQueue();
  const stop = new AbortController();
  await source.start(queue, { controller: 'test', signal: stop.signal, clock, logger });
  return { clock, logger, queue, stop };
}

const byName: ChannelMapFunc<string> = (name) => [{ name }];

test('Channel brings events to the queue in order, with their cause', async () => {
  const channel = new Channel<string>();
  const { clock, queue, stop } = await start(new ChannelSource(channel, byName, { name: 'pushes' }));
  expect(channel.offer('a')).toBe(true);
  expect(channel.offer('b')).toBe(true);
  await clock.settle();
  expect(queue.keys).toEqual(['a', 'b']);
  expect(queue.causes[0]).toEqual({ type: 'generic', kind: 'pushes' });
  expect(channel.size).toBe(0);
  stop.abort();
});

test('Channel hands its events on in slices', async () => {
  const channel = new Channel<number>();
  const source = new ChannelSource(channel, (event) => [{ name: `e${event}` }]);
  const clock = new FakeClock();
  let now = 0;
  let turns = 0;
  const { turn } = clock;
  clock.monotonic = () => now++;
  clock.turn = () => {
    turns++;
    return turn.call(clock);
  };
  for (let event = 0; event < 100; event++) channel.offer(event);
  const queue = new RecordingQueue();
  const stop = new AbortController();
  await source.start(queue, { controller: 'test', signal: stop.signal, clock, logger: new RecordingLogger() });
  await clock.settle();
  expect(queue.keys).toHaveLength(100);
  expect(now / turns).toBeLessThan(10);
  stop.abort();
});

test('Bounded: Channel keeps events that are offered before the start', async () => {
  const channel = new Channel<string>();
  channel.offer('before the controller was built');
  const source = new ChannelSource(channel, byName);
  channel.offer('before it was started');
  const { clock, queue, stop } = await start(source);
  await clock.settle();
  expect(queue.keys).toEqual(['before the controller was built', 'before it was started']);
  stop.abort();
});

test('Bounded: Channel.offer returns false when capacity events wait', async () => {
  const channel = new Channel<string>({ capacity: 2 });
  expect(['a', 'b', 'c'].map((event) => channel.offer(event))).toEqual([true, true, false]);
  const { clock, queue, stop } = await start(new ChannelSource(channel, byName));
  await clock.settle();
  expect(channel.offer('e')).toBe(true);
  await clock.settle();
  expect(queue.keys).toEqual(['a', 'b', 'e']);
  stop.abort();
});

test('Bounded: Channel.offer returns false once the controller has stopped', async () => {
  const channel = new Channel<string>();
  const { clock, stop } = await start(new ChannelSource(channel, byName));
  stop.abort();
  await clock.settle();
  expect(channel.offer('a')).toBe(false);
  expect(clock.pending).toBe(0);
});

test('Channel gives every event to every controller, and is full when the slowest is', async () => {
  const channel = new Channel<string>({ capacity: 1 });
  const idle = new ChannelSource(channel, byName);
  const { clock, queue, stop } = await start(new ChannelSource(channel, byName));
  expect(channel.offer('a')).toBe(true);
  await clock.settle();
  expect(queue.keys).toEqual(['a']);
  expect(channel.offer('b')).toBe(false);
  const other = await start(idle);
  await other.clock.settle();
  expect(other.queue.keys).toEqual(['a']);
  expect(channel.offer('c')).toBe(true);
  stop.abort();
  other.stop.abort();
});

test('ChannelSource tries an event whose map function fails 10 times, then drops it', async () => {
  let calls = 0;
  const channel = new Channel<string>({ capacity: 1 });
  const map: ChannelMapFunc<string> = async () => {
    calls++;
    throw new Error('malformed');
  };
  const { clock, logger, stop } = await start(new ChannelSource(channel, map));
  channel.offer('poison');
  await clock.settle();
  expect(channel.offer('it occupies its place')).toBe(false);
  await clock.advance(10_000);
  expect(calls).toBe(10);
  expect(channel.size).toBe(0);
  expect(logger.lines.at(-1)?.message).toBe('Event handler failed too often, the event is dropped');
  stop.abort();
});

test('Channel refuses a capacity that is no positive integer', () => {
  for (const capacity of [0, 1.5, Number.NaN]) expect(() => new Channel({ capacity })).toThrow(RangeError);
});

test('Channel hands out thousands of events in the order in which they came, and tells how many wait', async () => {
  const channel = new Channel<number>({ capacity: 10_000 });
  const subscription = channel.subscribe();
  let offered = 0;
  const taken: number[] = [];
  for (const [more, less] of [
    [3_000, 1_800],
    [2_500, 2_000],
    [1, 1_701],
  ] as const) {
    for (let count = 0; count < more; count++) channel.offer(offered++);
    for (let count = 0; count < less; count++) {
      const next = subscription.take();
      if (next) taken.push(next.event);
    }
    expect(channel.size).toBe(offered - taken.length);
  }
  expect(taken).toEqual(Array.from({ length: offered }, (_, index) => index));
  expect(subscription.take()).toBeUndefined();
});
