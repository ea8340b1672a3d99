import { describe, expect, test } from 'vitest';
import { type ReflectorOptions, resolveReflectorOptions } from './options.ts';

describe('ReflectorOptions', () => {
  test('ReflectorOptions have the defaults of client-go, and those that it lacks', () => {
    expect(resolveReflectorOptions({})).toEqual({
      pageSize: undefined,
      minBackoffMs: 800,
      maxBackoffMs: 30_000,
      backoffResetMs: 120_000,
      minWatchTimeoutMs: 300_000,
      watchList: true,
      initialEventsIdleMs: 10_000,
      initialEventsTimeoutMs: 300_000,
      idleTimeoutMs: 90_000,
      overdueMarginMs: 30_000,
      listTimeoutMs: 600_000,
      maxInternalErrorRetryMs: 0,
      pingAfterMs: 30_000,
      pingTimeoutMs: 15_000,
      consistencyCheckMs: 0,
    });
  });

  test('ReflectorOptions keep what is set, but for a watch time below the least one', () => {
    const set = {
      pageSize: 0,
      minBackoffMs: 1,
      maxBackoffMs: 1,
      backoffResetMs: 3,
      minWatchTimeoutMs: 400_000,
      watchList: false,
      initialEventsIdleMs: 5,
      initialEventsTimeoutMs: 6,
      idleTimeoutMs: 7,
      overdueMarginMs: 0,
      listTimeoutMs: 9,
      maxInternalErrorRetryMs: 10,
      pingAfterMs: 11,
      pingTimeoutMs: 12,
      consistencyCheckMs: 13,
    };
    expect(resolveReflectorOptions({ name: 'r', ...set })).toEqual(set);
    expect(resolveReflectorOptions({ minWatchTimeoutMs: 0 }).minWatchTimeoutMs).toBe(300_000);
    expect(resolveReflectorOptions({ minBackoffMs: 40_000 }).maxBackoffMs).toBe(40_000);
  });

  const wrong: readonly [keyof ReflectorOptions, unknown, string][] = [
    ['name', '', 'a non-empty string'],
    ['pageSize', 1.5, 'a whole number, 0 or more'],
    ['minBackoffMs', 0, 'more than 0'],
    ['maxBackoffMs', 799, 'minBackoffMs or more'],
    ['backoffResetMs', 0, 'more than 0'],
    ['minWatchTimeoutMs', -1, '0 or more'],
    ['watchList', 1, 'true or false'],
    ['initialEventsIdleMs', 0, 'more than 0'],
    ['initialEventsTimeoutMs', 0, 'more than 0'],
    ['idleTimeoutMs', 0, 'more than 0'],
    ['overdueMarginMs', -1, '0 or more'],
    ['listTimeoutMs', 0, 'more than 0'],
    ['maxInternalErrorRetryMs', -1, '0 or more'],
    ['pingAfterMs', 0, 'more than 0'],
    ['pingTimeoutMs', 0, 'more than 0'],
    ['consistencyCheckMs', -1, '0 or more'],
  ];
  test.each(wrong)('ReflectorOptions refuse %s: %j', (name, value, rule) => {
    expect(() => resolveReflectorOptions({ [name]: value })).toThrow(
      `Cannot create reflector: ${name} must be ${rule}, got`,
    );
  });

  test('ReflectorOptions refuse unknown names', () => {
    expect(() => resolveReflectorOptions({ idleTimeout: 1 } as ReflectorOptions)).toThrow(
      'did you mean "idleTimeoutMs"?',
    );
  });
});
