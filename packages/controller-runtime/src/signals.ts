import { checkValue, withMethods } from '@bowline/apimachinery';

/** What `shutdownSignal` needs of a process. */
export interface SignalSource {
  on(event: 'SIGTERM' | 'SIGINT', listener: () => void): unknown;
  exit(code: number): unknown;
}

/**
 * A signal that aborts when the process is asked to end (SIGTERM, or SIGINT as from Ctrl-C). A second request ends the process at once, with code 1.
 *
 * @param source The process to listen to. @default process
 * @example
 * ```ts no-run
 * import { type Manager, shutdownSignal } from '@bowline/controller-runtime';
 *
 * declare const manager: Manager;
 * await manager.run(shutdownSignal());
 * ```
 * @see controller-runtime pkg/manager/signals `SetupSignalHandler`
 */
export function shutdownSignal(source: SignalSource = process): AbortSignal {
  checkValue('listen for shutdown', 'source', source, withMethods('a process', 'on', 'exit'));
  const controller = new AbortController();
  for (const name of ['SIGTERM', 'SIGINT'] as const) {
    source.on(name, () => {
      if (controller.signal.aborted) source.exit(1);
      else controller.abort(new Error(`Received ${name}`));
    });
  }
  return controller.signal;
}
