import { FakeClock } from '@bowline/apimachinery/testing';
import { describe, expect, test } from 'vitest';
import { Watchdog, type WatchdogLimits } from './watchdog.ts';

function setUp(limits: Partial<WatchdogLimits> = {}, ping?: (signal: AbortSignal) => Promise<void>) {
  const clock = new FakeClock();
  const barks: string[] = [];
  const watchdog = new Watchdog(
    { clock, ping, onSilence: ({ limit, limitMs }) => barks.push(`${limit} ${limitMs} at ${clock.now()}`) },
    { lifeMs: 10_000, pingAfterMs: 100, pingTimeoutMs: 50, ...limits },
  );
  return { clock, barks, watchdog };
}

describe('Watchdog', () => {
  test('Watchdog barks when the watch is too old, however often something came', async () => {
    const { clock, barks, watchdog } = setUp();
    watchdog.watch();
    await clock.advance(9_000);
    watchdog.rest();
    watchdog.watch();
    await clock.advance(999);
    expect(barks).toEqual([]);
    await clock.advance(1);
    expect(barks).toEqual(['overdue 10000 at 10000']);
  });

  test('Watchdog takes a limit for silence while somebody waits, and before', async () => {
    const { clock, barks, watchdog } = setUp();
    watchdog.watch();
    await clock.advance(30);
    watchdog.idleLimitMs = 100;
    await clock.advance(69);
    expect(barks).toEqual([]);
    await clock.advance(1);
    expect(barks.splice(0)).toEqual(['idle 100 at 100']);
    watchdog.rest();
    watchdog.idleLimitMs = 40;
    await clock.advance(500);
    watchdog.watch();
    await clock.advance(40);
    expect(barks).toEqual(['idle 40 at 640']);
  });

  test('Watchdog sets no timer while nobody waits, and leaves none behind', async () => {
    const { clock, barks, watchdog } = setUp({}, async () => {});
    watchdog.idleLimitMs = 5;
    expect(clock.pending).toBe(0);
    watchdog.watch();
    watchdog.end();
    expect(clock.pending).toBe(0);
    watchdog.idleLimitMs = 5;
    expect(clock.pending).toBe(0);
    await clock.advance(20_000);
    expect(barks).toEqual([]);
  });

  test('Watchdog neither barks nor pings while nobody waits', async () => {
    let pings = 0;
    const { clock, barks, watchdog } = setUp({}, async () => void pings++);
    watchdog.accepted();
    watchdog.idleLimitMs = 300;
    watchdog.watch();
    watchdog.rest();
    await clock.advance(20_000);
    expect([pings, barks]).toEqual([0, []]);
  });

  test('Watchdog barks once when a ping fails after its time', async () => {
    let fail = (): void => {};
    const ping = (): Promise<void> =>
      new Promise((_, reject) => {
        fail = () => reject(new Error('late'));
      });
    const { clock, barks, watchdog } = setUp({}, ping);
    watchdog.accepted();
    watchdog.watch();
    await clock.advance(150);
    fail();
    await clock.settle();
    expect(barks).toEqual(['ping 50 at 150']);
    watchdog.end();
    expect(clock.pending).toBe(0);
  });

  test('Watchdog lets an answer that comes after the end of the wait count for the next one', async () => {
    const asked: number[] = [];
    let answer = (): void => {};
    const { clock, barks, watchdog } = setUp({}, () => {
      asked.push(clock.now());
      return new Promise((resolve) => {
        answer = resolve;
      });
    });
    watchdog.accepted();
    watchdog.watch();
    await clock.advance(120);
    watchdog.rest();
    answer();
    await clock.settle();
    expect(clock.now()).toBe(120);
    await clock.advance(80);
    watchdog.watch();
    await clock.advance(99);
    expect(asked).toEqual([100]);
    await clock.advance(1);
    expect(asked).toEqual([100, 300]);
    expect(barks).toEqual([]);
  });

  test('Watchdog never pings a watch that was not accepted, nor one whose source cannot', async () => {
    let pings = 0;
    const one = setUp({}, async () => void pings++);
    one.watchdog.watch();
    await one.clock.advance(5_000);
    const other = setUp();
    other.watchdog.accepted();
    other.watchdog.watch();
    await other.clock.advance(5_000);
    expect([pings, one.barks, other.barks]).toEqual([0, [], []]);
  });
});
