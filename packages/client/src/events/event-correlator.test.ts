import { FakeClock } from '@bowline/apimachinery/testing';
import { describe, expect, test } from 'vitest';
import { EventCorrelator, type EventDraft } from './event-correlator.ts';
import { LruMap } from './lru-map.ts';
import type { CorrelatorOptions } from './options.ts';

function draft(
  message: string,
  { reason = 'R', name = 'web', fieldPath }: { reason?: string; name?: string; fieldPath?: string } = {},
): EventDraft {
  return {
    metadata: { name: `${name}.${message}`, namespace: 'shop' },
    involvedObject: { kind: 'Pod', namespace: 'shop', name, uid: 'u', ...(fieldPath && { fieldPath }) },
    source: { component: 'c' },
    type: 'Normal',
    reason,
    message,
    firstTimestamp: '2026-01-01T00:00:00Z',
    lastTimestamp: '2026-01-01T00:00:00Z',
    count: 1,
  };
}

function start(options: CorrelatorOptions = { burst: 1_000 }): { clock: FakeClock; correlator: EventCorrelator } {
  const clock = new FakeClock();
  return { clock, correlator: new EventCorrelator(clock, (name) => `${name}.all`, options) };
}

const told = (correlator: EventCorrelator, event: EventDraft): unknown[] => {
  const result = correlator.correlate(event);
  return result ? [result.event.metadata.name, result.event.count, result.patch !== undefined] : ['dropped'];
};

describe('EventCorrelator', () => {
  const many = (length: number, of: (i: number) => EventDraft): EventDraft[] => Array.from({ length }, (_, i) => of(i));
  test.each<[string, EventDraft[], number, EventDraft, unknown[]]>([
    ['one event is new', [], 0, draft('a'), ['web.a', 1, false]],
    ['the same one counts', [draft('a')], 0, draft('a'), ['web.a', 2, true]],
    ['the same one counts however often', many(30, () => draft('a')), 0, draft('a'), ['web.a', 31, true]],
    [
      'another reason is another event',
      many(30, (i) => draft('a', { reason: `R${i}` })),
      0,
      draft('a'),
      ['web.a', 1, false],
    ],
    ['nine that are alike stay apart', many(8, (i) => draft(`m${i}`)), 0, draft('a'), ['web.a', 1, false]],
    ['the tenth that is alike stands for all', many(9, (i) => draft(`m${i}`)), 0, draft('a'), ['web.all', 1, false]],
    ['the eleventh is counted there', many(10, (i) => draft(`m${i}`)), 0, draft('a'), ['web.all', 2, true]],
    [
      'a message beyond the ninth goes there each time',
      many(12, (i) => draft(`m${i}`)),
      0,
      draft('m11'),
      ['web.all', 4, true],
    ],
    ['one of the first nine keeps its own count', many(12, (i) => draft(`m${i}`)), 0, draft('m3'), ['web.m3', 2, true]],
    [
      'ten minutes later they are still alike',
      many(9, (i) => draft(`m${i}`)),
      600_000,
      draft('a'),
      ['web.all', 1, false],
    ],
    ['beyond ten minutes they are not', many(9, (i) => draft(`m${i}`)), 600_001, draft('a'), ['web.a', 1, false]],
    ['a part of an object is told apart', [draft('a')], 0, draft('a', { fieldPath: 'x' }), ['web.a', 1, false]],
  ])('EventCorrelator.correlate: %s', async (_, before, laterMs, event, expected) => {
    const { clock, correlator } = start();
    for (const one of before) correlator.correlate(one);
    await clock.advance(laterMs);
    expect(told(correlator, event)).toEqual(expected);
  });

  test('EventCorrelator.correlate groups by all but the message, unless told otherwise', () => {
    const byName: CorrelatorOptions = {
      burst: 1_000,
      maxEvents: 2,
      aggregateKeyOf: ({ message = '', involvedObject }) => ({
        aggregateKey: message,
        localKey: involvedObject.name ?? '',
      }),
      messageOf: ({ message }) => `many: ${message}`,
    };
    const { correlator } = start(byName);
    expect(told(correlator, draft('a'))).toEqual(['web.a', 1, false]);
    const second = correlator.correlate(draft('a', { name: 'db' }));
    expect(second?.event).toMatchObject({ message: 'many: a', count: 1, metadata: { name: 'db.all' } });
    const usual = start({ burst: 1_000, maxEvents: 2 }).correlator;
    expect(told(usual, draft('a'))).toEqual(['web.a', 1, false]);
    expect(told(usual, draft('b', { name: 'db' }))).toEqual(['db.b', 1, false]);
    expect(told(usual, draft('b', { reason: 'S' }))).toEqual(['web.b', 1, false]);
    expect(told(usual, draft('b'))).toEqual(['web.all', 1, false]);
  });

  test('EventCorrelator.correlate lets 25 of one source about one object pass at once, and one more each 300 s', async () => {
    const { clock, correlator } = start({});
    const passed = (): boolean => correlator.correlate(draft('a')) !== undefined;
    expect(Array.from({ length: 27 }, passed).filter(Boolean)).toHaveLength(25);
    expect(told(correlator, draft('a', { name: 'db' }))).toEqual(['db.a', 1, false]);
    await clock.advance(299_999);
    expect(passed()).toBe(false);
    await clock.advance(1);
    expect(told(correlator, draft('a'))).toEqual(['web.a', 29, true]); // Those that did not pass count, too.
    expect(passed()).toBe(false);
  });

  test('EventCorrelator.correlate limits what spamKeyOf says belongs together, at the rate that is asked for', async () => {
    const { clock, correlator } = start({ burst: 1, qps: 1, spamKeyOf: ({ reason = '' }) => reason });
    expect(told(correlator, draft('a'))).toEqual(['web.a', 1, false]);
    expect(told(correlator, draft('a', { name: 'db' }))).toEqual(['dropped']);
    expect(told(correlator, draft('a', { reason: 'S' }))).toEqual(['web.a', 1, false]);
    await clock.advance(1_000);
    expect(told(correlator, draft('a', { name: 'db' }))).toEqual(['db.a', 2, true]);
  });

  test('EventCorrelator forgets what was used longest ago', () => {
    const { correlator } = start({ lruCacheSize: 2, burst: 1_000 });
    for (const message of ['a', 'b', 'a', 'c']) correlator.correlate(draft(message));
    expect(told(correlator, draft('a'))).toEqual(['web.a', 3, true]);
    expect(told(correlator, draft('b'))).toEqual(['web.b', 1, false]);
  });
});

test('LruMap keeps what was used last, and gives back what has to go', () => {
  const map = new LruMap<number>(2);
  expect([map.set('a', 1), map.set('b', 2), map.get('a'), map.set('c', 3)]).toEqual([undefined, undefined, 1, 2]);
  expect([map.get('b'), [...map.values()], map.size]).toEqual([undefined, [1, 3], 2]);
});
