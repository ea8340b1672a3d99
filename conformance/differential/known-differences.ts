/** An answer that differs from the real server's, and stays so. At most ten; each is also in docs/differences-apiserver.md. */
export interface KnownDifference {
  readonly scenario: string;
  /** Index of the step. */
  readonly step: number;
  readonly reason: string;
}

export const knownDifferences: readonly KnownDifference[] = [];
