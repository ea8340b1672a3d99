import type { KeyError } from '@bowline/apimachinery';
import { checkOptions, type OptionRules, rules } from '@bowline/apimachinery/arguments';
import type { TransformSettings } from './transformer.ts';

/** Settings of a queue. */
export interface QueueOptions<T = unknown> {
  /**
   * How many changes go to the sink in one turn: an integer, 1 or more. Many block the event loop for long.
   *
   * @default 1000
   */
  readonly batchSize?: number | undefined;
  /**
   * From how many waiting changes on `drained` asks the producer to wait: an integer, 1 or more.
   *
   * @default 2000
   */
  readonly maxPending?: number | undefined;
  /**
   * Is told of each item without a usable key; the others of its batch go on. Without it, what would have queued the batch throws
   * `APIMACHINERY_KEY_INVALID`, and nothing of it is queued.
   */
  readonly onKeyError?: ((error: KeyError) => void) | undefined;
  /**
   * Makes of each object what is queued instead of it, for example one without the fields that nobody reads. It is called once per change and must
   * not change what it is given; key, uid and version stay those of the original. A promise is no result: it fails.
   *
   * @default objects are queued, undecoded, as they come
   */
  readonly transform?: ((object: T) => T) | undefined;
  /**
   * Is told of each object that `transform` fails for: what is behind the queue keeps its state of it, if it has one; an object that is
   * new to it is left out until `transform` works for it; and a deletion goes on as it came.
   * Without it, what would have queued the batch throws that error, and nothing of it is queued.
   */
  readonly onTransformError?: ((error: unknown, key: string) => void) | undefined;
}

/** What a queue goes by. */
export interface QueueSettings<T> extends TransformSettings<T> {
  readonly batchSize: number;
  readonly maxPending: number;
  readonly onKeyError: ((error: KeyError) => void) | undefined;
}

const optionRules: OptionRules<QueueOptions<never>> = {
  batchSize: rules.positiveCount,
  maxPending: rules.positiveCount,
  onKeyError: rules.function,
  transform: rules.function,
  onTransformError: rules.function,
};

/** @see client-go tools/cache/the_real_fifo.go `defaultBatchSize`, and twice as many before producers wait */
export function resolveOptions<T>(options: QueueOptions<T>): QueueSettings<T> {
  checkOptions<QueueOptions<never>>('create queue', options, optionRules);
  const { batchSize = 1_000, maxPending = 2_000, onKeyError, transform, onTransformError } = options;
  return { batchSize, maxPending, onKeyError, transform, onTransformError };
}
