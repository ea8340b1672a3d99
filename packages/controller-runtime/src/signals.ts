import { type Clock, systemClock } from '@bowline/apimachinery';
import { checkValue, withMethods } from '@bowline/apimachinery/arguments';

/** What `shutdownSignal` needs of a process. */
export interface SignalSource {
  on(event: 'SIGTERM' | 'SIGINT', listener: () => void): unknown;
  exit(code: number): unknown;
}

/** npm passes a Ctrl-C on to a process that got it from the terminal already: what comes this soon is the same request. */
const sameRequestMs = 100;

/**
 * A signal that aborts when the process is asked to end (SIGTERM, or SIGINT as from Ctrl-C). A second request ends the process at once, with code 1.
 * The same signal within 100 ms is no second request.
 *
 * @param source The process to listen to. @default process
 * @param clock Tells one request from two.
 * @example
 * ```ts no-run
 * import { type Manager, shutdownSignal } from '@bowline/controller-runtime';
 *
 * declare const manager: Manager;
 * await manager.run(shutdownSignal());
 * ```
 * @see controller-runtime pkg/manager/signals `SetupSignalHandler`
 */
export function shutdownSignal(
  source: SignalSource = process,
  clock: Pick<Clock, 'monotonic'> = systemClock,
): AbortSignal {
  checkValue('listen for shutdown', 'source', source, withMethods('a process', 'on', 'exit'));
  checkValue('listen for shutdown', 'clock', clock, withMethods('a clock', 'monotonic'));
  const controller = new AbortController();
  let first: { readonly name: string; readonly at: number } | undefined;
  for (const name of ['SIGTERM', 'SIGINT'] as const) {
    source.on(name, () => {
      if (first === undefined) {
        first = { name, at: clock.monotonic() };
        controller.abort(new Error(`Received ${name}`));
      } else if (first.name !== name || clock.monotonic() - first.at >= sameRequestMs) source.exit(1);
    });
  }
  return controller.signal;
}
