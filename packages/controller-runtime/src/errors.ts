import { BowlineError } from '@bowline/apimachinery';

/** The `code` of every operational error of this package. */
export type ControllerRuntimeErrorCode =
  | 'CONTROLLER_RUNTIME_ALREADY_OWNED'
  | 'CONTROLLER_RUNTIME_ALREADY_RUN'
  | 'CONTROLLER_RUNTIME_CACHE_SYNC_TIMEOUT'
  | 'CONTROLLER_RUNTIME_FINALIZER_FAILED'
  | 'CONTROLLER_RUNTIME_GRACE_PERIOD_EXCEEDED'
  | 'CONTROLLER_RUNTIME_INDEX_MISSING'
  | 'CONTROLLER_RUNTIME_KIND_NOT_CACHED'
  | 'CONTROLLER_RUNTIME_NAMESPACE_NOT_CACHED'
  | 'CONTROLLER_RUNTIME_NOT_STARTED'
  | 'CONTROLLER_RUNTIME_RECONCILE_TIMEOUT'
  | 'CONTROLLER_RUNTIME_STOPPING'
  | 'CONTROLLER_RUNTIME_TERMINAL'
  | 'CLIENT_CACHE_STALE';

/** Something went wrong that is not the caller's mistake. Match on `code`. */
export class ControllerRuntimeError extends BowlineError {
  override readonly name: string = 'ControllerRuntimeError';
  declare readonly code: ControllerRuntimeErrorCode;

  constructor(
    message: string,
    options: {
      readonly code: ControllerRuntimeErrorCode;
      readonly retryable?: boolean | undefined;
      readonly cause?: unknown;
    },
  ) {
    super(message, options);
  }
}

/**
 * Thrown by a reconciler to say that trying again cannot help: the key rests until something changes. `cause` is the error itself.
 *
 * @example
 * ```ts
 * import { TerminalError } from '@bowline/controller-runtime';
 *
 * const error = new TerminalError('spec.image is not an image name');
 * ```
 */
export class TerminalError extends ControllerRuntimeError {
  override readonly name: string = 'TerminalError';

  constructor(message: string, options: { readonly cause?: unknown } = {}) {
    super(message, { code: 'CONTROLLER_RUNTIME_TERMINAL', cause: options.cause });
  }
}

/** Whether an error is terminal, also one of another installed copy of this package. */
export function isTerminalError(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'CONTROLLER_RUNTIME_TERMINAL';
}
