import { FakeClock, RecordingLogger } from '@bowline/apimachinery/testing';
import { expect, test } from 'vitest';
import { ThrottleLog } from './throttle-log.ts';

test('ThrottleLog tells of waits of a second once in 10 s, and of shorter ones once in 1 s', async () => {
  const clock = new FakeClock();
  const logger = new RecordingLogger();
  const log = new ThrottleLog(logger, clock);
  for (const waitMs of [50, 51, 60, 2_000, 3_000]) log.waits(waitMs, { path: '/x' });
  await clock.advance(1_000);
  for (const waitMs of [70, 4_000]) log.waits(waitMs, { path: '/x' });
  await clock.advance(9_000);
  for (const waitMs of [5_000, 80, 90]) log.waits(waitMs, { path: '/x' });
  expect(logger.lines.map(({ level, fields }) => [level, fields.waitMs])).toEqual([
    ['debug', 51],
    ['info', 2_000],
    ['debug', 70],
    ['info', 5_000],
    ['debug', 80],
  ]);
  expect(logger.lines[0]).toMatchObject({ fields: { path: '/x' }, message: 'Request waits because of the rate limit' });
});
