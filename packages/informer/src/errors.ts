import { abortError, BowlineError } from '@bowline/apimachinery';

/** Codes of the errors of this package. */
export type InformerErrorCode =
  | 'INFORMER_NOT_SYNCED'
  | 'INFORMER_STOPPED'
  | 'INFORMER_HANDLER_BEHIND'
  | 'INFORMER_WATCH_FAILED';

/** An informer did not get ready, or is over, or gave up a handler. */
export class InformerError extends BowlineError {
  override readonly name: string = 'InformerError';
  declare readonly code: InformerErrorCode;

  constructor(message: string, options: { readonly code: InformerErrorCode; readonly cause?: unknown }) {
    super(message, { ...options, retryable: options.code === 'INFORMER_NOT_SYNCED' });
  }
}

/** @param why What the informer says is wrong. */
export function notSynced(what: string, why: string, signal: AbortSignal): InformerError {
  return new InformerError(`${what} is not synced: ${why}`, { code: 'INFORMER_NOT_SYNCED', cause: abortError(signal) });
}

export function stopped(what: string): InformerError {
  return new InformerError(`${what} has stopped`, { code: 'INFORMER_STOPPED' });
}

export function tooFarBehind(what: string, pending: number): InformerError {
  return new InformerError(`${what} was removed: ${pending} changes wait for it`, { code: 'INFORMER_HANDLER_BEHIND' });
}
