import type { Clock } from '@bowline/apimachinery';
import { checkOptions, checkValue, type ValueRule, valueRule } from '@bowline/apimachinery/arguments';
import type { FakeClock } from '@bowline/apimachinery/testing';
import { EnvError } from './errors.ts';

/** How `settled` judges and how long it lets things take. */
export interface SettleOptions {
  /** Milliseconds (of virtual time on the embedded server) after which the wait fails. @default 60_000 */
  readonly withinMs?: number | undefined;
}

/** Lets time pass for an environment. */
export interface TimeKeeper {
  /** Resolves once nobody is busy. @throws {TypeError} {RangeError} for a wrong option. */
  settled(options?: SettleOptions): Promise<void>;
  /** Lets `ms` milliseconds pass. @throws {TypeError} {RangeError} when that is no finite number, 0 or more. */
  advance(ms: number): Promise<void>;
}

/** Who still has work to do; throws when an operator has failed. */
export type Busy = () => readonly string[];

/** How often real time is looked at, and for how long nobody may be busy until that counts as rest, in milliseconds. */
const pollMs = 20;
const quietMs = 300;

/** Time without end would be a test without end. */
const duration: ValueRule = valueRule(
  'a finite number, 0 or more',
  (value): value is number => typeof value === 'number',
  (value) => Number.isFinite(value) && value >= 0,
);

function limitOf(options: SettleOptions): number {
  checkOptions<SettleOptions>('wait until all is settled', options, { withinMs: duration });
  return options.withinMs ?? 60_000;
}

function checkDuration(ms: number): void {
  checkValue('advance time', 'ms', ms, duration);
}

function notSettled(who: readonly string[], withinMs: number): EnvError {
  return new EnvError(
    'ENVTEST_NOT_SETTLED',
    `Nothing came to rest within ${withinMs} ms: still busy: ${who.join('; ')}`,
  );
}

/** What notices that time cannot move. */
export interface Runaway {
  readonly reason: string | undefined;
}

/** Time that stands still between calls: from deadline to deadline until nobody is busy. */
export function virtualTime(clock: FakeClock, busy: Busy, runaway?: Runaway): TimeKeeper {
  /** Moves time, unless it cannot move: then the loop has been ended, and the test is told. */
  const move = async (ms: number, withinMs: number): Promise<void> => {
    await clock.advance(ms);
    if (runaway?.reason !== undefined) throw notSettled([...busy(), runaway.reason], withinMs);
  };
  return {
    async advance(ms) {
      checkDuration(ms);
      await move(ms, ms);
    },
    async settled(options = {}) {
      const withinMs = limitOf(options);
      const end = clock.monotonic() + withinMs;
      for (;;) {
        await move(0, withinMs);
        const who = busy();
        if (who.length === 0) return;
        const next = clock.nextDeadline();
        if (next === undefined || next > end) throw notSettled(who, withinMs);
        await move(Math.max(0, next - clock.monotonic()), withinMs);
      }
    },
  };
}

/** Real time: nobody was busy for a while. */
export function realTime(clock: Clock, busy: Busy): TimeKeeper {
  return {
    async advance(ms) {
      checkDuration(ms);
      await clock.sleep(ms);
    },
    async settled(options = {}) {
      const withinMs = limitOf(options);
      const end = clock.monotonic() + withinMs;
      let restingSince = clock.monotonic();
      for (;;) {
        const who = busy();
        const now = clock.monotonic();
        if (who.length > 0) restingSince = now;
        else if (now - restingSince >= quietMs) return;
        if (now > end) throw notSettled(who, withinMs);
        await clock.sleep(pollMs);
      }
    },
  };
}
