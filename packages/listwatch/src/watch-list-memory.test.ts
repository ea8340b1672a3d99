import { describe, expect, test } from 'vitest';
import { WatchListMemory, type WatchListMemoryOptions } from './watch-list-memory.ts';

function setUp(options?: WatchListMemoryOptions) {
  const time = { now: 0 };
  return { time, memory: new WatchListMemory({ clock: { monotonic: () => time.now } }, options) };
}

describe('WatchListMemory', () => {
  test('WatchListMemory refuses a resource after two misses, for an hour after the last one', () => {
    const { time, memory } = setUp();
    memory.missed('pods');
    expect(memory.allows('pods')).toBe(true);
    time.now = 1_000;
    memory.missed('pods');
    expect(memory.allows('pods')).toBe(false);
    expect(memory.allows('nodes')).toBe(true);
    time.now = 3_600_999;
    expect(memory.allows('pods')).toBe(false);
    time.now = 3_601_000;
    expect(memory.allows('pods')).toBe(true);
    memory.missed('pods');
    expect(memory.allows('pods')).toBe(true); // it counts from the beginning
  });

  test('WatchListMemory forgets the misses of a resource that works', () => {
    const { memory } = setUp();
    memory.missed('pods');
    memory.missed('nodes');
    memory.worked('pods');
    memory.missed('pods');
    memory.missed('nodes');
    expect(memory.allows('pods')).toBe(true);
    expect(memory.allows('nodes')).toBe(false);
  });

  test('WatchListMemory has a limit and a time of your own', () => {
    const { time, memory } = setUp({ missLimit: 1, forgetAfterMs: 10 });
    memory.missed('pods');
    expect(memory.allows('pods')).toBe(false);
    time.now = 10;
    expect(memory.allows('pods')).toBe(true);
  });

  test('WatchListMemory refuses wrong arguments', () => {
    const make =
      (...values: unknown[]) =>
      () =>
        Reflect.construct(WatchListMemory, values);
    const clock = { monotonic: () => 0 };
    expect(make()).toThrow('Cannot create watch-list memory: ports must be an object, got undefined');
    expect(make({})).toThrow(
      'Cannot create watch-list memory: clock must be a clock (an object with monotonic), got undefined',
    );
    expect(make({ clock }, { missLimit: 0 })).toThrow('missLimit must be a whole number, 1 or more, got 0');
    expect(make({ clock }, { forgetAfterMs: 0 })).toThrow('forgetAfterMs must be more than 0, got 0');
    expect(make({ clock }, { misslimit: 1 })).toThrow('did you mean "missLimit"?');
  });
});
