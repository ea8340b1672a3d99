import { FakeClock } from '@bowline/apimachinery/testing';
import { expect, test } from 'vitest';
import { ItemExponentialFailureRateLimiter } from './limiters.ts';
import { RateLimitingQueue } from './rate-limiting-queue.ts';

function setUp(): { clock: FakeClock; queue: RateLimitingQueue<string, string> } {
  const clock = new FakeClock();
  const limiter = new ItemExponentialFailureRateLimiter({ baseDelayMs: 1, maxDelayMs: 1_000 });
  return { clock, queue: new RateLimitingQueue<string, string>({ clock, limiter }) };
}

/** Says when each key became ready. */
async function readyTimes(clock: FakeClock, queue: RateLimitingQueue<string, string>, ms: number): Promise<string[]> {
  const times: string[] = [];
  for (let i = 0; i <= ms; i++) {
    for (let item = queue.tryGet(); item; item = queue.tryGet()) {
      times.push(`${item.key}@${clock.now()}`);
      item[Symbol.dispose]();
    }
    await clock.advance(1);
  }
  return times;
}

test('RateLimitingQueue.addRateLimited doubles the delay per key, and forget starts over', async () => {
  const { clock, queue } = setUp();
  queue.addRateLimited('a');
  expect(await readyTimes(clock, queue, 9)).toEqual(['a@1']);
  queue.addRateLimited('a'); // at 10
  queue.addRateLimited('b');
  expect(queue.numRequeues('a')).toBe(2);
  expect(await readyTimes(clock, queue, 9)).toEqual(['b@11', 'a@12']);
  queue.forget('a');
  expect(queue.numRequeues('a')).toBe(0);
  queue.addRateLimited('a'); // at 20
  expect(await readyTimes(clock, queue, 9)).toEqual(['a@21']);
  expect(clock.pending).toBe(0);
});

test('RateLimitingQueue limits as client-go does unless told otherwise', () => {
  const queue = new RateLimitingQueue<string>({ clock: new FakeClock() });
  for (let i = 0; i < 101; i++) queue.addRateLimited(`key-${i}`);
  expect(queue.waiting).toBe(101);
  expect(queue.numRequeues('key-0')).toBe(1);
  queue.shutDown();
});

test('RateLimitingQueue limits keys of any type by their identity', () => {
  const clock = new FakeClock();
  const queue = new RateLimitingQueue<{ name: string }>({ keyOf: ({ name }) => name, clock });
  queue.addRateLimited({ name: 'a' });
  expect(queue.numRequeues({ name: 'a' })).toBe(1);
  queue.forget({ name: 'a' });
  expect(queue.numRequeues({ name: 'a' })).toBe(0);
  queue.shutDown();
});

test('Insistent: RateLimitingQueue.work retries what throws with growing delays, and forgets failures on success', async () => {
  const { clock, queue } = setUp();
  const runs: string[] = [];
  const errors: unknown[] = [];
  const stop = new AbortController();
  queue.add('a', { cause: 'update' });
  const working = queue.work(
    async (key, { causes, causeCount }) => {
      runs.push(`${key}@${clock.now()} ${causes} ${causeCount}`);
      if (runs.length < 4) throw new Error(`failure ${runs.length}`);
    },
    { signal: stop.signal, onError: (error, key) => errors.push(`${key}: ${error}`) },
  );
  await clock.advance(100);
  expect(runs).toEqual(['a@0 update 1', 'a@1 update 1', 'a@3 update 1', 'a@7 update 1']);
  expect(errors).toEqual(['a: Error: failure 1', 'a: Error: failure 2', 'a: Error: failure 3']);
  expect(queue.numRequeues('a')).toBe(0);
  stop.abort();
  await working;
  expect(clock.pending).toBe(0);
});

test('RateLimitingQueue.work processes as many keys at a time as it may, and never one key twice', async () => {
  const { clock, queue } = setUp();
  let running = 0;
  let most = 0;
  for (let i = 0; i < 10; i++) queue.add(`key-${i}`);
  const working = queue.work(
    async (key) => {
      most = Math.max(most, ++running);
      queue.add(key === 'key-0' && clock.now() < 10 ? key : 'key-1');
      await clock.sleep(10);
      running--;
    },
    { concurrency: 3 },
  );
  await clock.advance(20);
  queue.shutDown();
  await clock.advance(1_000);
  await working;
  expect(most).toBe(3);
  expect(queue.length + queue.processing).toBe(0);
});

test('RateLimitingQueue.work resolves after shutdown when the last handler has ended', async () => {
  const { clock, queue } = setUp();
  let ended = 0;
  for (const key of ['a', 'b', 'c']) queue.add(key);
  const working = queue.work(async () => {
    await clock.sleep(10);
    ended++;
  });
  queue.shutDown();
  await clock.advance(30);
  await working;
  expect(ended).toBe(3);
});

test('RateLimitingQueue.work ends with its signal: handlers finish, what waits stays in the queue', async () => {
  const { clock, queue } = setUp();
  const stop = new AbortController();
  const seen: string[] = [];
  for (const key of ['a', 'b']) queue.add(key);
  const working = queue.work(
    async (key, { signal }) => {
      await clock.sleep(10);
      seen.push(`${key} ${signal.aborted} ${signal.reason}`);
    },
    { signal: stop.signal },
  );
  await clock.advance(5);
  stop.abort('enough');
  await clock.advance(5);
  await working;
  expect(seen).toEqual(['a true enough']);
  expect(queue.keys('ready')).toEqual(['b']);
  await queue.work(() => seen.push('never'), { signal: stop.signal });
  expect(seen).toHaveLength(1);
});

test('RateLimitingQueue.work puts back a key that arrives in the turn of the abort', async () => {
  const { clock, queue } = setUp();
  const stop = new AbortController();
  const working = queue.work(() => Promise.reject(new Error('must not run')), { signal: stop.signal });
  await clock.settle();
  queue.add('a', { cause: 'update' });
  stop.abort();
  await working;
  expect(queue.tryGet()).toMatchObject({ key: 'a', causes: ['update'], causeCount: 1 });
});

test('RateLimitingQueue.work rejects with what onError throws, after the other handlers have ended', async () => {
  const { clock, queue } = setUp();
  let ended = false;
  queue.add('slow');
  queue.add('bad');
  const working = queue.work(
    async (key, { signal }) => {
      if (key === 'bad') throw new Error('boom');
      await clock.sleep(50, signal);
      ended = signal.aborted;
    },
    {
      concurrency: 2,
      onError: (error) => {
        throw error;
      },
    },
  );
  await expect(working).rejects.toThrow('boom');
  expect(ended).toBe(true);
  expect(queue.keys('waiting')).toEqual(['bad']);
  queue.shutDown();
  expect(clock.pending).toBe(0);
});

test('RateLimitingQueue.work waits for onError, and rejects with what it rejects with', async () => {
  const { queue } = setUp();
  queue.add('bad');
  const working = queue.work(() => Promise.reject(new Error('boom')), {
    onError: async () => {
      await Promise.resolve();
      throw new Error('cannot report');
    },
  });
  await expect(working).rejects.toThrow('cannot report');
  queue.shutDown();
});

test.each([0, 1.5, Number.NaN])('RateLimitingQueue.work refuses a concurrency of %d', async (concurrency) => {
  const message = `Cannot work: concurrency must be an integer, 1 or more, got ${concurrency}`;
  await expect(setUp().queue.work(() => {}, { concurrency })).rejects.toThrow(new RangeError(message));
});

test('Polite: RateLimitingQueue.work gives way to timers and I/O however much there is to do', async () => {
  const clock = new FakeClock();
  let monotonic = 0;
  let turns = 0;
  const queue = new RateLimitingQueue<string>({
    clock: {
      setTimer: (delayMs, callback) => clock.setTimer(delayMs, callback),
      monotonic: () => monotonic,
      turn: async () => void turns++,
    },
  });
  for (let i = 0; i < 100; i++) queue.add(`key-${i}`);
  queue.shutDown();
  await queue.work(() => void monotonic++);
  expect(turns).toBe(10);
});

test('RateLimitingQueue limits by its own clock when it makes its limiter itself', async () => {
  const clock = new FakeClock();
  const queue = new RateLimitingQueue({ clock });
  for (let i = 0; i < 150; i++) queue.addRateLimited(`key-${i}`); // 50 more than the burst
  await clock.advance(60_000);
  expect(queue.length).toBe(150);
  queue.addRateLimited('fresh');
  await clock.advance(5);
  expect(queue.length).toBe(151);
});
