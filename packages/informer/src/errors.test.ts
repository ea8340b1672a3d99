import { describe, expect, test } from 'vitest';
import { InformerError, notSynced, stopped, tooFarBehind } from './errors.ts';

describe('InformerError', () => {
  test('InformerError has a name, a stable code, and is retryable only where waiting longer may help', () => {
    const reason = new Error('enough');
    expect(notSynced('Informer of pods', 'it does not run', AbortSignal.abort(reason))).toMatchObject({
      name: 'InformerError',
      code: 'INFORMER_NOT_SYNCED',
      retryable: true,
      cause: reason,
      message: 'Informer of pods is not synced: it does not run',
    });
    expect(stopped('Informer of pods')).toMatchObject({
      name: 'InformerError',
      code: 'INFORMER_STOPPED',
      retryable: false,
      message: 'Informer of pods has stopped',
    });
    expect(tooFarBehind('Handler "h"', 7)).toMatchObject({
      code: 'INFORMER_HANDLER_BEHIND',
      retryable: false,
      message: 'Handler "h" was removed: 7 changes wait for it',
    });
    expect(new InformerError('x', { code: 'INFORMER_WATCH_FAILED' })).toMatchObject({ retryable: false });
  });
});
