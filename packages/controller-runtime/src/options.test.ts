import { describe, expect, test } from 'vitest';
import { type ControllerOptions, resolveControllerOptions } from './options.ts';

const drainMs = 10_000;

describe.each<[keyof Omit<ControllerOptions, 'rateLimiter'>, unknown, unknown, unknown]>([
  ['maxConcurrentReconciles', 5, 3, 1],
  ['reconciliationTimeoutMs', 500, 300, 0],
  ['cacheSyncTimeoutMs', 500, 300, 120_000],
  ['drainMs', 500, 300, drainMs],
  ['usePriorityQueue', true, false, true],
  ['maxStarvationMs', 500, 300, 60_000],
])('resolveControllerOptions: %s', (name, own, ofManager, byDefault) => {
  test('is what the controller says', () => {
    expect(resolveControllerOptions({ [name]: own }, { drainMs, [name]: ofManager })[name]).toBe(own);
  });

  test('is what the manager says', () => {
    expect(resolveControllerOptions({}, { drainMs, [name]: ofManager })[name]).toBe(ofManager);
  });

  test('has a default', () => {
    expect(resolveControllerOptions({}, { drainMs })[name]).toBe(byDefault);
  });
});
