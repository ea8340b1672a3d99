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
}

/** @see client-go tools/cache/the_real_fifo.go `defaultBatchSize`, and twice as many before producers wait */
export function resolveOptions({ batchSize = 1_000, maxPending = 2_000 }: QueueOptions): Required<{
  [Name in keyof QueueOptions]: number;
}> {
  check('batchSize', batchSize);
  check('maxPending', maxPending);
  return { batchSize, maxPending };
}

function check(field: string, value: number): void {
  if (!(Number.isInteger(value) && value >= 1)) {
    throw new RangeError(`Cannot create queue: ${field} must be an integer, 1 or more, got ${value}`);
  }
}
