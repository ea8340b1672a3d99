/** Why bytes cannot be split into items, and where. Internal: whoever splits turns it into an error of its own. */
export class SplitError extends Error {
  override readonly name: string = 'SplitError';
  /** The bytes end too early; what there is of them is well-formed. */
  readonly truncated: boolean;

  /** @param offset Absolute position of the offending byte. */
  constructor(what: string, offset: number, truncated: boolean = false) {
    super(`${what} at byte ${offset}`);
    this.truncated = truncated;
  }
}
