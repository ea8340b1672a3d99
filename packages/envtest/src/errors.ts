import { BowlineError } from '@bowline/apimachinery';

/** Why a control plane could not be given, or a test's world not come to rest. */
export type EnvErrorCode =
  | 'ENVTEST_ASSETS_MISSING'
  | 'ENVTEST_START_FAILED'
  | 'ENVTEST_NOT_SETTLED'
  | 'ENVTEST_OPERATOR_FAILED'
  | 'ENVTEST_CRD_NOT_ESTABLISHED';

/** An error of the test environment. */
export class EnvError extends BowlineError {
  override readonly name: string = 'EnvError';

  constructor(code: EnvErrorCode, message: string, cause?: unknown) {
    super(message, { code, cause });
  }
}
