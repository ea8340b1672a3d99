import type { ReflectorStatus } from '@bowline/listwatch';
import { describe, expect, test } from 'vitest';
import { atRest, continued } from './status.ts';

const fresh: ReflectorStatus = {
  state: 'listing',
  synced: false,
  resourceVersion: '',
  failures: 0,
  relists: {},
  relistCount: 0,
  inconsistencies: 0,
  undecodable: [],
};
const before: ReflectorStatus = {
  ...fresh,
  state: 'stopped',
  synced: true,
  resourceVersion: '7',
  failures: 2,
  lastError: 'Cannot list pods',
  lastErrorKind: 'forbidden',
  lastErrorAdvice: 'grant the verbs',
  lastErrorIsLasting: true,
  lastErrorAt: 50,
  lastEventAt: 60,
  lastSyncAt: 70,
  relists: { initial: 1, expired: 2 },
  relistCount: 2,
  lastRelistCause: 'expired',
  inconsistencies: 1,
  undecodable: [{ key: 'a/odd', message: 'odd' }],
};

describe('InformerStatus, over reflectors that follow one another', () => {
  test('InformerStatus is that of the first reflector when there was none before', () => {
    expect(continued(undefined, before)).toBe(before);
  });

  test('InformerStatus says of a reflector that is new what it does, and what those before it did and met', () => {
    expect(continued(before, fresh)).toEqual({
      ...before,
      state: 'listing',
      synced: false,
      resourceVersion: '',
      failures: 0,
    });
  });

  test('InformerStatus adds up what was counted, and has the last of everything else', () => {
    const now: ReflectorStatus = {
      ...fresh,
      state: 'watching',
      synced: true,
      resourceVersion: '9',
      lastError: 'Cannot watch pods',
      lastErrorKind: 'silent',
      lastErrorAdvice: 'new connections are used',
      lastErrorIsLasting: false,
      lastErrorAt: 80,
      lastEventAt: 90,
      lastSyncAt: 100,
      relists: { initial: 1, silent: 1 },
      relistCount: 1,
      lastRelistCause: 'silent',
      inconsistencies: 2,
    };
    expect(continued(before, now)).toEqual({
      ...now,
      relists: { initial: 2, expired: 2, silent: 1 },
      relistCount: 4,
      inconsistencies: 3,
    });
  });

  test('InformerStatus has no advice of one failure beside the words of another', () => {
    const now: ReflectorStatus = { ...fresh, lastError: 'odd', lastErrorKind: 'unknown', lastErrorAt: 80 };
    expect(continued(before, now)).toMatchObject({ lastError: 'odd', lastErrorAdvice: undefined });
  });

  test('InformerStatus counts no full state as repeated before there was one', () => {
    expect(continued(fresh, fresh).relistCount).toBe(0);
  });

  test('InformerStatus waits at rest for the next question, and counts those that were in vain', () => {
    const absence = { nextProbeAt: 500, failures: 3, lastFailureAt: undefined };
    expect(atRest(before, absence)).toEqual({ state: 'waiting', nextAttemptAt: 500, failures: 5, lastErrorAt: 50 });
    expect(atRest(before, { ...absence, lastFailureAt: 90 }).lastErrorAt).toBe(90);
  });
});
