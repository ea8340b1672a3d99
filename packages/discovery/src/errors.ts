import { BowlineError } from '@bowline/apimachinery';
import type { Resource } from './resource.ts';

/** The codes of a `DiscoveryError`. */
export type DiscoveryErrorCode = 'DISCOVERY_NO_MATCH' | 'DISCOVERY_AMBIGUOUS' | 'DISCOVERY_FAILED';

/** What a `DiscoveryError` knows besides its message. */
export interface DiscoveryErrorDetails {
  readonly candidates?: readonly Resource[] | undefined;
  readonly failures?: ReadonlyMap<string, Error> | undefined;
  readonly cause?: unknown;
}

/**
 * A spelling that stands for no resource (`DISCOVERY_NO_MATCH`) or for several (`DISCOVERY_AMBIGUOUS`),
 * or a server that could not be read (`DISCOVERY_FAILED`).
 */
export class DiscoveryError extends BowlineError {
  override readonly name = 'DiscoveryError';
  declare readonly code: DiscoveryErrorCode;
  /** Without a match: what is spelled alike, nearest first. When ambiguous: all that fit. */
  readonly candidates: readonly Resource[];
  /** Without a match: what could not be read and might have held it. apiVersion → why. */
  readonly failures: ReadonlyMap<string, Error>;

  constructor(message: string, code: DiscoveryErrorCode, details: DiscoveryErrorDetails = {}) {
    // An ambiguous spelling stays so; a missing resource may be installed, a server may come back.
    super(message, { code, retryable: code !== 'DISCOVERY_AMBIGUOUS', cause: details.cause });
    this.candidates = details.candidates ?? [];
    this.failures = details.failures ?? new Map();
  }
}
