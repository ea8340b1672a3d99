import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import type { Ordering } from './ports.ts';
import { WorkQueue } from './queue.ts';
import type { WorkItem } from './work-item.ts';

type Handed = WorkItem<string, string> | undefined;

function queueOf(...keys: string[]): WorkQueue<string, string> {
  const queue = new WorkQueue<string, string>();
  for (const key of keys) queue.add(key);
  return queue;
}

function drain(queue: WorkQueue<string, string>): string[] {
  const keys: string[] = [];
  for (let item = queue.tryGet(); item; item = queue.tryGet()) {
    keys.push(item.key);
    item[Symbol.dispose]();
  }
  return keys;
}

test.each(['shutDown', 'shutDownWithDrain'] as const)(
  'Stingy: WorkQueue never hands one key to two workers, and loses none until %s',
  async (end) => {
    const queue = queueOf();
    const busy = new Set<string>();
    const runs = new Map<string, number>();
    const worker = async (): Promise<void> => {
      for (let item = await queue.get(); item; item = await queue.get()) {
        expect(busy.has(item.key)).toBe(false);
        busy.add(item.key);
        for (let i = 0; i < item.key.length; i++) await undefined;
        busy.delete(item.key);
        runs.set(item.key, (runs.get(item.key) ?? 0) + 1);
        queue.done(item.key);
      }
    };
    const workers = Array.from({ length: 10 }, worker);
    const producer = async (_: unknown, first: number): Promise<void> => {
      for (let round = 0; round < 50; round++) {
        for (let key = first; key < 20; key++) queue.add('k'.repeat(key + 1));
        await undefined;
      }
    };
    await Promise.all(Array.from({ length: 10 }, producer));
    for (let key = 0; key < 20; key++) queue.add(`last-${key}`);
    const ended = queue[end]();
    queue.add('late');
    await Promise.all([...workers, ended]);
    expect(runs.size).toBe(40);
    expect(runs.has('late')).toBe(false);
    expect(queue.length + queue.processing).toBe(0);
  },
);

test('Collapsing: WorkQueue queues a key that waits already only once', () => {
  const queue = queueOf('a', 'b', 'a', 'a');
  expect(queue.length).toBe(2);
  expect(drain(queue)).toEqual(['a', 'b']);
  expect(queue.length).toBe(0);
});

test('Collapsing: WorkQueue runs a key that is added while being processed exactly once more', () => {
  const queue = queueOf('a');
  const item = queue.tryGet();
  queue.add('a');
  queue.add('a');
  expect(queue.length).toBe(0);
  expect(queue.tryGet()).toBeUndefined();
  item?.[Symbol.dispose]();
  expect(queue.length).toBe(1);
  expect(drain(queue)).toEqual(['a']);
  expect(queue.length).toBe(0);
});

test('WorkQueue allocates nothing for a key that waits already', () => {
  const queue = queueOf('a', 'b');
  const grow = (times: number): number => {
    const before = getHeapStatistics().used_heap_size;
    for (let i = 0; i < times; i++) queue.add('a');
    return getHeapStatistics().used_heap_size - before;
  };
  grow(100_000); // compiles
  expect(Math.min(...[1, 2, 3].map(() => grow(100_000)))).toBeLessThan(100_000); // one byte each would be more
});

test('Fair: WorkQueue hands out keys in the order of their first add; a key added again stands behind', () => {
  const queue = queueOf('a', 'b', 'c');
  const item = queue.tryGet();
  queue.add('a');
  queue.add('b');
  queue.add('d');
  item?.[Symbol.dispose]();
  expect(drain(queue)).toEqual(['b', 'c', 'd', 'a']);
});

test('WorkQueue.length counts what waits, processing what is handed out, and keys names both', () => {
  const queue = queueOf();
  for (const [index, key] of ['a', 'b', 'c'].entries()) {
    queue.add(key);
    expect(queue.length).toBe(index + 1);
  }
  queue.tryGet();
  queue.add('a');
  expect(queue.length).toBe(2);
  expect(queue.processing).toBe(1);
  expect(queue.keys('ready')).toEqual(['b', 'c']);
  expect(queue.keys('processing')).toEqual(['a']);
});

test('WorkQueue.get resolves waiting workers in the order they came', async () => {
  const queue = queueOf();
  const waits = [queue.get(), queue.get(), queue.get()];
  for (const key of ['a', 'b', 'c']) queue.add(key);
  expect((await Promise.all(waits)).map((item) => item?.key)).toEqual(['a', 'b', 'c']);
});

test('WorkQueue.get hands nothing to whom its signal has told to stop, before or during the wait', async () => {
  const stop = new AbortController();
  const queue = queueOf();
  const waiting = queue.get({ signal: stop.signal });
  stop.abort();
  expect(await waiting).toBeUndefined();
  queue.add('a');
  expect(await queue.get({ signal: stop.signal })).toBeUndefined();
  expect((await queue.get())?.key).toBe('a');
});

test('WorkQueue.get leaves no listener on its signal', async () => {
  const stop = new AbortController();
  let listeners = 0;
  const { addEventListener, removeEventListener } = stop.signal;
  stop.signal.addEventListener = (...args: Parameters<typeof addEventListener>) => {
    listeners++;
    addEventListener.apply(stop.signal, args);
  };
  stop.signal.removeEventListener = (...args: Parameters<typeof removeEventListener>) => {
    listeners--;
    removeEventListener.apply(stop.signal, args);
  };
  const queue = queueOf();
  const waiting = queue.get({ signal: stop.signal });
  expect(listeners).toBe(1);
  queue.add('a');
  await waiting;
  expect(listeners).toBe(0);
});

test('WorkItem that outlived its work cannot end later work on the same key', () => {
  const queue = queueOf('a');
  const first = queue.tryGet();
  first?.[Symbol.dispose]();
  queue.add('a');
  const second = queue.tryGet();
  first?.[Symbol.dispose]();
  expect(queue.processing).toBe(1);
  second?.[Symbol.dispose]();
  second?.[Symbol.dispose]();
  expect(queue.processing).toBe(0);
});

test('WorkItem.retry adds the key once more, behind the others', () => {
  const queue = queueOf('a', 'b');
  const item = queue.tryGet();
  item?.retry();
  item?.forget();
  item?.[Symbol.dispose]();
  expect(drain(queue)).toEqual(['b', 'a']);
});

test('WorkQueue.done of a key that is not being processed changes nothing', () => {
  const queue = queueOf('a');
  queue.done('a');
  queue.done('b');
  expect(drain(queue)).toEqual(['a']);
});

test('Explaining: WorkQueue hands out at most 16 causes with a key, and how many there were', () => {
  const queue = queueOf();
  for (let i = 0; i < 20; i++) queue.add('a', { cause: `cause ${i}` });
  queue.add('a');
  queue.add('b');
  const [a, b] = [queue.tryGet(), queue.tryGet()];
  expect(a?.causes).toEqual(Array.from({ length: 16 }, (_, i) => `cause ${i}`));
  expect(a?.causeCount).toBe(20);
  expect(b).toMatchObject({ causes: [], causeCount: 0 });
});

test('Explaining: WorkQueue keeps no list of causes for keys that were added without one', () => {
  const queue = queueOf('a', 'b');
  queue.add('a', { cause: undefined });
  queue.add('a', {});
  const [a, b] = [queue.tryGet(), queue.tryGet()];
  expect(a).toMatchObject({ causes: [], causeCount: 0 });
  expect(a?.causes).toBe(b?.causes);
});

test('Explaining: WorkQueue gives causes that come during a run to the next run, after those of a retry', () => {
  const queue = queueOf();
  queue.add('a', { cause: 'first' });
  const item = queue.tryGet();
  item?.retry();
  queue.add('a', { cause: 'second' });
  expect(item?.causes).toEqual(['first']);
  item?.[Symbol.dispose]();
  expect(queue.tryGet()).toMatchObject({ causes: ['first', 'second'], causeCount: 2 });
});

test('Graceful: WorkQueue.shutDown hands out what waits and what was added again, then undefined', async () => {
  const queue = queueOf('a', 'b');
  const item = await queue.get();
  queue.add('a');
  queue.shutDown();
  queue.add('c');
  expect(queue.isShuttingDown).toBe(true);
  expect(queue.droppedAfterShutdown).toBe(1);
  item?.[Symbol.dispose]();
  expect(drain(queue)).toEqual(['b', 'a']);
  expect(await queue.get()).toBeUndefined();
});

test('WorkQueue.shutDown wakes every waiting worker, and can be called again', async () => {
  const queue = queueOf();
  const waits: Promise<Handed>[] = [queue.get(), queue.get()];
  queue.shutDown();
  queue.shutDown();
  expect(await Promise.all(waits)).toEqual([undefined, undefined]);
});

test('Graceful: WorkQueue.shutDownWithDrain resolves once every key is done, those added again too', async () => {
  const queue = queueOf('a', 'b');
  let drained = false;
  const draining = queue.shutDownWithDrain().then(() => {
    drained = true;
  });
  const a = await queue.get();
  const b = await queue.get();
  a?.[Symbol.dispose]();
  await Promise.resolve();
  expect(drained).toBe(false);
  b?.[Symbol.dispose]();
  await draining;
});

test('WorkQueue.shutDownWithDrain waits for a key that was added while being processed', async () => {
  const queue = queueOf('a');
  const first = queue.tryGet();
  queue.add('a');
  let drained = false;
  const draining = queue.shutDownWithDrain().then(() => {
    drained = true;
  });
  first?.[Symbol.dispose]();
  await Promise.resolve();
  expect(drained).toBe(false);
  expect(drain(queue)).toEqual(['a']);
  await draining;
});

test('WorkQueue.shutDown ends a drain that waits for work which never ends', async () => {
  const queue = queueOf('a');
  queue.tryGet();
  const draining = [queue.shutDownWithDrain(), queue.shutDownWithDrain()];
  queue.shutDown();
  await Promise.all(draining);
  await queueOf().shutDownWithDrain();
});

test('WorkQueue takes keys of any type with keyOf, and refuses them without', () => {
  const queue = new WorkQueue<{ name: string }>({ keyOf: ({ name }) => name });
  queue.add({ name: 'a' });
  queue.add({ name: 'a' });
  const item = queue.tryGet();
  expect(item?.key).toEqual({ name: 'a' });
  queue.add({ name: 'a' });
  expect(queue.length).toBe(0);
  queue.done({ name: 'a' });
  expect(queue.length).toBe(1);

  const untyped = new WorkQueue<string>() as unknown as WorkQueue<{ name: string }>;
  expect(() => untyped.add({ name: 'a' })).toThrow(
    new TypeError('Cannot use key: key (without the option keyOf) must be a string or a number, got an object'),
  );
});

test('WorkQueue takes numbers as keys', () => {
  const queue = new WorkQueue<number>();
  for (const key of [3, 1, 3]) queue.add(key);
  expect([queue.tryGet()?.key, queue.tryGet()?.key, queue.length]).toEqual([3, 1, 0]);
});

test('WorkQueue.keys refuses a state that is none', () => {
  expect(() => queueOf().keys('done' as never)).toThrow(
    new RangeError('Cannot list keys: state must be one of ready, processing, waiting, got "done"'),
  );
});

test('WorkQueue hands out keys in the order of its ordering, which hears of repeated adds', () => {
  const touched: string[] = [];
  class Lifo<I extends { readonly key: string }> implements Ordering<I> {
    readonly #items: I[] = [];
    get length(): number {
      return this.#items.length;
    }
    push(item: I): void {
      this.#items.push(item);
    }
    touch(item: I): void {
      touched.push(item.key);
    }
    pop(): I | undefined {
      return this.#items.pop();
    }
  }
  const queue = new WorkQueue<string, string>({ ordering: () => new Lifo() });
  for (const key of ['a', 'b', 'c', 'b']) queue.add(key);
  expect(touched).toEqual(['b']);
  expect(drain(queue)).toEqual(['c', 'b', 'a']);
});

test('WorkQueue keeps no reference to a key that is done', async () => {
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  const queue = new WorkQueue<object>({ keyOf: () => 'one' });
  const key = new WeakRef({});
  const use = (): void => {
    const object = key.deref();
    if (object) queue.add(object);
    queue.tryGet()?.[Symbol.dispose]();
  };
  use();
  await new Promise((resolve) => setImmediate(resolve)); // a WeakRef holds on until the turn ends
  collect();
  expect(key.deref()).toBeUndefined();
  expect(queue.length).toBe(0);
});
