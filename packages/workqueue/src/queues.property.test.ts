import { FakeClock } from '@bowline/apimachinery/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DelayingQueue } from './delaying-queue.ts';
import { ItemExponentialFailureRateLimiter } from './limiters.ts';
import { WorkQueue } from './queue.ts';
import { RateLimitingQueue } from './rate-limiting-queue.ts';
import type { WorkItem } from './work-item.ts';

/** Two sets and two lists; nothing is clever. */
class Model {
  readonly ready: string[] = [];
  readonly dirty = new Set<string>();
  readonly processing = new Set<string>();
  readonly waiting = new Map<string, { readonly key: string; dueMs: number; readonly order: number }>();
  readonly failures = new Map<string, number>();
  /** Numbers of calls of `get` that wait, and what each of them got. */
  readonly callers: number[] = [];
  readonly answers = new Map<number, string | undefined>();
  isClosed = false;
  dropped = 0;
  #order = 0;

  add(key: string): void {
    if (this.isClosed) {
      this.dropped++;
      return;
    }
    if (this.dirty.has(key)) return;
    this.dirty.add(key);
    if (!this.processing.has(key)) this.#push(key);
  }

  addAfter(key: string, delayMs: number, nowMs: number): void {
    if (delayMs === 0 || this.isClosed) {
      this.add(key);
      return;
    }
    const known = this.waiting.get(key);
    if (!known) this.waiting.set(key, { key, dueMs: nowMs + delayMs, order: this.#order++ });
    else known.dueMs = Math.min(known.dueMs, nowMs + delayMs);
  }

  addRateLimited(key: string, nowMs: number): void {
    const failures = this.failures.get(key) ?? 0;
    this.failures.set(key, failures + 1);
    this.addAfter(key, Math.min(2 ** failures, 16), nowMs);
  }

  advance(nowMs: number): void {
    const due = [...this.waiting.values()].filter(({ dueMs }) => dueMs <= nowMs);
    for (const { key } of due.sort((a, b) => a.dueMs - b.dueMs || a.order - b.order)) {
      this.waiting.delete(key);
      this.add(key);
    }
  }

  take(): string | undefined {
    const key = this.ready.shift();
    if (key === undefined) return undefined;
    this.dirty.delete(key);
    this.processing.add(key);
    return key;
  }

  call(caller: number): void {
    if (this.ready.length > 0 || this.isClosed) this.answers.set(caller, this.take());
    else this.callers.push(caller);
  }

  done(key: string): void {
    if (this.processing.delete(key) && this.dirty.has(key)) this.#push(key);
  }

  shutDown(): void {
    this.isClosed = true;
    this.waiting.clear();
    for (const caller of this.callers.splice(0)) this.answers.set(caller, undefined);
  }

  #push(key: string): void {
    this.ready.push(key);
    const caller = this.callers.shift();
    if (caller !== undefined) this.answers.set(caller, this.take());
  }
}

const key = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f');
const delayMs = fc.constantFrom(0, 3, 3, 7, 20);
const base = [
  { weight: 4, arbitrary: fc.record({ do: fc.constant('add' as const), key }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('done' as const), key }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('dispose' as const), key }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('take' as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('get' as const) }) },
];
const last = [{ weight: 1, arbitrary: fc.record({ do: fc.constant('shutDown' as const) }) }];
const delaying = [
  { weight: 5, arbitrary: fc.record({ do: fc.constant('addAfter' as const), key, delayMs }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('advance' as const), ms: fc.integer({ min: 1, max: 9 }) }) },
];
const limiting = [
  { weight: 5, arbitrary: fc.record({ do: fc.constant('addRateLimited' as const), key }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('retry' as const), key }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('forget' as const), key }) },
];
const history = <S>(...steps: fc.WeightedArbitrary<S>[]): fc.Arbitrary<S[]> =>
  fc.array(fc.oneof(...steps), { minLength: 40, maxLength: 160, size: 'max' });

type Step =
  | { readonly do: 'add' | 'done' | 'dispose' | 'addRateLimited' | 'retry' | 'forget'; readonly key: string }
  | { readonly do: 'addAfter'; readonly key: string; readonly delayMs: number }
  | { readonly do: 'advance'; readonly ms: number }
  | { readonly do: 'take' | 'get' | 'shutDown' };

/** `expect(…).toBe` is too slow for some 100,000 times. */
function same(what: string, got: unknown, expected: unknown): void {
  if (got !== expected) throw new Error(`${what}: got ${got} instead of ${expected}`);
}

type Made = WorkQueue | DelayingQueue | RateLimitingQueue;

/** A queue behaves as its model does, whatever is done to it. */
function property(make: (clock: FakeClock) => Made, steps: fc.Arbitrary<readonly Step[]>, count: { steps: number }) {
  return fc.asyncProperty(steps, async (all) => {
    const clock = new FakeClock();
    const queue = make(clock);
    const model = new Model();
    const items = new Map<string, WorkItem<string, unknown>>();
    const answers = new Map<number, string | undefined>();
    const keep = (item: WorkItem<string, unknown> | undefined): string | undefined => {
      if (item) items.set(item.key, item);
      return item?.key;
    };
    let callers = 0;
    for (const step of all) {
      count.steps++;
      const now = clock.monotonic();
      if (step.do === 'add') {
        queue.add(step.key);
        model.add(step.key);
      } else if (step.do === 'take') {
        same('taken', keep(queue.tryGet()), model.take());
      } else if (step.do === 'get') {
        const caller = callers++;
        void queue.get().then((item) => answers.set(caller, keep(item)));
        model.call(caller);
      } else if (step.do === 'done') {
        queue.done(step.key);
        model.done(step.key);
      } else if (step.do === 'dispose' || step.do === 'retry') {
        const item = items.get(step.key);
        if (!item || !model.processing.has(step.key)) continue;
        if (step.do === 'retry') {
          item.retry();
          model.addRateLimited(step.key, now);
        }
        item[Symbol.dispose]();
        item[Symbol.dispose](); // an item that outlived its work ends nothing
        model.done(step.key);
        items.delete(step.key);
      } else if (step.do === 'shutDown') {
        queue.shutDown();
        model.shutDown();
      } else if (step.do === 'advance') {
        await clock.advance(step.ms);
        model.advance(clock.monotonic());
      } else if (step.do === 'addAfter') {
        (queue as DelayingQueue).addAfter(step.key, step.delayMs);
        model.addAfter(step.key, step.delayMs, now);
      } else if (step.do === 'addRateLimited') {
        (queue as RateLimitingQueue).addRateLimited(step.key);
        model.addRateLimited(step.key, now);
      } else if (step.do === 'forget') {
        queue.forget(step.key);
        model.failures.delete(step.key);
      }
      if (answers.size < model.answers.size) await null; // what was handed to a waiting `get` arrives
      same('answers', answers.size, model.answers.size);
      same('length', queue.length, model.ready.length);
      same('processing', queue.processing, model.processing.size);
      same('dropped', queue.droppedAfterShutdown, model.dropped);
      if (queue instanceof DelayingQueue) same('waiting', queue.waiting, model.waiting.size);
      if (queue instanceof RateLimitingQueue)
        same('failures of a', queue.numRequeues('a'), model.failures.get('a') ?? 0);
    }
    same('keys', queue.keys('processing').sort().join(), [...model.processing].sort().join());
    queue.shutDown();
    model.shutDown();
    await null;
    for (let number = 0; number < callers; number++) same('answer', answers.get(number), model.answers.get(number));
    // What was left comes out in order, and then nothing.
    while (model.ready.length > 0) same('left', queue.tryGet()?.key, model.take());
    same('end', queue.tryGet(), undefined);
    same('timers', clock.pending, 0);
  });
}

const works = history<Step>(...base, ...last);
const delays = history<Step>(...base, ...delaying, ...last);
const limits = history<Step>(...base, ...delaying, ...limiting, ...last);
const limiter = () => new ItemExponentialFailureRateLimiter({ baseDelayMs: 1, maxDelayMs: 16 });

test.each([
  ['WorkQueue', () => new WorkQueue(), works, 4_000],
  ['DelayingQueue', (clock: FakeClock) => new DelayingQueue({ clock }), delays, 2_500],
  ['RateLimitingQueue', (clock: FakeClock) => new RateLimitingQueue({ clock, limiter: limiter() }), limits, 2_500],
] as const)('%s behaves as two sets and two lists through 200,000 random steps', async (name, make, steps, numRuns) => {
  const count = { steps: 0 };
  await fc.assert(property(make, steps, count), { numRuns });
  console.log(`${name}: ${count.steps.toLocaleString('en-US')} random steps`);
  expect(count.steps).toBeGreaterThan(200_000);
});

test('Random histories find a WorkQueue that forgets what is added while being processed', async () => {
  class Forgetful extends WorkQueue {
    override add(key: string): void {
      if (!this.keys('processing').includes(key)) super.add(key);
    }
  }
  const { failed } = await fc.check(
    property(() => new Forgetful(), works, { steps: 0 }),
    { numRuns: 100, seed: 1 },
  );
  expect(failed).toBe(true);
});

test('Random histories find a DelayingQueue whose first time of a key stays, though an earlier one comes', async () => {
  class Late extends DelayingQueue {
    override addAfter(key: string, delayMs: number): void {
      if (delayMs === 0 || !this.keys('waiting').includes(key)) super.addAfter(key, delayMs);
    }
  }
  const { failed } = await fc.check(
    property((clock) => new Late({ clock }), delays, { steps: 0 }),
    { numRuns: 100, seed: 1 },
  );
  expect(failed).toBe(true);
});

test('Random histories find a RateLimitingQueue that never forgets', async () => {
  class Unforgiving extends RateLimitingQueue {
    override forget(): void {}
  }
  const make = (clock: FakeClock) => new Unforgiving({ clock, limiter: limiter() });
  const { failed } = await fc.check(property(make, limits, { steps: 0 }), { numRuns: 100, seed: 1 });
  expect(failed).toBe(true);
});
