import { getEventListeners } from 'node:events';
import type { Clock, Item, Transition } from '@bowline/apimachinery';
import { FakeClock, RecordingLogger } from '@bowline/apimachinery/testing';
import { describe, expect, test } from 'vitest';
import { ItemDelivery, ObjectDelivery } from './delivery.ts';
import type { Handler, HandlerFailure, ItemHandler } from './ports.ts';
import { Registration } from './registration.ts';

const item = (key: string, version = 1): Item<string> => ({
  key,
  uid: key,
  resourceVersion: String(version),
  object: `${key}@${version}`,
});
const add = (key: string): Transition<string> => ({
  key,
  new: item(key),
  initial: false,
  finalStateUnknown: false,
});
const update = (key: string): Transition<string> => ({ ...add(key), old: item(key), new: item(key, 2) });
const remove = (key: string): Transition<string> => ({ ...add(key), old: item(key), new: undefined });
const many = (count: number): Transition<string>[] => Array.from({ length: count }, (_, index) => add(`w${index}`));

interface Options {
  readonly handler?: Handler<string>;
  readonly itemHandler?: ItemHandler<string>;
  readonly maxPending?: number;
  readonly overflow?: 'merge' | 'remove';
  readonly endTimeoutMs?: number;
}

function setUp({ handler = {}, itemHandler, maxPending = 10_000, overflow = 'merge', endTimeoutMs = 100 }: Options) {
  const fake = new FakeClock();
  /** Milliseconds of work; a test adds to it. */
  const work = { ms: 0, turns: 0, progress: 0, removals: 0 };
  const clock: Clock = {
    now: () => fake.now(),
    monotonic: () => fake.monotonic() + work.ms,
    setTimer: (delayMs, callback) => fake.setTimer(delayMs, callback),
    sleep: (...args) => fake.sleep(...args),
    turn: () => fake.turn(),
  };
  const logger = new RecordingLogger();
  const failures: HandlerFailure[] = [];
  const turns = {
    next: async () => {
      work.turns++;
    },
  };
  const registration = new Registration<string>(
    {
      clock,
      turns: turns as never,
      logger,
      whyNotSynced: () => undefined,
      onError: (failure) => failures.push(failure),
      onProgress: () => work.progress++,
      onRemove: () => work.removals++,
    },
    {
      what: 'widgets',
      name: 'h',
      maxPending,
      endTimeoutMs,
      overflow,
      delivery: itemHandler ? new ItemDelivery(itemHandler) : new ObjectDelivery(handler),
    },
  );
  return { registration, clock: fake, work, logger, failures };
}

describe('Registration', () => {
  test.each([
    [256, 0],
    [257, 1],
  ])('Registration with %d changes to begin with waits for %d turns before its first call', async (count, turns) => {
    const { registration, clock, work } = setUp({});
    registration.push(many(count));
    registration.start();
    await clock.settle();
    expect(registration.pending).toBe(0);
    expect(work.turns).toBe(turns);
  });

  test.each([
    ['takes no time', 0, 0],
    ['takes 4 ms for 16 calls', 0.25, 6],
    ['takes 5 ms for 16 calls', 5 / 16, 12],
    ['takes 16 ms for 16 calls', 1, 12],
  ])(
    'Registration whose handler %s looks at the clock every 16 calls, and gives way after 5 ms',
    async (_, ms, turns) => {
      const { registration, clock, work } = setUp({
        handler: {
          onAdd: () => {
            work.ms += ms;
          },
        },
      });
      registration.push(many(192));
      registration.start();
      await clock.settle();
      expect(work.turns).toBe(turns);
      expect(work.progress).toBe(turns + 1); // each time, and when nothing is left
    },
  );

  test.each([
    ['onAdd', add('a')],
    ['onUpdate', update('a')],
    ['onDelete', remove('a')],
  ] as const)(
    'Registration reports what %s throws and what it rejects with: handler, call and key',
    async (call, change) => {
      for (const isAsync of [false, true]) {
        const error = new Error('boom');
        const fail = (): Promise<void> => {
          if (isAsync) return Promise.reject(error);
          throw error;
        };
        const { registration, clock, logger, failures } = setUp({ handler: { [call]: fail } });
        registration.start();
        registration.push([change]);
        await clock.settle();
        expect(failures).toEqual([{ error, handler: 'h', call, key: 'a' }]);
        expect(logger.lines).toMatchObject([
          {
            level: 'error',
            fields: { handler: 'h', call, key: 'a', error },
            message: `Handler "h" of widgets failed in ${call}`,
          },
        ]);
        expect(registration.status()).toMatchObject({ errors: 1, pending: 0 });
      }
    },
  );

  test('Registration reports what onTransitions throws, with the first key of the batch', async () => {
    const error = new Error('boom');
    const onTransitions = (): void => {
      throw error;
    };
    const { registration, clock, failures } = setUp({ itemHandler: { onTransitions } });
    registration.start();
    registration.push([add('a'), add('b')]);
    await clock.settle();
    expect(failures).toEqual([{ error, handler: 'h', call: 'onTransitions', key: 'a' }]);
  });

  test('Registration says for how long the present call has been running', async () => {
    let release = (): void => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const { registration, clock } = setUp({ handler: { onAdd: () => held } });
    await clock.advance(1_000);
    registration.start();
    registration.push([add('a')]);
    expect(registration.status().callMs).toBeUndefined();
    await clock.advance(70);
    expect(registration.status().callMs).toBe(70);
    release();
    await clock.settle();
    expect(registration.status()).toMatchObject({ callMs: undefined, errors: 0 });
  });

  test('Registration that has waited for a call in vain logs handler, call, key and how long it has been running', async () => {
    const { registration, clock, logger } = setUp({ handler: { onAdd: () => new Promise(() => {}) } });
    registration.start();
    registration.push([add('a')]);
    await clock.advance(30);
    const disposed = registration[Symbol.asyncDispose]();
    await clock.advance(100);
    await disposed;
    expect(logger.lines).toMatchObject([
      { level: 'error', fields: { handler: 'h', call: 'onAdd', key: 'a', callMs: 130 } },
    ]);
    expect(clock.pending).toBe(0);
  });

  test('Registration says once that it is behind, with how much waits, and again when it was even meanwhile', async () => {
    const { registration, clock, logger } = setUp({ maxPending: 2 });
    registration.push([add('a'), add('b')]);
    expect(logger.lines).toEqual([]);
    registration.push([add('c')]);
    registration.push([add('d')]);
    expect(logger.lines).toMatchObject([
      {
        level: 'warn',
        fields: { handler: 'h', pending: 3 },
        message: 'Handler "h" of widgets is behind: changes of the same object are merged now',
      },
    ]);
    expect(Object.keys(logger.lines[0]?.fields ?? {})).toEqual(['handler', 'pending']); // no call is under way
    registration.start();
    await clock.settle();
    registration.push(many(3));
    expect(logger.lines).toHaveLength(2);
  });

  test('Registration that may skip nothing is removed by the change that is one too many, and says how many waited', async () => {
    const { registration, logger, failures, work } = setUp({ maxPending: 3, overflow: 'remove' });
    registration.push([add('a'), add('b')]);
    registration.push([add('c')]);
    expect(registration.isRemoved).toBe(false);
    registration.push([add('d'), add('e')]);
    expect(registration.isRemoved).toBe(true);
    const message = 'Handler "h" of widgets was removed: 5 changes wait for it';
    expect(failures).toMatchObject([
      { handler: 'h', call: 'overflow', key: 'd', error: { code: 'INFORMER_HANDLER_BEHIND', message } },
    ]);
    expect(logger.lines).toMatchObject([
      { level: 'error', fields: { handler: 'h', call: 'overflow', key: 'd' }, message },
    ]);
    expect(work.removals).toBe(1);
  });

  test('Registration that was removed holds nothing, calls nobody, and tells who waits for it', async () => {
    const calls: string[] = [];
    const { registration, clock, work } = setUp({ handler: { onAdd: (object) => void calls.push(object) } });
    registration.push([add('a')]);
    const stop = new AbortController();
    const synced = registration.synced(stop.signal);
    registration.remove();
    registration.remove();
    await expect(synced).rejects.toMatchObject({
      code: 'INFORMER_STOPPED',
      message: 'Handler "h" of widgets has stopped',
    });
    expect([registration.pending, work.removals]).toEqual([0, 1]);
    registration.start();
    await clock.settle();
    expect(calls).toEqual([]);
    expect(getEventListeners(stop.signal, 'abort').length).toBe(0);
  });

  test('Registration that is started twice calls once, and one that was paused goes on where it was', async () => {
    const calls: string[] = [];
    const { registration, clock } = setUp({ handler: { onAdd: (object) => void calls.push(object) } });
    const { signal } = new AbortController();
    registration.start();
    registration.start();
    registration.push([add('a')]);
    await clock.settle();
    await registration.pause();
    await expect(registration.synced(signal)).rejects.toMatchObject({ code: 'INFORMER_STOPPED' });
    registration.push([add('b')]);
    registration.mark();
    await clock.settle();
    expect(calls).toEqual(['a@1']);
    registration.start();
    const synced = registration.synced(signal);
    await clock.settle();
    await synced;
    expect(calls).toEqual(['a@1', 'b@1']);
    await registration.pause();
    registration.start();
    expect(registration.hasSynced).toBe(true);
  });

  test('Registration of an item handler gives no batch that reaches beyond what it has to deal with to be synced', async () => {
    const batches: string[] = [];
    const { registration, clock } = setUp({
      itemHandler: {
        onTransitions: (transitions) => {
          batches.push(`${transitions.map(({ key }) => key).join(' ')} ${registration.hasSynced}`);
        },
      },
    });
    registration.push([add('a'), add('b')]);
    registration.mark();
    registration.push([add('c')]);
    registration.start();
    await clock.settle();
    expect(batches).toEqual(['a b false', 'c true']);
  });
});
