import { isJsonObject } from './json.ts';
import { type Status, type StatusCode, statusCode } from './status.ts';
import { isStatus, parseStatus } from './status-response.ts';

/** How many wrappers (`cause`) are looked through. */
const DEEPEST_CAUSE = 10;

/** What the server said, as far as an error tells. */
interface Answer {
  readonly code: StatusCode;
  readonly status?: Status | undefined;
  readonly retryAfterMs?: number | undefined;
}

/**
 * Reads an error, or the first of its causes, that carries a server's answer. Knows `StatusError` of any installed copy of this package
 * (by `code`), client-node's `ApiException` (numeric `code`, `body`) and a bare `Status`.
 */
function answerOf(error: unknown, depth: number = 0): Answer | undefined {
  if (typeof error !== 'object' || error === null || depth > DEEPEST_CAUSE) return undefined;
  const fields = error as Readonly<Record<string, unknown>>;
  const { code } = fields;
  if (typeof code === 'string' && code.startsWith('API_')) {
    const { status, retryAfterMs } = fields;
    return {
      code: code as StatusCode,
      status: isJsonObject(status) ? (status as Status) : undefined,
      retryAfterMs: typeof retryAfterMs === 'number' ? retryAfterMs : undefined,
    };
  }
  if (isStatus(error)) return answerOfStatus(error, error.code);
  if (typeof code === 'number' && 'body' in fields) return answerOfStatus(statusOfBody(fields.body), code);
  return answerOf(fields.cause, depth + 1);
}

function answerOfStatus(status: Status | undefined, httpStatus: number | undefined): Answer {
  const seconds = status?.details?.retryAfterSeconds;
  return {
    code: statusCode(status?.reason, httpStatus),
    status,
    retryAfterMs: seconds !== undefined && seconds > 0 ? seconds * 1000 : undefined,
  };
}

function statusOfBody(body: unknown): Status | undefined {
  if (typeof body === 'string') return parseStatus(body);
  return isJsonObject(body) && (body.kind === 'Status' || typeof body.reason === 'string') ? body : undefined;
}

function has(error: unknown, code: StatusCode): boolean {
  return answerOf(error)?.code === code;
}

/** The `Status` that an error (or one of its causes) carries. */
export function statusOf(error: unknown): Status | undefined {
  return answerOf(error)?.status;
}

/** How long the server asks to wait before another try, in milliseconds. */
export function retryAfterMsOf(error: unknown): number | undefined {
  return answerOf(error)?.retryAfterMs;
}

/** The object, or the resource itself, does not exist (404). */
export function isNotFound(error: unknown): boolean {
  return has(error, 'API_NOT_FOUND');
}

/** The object was changed since it was read, or another manager owns a field (409): read again, then retry. */
export function isConflict(error: unknown): boolean {
  return has(error, 'API_CONFLICT');
}

/** An object of that name exists (409 on create). */
export function isAlreadyExists(error: unknown): boolean {
  return has(error, 'API_ALREADY_EXISTS');
}

/** The resource version or continue token is too old (410): list again. */
export function isExpired(error: unknown): boolean {
  return has(error, 'API_EXPIRED');
}

/** The object did not pass validation (422); `status.details.causes` names the fields. */
export function isInvalid(error: unknown): boolean {
  return has(error, 'API_INVALID');
}

/** The user may not do that (403), or admission refused. */
export function isForbidden(error: unknown): boolean {
  return has(error, 'API_FORBIDDEN');
}

/** The server does not know who asks (401). */
export function isUnauthorized(error: unknown): boolean {
  return has(error, 'API_UNAUTHORIZED');
}

/** The server is overloaded, or a disruption budget is used up (429). */
export function isTooManyRequests(error: unknown): boolean {
  return has(error, 'API_TOO_MANY_REQUESTS');
}

/** The request made no sense to the server (400). */
export function isBadRequest(error: unknown): boolean {
  return has(error, 'API_BAD_REQUEST');
}

/** The resource does not support the verb (405). */
export function isMethodNotAllowed(error: unknown): boolean {
  return has(error, 'API_METHOD_NOT_ALLOWED');
}

/** The request took too long (504); the server may still carry it out. */
export function isTimeout(error: unknown): boolean {
  return has(error, 'API_TIMEOUT');
}

/** The server could not finish in time (500 with reason `ServerTimeout`) and did nothing. */
export function isServerTimeout(error: unknown): boolean {
  return has(error, 'API_SERVER_TIMEOUT');
}

/** The server cannot answer right now (503). */
export function isServiceUnavailable(error: unknown): boolean {
  return has(error, 'API_SERVICE_UNAVAILABLE');
}

/** The server failed (500). */
export function isInternalError(error: unknown): boolean {
  return has(error, 'API_INTERNAL_ERROR');
}
