import { expect, test } from 'vitest';
import {
  BucketRateLimiter,
  DelayingQueue,
  defaultControllerRateLimiter,
  ItemExponentialFailureRateLimiter,
  ItemFastSlowRateLimiter,
  maxOf,
  parallelizeUntil,
  RateLimitingQueue,
  WorkQueue,
  withMaxWait,
} from './index.ts';

const wrong = (value: unknown): never => value as never;

test.each<[string, () => unknown]>([
  ['Cannot create queue: options must be an object, got null', () => new WorkQueue(wrong(null))],
  [
    'Cannot create queue: options.nmae is unknown; known are keyOf, name, metrics, clock, ordering',
    () => new WorkQueue(wrong({ nmae: 'a' })),
  ],
  ['Cannot create queue: keyOf must be a function, got "name"', () => new WorkQueue(wrong({ keyOf: 'name' }))],
  ['Cannot create queue: name must be a string, got 7', () => new WorkQueue(wrong({ name: 7 }))],
  ['Cannot create queue: metrics must be a Metrics, got an object', () => new WorkQueue(wrong({ metrics: {} }))],
  ['Cannot create queue: ordering must be a function, got an array', () => new WorkQueue(wrong({ ordering: [] }))],
  [
    'Cannot create queue: ordering() must be an Ordering, got undefined',
    () => new WorkQueue(wrong({ ordering: () => undefined })),
  ],
  ['Cannot create queue: clock must be a Clock, got null', () => new WorkQueue(wrong({ clock: null }))],
  ['Cannot create queue: options must be an object, got 5', () => new RateLimitingQueue(wrong(5))],
  ['Cannot create queue: options must be an object, got null', () => new RateLimitingQueue(wrong(null))],
  ['Cannot create queue: limiter must be a RateLimiter, got 1', () => new RateLimitingQueue(wrong({ limiter: 1 }))],
  [
    'Cannot use key: key (without the option keyOf) must be a string or a number, got undefined',
    () => new WorkQueue().add(wrong(undefined)),
  ],
  [
    'Cannot use key: keyOf(key) must be a string or a number, got undefined',
    () => new WorkQueue<object>({ keyOf: () => wrong(undefined) }).add({}),
  ],
  [
    'Cannot add key: options.causes is unknown; known are cause',
    () => new WorkQueue().add('a', wrong({ causes: ['update'] })),
  ],
  [
    'Cannot add key: options.after is unknown; known are cause, afterMs',
    () => new DelayingQueue().add('a', wrong({ after: 5 })),
  ],
  [
    'Cannot add key: afterMs must be a finite number, 0 or more, got "5"',
    () => new DelayingQueue().add('a', wrong({ afterMs: '5' })),
  ],
  [
    'Cannot add key: delayMs must be a finite number, 0 or more, got undefined',
    () => new DelayingQueue().addAfter('a', wrong(undefined)),
  ],
  [
    'Cannot add key: options must be an object, got 1000',
    () => new RateLimitingQueue().addRateLimited('a', wrong(1_000)),
  ],
  ['Cannot get key: signal must be an AbortSignal, got an object', () => new WorkQueue().get({ signal: wrong({}) })],
  ['Cannot list keys: state must be one of ready, processing, waiting, got 7', () => new WorkQueue().keys(wrong(7))],
  [
    'Cannot create rate limiter: options must be an object, got undefined',
    () => new BucketRateLimiter(wrong(undefined)),
  ],
  [
    'Cannot create rate limiter: options.clok is unknown; known are clock',
    () => defaultControllerRateLimiter(wrong({ clok: 1 })),
  ],
  [
    'Cannot create rate limiter: perSecond must be above 0 and finite, got "5"',
    () => new BucketRateLimiter(wrong({ perSecond: '5', burst: 1 })),
  ],
  [
    'Cannot create rate limiter: options.maxDelay is unknown; known are baseDelayMs, maxDelayMs',
    () => new ItemExponentialFailureRateLimiter(wrong({ baseDelayMs: 1, maxDelay: 5 })),
  ],
  [
    'Cannot create rate limiter: fastDelayMs must be a finite number, 0 or more, got undefined',
    () => new ItemFastSlowRateLimiter(wrong({})),
  ],
  [
    'Cannot create rate limiter: limiters[1] must be a RateLimiter, got a function',
    () =>
      maxOf(
        defaultControllerRateLimiter(),
        wrong(() => 5),
      ),
  ],
  [
    'Cannot create rate limiter: limiter must be a RateLimiter, got undefined',
    () => withMaxWait(wrong(undefined), { maxDelayMs: 1 }),
  ],
])('Wrong arguments are refused at the call: %s', (message, act) => {
  expect(act).toThrow(message);
  expect(act).toThrow(TypeError);
});

test.each<[string, () => Promise<unknown>]>([
  ['Cannot work: handler must be a function, got undefined', () => new RateLimitingQueue().work(wrong(undefined))],
  [
    'Cannot work: options.workers is unknown; known are concurrency, signal, onError',
    () => new RateLimitingQueue().work(() => {}, wrong({ workers: 4 })),
  ],
  [
    'Cannot work: onError must be a function, got true',
    () => new RateLimitingQueue().work(() => {}, wrong({ onError: true })),
  ],
  ['Cannot parallelize: work must be a function, got 4', () => parallelizeUntil(1, wrong(4), { workers: 1 })],
  [
    'Cannot parallelize: options must be an object, got undefined',
    () => parallelizeUntil(1, () => {}, wrong(undefined)),
  ],
  [
    'Cannot parallelize: pieces must be an integer, 0 or more, got "3"',
    () => parallelizeUntil(wrong('3'), () => {}, { workers: 1 }),
  ],
])('Wrong arguments reject the call: %s', async (message, act) => {
  await expect(act()).rejects.toThrow(new TypeError(message));
});
