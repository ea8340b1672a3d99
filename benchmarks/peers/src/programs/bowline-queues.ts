import { Manager } from '@bowline/controller-runtime';
import { PriorityQueue, WorkQueue } from '@bowline/workqueue';

// The workloads of the Go program through the public asynchronous API. Prints one line of JSON for each figure.
const million = 1_000_000;
const reconciles = 100_000;
/** In one piece, as the keys of a cache are, and as those of the Go program: V8 would join the parts of a template when it is first used. */
const keys = Array.from({ length: million }, (_, index) =>
  Buffer.from(
    `team-${String(index % 100).padStart(2, '0')}/app-${index % 400}-5010047522-${index.toString(16).padStart(6, '0')}`,
  ).toString('latin1'),
);

function say(phase: string, operations: number, ms: number): void {
  console.log(JSON.stringify({ phase, value: (operations / ms) * 1_000 }));
}

/** Milliseconds to add all keys one by one, then to get and finish them. */
async function fillAndDrain(
  queue: WorkQueue<string> | PriorityQueue<string>,
  keys: readonly string[],
): Promise<number> {
  globalThis.gc?.();
  const startMs = performance.now();
  for (const key of keys) queue.add(key);
  for (let left = keys.length; left > 0; left--) (await queue.get())?.[Symbol.dispose]();
  const ms = performance.now() - startMs;
  queue.shutDown();
  return ms;
}

/** Milliseconds that a manager's controller takes for reconciles that do nothing. No server is asked for anything. */
async function reconcileAll(maxConcurrentReconciles: number): Promise<number> {
  const requests = keys.slice(0, reconciles).map((key) => {
    const [namespace = '', name = ''] = key.split('/');
    return { namespace, name };
  });
  const done = Promise.withResolvers<void>();
  let left = reconciles;
  let startMs = 0;
  const manager = new Manager({ kubeConfig: { cluster: { server: 'http://127.0.0.1:1' } } });
  manager
    .controller('noop')
    .source(async (queue) => {
      startMs = performance.now();
      for (const request of requests) queue.add(request);
    })
    .withOptions({ maxConcurrentReconciles })
    .reconcile(() => {
      if (--left === 0) done.resolve();
    });
  globalThis.gc?.();
  const stop = new AbortController();
  const running = manager.run(stop.signal);
  await Promise.race([done.promise, running]);
  const ms = performance.now() - startMs;
  stop.abort();
  await running;
  return ms;
}

// A round that is not counted comes first: everybody is as fast as later in its life.
for (const round of [keys.slice(0, reconciles), keys]) {
  const figures = [
    ['workqueuePerS', million, await fillAndDrain(new WorkQueue<string>(), round)],
    ['priorityQueuePerS', million, await fillAndDrain(new PriorityQueue<string>(), round)],
    ['reconciles1PerS', reconciles, await reconcileAll(1)],
    ['reconciles10PerS', reconciles, await reconcileAll(10)],
  ] as const;
  if (round.length === keys.length) for (const [name, operations, ms] of figures) say(name, operations, ms);
}
