import { BowlineError } from '@bowline/apimachinery';

/** Codes of the errors of this package. */
export type CacheErrorCode = 'CACHE_INDEX_CONFLICT' | 'CACHE_INDEX_UNKNOWN' | 'CACHE_INDEX_FAILED';

/** What was wrong with an index. */
export class CacheError extends BowlineError {
  override readonly name: string = 'CacheError';
  declare readonly code: CacheErrorCode;
  readonly index: string;
  /** The object whose values could not be computed. */
  readonly key: string | undefined;

  constructor(
    message: string,
    options: { readonly code: CacheErrorCode; readonly index: string; readonly key?: string; readonly cause?: unknown },
  ) {
    super(message, options);
    this.index = options.index;
    this.key = options.key;
  }
}
