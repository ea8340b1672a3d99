import { BowlineError } from './errors.ts';

/** A selector that cannot be understood. Its code is `APIMACHINERY_SELECTOR_INVALID`. */
export class SelectorError extends BowlineError {
  override readonly name = 'SelectorError';
  /** What is wrong, in the words of the API server. */
  readonly reason: string;
  /** Where in the text: the index of the first character that does not fit. Undefined when there was no text. */
  readonly position: number | undefined;

  constructor(reason: string, source?: { readonly text: string; readonly position: number }) {
    super(source ? `${reason} (at position ${source.position} of "${source.text}")` : reason, {
      code: 'APIMACHINERY_SELECTOR_INVALID',
    });
    this.reason = reason;
    this.position = source?.position;
  }
}
