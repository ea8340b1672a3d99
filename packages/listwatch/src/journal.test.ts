import { FakeClock, RecordingLogger, RecordingMetrics } from '@bowline/apimachinery/testing';
import { describe, expect, test } from 'vitest';
import { Journal } from './journal.ts';
import { refused, throttled } from './reflector.fixture.ts';

function setUp(name?: string) {
  const logger = new RecordingLogger();
  const seen = { changes: 0 };
  const observer = { changed: () => seen.changes++ };
  const journal = new Journal({ clock: new FakeClock(1_000), logger, observer }, 'pods', name);
  return { journal, logger, seen, report: () => journal.report('watching', '7', undefined) };
}

const state = { durationMs: 5, objects: 2 };

describe('Journal', () => {
  test('Journal names its reflector in each line of the log: by its name, else by what it lists', () => {
    for (const [name, logged] of [
      [undefined, 'pods'],
      ['mine', 'mine'],
    ] as const) {
      const { journal, logger } = setUp(name);
      journal.failed(journal.problem(refused, 'list'));
      expect(logger.lines).toMatchObject([{ level: 'warn', fields: { reflector: logged } }]);
    }
  });

  test('Journal tells the log what failed, of which kind and how often, and the observer that there is news', () => {
    const { journal, logger, seen } = setUp();
    journal.failed(journal.problem(refused, 'watch'));
    journal.retried(throttled, 'list');
    expect(logger.lines).toMatchObject([
      {
        level: 'warn',
        fields: { kind: 'refused', failures: 1 },
        message: expect.stringContaining('Cannot watch pods'),
      },
      {
        level: 'warn',
        fields: { kind: 'throttled', failures: 2 },
        message: expect.stringContaining('Cannot list pods'),
      },
    ]);
    expect(seen.changes).toBe(2);
  });

  test('Journal repeats a warning the 1st, 2nd, 4th and 8th time only', () => {
    const { journal, logger } = setUp();
    for (let time = 1; time <= 8; time++) journal.failed(journal.problem(refused, 'list'));
    expect(logger.lines.map(({ level }) => (level === 'warn' ? 1 : 0))).toEqual([1, 1, 0, 1, 0, 0, 0, 1]);
  });

  test('Journal tells of a full state, and warns of each object in it that cannot be read', () => {
    const { journal, logger, seen, report } = setUp();
    journal.replaced('9', 'expired', { ...state, undecodable: [{ key: 'a/odd', message: 'it is no object' }] });
    expect(logger.lines).toMatchObject([
      {
        level: 'warn',
        fields: { key: 'a/odd' },
        message: 'Kept the last readable state of an object of pods: it is no object',
      },
      { level: 'debug', fields: { resourceVersion: '9', cause: 'expired' }, message: 'Read the full state' },
    ]);
    expect(report()).toMatchObject({ synced: true, undecodable: [{ key: 'a/odd' }], lastRelistCause: 'expired' });
    expect(seen.changes).toBe(1);
  });

  test('Journal measures the version of each full state, until its end', () => {
    const metrics = new RecordingMetrics();
    const journal = new Journal({ clock: new FakeClock(), metrics }, 'pods');
    const version = (): number | undefined => metrics.value('reflector_last_resource_version', { name: 'pods' });
    journal.begin();
    journal.replaced('9', 'initial', { ...state, undecodable: [] });
    expect(version()).toBe(9);
    journal.end();
    expect(version()).toBeUndefined();
  });

  test('Journal warns of a change that cannot be read, until one can', () => {
    const { journal, logger, report } = setUp();
    journal.unreadable({ key: 'a/odd', message: 'it is no object' });
    expect(logger.lines).toMatchObject([
      { level: 'warn', fields: { key: 'a/odd' }, message: 'Skipped an object of pods: it is no object' },
    ]);
    expect(report().undecodable).toEqual([{ key: 'a/odd', message: 'it is no object' }]);
    journal.readable('a/odd');
    expect(report().undecodable).toEqual([]);
  });

  test('Journal counts differences between cache and server', () => {
    const { journal, report } = setUp();
    journal.inconsistent();
    expect(report().inconsistencies).toBe(1);
  });
});
