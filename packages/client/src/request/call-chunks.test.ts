import { FakeClock } from '@bowline/apimachinery/testing';
import { describe, expect, test } from 'vitest';
import { CallChunks, type Reading } from './call-chunks.ts';
import { CallScope } from './call-scope.ts';

/** A body of these chunks, which notes how often it was begun and left. */
function setUp(chunks: readonly string[], reading: Partial<Reading> = {}) {
  const seen = { begun: 0, left: 0, ended: 0, received: [] as number[] };
  const body: AsyncIterable<Uint8Array> = {
    [Symbol.asyncIterator]: () => {
      seen.begun++;
      const rest = chunks.map((chunk) => Buffer.from(chunk)).values();
      return {
        next: async () => rest.next(),
        return: async () => {
          seen.left++;
          throw new Error('nobody is told');
        },
      };
    },
  };
  const clock = new FakeClock();
  const scope = new CallScope(clock, undefined);
  const read = (from: AsyncIterable<Uint8Array> = body): CallChunks =>
    new CallChunks(scope, from, {
      explain: (error) => new Error('explained', { cause: error }),
      received: (bytes) => void seen.received.push(bytes),
      ended: () => seen.ended++,
      ...reading,
    });
  return { clock, scope, read, seen };
}

describe('CallChunks', () => {
  test('CallChunks gives all chunks, says how many bytes they had, and does not leave a body that has ended', async () => {
    const { read, seen } = setUp(['one', 'three']);
    const all: string[] = [];
    const chunks = read();
    for await (const chunk of chunks) all.push(Buffer.from(chunk).toString());
    await chunks.return();
    expect(all).toEqual(['one', 'three']);
    expect(await chunks.next()).toEqual({ done: true, value: undefined });
    expect(seen).toEqual({ begun: 1, left: 0, ended: 1, received: [8] });
  });

  test('CallChunks begins a body when it is read, and leaves it once when nobody reads on, begun or not', async () => {
    const { read, seen } = setUp(['one', 'two']);
    const chunks = read();
    read();
    expect(seen.begun).toBe(0);
    for await (const _ of chunks) break;
    await chunks.return();
    expect(seen).toEqual({ begun: 1, left: 1, ended: 1, received: [] });
    await read().return();
    expect(seen).toEqual({ begun: 2, left: 2, ended: 2, received: [] });
  });

  test('CallChunks ends with the call, and when the body is silent for too long', async () => {
    const silent = { [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => {}) }) };
    const late = new Error('too late');
    const { clock, read, seen } = setUp([], { silence: { limitMs: 1_000, error: () => late } });
    const chunks = read(silent);
    const reading = chunks.next();
    reading.catch(() => {});
    await clock.advance(1_000);
    await expect(reading).rejects.toMatchObject({ message: 'explained', cause: late });
    expect(await chunks.next()).toEqual({ done: true, value: undefined });
    await expect(read(silent).next()).rejects.toMatchObject({ cause: late });
    expect([seen.ended, clock.pending]).toEqual([2, 0]);
  });

  test('CallChunks leaves a body that fails, also one that throws instead of rejecting', async () => {
    const { read, seen } = setUp([]);
    const failure = new Error('broken');
    const throwing = {
      [Symbol.asyncIterator]: () => ({
        next: () => {
          throw failure;
        },
      }),
    };
    await expect(read(throwing).next()).rejects.toMatchObject({ message: 'explained', cause: failure });
    expect(seen.ended).toBe(1);
  });
});
