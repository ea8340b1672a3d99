import { checkOptions, type KeyError, type OptionRules, rules } from '@bowline/apimachinery';

/** Settings of a queue. */
export interface QueueOptions {
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
}

/** What a queue goes by. */
export interface QueueSettings {
  readonly batchSize: number;
  readonly maxPending: number;
  readonly onKeyError: ((error: KeyError) => void) | undefined;
}

const optionRules: OptionRules<QueueOptions> = {
  batchSize: rules.positiveCount,
  maxPending: rules.positiveCount,
  onKeyError: rules.function,
};

/** @see client-go tools/cache/the_real_fifo.go `defaultBatchSize`, and twice as many before producers wait */
export function resolveOptions(options: QueueOptions): QueueSettings {
  checkOptions<QueueOptions>('create queue', options, optionRules);
  const { batchSize = 1_000, maxPending = 2_000, onKeyError } = options;
  return { batchSize, maxPending, onKeyError };
}
