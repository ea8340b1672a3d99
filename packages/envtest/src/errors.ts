import { BowlineError } from '@bowline/apimachinery';

/** Why a control plane could not be given. */
export type EnvErrorCode = 'ENVTEST_ASSETS_MISSING' | 'ENVTEST_START_FAILED' | 'ENVTEST_NOT_SETTLED' | 'ENVTEST_OPERATOR_FAILED' | 'ENVTEST_CRD_NOT_ESTABLISHED';

/** An error of the test environment. */
export class EnvError extends BowlineError {
  constructor(code: EnvErrorCode, message: string, cause?: unknown) {
    super(code, message, { retryable: false, cause });
    this.name = 'EnvError';
  }
}
