import { noMetrics } from '@bowline/apimachinery';
import { FakeClock, RecordingLogger, seededRandom } from '@bowline/apimachinery/testing';
import { ItemFastSlowRateLimiter } from '@bowline/workqueue';
import { expect, test } from 'vitest';
import { FakeCluster } from './fake-cluster.ts';
import { Manager } from './manager.ts';
import { reconcileQueue } from './reconcile-queue.ts';

/** When each of 200 keys that failed once is handed out again. */
async function retries(usePriorityQueue: boolean): Promise<number[]> {
  const clock = new FakeClock();
  const options = { name: 'web', usePriorityQueue, maxStarvationMs: 60_000 };
  const queue = reconcileQueue({ clock, metrics: noMetrics }, options);
  const at: number[] = [];
  const worker = async (): Promise<void> => {
    for (let request = await queue.get(); request; request = await queue.get()) {
      at.push(clock.monotonic());
      request[Symbol.dispose]();
    }
  };
  const working = worker();
  for (let index = 0; index < 200; index++) queue.addRateLimited(`key-${index}`);
  await clock.advance(60_000);
  queue.shutDown();
  await working;
  expect(clock.pending).toBe(0);
  return at;
}

test('reconcileQueue with priorities limits each key alone, without them all keys together too', async () => {
  expect(new Set(await retries(true))).toEqual(new Set([5]));
  const plain = await retries(false);
  expect(plain.slice(0, 100)).toEqual(Array(100).fill(5));
  expect(plain.at(-1)).toBe(10_000);
});

test.each([true, false])(
  'a controller waits as long as its rateLimiter says, or that of its manager (usePriorityQueue: %s)',
  async (usePriorityQueue) => {
    const limiter = (ms: number) => () =>
      new ItemFastSlowRateLimiter({ fastDelayMs: ms, slowDelayMs: ms, maxFastAttempts: 1 });
    const clock = new FakeClock();
    const ports = { client: new FakeCluster(), clock, random: seededRandom(1), logger: new RecordingLogger() };
    const manager = new Manager({ ...ports, controller: { rateLimiter: limiter(7), usePriorityQueue } });
    const at: Record<string, number[]> = {};
    for (const [name, options] of [
      ['own', { rateLimiter: limiter(30) }],
      ['shared', {}],
    ] as const) {
      const runs: number[] = [];
      at[name] = runs;
      manager
        .controller(name)
        .source(async (queue) => queue.add('a'))
        .withOptions(options)
        .reconcile(() => {
          runs.push(clock.monotonic());
          if (runs.length < 3) throw new Error('not yet');
        });
    }
    const stop = new AbortController();
    const running = manager.run(stop.signal);
    await clock.advance(1_000);
    expect(at).toEqual({ own: [0, 30, 60], shared: [0, 7, 14] });
    stop.abort();
    await clock.advance(60_000);
    await running;
  },
);
