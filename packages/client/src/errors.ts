import { BowlineError } from '@bowline/apimachinery';

/**
 * The `code` of a `ClientError`.
 *
 * - `CLIENT_CONNECTION_FAILED`: no connection, or it ended within an answer.
 * - `CLIENT_TLS_FAILED`: the server's certificate is not accepted, or ours is not usable.
 * - `CLIENT_TIMEOUT`: no answer in time.
 * - `CLIENT_BAD_RESPONSE`: the answer is not what an API server sends.
 * - `CLIENT_CONFIG_NOT_FOUND`: there is no kubeconfig, and this is no pod.
 * - `CLIENT_CONFIG_INVALID`: a kubeconfig lacks something or contradicts itself; the message names file, context and field.
 * - `CLIENT_NOT_IN_CLUSTER`: the in-cluster configuration was asked for outside of a pod.
 * - `CLIENT_CREDENTIALS_UNREADABLE`: a token, certificate or key file cannot be read.
 * - `CLIENT_EXEC_FAILED`: the command that gives credentials failed.
 * - `CLIENT_EXEC_UNSUPPORTED`: the user gets credentials in a way that cannot work here: an auth provider, a command that needs a terminal.
 * - `CLIENT_HOOK_FAILED`: `onRequest` threw an error, or gave headers that cannot be sent; nothing was sent.
 * - `CLIENT_CLOSED`: the client was closed, before the call or during it.
 */
export type ClientErrorCode =
  | 'CLIENT_CONNECTION_FAILED'
  | 'CLIENT_TLS_FAILED'
  | 'CLIENT_TIMEOUT'
  | 'CLIENT_BAD_RESPONSE'
  | 'CLIENT_CONFIG_NOT_FOUND'
  | 'CLIENT_CONFIG_INVALID'
  | 'CLIENT_NOT_IN_CLUSTER'
  | 'CLIENT_CREDENTIALS_UNREADABLE'
  | 'CLIENT_EXEC_FAILED'
  | 'CLIENT_EXEC_UNSUPPORTED'
  | 'CLIENT_HOOK_FAILED'
  | 'CLIENT_CLOSED';

/** How a `ClientError` is made. */
export interface ClientErrorOptions {
  readonly code: ClientErrorCode;
  readonly retryable?: boolean | undefined;
  readonly maybeProcessed?: boolean | undefined;
  readonly cause?: unknown;
}

/** What went wrong between here and the server. What the server itself refuses is a `StatusError`. No message holds a credential, as far as exec plugins print none. */
export class ClientError extends BowlineError {
  override readonly name = 'ClientError';
  declare readonly code: ClientErrorCode;
  /** Whether the server may have carried out the request although no answer came: read before you write again. */
  readonly maybeProcessed: boolean;

  constructor(message: string, options: ClientErrorOptions) {
    super(message, options);
    this.maybeProcessed = options.maybeProcessed ?? false;
  }
}

/** The answer is not what an API server sends. */
export function badResponse(message: string, cause?: unknown): ClientError {
  return new ClientError(message, { code: 'CLIENT_BAD_RESPONSE', cause });
}

/** A kubeconfig cannot be used as it is. */
export function invalidConfig(message: string, cause?: unknown): ClientError {
  return new ClientError(message, { code: 'CLIENT_CONFIG_INVALID', cause });
}
