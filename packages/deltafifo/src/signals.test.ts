import { getEventListeners } from 'node:events';
import { FakeClock } from '@bowline/apimachinery/testing';
import { describe, expect, test } from 'vitest';
import { changes, MemorySink, type Thing, thing } from './doubles.fixture.ts';
import { DeltaFIFO, InOrderQueue } from './index.ts';

describe.each([
  ['InOrderQueue', InOrderQueue],
  ['DeltaFIFO', DeltaFIFO],
] as const)('%s', (name, Queue) => {
  function setUp(maxPending?: number) {
    const clock = new FakeClock();
    const sink = new MemorySink();
    const queue = new Queue<Thing>({ sink, clock, known: sink }, { maxPending });
    const stop = new AbortController();
    return { clock, sink, queue, stop };
  }

  function listeners(signal: AbortSignal): number {
    return getEventListeners(signal, 'abort').length;
  }

  test(`${name}.run leaves no listener on its signal when the sink fails`, async () => {
    const { sink, queue, stop } = setUp();
    sink.beforeApply = () => {
      throw new Error('boom');
    };
    queue.apply(changes('a@1'), '1');
    const running = queue.run(stop.signal);
    expect(listeners(stop.signal)).toBe(1);
    await expect(running).rejects.toThrow('boom');
    expect(listeners(stop.signal)).toBe(0);
  });

  test(`Bounded: ${name}.drained leaves no listener on its signal when there is room again`, async () => {
    const { clock, queue, stop } = setUp(1);
    const long = new AbortController().signal; // of a producer that lives on and waits again and again
    queue.apply(changes('a@1'), '1');
    const draining = [queue.drained(long), queue.drained(long)];
    expect(listeners(long)).toBe(2);
    const running = queue.run(stop.signal);
    await Promise.all(draining);
    expect(listeners(long)).toBe(0);
    stop.abort();
    await running;
    await clock.settle();
  });

  test.each([
    ['delivered', undefined],
    ['refused by the sink', 'boom'],
  ])(`${name} leaves no listener on the signal of a state that is %s`, async (_, failure) => {
    const { clock, sink, queue, stop } = setUp();
    const long = new AbortController().signal;
    if (failure !== undefined) sink.beforeCommit = () => Promise.reject(new Error(failure));
    const outcome = queue
      .replace()
      .commit('1', long)
      .catch((error: Error) => error.message);
    expect(listeners(long)).toBe(1);
    const running = queue.run(stop.signal);
    await clock.settle();
    expect([await outcome, listeners(long)]).toEqual([failure, 0]);
    stop.abort();
    await running;
  });

  test(`${name} leaves no listener on the signal of a state that waits when it ends`, async () => {
    const { queue, stop } = setUp();
    const long = new AbortController().signal;
    const committing = expect(queue.replace().commit('1', long)).rejects.toThrow('stop');
    stop.abort(new Error('stop'));
    await queue.run(stop.signal);
    await committing;
    expect(listeners(long)).toBe(0);
  });

  test(`Whole: ${name} resolves the commit of a state that the sink took although its signal aborted meanwhile`, async () => {
    const { clock, sink, queue, stop } = setUp();
    const caller = new AbortController();
    sink.beforeCommit = async () => caller.abort(new Error('too late'));
    const replacement = queue.replace();
    replacement.put([thing('a@1')]);
    const committing = replacement.commit('5', caller.signal);
    const running = queue.run(stop.signal);
    await clock.settle();
    await committing;
    expect(sink.lines).toEqual(['= a@1 @5']);
    expect(queue.hasSynced).toBe(true);
    stop.abort();
    await running;
  });
});
