import { BowlineError } from '@bowline/apimachinery';
import { aggregateText, type FieldError } from './field-error.ts';

/** The `code` of a `CrdError`. */
export type CrdErrorCode = 'CRD_INVALID_SCHEMA' | 'CRD_INVALID_DEFINITION' | 'CRD_INVALID_OBJECT';

/** Something breaks the rules of the server; `errors` says what, in its words. */
export class CrdError extends BowlineError {
  override readonly name = 'CrdError';
  declare readonly code: CrdErrorCode;
  readonly errors: readonly FieldError[];

  constructor(code: CrdErrorCode, what: string, errors: readonly FieldError[]) {
    super(`${what}: ${aggregateText(errors)}`, { code });
    this.errors = errors;
  }
}
