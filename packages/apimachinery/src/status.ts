import { BowlineError } from './errors.ts';
import type { ListMeta } from './object.ts';

/** One reason for a failure. @see k8s.io/apimachinery meta/v1 `StatusCause` */
export interface StatusCause {
  readonly reason?: string | undefined;
  readonly message?: string | undefined;
  /** The path of the field, as in `spec.containers[0].image`. */
  readonly field?: string | undefined;
}

/** @see k8s.io/apimachinery meta/v1 `StatusDetails` */
export interface StatusDetails {
  readonly name?: string | undefined;
  readonly group?: string | undefined;
  /** The plural resource name, or the kind when the reason is `Invalid`. */
  readonly kind?: string | undefined;
  readonly uid?: string | undefined;
  readonly causes?: readonly StatusCause[] | undefined;
  readonly retryAfterSeconds?: number | undefined;
}

/** What a server answers when there is no object to answer with. @see k8s.io/apimachinery meta/v1 `Status` */
export interface Status {
  readonly kind?: 'Status' | undefined;
  readonly apiVersion?: 'v1' | undefined;
  readonly metadata?: ListMeta | undefined;
  readonly status?: 'Success' | 'Failure' | undefined;
  readonly message?: string | undefined;
  readonly reason?: string | undefined;
  readonly details?: StatusDetails | undefined;
  /** The HTTP status. */
  readonly code?: number | undefined;
}

/** The `code` of a `StatusError`. */
export type StatusCode =
  | 'API_NOT_FOUND'
  | 'API_CONFLICT'
  | 'API_ALREADY_EXISTS'
  | 'API_EXPIRED'
  | 'API_INVALID'
  | 'API_FORBIDDEN'
  | 'API_UNAUTHORIZED'
  | 'API_TOO_MANY_REQUESTS'
  | 'API_BAD_REQUEST'
  | 'API_METHOD_NOT_ALLOWED'
  | 'API_NOT_ACCEPTABLE'
  | 'API_UNSUPPORTED_MEDIA_TYPE'
  | 'API_REQUEST_TOO_LARGE'
  | 'API_TIMEOUT'
  | 'API_SERVER_TIMEOUT'
  | 'API_SERVICE_UNAVAILABLE'
  | 'API_INTERNAL_ERROR'
  | 'API_UNKNOWN';

const byReason: ReadonlyMap<string, StatusCode> = new Map([
  ['NotFound', 'API_NOT_FOUND'],
  ['Conflict', 'API_CONFLICT'],
  ['AlreadyExists', 'API_ALREADY_EXISTS'],
  ['Expired', 'API_EXPIRED'],
  ['Gone', 'API_EXPIRED'],
  ['Invalid', 'API_INVALID'],
  ['Forbidden', 'API_FORBIDDEN'],
  ['Unauthorized', 'API_UNAUTHORIZED'],
  ['TooManyRequests', 'API_TOO_MANY_REQUESTS'],
  ['BadRequest', 'API_BAD_REQUEST'],
  ['MethodNotAllowed', 'API_METHOD_NOT_ALLOWED'],
  ['NotAcceptable', 'API_NOT_ACCEPTABLE'],
  ['UnsupportedMediaType', 'API_UNSUPPORTED_MEDIA_TYPE'],
  ['RequestEntityTooLarge', 'API_REQUEST_TOO_LARGE'],
  ['Timeout', 'API_TIMEOUT'],
  ['ServerTimeout', 'API_SERVER_TIMEOUT'],
  ['ServiceUnavailable', 'API_SERVICE_UNAVAILABLE'],
  ['InternalError', 'API_INTERNAL_ERROR'],
  ['StoreReadError', 'API_INTERNAL_ERROR'],
]);

const byHttpStatus: ReadonlyMap<number, StatusCode> = new Map([
  [400, 'API_BAD_REQUEST'],
  [401, 'API_UNAUTHORIZED'],
  [403, 'API_FORBIDDEN'],
  [404, 'API_NOT_FOUND'],
  [405, 'API_METHOD_NOT_ALLOWED'],
  [406, 'API_NOT_ACCEPTABLE'],
  [409, 'API_CONFLICT'],
  [410, 'API_EXPIRED'],
  [413, 'API_REQUEST_TOO_LARGE'],
  [415, 'API_UNSUPPORTED_MEDIA_TYPE'],
  [422, 'API_INVALID'],
  [429, 'API_TOO_MANY_REQUESTS'],
  [503, 'API_SERVICE_UNAVAILABLE'],
  [504, 'API_TIMEOUT'],
]);

/** The same request may succeed later. A conflict may not: it needs a fresh read first. */
const transient: ReadonlySet<StatusCode> = new Set<StatusCode>([
  'API_TOO_MANY_REQUESTS',
  'API_TIMEOUT',
  'API_SERVER_TIMEOUT',
  'API_SERVICE_UNAVAILABLE',
  'API_INTERNAL_ERROR',
]);

/** The code for a reason, or for an HTTP status where the reason is missing or unknown. */
export function statusCode(reason: string | undefined, httpStatus: number | undefined): StatusCode {
  const known = byReason.get(reason ?? '');
  if (known) return known;
  const status = httpStatus ?? 0;
  return byHttpStatus.get(status) ?? (status >= 500 ? 'API_INTERNAL_ERROR' : 'API_UNKNOWN');
}

/** Which priority-and-fairness objects a request fell under: who looks for the limit that it met begins there. */
export interface Fairness {
  /** Of the `FlowSchema`. */
  readonly flowSchemaUid: string;
  /** Of the `PriorityLevelConfiguration`. */
  readonly priorityLevelUid: string;
}

/**
 * The server refused, in its own words: `message` is the status message.
 *
 * Test what happened with the predicates (`isNotFound`, `isConflict`, …): they work across installed copies of this package.
 */
export class StatusError extends BowlineError {
  override readonly name = 'StatusError';
  declare readonly code: StatusCode;
  readonly status: Status;
  /** 0 when the status carries none. */
  readonly httpStatus: number;
  /** How long the server asks to wait, in milliseconds. */
  declare readonly retryAfterMs?: number;
  /** How the server classified the request, where it says so. */
  declare readonly fairness?: Fairness;

  constructor(status: Status, retryAfterMs?: number, fairness?: Fairness) {
    const seconds = status.details?.retryAfterSeconds;
    const waitMs = retryAfterMs ?? (seconds !== undefined && seconds > 0 ? seconds * 1000 : undefined);
    const code = statusCode(status.reason, status.code);
    super(status.message || `The server answered ${status.code ?? 'a failure'} without a message`, {
      code,
      retryable: waitMs !== undefined || transient.has(code),
    });
    this.status = status;
    this.httpStatus = status.code ?? 0;
    if (waitMs !== undefined) this.retryAfterMs = waitMs;
    if (fairness) this.fairness = fairness;
  }
}

/**
 * The error for a `Status` that says `Failure`.
 *
 * @param retryAfterMs How long to wait before another try. @default `details.retryAfterSeconds`, in milliseconds
 */
export function statusError(status: Status, retryAfterMs?: number): StatusError {
  return new StatusError(status, retryAfterMs);
}
