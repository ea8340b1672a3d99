import { statusError } from '@bowline/apimachinery';
import { FakeClock, fixedRandom } from '@bowline/apimachinery/testing';
import { describe, expect, test } from 'vitest';
import { defaultBackoff, defaultRetry, onError, type RetryOptions, retryOnConflict } from './retry.ts';

const conflict = (text = 'x'): Error =>
  statusError({ status: 'Failure', reason: 'Conflict', code: 409, message: text });
const missing = statusError({ status: 'Failure', reason: 'NotFound', code: 404 });

function bench(): { clock: FakeClock; ports: RetryOptions } {
  const clock = new FakeClock();
  return { clock, ports: { clock, random: fixedRandom(0.5) } };
}

describe('retryOnConflict', () => {
  test.each<[string, RetryOptions, number[]]>([
    ['defaultRetry', defaultRetry, [10.5, 10.5, 10.5, 10.5]],
    ['defaultBackoff', defaultBackoff, [10.5, 52.5, 262.5]],
    ['a cap', { steps: 4, factor: 10, jitter: 0, capMs: 40 }, [10, 40, 40]],
    ['one step', { steps: 1 }, []],
  ])(
    'retryOnConflict tries again after a conflict, with the waits of %s, and gives the last conflict (Conflicts)',
    async (_, options, waits) => {
      const { clock, ports } = bench();
      const attempts: number[] = [];
      const trying = retryOnConflict(
        (attempt) => {
          attempts.push(attempt);
          throw conflict(`conflict ${attempt}`);
        },
        { ...options, ...ports },
      ).catch((error: unknown) => error);
      await clock.settle();
      for (const [index, waitMs] of waits.entries()) {
        expect(attempts).toHaveLength(index + 1);
        await clock.advance(waitMs - 0.25);
        expect(attempts).toHaveLength(index + 1);
        await clock.advance(0.25);
      }
      expect(await trying).toMatchObject({ code: 'API_CONFLICT', message: `conflict ${waits.length + 1}` });
      expect(attempts).toEqual([...waits.map((_wait, index) => index + 1), waits.length + 1]);
      expect(clock.pending).toBe(0);
    },
  );

  test('retryOnConflict gives what the first try without a conflict gives', async () => {
    const { clock, ports } = bench();
    const trying = retryOnConflict(async (attempt) => {
      if (attempt < 3) throw conflict();
      return 'done';
    }, ports);
    await clock.advance(1_000);
    expect(await trying).toBe('done');
  });

  test('retryOnConflict passes other errors on at once', async () => {
    const { clock, ports } = bench();
    await expect(retryOnConflict(() => Promise.reject(missing), ports)).rejects.toBe(missing);
    expect(clock.pending).toBe(0);
  });

  test('retryOnConflict ends with the reason of the signal, before a try and within a wait', async () => {
    const { clock, ports } = bench();
    const stop = new AbortController();
    let tries = 0;
    const attempt = (): never => {
      tries++;
      throw conflict();
    };
    const trying = retryOnConflict(attempt, { ...ports, signal: stop.signal });
    await clock.settle();
    const why = new Error('enough');
    stop.abort(why);
    await expect(trying).rejects.toBe(why);
    await expect(retryOnConflict(attempt, { ...ports, signal: stop.signal })).rejects.toBe(why);
    expect(tries).toBe(1);
    expect(clock.pending).toBe(0);
  });

  test('retryOnConflict works on the clock of the machine, too', async () => {
    expect(await retryOnConflict((attempt) => (attempt === 1 ? Promise.reject(conflict()) : attempt))).toBe(2);
  });
});

describe('onError', () => {
  test('onError tries again what it is told to', async () => {
    const { clock, ports } = bench();
    const trying = onError(
      (error) => error === missing,
      (attempt) => {
        throw attempt < 3 ? missing : conflict('last');
      },
      ports,
    ).catch((error: unknown) => error);
    await clock.advance(1_000);
    expect(await trying).toMatchObject({ message: 'last' });
  });

  test.each<[unknown[], string]>([
    [[undefined, () => 1], 'Cannot retry: retriable must be a function, got undefined'],
    [[() => true], 'Cannot retry: attempt must be a function, got undefined'],
    [[() => true, () => 1, { steps: 0 }], 'Cannot retry: steps must be'],
    [[() => true, () => 1, { steps: Number.NaN }], 'Cannot retry: steps must be'],
    [[() => true, () => 1, { factor: 0.5 }], 'Cannot retry: factor must be 1 or more, got 0.5'],
    [[() => true, () => 1, { jitter: -1 }], 'Cannot retry: jitter must be'],
    [[() => true, () => 1, { initialMs: 0 }], 'Cannot retry: initialMs must be'],
    [[() => true, () => 1, { step: 3 }], 'steps'],
  ])('onError names a wrong argument: %j', async (given, message) => {
    const failure = await (onError as (...given: unknown[]) => Promise<unknown>)(...given).catch(
      (error: unknown) => error,
    );
    expect((failure as Error).message).toContain(message);
  });
});
