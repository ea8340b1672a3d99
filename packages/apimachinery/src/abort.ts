/**
 * The error to throw because `signal` aborted: its reason when that is an `Error`, else an `AbortError` whose cause is the reason.
 */
export function abortError(signal: AbortSignal): Error {
  const reason: unknown = signal.reason;
  if (reason instanceof Error) return reason;
  const error = new Error('The operation was aborted', { cause: reason });
  error.name = 'AbortError';
  return error;
}

/**
 * Resolves once `signal` aborts, at once when it has. Never rejects.
 *
 * Each call on a signal that lives long keeps one listener until it aborts, so call it once per run, not once per loop.
 */
export function untilAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
