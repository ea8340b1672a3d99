import { expect, test } from 'vitest';
import { parallelizeUntil } from './parallelize-until.ts';

test.each([
  [1_000, 10, 1],
  [1_000, 10, 10],
  [1_000, 10, 100],
  [999, 10, 13],
  [1_000, 1, 1],
  [3, 1_000, 10],
  [0, 4, 1],
])(
  'parallelizeUntil works on each of %i pieces once, with %i workers and chunks of %i',
  async (pieces, workers, chunkSize) => {
    const seen: number[] = new Array(pieces).fill(0);
    let running = 0;
    let most = 0;
    const work = async (piece: number): Promise<void> => {
      most = Math.max(most, ++running);
      await undefined;
      seen[piece] = (seen[piece] ?? 0) + 1;
      running--;
    };
    await parallelizeUntil(pieces, work, { workers, chunkSize });
    expect(seen.every((times) => times === 1)).toBe(true);
    expect(most).toBe(Math.min(workers, Math.ceil(pieces / chunkSize)));
  },
);

test('parallelizeUntil begins no piece after an abort, and waits for those under way', async () => {
  const stop = new AbortController();
  const ended: number[] = [];
  const work = async (piece: number): Promise<void> => {
    if (piece === 2) stop.abort();
    await undefined;
    ended.push(piece);
  };
  await parallelizeUntil(100, work, { workers: 2, chunkSize: 5, signal: stop.signal });
  expect(ended).toEqual([0, 5, 1, 6, 2]);
  await parallelizeUntil(100, work, { workers: 2, signal: stop.signal });
  expect(ended).toHaveLength(5);
});

test('parallelizeUntil throws the failure after those under way have ended, and all of them when there are more', async () => {
  const began: number[] = [];
  const fail = async (piece: number): Promise<void> => {
    began.push(piece);
    await undefined;
    throw new Error(`piece ${piece}`);
  };
  await expect(parallelizeUntil(10, fail, { workers: 1 })).rejects.toThrow('piece 0');
  expect(began).toEqual([0]);
  const all = await parallelizeUntil(10, fail, { workers: 2 }).catch((error: unknown) => error);
  expect(all).toBeInstanceOf(AggregateError);
  expect(String(all)).toBe('AggregateError: 2 pieces failed');
});

test.each([
  [{ workers: 0 }, 'workers must be an integer, 1 or more, got 0'],
  [{ workers: 1, chunkSize: 0.5 }, 'chunkSize must be an integer, 1 or more, got 0.5'],
])('parallelizeUntil refuses options that are out of range: %o', async (options, message) => {
  await expect(parallelizeUntil(1, () => {}, options)).rejects.toThrow(
    new RangeError(`Cannot parallelize: ${message}`),
  );
});
