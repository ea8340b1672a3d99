import { FakeClock } from '@bowline/apimachinery/testing';
import { describe, expect, test } from 'vitest';
import { problemOf } from './classification.ts';
import { StatusBook } from './status.ts';

const problem = (message: string) => problemOf(new Error(message), { verb: 'list', what: 'widgets' });

function setUp() {
  const clock = new FakeClock(1_000);
  const book = new StatusBook(clock);
  return { clock, book, report: () => book.report('watching', '7', undefined) };
}

describe('StatusBook', () => {
  test('StatusBook begins with nothing', () => {
    const { book } = setUp();
    expect(book.report('waiting', '', 5)).toEqual({
      state: 'waiting',
      synced: false,
      resourceVersion: '',
      failures: 0,
      nextAttemptAt: 5,
      relists: {},
      relistCount: 0,
      inconsistencies: 0,
      undecodable: [],
    });
  });

  test('StatusBook counts failures, and how often the same one came in a row', () => {
    const { book, report } = setUp();
    expect([problem('a'), problem('a'), problem('b'), problem('a')].map((each) => book.failed(each))).toEqual([
      1, 2, 1, 1,
    ]);
    expect(report()).toMatchObject({
      failures: 4,
      lastErrorKind: 'unknown',
      lastErrorIsLasting: false,
      lastErrorAt: 1_000,
    });
    book.works();
    expect(report()).toMatchObject({ failures: 0, lastErrorAt: 1_000, lastErrorAdvice: 'it is tried again' });
    expect(book.failed(problem('a'))).toBe(1);
    expect(book.failed(problem('a'))).toBe(2);
  });

  test('StatusBook knows when something came, on a clock that does not jump', async () => {
    const { clock, book, report } = setUp();
    book.heard();
    await clock.advance(250);
    expect(report()).toMatchObject({ lastEventAt: 1_000, lastEventAgeMs: 250 });
  });

  test('StatusBook counts full states by cause, the first one not as a repetition', async () => {
    const { clock, book, report } = setUp();
    book.replaced('initial', []);
    expect(report()).toMatchObject({ synced: true, relists: { initial: 1 }, relistCount: 0, lastSyncAt: 1_000 });
    await clock.advance(10);
    book.replaced('expired', []);
    book.replaced('expired', []);
    expect(report()).toMatchObject({
      relists: { initial: 1, expired: 2 },
      relistCount: 2,
      lastRelistCause: 'expired',
      lastSyncAt: 1_010,
    });
  });

  test('StatusBook keeps the latest hundred objects that cannot be read, until they can, or a full state says otherwise', () => {
    const { book, report } = setUp();
    const keys = (): (string | undefined)[] => report().undecodable.map(({ key }) => key);
    for (let index = 0; index < 100; index++) book.unreadable({ key: `w${index}`, message: 'odd' });
    book.unreadable({ key: 'w0', message: 'odder' });
    expect(keys().length).toBe(100);
    expect(report().undecodable.at(-1)).toEqual({ key: 'w0', message: 'odder' });
    book.unreadable({ key: 'w100', message: 'odd' });
    expect(keys().length).toBe(100);
    expect([keys()[0], keys().at(-1)]).toEqual(['w2', 'w100']);
    book.readable('w2');
    book.readable('unheard of');
    expect(keys()[0]).toBe('w3');
    book.replaced('initial', [{ message: 'no name' }, { message: 'no name either' }, { key: 'x', message: 'odd' }]);
    expect(keys()).toEqual([undefined, undefined, 'x']);
    book.readable('x');
    expect(keys()).toEqual([undefined, undefined]);
  });
});
