import { getEventListeners } from 'node:events';
import { statusError } from '@bowline/apimachinery';
import { FakeClock, fixedRandom } from '@bowline/apimachinery/testing';
import { type FakeList, FakeListerWatcher } from '@bowline/listwatch/testing';
import { describe, expect, test } from 'vitest';
import { Absence } from './absence.ts';

const gone = (): Error => statusError({ status: 'Failure', code: 404, reason: 'NotFound', message: 'gone' });

function setUp() {
  const clock = new FakeClock(50_000);
  const source = new FakeListerWatcher<object>();
  const stop = new AbortController();
  const seen = { missing: [] as number[], isOver: false, watches: 0, hint: (): void => {} };
  const absence: Absence<object> = new Absence({
    source,
    clock,
    random: fixedRandom(0),
    definition: {
      watch: async (onChange, signal) => {
        seen.watches++;
        seen.hint = onChange;
        await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
        seen.hint = () => {};
      },
    },
    onMissing: () => seen.missing.push(absence.nextProbeAt - clock.now()),
  });
  const begin = (): Promise<void> =>
    absence.over(stop.signal).then(() => {
      seen.isOver = true;
    });
  const isTidy = (): void => {
    expect(clock.pending).toBe(0);
    expect(getEventListeners(stop.signal, 'abort').length).toBe(0);
  };
  return { absence, clock, source, stop, seen, begin, isTidy };
}

describe('Absence', () => {
  test('Absence asks for one object of any state after 1, 2, 4 … 30 seconds, and says when it will ask next', async () => {
    const { absence, clock, source, seen, begin, isTidy } = setUp();
    const over = begin();
    expect(absence.since).toBe(50_000);
    for (const waitMs of [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]) {
      expect(absence.nextProbeAt).toBe(clock.now() + waitMs);
      await clock.advance(waitMs - 1);
      const before = source.requests.length;
      await clock.advance(1);
      expect(source.requests.length).toBe(before + 1);
      const list = await source.nextList();
      expect(list.call).toMatchObject({ resourceVersion: '0', limit: 1 });
      list.fail(gone());
      await clock.settle();
      expect(absence).toMatchObject({ failures: before + 1, lastFailureAt: clock.now() });
    }
    expect(seen.missing).toEqual([2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
    await clock.advance(30_000);
    (await source.nextList()).answer([], '7');
    await over;
    expect(absence.failures).toBe(7);
    isTidy();
  });

  test.each<[string, (list: FakeList<object>) => void]>([
    ['that the resource is there', (list) => list.answer([], '7')],
    ['anything but "not found"', (list) => list.fail(new Error('odd'))],
  ])('Absence is over when the server says %s', async (_, answer) => {
    const { absence, clock, source, seen, begin, isTidy } = setUp();
    const over = begin();
    await clock.advance(1_000);
    answer(await source.nextList());
    await over;
    expect([seen.missing, absence.failures, absence.lastFailureAt]).toEqual([[], 0, undefined]);
    isTidy();
  });

  test('Absence asks at once when the definition changes, and its waits begin anew', async () => {
    const { absence, clock, source, seen, begin } = setUp();
    void begin();
    await clock.advance(1_000);
    (await source.nextList()).fail(gone());
    await clock.settle();
    seen.hint();
    const list = await source.nextList();
    expect(clock.now()).toBe(51_000);
    list.fail(gone());
    await clock.settle();
    expect(absence.nextProbeAt).toBe(52_000);
  });

  test('Absence asks again at once when the definition changes while it asks', async () => {
    const { clock, source, seen, begin } = setUp();
    void begin();
    await clock.advance(1_000);
    const first = await source.nextList();
    seen.hint();
    first.fail(gone());
    (await source.nextList()).fail(gone());
    expect(clock.now()).toBe(51_000);
    await clock.settle();
    expect(source.requests.length).toBe(2); // one change is one question
  });

  test('Absence gives up a question that takes 10 seconds, and leaves the rest to the reflector', async () => {
    const { clock, source, begin, isTidy } = setUp();
    const over = begin();
    await clock.advance(1_000);
    const list = await source.nextList();
    await clock.advance(9_999);
    expect(list.call.signal.aborted).toBe(false);
    await clock.advance(1);
    await over;
    expect(list.call.signal.aborted).toBe(true);
    isTidy();
  });

  test('Absence ends with its signal: before, while it waits, and while it asks', async () => {
    const before = setUp();
    before.stop.abort();
    await before.begin();
    expect([before.seen.watches, before.source.requests.length]).toEqual([0, 0]);
    before.isTidy();

    const waiting = setUp();
    const waited = waiting.begin();
    await waiting.clock.settle();
    waiting.stop.abort();
    await waited;
    expect(waiting.source.requests.length).toBe(0);
    waiting.isTidy();

    const asking = setUp();
    const asked = asking.begin();
    await asking.clock.advance(1_000);
    const list = await asking.source.nextList();
    asking.stop.abort();
    await asked;
    expect(list.call.signal.aborted).toBe(true);
    expect(asking.seen.missing).toEqual([]);
    asking.isTidy();
  });
});
