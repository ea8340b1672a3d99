import { FakeClock, RecordingLogger } from '@bowline/apimachinery/testing';
import { expect, test } from 'vitest';
import { EventRetries } from './event-retries.ts';

function setup(handle: (event: string) => void | Promise<void>, options: { maxTries?: number } = {}) {
  const clock = new FakeClock();
  const logger = new RecordingLogger();
  const retries = new EventRetries<string>({ handle, describe: (event) => ({ event }), clock, logger }, options);
  return { clock, logger, retries };
}

test('EventRetries handles an event that failed again, with growing delays, until it succeeds', async () => {
  const handledAt: number[] = [];
  const { clock, logger, retries } = setup(() => {
    handledAt.push(clock.monotonic());
    if (handledAt.length < 4) throw new Error('lookup failed');
  });
  expect(retries.handle('a')).toBeUndefined();
  await clock.advance(60_000);
  expect(handledAt).toEqual([0, 5, 15, 35]);
  expect(retries.pending).toBe(0);
  expect(clock.pending).toBe(0);
  expect(logger.lines.map(({ level, fields }) => [level, fields.event, fields.afterMs])).toEqual([
    ['error', 'a', 5],
    ['error', 'a', 10],
    ['error', 'a', 20],
  ]);
});

test('EventRetries goes on with other events meanwhile', async () => {
  const handled: string[] = [];
  const { clock, retries } = setup(async (event) => {
    if (event === 'bad' && clock.monotonic() < 100) throw new Error('not yet');
    handled.push(event);
  });
  await retries.handle('bad');
  await retries.handle('good');
  expect(handled).toEqual(['good']);
  expect(retries.pending).toBe(1);
  await clock.advance(1_000);
  expect(handled).toEqual(['good', 'bad']);
});

test('EventRetries calls the handler for one event at a time, also when it retries', async () => {
  let active = 0;
  let most = 0;
  let failures = 3;
  const { clock, retries } = setup(async () => {
    most = Math.max(most, ++active);
    await clock.sleep(7);
    active--;
    if (failures-- > 0) throw new Error('boom');
  });
  void retries.handle('a');
  void retries.handle('b');
  await clock.advance(13);
  void retries.handle('c');
  await clock.advance(1_000);
  expect(most).toBe(1);
  expect(retries.pending).toBe(0);
});

test('EventRetries drops an event after maxTries and says so', async () => {
  let calls = 0;
  const { clock, logger, retries } = setup(
    () => {
      calls++;
      throw new Error('always');
    },
    { maxTries: 3 },
  );
  retries.handle('a');
  await clock.advance(10_000);
  expect(calls).toBe(3);
  expect(retries.pending).toBe(0);
  expect(logger.lines.at(-1)).toMatchObject({ level: 'error', fields: { event: 'a', tries: 3 } });
});

test('EventRetries leaves no timer behind when it is stopped', async () => {
  const { clock, retries } = setup(() => {
    throw new Error('always');
  });
  retries.handle('a');
  retries.stop();
  expect(clock.pending).toBe(0);
  expect(retries.pending).toBe(0);
});

test('EventRetries takes what a handler from plain JavaScript returns: anything, and promises of other makes', async () => {
  const returned: unknown[] = [5, 'done', null, {}, { catch: 5 }];
  const { clock, logger, retries } = setup(() => returned.shift() as undefined);
  for (let count = returned.length; count > 0; count--) expect(retries.handle('a')).toBeUndefined();
  expect(logger.lines).toEqual([]);

  let failures = 1;
  const lazy = {
    // biome-ignore lint/suspicious/noThenProperty: that is what it is about
    then(resolve: () => void, reject: (error: Error) => void): void {
      if (failures-- > 0) reject(new Error('not yet'));
      else resolve();
    },
  };
  const t = setup(() => lazy as unknown as Promise<void>);
  await t.retries.handle('b');
  expect(t.retries.pending).toBe(1);
  await t.clock.advance(1_000);
  expect(t.retries.pending).toBe(0);
  expect(clock.pending + t.clock.pending).toBe(0);
});
