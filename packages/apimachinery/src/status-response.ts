import type { HttpResponse } from './http.ts';
import { isJsonObject } from './json.ts';
import { formatGroupResource, type GroupResource } from './kind.ts';
import { type Fairness, type Status, StatusError } from './status.ts';

/** What was asked; it goes into the message and details of an error that the server did not word itself. */
export interface FailedRequest {
  /** @default 'GET' */
  readonly method?: string | undefined;
  readonly resource?: GroupResource | undefined;
  readonly name?: string | undefined;
}

/** client-go rest/request.go `maxUnstructuredResponseTextBytes` */
const LONGEST_BODY_IN_MESSAGE = 2048;

/**
 * The error for an answer that is not a success: its body when that is a `Status`, else one made from the HTTP status, as client-go makes it.
 *
 * @param headers Lower-case names. `retry-after` in seconds becomes `retryAfterMs`; dates are ignored, as in client-go. Those of priority and
 * fairness become `fairness`.
 * @see k8s.io/apimachinery api/errors `NewGenericServerResponse`
 */
export function statusErrorFromResponse(
  httpStatus: number,
  bodyText: string,
  headers: HttpResponse['headers'] = {},
  request: FailedRequest = {},
): StatusError {
  const retryAfterSeconds = secondsOf(first(headers['retry-after']));
  const retryAfterMs = retryAfterSeconds === undefined ? undefined : retryAfterSeconds * 1000;
  const fairness = fairnessOf(headers);
  const answered = parseStatus(bodyText);
  if (answered && answered.status !== 'Success') {
    return new StatusError(answered.code ? answered : { ...answered, code: httpStatus }, retryAfterMs, fairness);
  }
  const contentType = first(headers['content-type']);
  const text = isText(contentType) ? bodyText.slice(0, LONGEST_BODY_IN_MESSAGE).trim() : 'unknown';
  return new StatusError(synthesize(httpStatus, text, retryAfterSeconds ?? 0, request), retryAfterMs, fairness);
}

/** @see k8s.io/api flowcontrol `ResponseHeaderMatchedFlowSchemaUID`, `ResponseHeaderMatchedPriorityLevelConfigurationUID` */
function fairnessOf(headers: HttpResponse['headers']): Fairness | undefined {
  const flowSchemaUid = first(headers['x-kubernetes-pf-flowschema-uid']);
  const priorityLevelUid = first(headers['x-kubernetes-pf-prioritylevel-uid']);
  return flowSchemaUid && priorityLevelUid ? { flowSchemaUid, priorityLevelUid } : undefined;
}

function synthesize(httpStatus: number, text: string, retryAfterSeconds: number, request: FailedRequest): Status {
  const { method = 'GET', resource, name } = request;
  const { reason, message } = wording(httpStatus, method, text);
  const subject = resource
    ? ` (${[method.toLowerCase(), formatGroupResource(resource), name].filter(Boolean).join(' ')})`
    : '';
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: message + subject,
    reason,
    details: {
      ...(name ? { name } : {}),
      ...(resource?.group ? { group: resource.group } : {}),
      ...(resource ? { kind: resource.resource } : {}),
      causes: [{ reason: 'UnexpectedServerResponse', message: text }],
      ...(retryAfterSeconds > 0 ? { retryAfterSeconds } : {}),
    },
    code: httpStatus,
  };
}

function wording(httpStatus: number, method: string, text: string): { reason: string; message: string } {
  switch (httpStatus) {
    case 400:
      return { reason: 'BadRequest', message: 'the server rejected our request for an unknown reason' };
    case 401:
      return { reason: 'Unauthorized', message: 'the server has asked for the client to provide credentials' };
    case 403:
      return { reason: 'Forbidden', message: text };
    case 404:
      return { reason: 'NotFound', message: 'the server could not find the requested resource' };
    case 405:
      return { reason: 'MethodNotAllowed', message: 'the server does not allow this method on the requested resource' };
    case 406: {
      const generic = 'the server was unable to respond with a content type that the client supports';
      return { reason: 'NotAcceptable', message: text === '' || text === 'unknown' ? generic : text };
    }
    case 409:
      return {
        reason: method === 'POST' ? 'AlreadyExists' : 'Conflict',
        message: 'the server reported a conflict',
      };
    case 410: // client-go leaves this one unknown; nobody can relist on what nobody can recognise.
      return { reason: 'Expired', message: 'the server no longer has what was asked for' };
    case 413:
      return { reason: 'RequestEntityTooLarge', message: 'the server refused the request because it is too large' };
    case 415:
      return { reason: 'UnsupportedMediaType', message: text };
    case 422:
      return { reason: 'Invalid', message: 'the server rejected our request due to an error in our request' };
    case 429:
      return {
        reason: 'TooManyRequests',
        message: 'the server has received too many requests and has asked us to try again later',
      };
    case 503:
      return { reason: 'ServiceUnavailable', message: 'the server is currently unable to handle the request' };
    case 504:
      return {
        reason: 'Timeout',
        message:
          'the server was unable to return a response in the time allotted, but may still be processing the request',
      };
    default:
      if (httpStatus >= 500) {
        const quoted = JSON.stringify(text);
        return {
          reason: 'InternalError',
          message: `an error on the server (${quoted}) has prevented the request from succeeding`,
        };
      }
      return {
        reason: 'Unknown',
        message: `the server responded with the status code ${httpStatus} but did not return more information`,
      };
  }
}

/** A `Status` in JSON, if that is what the text is. */
export function parseStatus(text: string): Status | undefined {
  if (!text.includes('"Status"')) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined; // Not JSON: the caller words the error itself and quotes the text.
  }
  return isStatus(value) ? value : undefined;
}

/** Whether JSON data is a meta/v1 `Status`. */
export function isStatus(value: unknown): value is Status {
  return isJsonObject(value) && value.kind === 'Status' && value.apiVersion === 'v1';
}

function isText(contentType: string | undefined): boolean {
  if (!contentType) return true;
  const mediaType = contentType.split(';')[0]?.trim().toLowerCase() ?? '';
  return mediaType.startsWith('text/') || mediaType === 'application/json';
}

function secondsOf(header: string | undefined): number | undefined {
  return header !== undefined && /^\d{1,9}$/.test(header.trim()) ? Number(header) : undefined;
}

function first(header: string | readonly string[] | undefined): string | undefined {
  return typeof header === 'string' ? header : header?.[0];
}
