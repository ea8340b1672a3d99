/** How a `BowlineError` is made. */
export interface BowlineErrorOptions {
  readonly code: string;
  readonly retryable?: boolean | undefined;
  readonly cause?: unknown;
}

/**
 * The base of all operational errors.
 *
 * Match on `code`, never on the message, and not with `instanceof`: two installed copies of a package have two classes.
 *
 * @example
 * ```ts
 * import { BowlineError } from '@bowline/apimachinery';
 *
 * const error = new BowlineError('Cache is behind', { code: 'CLIENT_CACHE_STALE', retryable: true });
 * ```
 */
export class BowlineError extends Error {
  override readonly name: string = 'BowlineError';
  /** Stable and unique: `PACKAGE_REASON`. */
  readonly code: string;
  /** Whether the same call may succeed later without anything being changed. */
  readonly retryable: boolean;

  constructor(message: string, options: BowlineErrorOptions) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = options.code;
    this.retryable = options.retryable ?? false;
  }
}
