/** An answer that differs from the real server's, and stays so. At most ten; each is also in docs/differences-apiserver.md. */
export interface KnownDifference {
  readonly scenario: string;
  /** Index of the step. */
  readonly step: number;
  readonly reason: string;
}

const otherKind =
  'a patch that names another kind or version: the real server decodes the result as that kind and answers with what goes wrong there';

export const knownDifferences: readonly KnownDifference[] = [
  { scenario: 'merge patches', step: 11, reason: otherKind },
  { scenario: 'merge patches', step: 12, reason: otherKind },
];
