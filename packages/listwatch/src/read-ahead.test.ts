import { getEventListeners } from 'node:events';
import { FakeClock } from '@bowline/apimachinery/testing';
import { describe, expect, test } from 'vitest';
import { readAhead } from './read-ahead.ts';

function setUp(limit: number, count = 5, error?: Error) {
  const clock = new FakeClock();
  const stop = new AbortController();
  const state = { made: 0, returned: false, signal: stop.signal };
  const values = readAhead(stop.signal, limit, async function* (signal) {
    state.signal = signal;
    try {
      while (state.made < count) yield ++state.made;
      if (error) throw error;
    } finally {
      state.returned = true;
    }
  });
  return { clock, stop, state, values };
}

describe('readAhead', () => {
  test('readAhead does nothing before it is read', async () => {
    const { clock, state } = setUp(2);
    await clock.settle();
    expect(state.made).toBe(0);
  });

  test.each([1, 2, 3])('readAhead reads %i values before they are asked for, and no more', async (limit) => {
    const { clock, state, values } = setUp(limit, 9);
    const lead: number[] = [];
    for await (const value of values) {
      await clock.settle();
      lead.push(state.made - value);
    }
    expect(lead).toEqual(Array.from({ length: 9 }, (_, index) => Math.min(limit, 8 - index)));
    expect(state.returned).toBe(true);
  });

  test('readAhead gives values in order, then the error', async () => {
    const { values } = setUp(10, 3, new Error('odd'));
    const seen: unknown[] = [];
    const read = async (): Promise<void> => {
      for await (const value of values) seen.push(value);
    };
    await expect(read()).rejects.toThrow('odd');
    expect(seen).toEqual([1, 2, 3]);
  });

  test('readAhead ends its source when its reader leaves, and leaves no listener', async () => {
    const { clock, stop, state, values } = setUp(1, 1_000);
    for await (const value of values) if (value === 3) break;
    expect([state.returned, state.signal.aborted, stop.signal.aborted]).toEqual([true, true, false]);
    expect(getEventListeners(stop.signal, 'abort').length).toBe(0);
    const { made } = state;
    await clock.settle();
    expect(state.made).toBe(made);
  });

  test('readAhead passes an abort on, with its reason, before and while it is read', async () => {
    const { stop, state, values } = setUp(1, 1_000);
    await values.next();
    const reason = new Error('enough');
    stop.abort(reason);
    expect(state.signal.reason).toBe(reason);
    await values.return();
    const late = readAhead(stop.signal, 1, async function* (signal) {
      yield signal.reason;
    });
    expect((await late.next()).value).toBe(reason);
    await late.return();
    expect(getEventListeners(stop.signal, 'abort').length).toBe(0);
  });
});
