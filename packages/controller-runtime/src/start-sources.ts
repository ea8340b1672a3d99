import { untilAborted } from '@bowline/apimachinery';
import { ControllerRuntimeError } from './errors.ts';
import type { Enqueue, Source, SourceContext } from './ports.ts';
import { within } from './within.ts';

/**
 * Starts sources side by side. Resolves once all have queued what exists at the start, or early when the signal aborts.
 *
 * @throws {ControllerRuntimeError} `CONTROLLER_RUNTIME_CACHE_SYNC_TIMEOUT` when that takes longer than `timeoutMs`; it says what keeps which source.
 * @throws what a source rejects with.
 */
export async function startSources(
  sources: readonly Source[],
  queue: Enqueue,
  context: SourceContext,
  timeoutMs: number,
): Promise<void> {
  const { controller, clock, signal } = context;
  const waiting = new Set(sources);
  const starting = sources.map(async (source) => {
    try {
      await source.start(queue, context);
    } catch (error) {
      // The end of the controller ends its sources; that they say so is no failure.
      if (!signal.aborted) throw error;
    }
    waiting.delete(source);
  });
  const error = (): Error => timeoutError([...waiting], controller, timeoutMs);
  const started = Promise.race([Promise.all(starting), untilAborted(signal)]);
  await within(started, { clock, timeoutMs, error });
}

function timeoutError(waiting: readonly Source[], controller: string, timeoutMs: number): Error {
  const problems = waiting.map(
    (source) => `${source.name}: ${source.problem?.() ?? 'not all that exists has arrived'}`,
  );
  return new ControllerRuntimeError(
    `Controller "${controller}" could not start within ${timeoutMs} ms. It waits for ${problems.join('; ')}`,
    { code: 'CONTROLLER_RUNTIME_CACHE_SYNC_TIMEOUT', retryable: true },
  );
}
