import { statusError, untilAborted } from '@bowline/apimachinery';
import { checkOptions } from '@bowline/apimachinery/arguments';
import { FakeClock, RecordingLogger, RecordingMetrics, seededRandom } from '@bowline/apimachinery/testing';
import { ItemExponentialFailureRateLimiter } from '@bowline/workqueue';
import { describe, expect, test } from 'vitest';
import { controllerOptionRules } from './argument-rules.ts';
import { Cache } from './cache/cache.ts';
import { CachedClient } from './cached-client.ts';
import type { Cause } from './cause.ts';
import { Controller } from './controller.ts';
import { controllerMetrics } from './controller-metrics.ts';
import { TerminalError } from './errors.ts';
import { FakeCluster } from './fake-cluster.ts';
import { type ControllerOptions, resolveControllerOptions } from './options.ts';
import type { Enqueue, Source } from './ports.ts';
import type { Reconcile } from './reconcile.ts';
import { reconcileQueue } from './reconcile-queue.ts';
import { Reconciler } from './reconciler.ts';
import { funcSource } from './source/func-source.ts';

const informers = {
  create(): never {
    throw new Error('nothing is watched here');
  },
};

/** A controller whose only source is the test. */
function setup(reconcile: Reconcile, options: ControllerOptions & { sources?: Source[] } = {}) {
  const clock = new FakeClock();
  const logger = new RecordingLogger();
  const recorded = new RecordingMetrics();
  const random = seededRandom(1);
  const metrics = controllerMetrics(recorded, 'test');
  const waitSeconds = recorded.histogram({ name: 'wait', help: '' });
  const cache = new Cache({ informers, clock, random, waitSeconds }, { syncTimeoutMs: 1 });
  const client = new CachedClient({ live: new FakeCluster(), cache });
  const limiter = new ItemExponentialFailureRateLimiter({ baseDelayMs: 5, maxDelayMs: 1_000_000 });
  const resolved = resolveControllerOptions(options, { drainMs: 10_000 });
  const queue = reconcileQueue({ clock, metrics: recorded, limiter }, { ...resolved, name: 'test' });
  const ports = { queue, metrics, clock, logger };
  const reconciler = new Reconciler({ ...ports, reconcile, client, random }, resolved);
  const sources = options.sources ?? [funcSource(async () => {}, { name: 'test' })];
  const controller = new Controller({ ...ports, sources, reconciler }, { ...resolved, name: 'test' });
  const stop = new AbortController();
  const run = () => controller.run(stop.signal);
  const results = (result: string) =>
    recorded.value('controller_runtime_reconcile_total', { controller: 'test', result });
  const metric = (name: string) => recorded.value(`controller_runtime_${name}`, { controller: 'test' });
  return { clock, logger, recorded, queue, controller, stop, run, results, metric };
}

/** A reconcile function that keeps when it ran for which key. */
function recording(clock: () => FakeClock, results: (() => ReturnType<Reconcile>)[] = []) {
  const runs: [number, string][] = [];
  const reconcile: Reconcile = ({ key }) => {
    runs.push([clock().monotonic(), key.name]);
    return results.shift()?.();
  };
  return { runs, reconcile };
}

test('Controller gives way every few milliseconds also while its reconciler has nothing to wait for', async () => {
  const t = setup(() => {});
  let now = 0;
  let turns = 0;
  const { turn } = t.clock;
  t.clock.monotonic = () => now++; // each look at the clock takes a millisecond
  t.clock.turn = () => {
    turns++;
    return turn.call(t.clock);
  };
  const running = t.run();
  for (let index = 0; index < 100; index++) t.queue.add(`key-${index}`);
  await t.clock.settle();
  expect(t.results('success')).toBe(100);
  expect(now / turns).toBeLessThan(20);
  t.stop.abort();
  await running;
});

test('Controller takes no new key once it is stopped, also by a reconciler that has nothing to wait for', async () => {
  const seen = recording(() => t.clock, [() => t.stop.abort()]);
  const t = setup(seen.reconcile);
  const running = t.run();
  for (const key of ['a', 'b', 'c']) t.queue.add(key);
  await running;
  expect(seen.runs).toEqual([[0, 'a']]);
  expect(t.clock.pending).toBe(0);
});

test('Controller forgets a key that was reconciled', async () => {
  const seen = recording(() => t.clock);
  const t = setup(seen.reconcile);
  const running = t.run();
  t.queue.add('a');
  await t.clock.advance(60_000);
  expect(seen.runs).toEqual([[0, 'a']]);
  expect(t.results('success')).toBe(1);
  expect(t.controller.busy()).toEqual([]);
  t.stop.abort();
  await running;
  expect(t.clock.pending).toBe(0);
});

test('Insistent: Controller tries a key that failed again with growing delays, and goes on with others meanwhile', async () => {
  const boom = () => Promise.reject(new Error('boom'));
  const seen = recording(() => t.clock, [boom, () => {}, boom, boom, () => {}]);
  const t = setup(seen.reconcile);
  const running = t.run();
  t.queue.add('a');
  t.queue.add('b');
  await t.clock.settle();
  expect(t.controller.busy()).toEqual(['controller "test": a has failed once and is tried again: boom']);
  await t.clock.advance(60_000);
  expect(seen.runs).toEqual([
    [0, 'a'],
    [0, 'b'],
    [5, 'a'],
    [15, 'a'],
    [35, 'a'],
  ]);
  expect(t.queue.numRequeues('a')).toBe(0);
  expect(t.controller.busy()).toEqual([]);
  expect([t.results('error'), t.results('success'), t.metric('reconcile_errors_total')]).toEqual([3, 2, 3]);
  t.stop.abort();
  await running;
});

test('Insistent: Controller takes an error that is thrown synchronously, or that is no Error, for an error', async () => {
  const seen = recording(
    () => t.clock,
    [
      () => {
        throw new Error('at once');
      },
      () => Promise.reject('a string'),
      () => Promise.reject(undefined),
    ],
  );
  const t = setup(seen.reconcile);
  const running = t.run();
  t.queue.add('a');
  await t.clock.advance(1_000);
  expect(t.results('error')).toBe(3);
  expect(t.results('success')).toBe(1);
  t.stop.abort();
  await running;
});

test('Insistent: Controller lets a key rest after a TerminalError, until something changes', async () => {
  const seen = recording(
    () => t.clock,
    [() => Promise.reject(new Error('boom')), () => Promise.reject(new TerminalError('hopeless'))],
  );
  const t = setup(seen.reconcile);
  const running = t.run();
  t.queue.add('a');
  await t.clock.advance(60_000);
  expect(seen.runs).toEqual([
    [0, 'a'],
    [5, 'a'],
  ]);
  expect(t.queue.numRequeues('a')).toBe(0);
  expect(t.controller.busy()).toEqual([]);
  expect([t.results('error'), t.metric('terminal_reconcile_errors_total')]).toEqual([2, 1]);
  t.queue.add('a');
  await t.clock.advance(1);
  expect(seen.runs).toHaveLength(3);
  t.stop.abort();
  await running;
});

test('Controller runs a key again after requeueAfterMs, forgets its failures, and does not count as busy meanwhile', async () => {
  const seen = recording(() => t.clock, [() => Promise.reject(new Error('boom')), () => ({ requeueAfterMs: 1_000 })]);
  const t = setup(seen.reconcile);
  const running = t.run();
  t.queue.add('a');
  await t.clock.advance(500);
  expect(t.queue.numRequeues('a')).toBe(0);
  expect(t.controller.busy()).toEqual([]);
  await t.clock.advance(60_000);
  expect(seen.runs).toEqual([
    [0, 'a'],
    [5, 'a'],
    [1005, 'a'],
  ]);
  expect(t.results('requeue_after')).toBe(1);
  t.stop.abort();
  await running;
});

test('Controller runs a key early when something changes, and what that run returns counts then', async () => {
  const seen = recording(() => t.clock, [() => ({ requeueAfterMs: 1_000 }), () => ({ requeueAfterMs: 5_000 })]);
  const t = setup(seen.reconcile);
  const running = t.run();
  t.queue.add('a');
  await t.clock.advance(400);
  t.queue.add('a');
  await t.clock.advance(60_000);
  expect(seen.runs.map(([at]) => at)).toEqual([0, 400, 5_400]);
  t.stop.abort();
  await running;
});

test('Controller runs a key again with growing delays when it asks for requeue', async () => {
  const again = () => ({ requeue: true }) as const;
  const seen = recording(() => t.clock, [again, again, again]);
  const t = setup(seen.reconcile);
  const running = t.run();
  t.queue.add('a');
  await t.clock.advance(60_000);
  expect(seen.runs.map(([at]) => at)).toEqual([0, 5, 15, 35]);
  expect([t.results('requeue'), t.results('success')]).toEqual([3, 1]);
  t.stop.abort();
  await running;
});

describe.each<[string, (more: { priority?: number }) => Awaited<ReturnType<Reconcile>>]>([
  ['requeue', (more) => ({ requeue: true, ...more })],
  ['requeueAfterMs', (more) => ({ requeueAfterMs: 1_000, ...more })],
  ['an error', () => Promise.reject(new Error('boom')) as never],
])('%s asks for a run', (name, again) => {
  const overridden: [string, { priority?: number }, string[]] = [
    'as urgent as the result says',
    { priority: -1 },
    ['normal', 'urgent'],
  ];
  test.each<[string, { priority?: number }, string[]]>([
    ['as urgent as this one', {}, ['urgent', 'normal']],
    ...(name === 'an error' ? [] : [overridden]),
  ])('%s', async (_what, more, order) => {
    const seen = recording(() => t.clock, [() => again(more), () => t.clock.sleep(2_000)]);
    const t = setup(seen.reconcile);
    const running = t.run();
    t.queue.add('urgent', { priority: 5 });
    await t.clock.settle();
    t.queue.add('long');
    await t.clock.settle();
    t.queue.add('normal');
    await t.clock.advance(2_000);
    expect(seen.runs.map(([, key]) => key)).toEqual(['urgent', 'long', ...order]);
    t.stop.abort();
    await running;
  });
});

test.each([1.5, Number.NaN, '5'])('Controller takes priority %s for an error of the reconciler', async (priority) => {
  const seen = recording(() => t.clock, [() => ({ requeue: true, priority: priority as number })]);
  const t = setup(seen.reconcile);
  const running = t.run();
  t.queue.add('a');
  await t.clock.advance(1_000);
  expect([t.results('error'), t.results('success')]).toEqual([1, 1]);
  t.stop.abort();
  await running;
});

test.each([-1, Number.NaN, Number.POSITIVE_INFINITY])(
  'Controller takes requeueAfterMs %s for an error of the reconciler',
  async (requeueAfterMs) => {
    const seen = recording(() => t.clock, [() => ({ requeueAfterMs })]);
    const t = setup(seen.reconcile);
    const running = t.run();
    t.queue.add('a');
    await t.clock.advance(1_000);
    expect([t.results('error'), t.results('success')]).toEqual([1, 1]);
    t.stop.abort();
    await running;
  },
);

test('Exclusive: Controller never reconciles one key twice at a time, and runs it once more when it was queued meanwhile', async () => {
  let active = 0;
  let most = 0;
  let runs = 0;
  const t = setup(
    async () => {
      runs++;
      most = Math.max(most, ++active);
      await t.clock.sleep(100);
      active--;
    },
    { maxConcurrentReconciles: 4 },
  );
  const running = t.run();
  t.queue.add('a');
  await t.clock.advance(10);
  t.queue.add('a');
  t.queue.add('a');
  await t.clock.advance(1_000);
  expect([runs, most]).toEqual([2, 1]);
  t.stop.abort();
  await running;
});

test('Controller reconciles up to maxConcurrentReconciles keys at the same time', async () => {
  let active = 0;
  let most = 0;
  const t = setup(
    async () => {
      most = Math.max(most, ++active);
      await t.clock.sleep(100);
      active--;
    },
    { maxConcurrentReconciles: 3 },
  );
  const running = t.run();
  for (let key = 0; key < 10; key++) t.queue.add(`key-${key}`);
  await t.clock.advance(50);
  expect(t.metric('active_workers')).toBe(3);
  expect(t.metric('max_concurrent_reconciles')).toBe(3);
  await t.clock.advance(1_000);
  expect(most).toBe(3);
  expect(t.results('success')).toBe(10);
  expect(t.recorded.observations('controller_runtime_reconcile_time_seconds', { controller: 'test' })).toEqual(
    Array(10).fill(0.1),
  );
  t.stop.abort();
  await running;
});

test('Explaining: Controller tells a run why it runs: at most 16 causes, and how many there were', async () => {
  const told: { causes: readonly Cause[]; causeCount: number }[] = [];
  const t = setup(({ causes, causeCount }) => {
    told.push({ causes, causeCount });
    if (told.length === 1) throw new Error('boom');
    return told.length === 2 ? { requeueAfterMs: 10 } : undefined;
  });
  const running = t.run();
  for (let event = 0; event < 20; event++) {
    t.queue.add('a', {
      cause: {
        type: 'update',
        kind: 'Pod',
        key: 'x/a',
        oldResourceVersion: `${event}`,
        newResourceVersion: `${event + 1}`,
      },
    });
  }
  await t.clock.advance(1_000);
  expect(told[0]?.causeCount).toBe(20);
  expect(told[0]?.causes).toHaveLength(16);
  expect(told[0]?.causes[0]).toEqual({
    type: 'update',
    kind: 'Pod',
    key: 'x/a',
    oldResourceVersion: '0',
    newResourceVersion: '1',
  });
  expect(told.slice(1)).toEqual([
    { causes: [{ type: 'retry' }], causeCount: 1 },
    { causes: [{ type: 'requeue' }], causeCount: 1 },
  ]);
  t.stop.abort();
  await running;
});

test('Controller logs a failure with the names of key and run, and a conflict only as information', async () => {
  const conflict = statusError({
    kind: 'Status',
    status: 'Failure',
    reason: 'Conflict',
    code: 409,
    message: 'changed',
  });
  const results = [new Error('boom'), conflict];
  let id = '';
  const t = setup(({ reconcileId }) => {
    id ||= reconcileId;
    const error = results.shift();
    if (error) throw error;
  });
  const running = t.run();
  t.queue.add('default/web');
  await t.clock.advance(1_000);
  const lines = t.logger.lines.filter(({ fields }) => 'err' in fields);
  expect(lines.map(({ level }) => level)).toEqual(['error', 'info']);
  expect(lines[0]?.fields).toMatchObject({ namespace: 'default', name: 'web', reconcileID: id });
  t.stop.abort();
  await running;
});

test('In time: Controller aborts the signal of a run whose time is up, frees the worker, and tries the key again', async () => {
  const reasons: unknown[] = [];
  const seen: string[] = [];
  const t = setup(
    async ({ key, signal }) => {
      seen.push(key.name);
      if (key.name !== 'slow' || seen.filter((name) => name === 'slow').length > 1) return;
      await untilAborted(signal);
      reasons.push(signal.reason);
    },
    { reconciliationTimeoutMs: 1_000 },
  );
  const running = t.run();
  t.queue.add('slow');
  t.queue.add('quick');
  await t.clock.advance(999);
  expect(seen).toEqual(['slow']);
  await t.clock.advance(60_000);
  expect(seen).toEqual(['slow', 'quick', 'slow']);
  expect(reasons).toMatchObject([{ code: 'CONTROLLER_RUNTIME_RECONCILE_TIMEOUT' }]);
  expect([t.metric('reconcile_timeouts_total'), t.results('error')]).toEqual([1, 1]);
  t.stop.abort();
  await running;
  expect(t.clock.pending).toBe(0);
});

test('In time: Controller does not run a key again before a run that outlived its time has ended', async () => {
  let active = 0;
  let most = 0;
  const t = setup(
    async () => {
      most = Math.max(most, ++active);
      await t.clock.sleep(5_000);
      active--;
    },
    { reconciliationTimeoutMs: 1_000, maxConcurrentReconciles: 2 },
  );
  const running = t.run();
  t.queue.add('a');
  await t.clock.advance(2_000);
  expect(t.metric('active_workers')).toBe(0);
  expect(t.controller.busy()).toContain('controller "test": a goes on although its 1000 ms are over');
  await t.clock.advance(20_000);
  expect(most).toBe(1);
  t.stop.abort();
  await t.clock.advance(20_000);
  await running;
});

test('Controller counts no time-out when a run ends in time, or when the controller stops first', async () => {
  const t = setup(
    async ({ key, signal }) => {
      if (key.name === 'waits') await untilAborted(signal);
    },
    { reconciliationTimeoutMs: 60_000, drainMs: 0 },
  );
  const running = t.run();
  t.queue.add('quick');
  t.queue.add('waits');
  await t.clock.advance(10);
  t.stop.abort();
  await t.clock.advance(1);
  await running;
  expect(t.metric('reconcile_timeouts_total')).toBe(0);
});

test('In time: Controller counts each run whose time is up, and none that ends by a limit of its own', async () => {
  let runs = 0;
  const t = setup(
    async ({ key, signal }) => {
      if (key.name === 'own')
        return t.clock.sleep(500, signal).then(() => Promise.reject(new Error('its own time is up')));
      if (++runs < 4) await untilAborted(signal);
    },
    { reconciliationTimeoutMs: 1_000 },
  );
  const running = t.run();
  t.queue.add('slow');
  await t.clock.advance(10_000);
  expect([t.metric('reconcile_timeouts_total'), t.results('error'), runs]).toEqual([3, 3, 4]);
  t.queue.add('own');
  await t.clock.advance(504);
  expect([t.metric('reconcile_timeouts_total'), t.results('error')]).toEqual([3, 4]);
  t.stop.abort();
  await t.clock.advance(60_000);
  await running;
});

test('In time: Controller gives a run all the time it takes unless it has a limit', async () => {
  const t = setup(({ signal }) => t.clock.sleep(86_400_000, signal));
  const running = t.run();
  t.queue.add('a');
  await t.clock.advance(86_400_000);
  expect([t.metric('reconcile_timeouts_total'), t.results('success'), t.results('error')]).toEqual([0, 1, 0]);
  t.stop.abort();
  await running;
});

test('Complete: Controller reconciles nothing before its sources have shown all that exists', async () => {
  const shown = { resolve: () => {} };
  const source = funcSource(async (queue) => {
    queue.add({ name: 'early' });
    await new Promise<void>((resolve) => {
      shown.resolve = resolve;
    });
  });
  const seen = recording(() => t.clock);
  const t = setup(seen.reconcile, { sources: [source] });
  const running = t.run();
  await t.clock.advance(1_000);
  expect(seen.runs).toEqual([]);
  expect(t.controller.isRunning).toBe(false);
  shown.resolve();
  await t.clock.settle();
  expect(seen.runs).toEqual([[1_000, 'early']]);
  expect(t.controller.isRunning).toBe(true);
  t.stop.abort();
  await running;
});

test('Candid: Controller fails when a source is not ready in time, and says which and why', async () => {
  const never = () => new Promise<void>(() => {});
  const sources = [
    { name: 'Deployment.apps', start: never, problem: () => 'forbidden: no "list" on deployments' },
    { name: 'events', start: never },
    { name: 'ready', start: async () => {} },
  ];
  const t = setup(() => {}, { sources, cacheSyncTimeoutMs: 2_000 });
  const running = expect(t.run()).rejects.toMatchObject({
    code: 'CONTROLLER_RUNTIME_CACHE_SYNC_TIMEOUT',
    message:
      'Controller "test" could not start within 2000 ms. It waits for Deployment.apps: forbidden: no "list" on deployments; ' +
      'events: not all that exists has arrived',
  });
  await t.clock.advance(2_000);
  await running;
  expect(t.clock.pending).toBe(0);
});

test('Controller fails with the error of a source, and ends the others', async () => {
  let aborted = false;
  const sources = [
    funcSource(
      async (_queue, { signal }) =>
        void untilAborted(signal).then(() => {
          aborted = true;
        }),
    ),
    funcSource(() => Promise.reject(new Error('no such topic'))),
  ];
  const t = setup(() => {}, { sources });
  await expect(t.run()).rejects.toThrow('no such topic');
  await t.clock.settle();
  expect(aborted).toBe(true);
});

test('Controller takes a stop while it starts for no error', async () => {
  const t = setup(() => {}, {
    sources: [funcSource((_queue, { signal }) => untilAborted(signal).then(() => Promise.reject(signal.reason)))],
  });
  const running = t.run();
  await t.clock.advance(10);
  t.stop.abort();
  await running;
  expect(t.clock.pending).toBe(0);
});

test('Controller takes keys from sources with the cause they give', async () => {
  let queue: Enqueue | undefined;
  const causes: unknown[] = [];
  const source = funcSource(async (enqueue) => {
    queue = enqueue;
  });
  const t = setup((run) => void causes.push(...run.causes), { sources: [source] });
  const running = t.run();
  await t.clock.settle();
  queue?.add({ cluster: 'east', namespace: 'default', name: 'web' }, { cause: { type: 'generic', kind: 'hook' } });
  await t.clock.settle();
  expect(causes).toEqual([{ type: 'generic', kind: 'hook' }]);
  t.stop.abort();
  await running;
});

test('Gentle: Controller lets running reconciles go on when it is stopped, aborts them after drainMs, and takes no new keys', async () => {
  const events: string[] = [];
  const t = setup(
    async ({ key, signal }) => {
      events.push(`${key.name} starts`);
      if (key.name === 'short') await t.clock.sleep(1_000);
      else await untilAborted(signal);
      events.push(`${key.name} ends at ${t.clock.monotonic()}`);
    },
    { maxConcurrentReconciles: 2, drainMs: 5_000 },
  );
  const running = t.run();
  for (const key of ['short', 'long', 'waiting']) t.queue.add(key);
  await t.clock.settle();
  t.stop.abort();
  await t.clock.advance(10_000);
  await running;
  expect(events).toEqual(['short starts', 'long starts', 'short ends at 1000', 'long ends at 5000']);
  expect(t.clock.pending).toBe(0);
});

test('Controller runs once', async () => {
  const t = setup(() => {});
  const running = t.run();
  await expect(t.run()).rejects.toMatchObject({ code: 'CONTROLLER_RUNTIME_ALREADY_RUN' });
  t.stop.abort();
  await running;
});

test('Measured: Controller makes its metrics at the start, so that zero is a value', async () => {
  const t = setup(() => {});
  expect(['success', 'error', 'requeue', 'requeue_after'].map(t.results)).toEqual([0, 0, 0, 0]);
  expect(t.metric('reconcile_errors_total')).toBe(0);
});

test('controllerOptionRules refuse numbers that make no sense', () => {
  const defaults = { drainMs: 0 };
  for (const options of [
    { maxConcurrentReconciles: 0 },
    { maxConcurrentReconciles: 1.5 },
    { reconciliationTimeoutMs: -1 },
    { cacheSyncTimeoutMs: 0 },
    { drainMs: Number.NaN },
  ]) {
    expect(() => checkOptions<ControllerOptions>('create controller', options, controllerOptionRules)).toThrow(
      RangeError,
    );
  }
  expect(
    resolveControllerOptions({ maxConcurrentReconciles: undefined }, { ...defaults, maxConcurrentReconciles: 3 }),
  ).toMatchObject({
    maxConcurrentReconciles: 3,
    cacheSyncTimeoutMs: 120_000,
  });
});
