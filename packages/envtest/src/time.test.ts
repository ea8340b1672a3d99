import { FakeClock } from '@bowline/apimachinery/testing';
import { expect, test } from 'vitest';
import { realTime, virtualTime } from './time.ts';

test('virtualTime goes from deadline to deadline until nobody is busy', async () => {
  const clock = new FakeClock();
  const work = ['a', 'b'];
  clock.setTimer(100, () => work.pop());
  clock.setTimer(700, () => work.pop());
  clock.setTimer(900, () => work.push('never seen'));
  await virtualTime(clock, () => work).settled();
  expect(clock.monotonic()).toBe(700);
});

test('virtualTime names who is still busy when time is up', async () => {
  const clock = new FakeClock();
  const tick = (): void => void clock.setTimer(10, tick);
  tick();
  await expect(
    virtualTime(clock, () => ['controller "web": 1 key waits']).settled({ withinMs: 50 }),
  ).rejects.toMatchObject({
    code: 'ENVTEST_NOT_SETTLED',
    message: 'Nothing came to rest within 50 ms: still busy: controller "web": 1 key waits',
  });
});

test('virtualTime names who is busy when no timer can ever change that', async () => {
  await expect(virtualTime(new FakeClock(), () => ['x']).settled()).rejects.toMatchObject({
    code: 'ENVTEST_NOT_SETTLED',
  });
});

test('realTime wants nobody to be busy for a while', async () => {
  const clock = new FakeClock();
  let busy = ['a'];
  clock.setTimer(100, () => {
    busy = [];
  });
  const settled = realTime(clock, () => busy)
    .settled()
    .then(() => clock.monotonic());
  await clock.advance(1_000);
  expect(await settled).toBeGreaterThanOrEqual(380);
});

test('realTime gives up and says who is busy', async () => {
  const clock = new FakeClock();
  const settled = expect(realTime(clock, () => ['a']).settled({ withinMs: 200 })).rejects.toMatchObject({
    code: 'ENVTEST_NOT_SETTLED',
  });
  await clock.advance(1_000);
  await settled;
});
