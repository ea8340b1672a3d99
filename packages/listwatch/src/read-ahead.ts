/** One step of what is read, or how it ended. */
type Step<V> = { readonly value: V } | { readonly end: { readonly error?: unknown } };

/**
 * Yields what `start` yields, in the same order, but reads up to `limit` values before they are asked for.
 *
 * `start` gets a signal of its own: it aborts with `signal`, and when the reader leaves early.
 */
export async function* readAhead<V>(
  signal: AbortSignal,
  limit: number,
  start: (signal: AbortSignal) => AsyncGenerator<V, void, undefined>,
): AsyncGenerator<V, void, undefined> {
  const controller = new AbortController();
  const onAbort = (): void => controller.abort(signal.reason);
  if (signal.aborted) onAbort();
  else signal.addEventListener('abort', onAbort, { once: true });
  const steps: Step<V>[] = [];
  let wake = (): void => {};
  let left = false;
  /** Resolves when the other side has moved. One side waits at a time: the reader on empty, the source on full. */
  const moved = (): Promise<void> =>
    new Promise((resolve) => {
      wake = resolve;
    });
  const put = (step: Step<V>): void => {
    steps.push(step);
    wake();
  };
  const fill = async (): Promise<void> => {
    try {
      for await (const value of start(controller.signal)) {
        put({ value });
        while (steps.length >= limit && !left) await moved();
        if (left) return;
      }
      put({ end: {} });
    } catch (error) {
      put({ end: { error } });
    }
  };
  const filling = fill();
  try {
    for (;;) {
      const step = steps.shift();
      wake();
      if (step === undefined) {
        await moved();
      } else if ('value' in step) {
        yield step.value;
      } else {
        if ('error' in step.end) throw step.end.error;
        return;
      }
    }
  } finally {
    left = true;
    signal.removeEventListener('abort', onAbort);
    controller.abort();
    wake();
    await filling;
  }
}
