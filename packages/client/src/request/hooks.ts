import type { HttpRequest, HttpResponse, Logger } from '@bowline/apimachinery';
import { ClientError } from '../errors.ts';

/** One try of a request. */
export interface RequestTry {
  readonly method: HttpRequest['method'];
  /** Without the query. */
  readonly path: string;
  /** What follows the `?`; empty when there is none. */
  readonly query: string;
  /** 1 for the first try of a call. */
  readonly attempt: number;
}

/** How a try went: the head of the answer, or why there is none. */
export interface RequestOutcome extends RequestTry {
  /** From the sending to the head of the answer, or to the failure. Milliseconds. */
  readonly durationMs: number;
  readonly status?: number | undefined;
  /** Of the answer. Lower-case names. */
  readonly headers?: HttpResponse['headers'] | undefined;
  readonly error?: unknown;
}

/** Who looks on as requests are sent. Both are called synchronously, for each try. */
export interface RequestHooks {
  /**
   * Before a request is sent. What it returns is added to the headers: names that the client has set itself cannot be replaced.
   * When it throws, the call fails with `CLIENT_HOOK_FAILED`, and nothing is sent.
   */
  readonly onRequest?: ((request: RequestTry) => Readonly<Record<string, string>> | undefined) | undefined;
  /** After the head of the answer has come, or has not. What it throws goes to the log and changes nothing. */
  readonly onResponse?: ((outcome: RequestOutcome) => void) | undefined;
}

/** RFC 9110 §5.6.2, §5.5 */
const headerName = /^[!#$%&'*+.^_`|~0-9a-z-]+$/i;
const headerValue = /^[\x20-\x7e\t\x80-\xff]*$/;

/**
 * The headers of a try, with those that `onRequest` adds.
 *
 * @throws {ClientError} `CLIENT_HOOK_FAILED`
 */
export function withHookHeaders(
  { onRequest }: RequestHooks,
  request: RequestTry,
  headers: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  if (!onRequest) return headers;
  try {
    const result = { ...headers };
    for (const [name, value] of Object.entries(onRequest(request) ?? {})) {
      const lower = name.toLowerCase();
      if (lower in headers) throw new TypeError(`it must not replace the header "${lower}"`);
      if (!headerName.test(name))
        throw new TypeError(`it returned a name that no header can have: ${JSON.stringify(name)}`);
      if (typeof value !== 'string' || !headerValue.test(value))
        throw new TypeError(`the value of its header "${lower}" must be one line of text`);
      result[lower] = value;
    }
    return result;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ClientError(`Cannot send ${request.method} ${request.path}: onRequest failed: ${reason}`, {
      code: 'CLIENT_HOOK_FAILED',
      cause: error,
    });
  }
}

/** Tells `onResponse`. Never throws. */
export function tellOutcome({ onResponse }: RequestHooks, outcome: RequestOutcome, logger: Logger): void {
  try {
    onResponse?.(outcome);
  } catch (error) {
    const { method, path } = outcome;
    logger.error({ error, method, path }, 'onResponse threw an error');
  }
}
