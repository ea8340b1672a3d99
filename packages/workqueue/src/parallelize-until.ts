import type { Awaitable } from '@bowline/apimachinery';
import { aFunction, anInteger, aSignal, check, checkOptions, type Rules } from './checks.ts';

/** How pieces are worked on. */
export interface ParallelizeOptions {
  /** How many pieces are worked on at a time: an integer, 1 or more. */
  readonly workers: number;
  /** How many successive pieces a worker takes at a time: an integer, 1 or more. @default 1 */
  readonly chunkSize?: number | undefined;
  /** Once it aborts no further piece begins. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Calls `work` once for each of `pieces` numbers from 0, several at a time, and resolves when all calls that began have ended.
 *
 * The first failure keeps further pieces from beginning; it is thrown when those under way have ended, together with theirs
 * (an `AggregateError`) if there are more. An abort is no failure: ask the signal.
 *
 * @throws {TypeError} when an argument has another type or an option has an unknown name.
 * @throws {RangeError} when `pieces`, `workers` or `chunkSize` is out of range.
 * @see client-go util/workqueue/parallelizer.go `ParallelizeUntil`
 */
export async function parallelizeUntil(
  pieces: number,
  work: (piece: number) => Awaitable<unknown>,
  options: ParallelizeOptions,
): Promise<void> {
  check(action, 'pieces', pieces, anInteger(0));
  check(action, 'work', work, aFunction);
  checkOptions(action, options, optionRules, { workers: anInteger(1) });
  const { workers, chunkSize = 1, signal } = options;
  const errors: unknown[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < pieces) {
      let piece = next;
      const end = Math.min(piece + chunkSize, pieces);
      for (next = end; piece < end; piece++) {
        if (errors.length || signal?.aborted) return;
        try {
          await work(piece);
        } catch (error) {
          errors.push(error);
        }
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(workers, Math.ceil(pieces / chunkSize)) }, worker));
  if (errors.length > 1) throw new AggregateError(errors, `${errors.length} pieces failed`);
  if (errors.length) throw errors[0];
}

const action = 'parallelize';

const optionRules: Rules = { chunkSize: anInteger(1), signal: aSignal };
