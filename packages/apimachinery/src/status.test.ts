import { describe, expect, test } from 'vitest';
import { BowlineError } from './errors.ts';
import { type Status, StatusError, statusError } from './status.ts';
import {
  isAlreadyExists,
  isBadRequest,
  isConflict,
  isExpired,
  isForbidden,
  isInternalError,
  isInvalid,
  isMethodNotAllowed,
  isNotFound,
  isServerTimeout,
  isServiceUnavailable,
  isTimeout,
  isTooManyRequests,
  isUnauthorized,
  retryAfterMsOf,
  statusOf,
} from './status-predicates.ts';
import { statusErrorFromResponse } from './status-response.ts';

const notFound: Status = {
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Failure',
  message: 'pods "web" not found',
  reason: 'NotFound',
  details: { name: 'web', kind: 'pods' },
  code: 404,
};

describe('statusError', () => {
  test.each([
    ['NotFound', 404, 'API_NOT_FOUND', false],
    ['Conflict', 409, 'API_CONFLICT', false],
    ['AlreadyExists', 409, 'API_ALREADY_EXISTS', false],
    ['Expired', 410, 'API_EXPIRED', false],
    ['Gone', 410, 'API_EXPIRED', false],
    ['Invalid', 422, 'API_INVALID', false],
    ['Forbidden', 403, 'API_FORBIDDEN', false],
    ['Unauthorized', 401, 'API_UNAUTHORIZED', false],
    ['TooManyRequests', 429, 'API_TOO_MANY_REQUESTS', true],
    ['BadRequest', 400, 'API_BAD_REQUEST', false],
    ['MethodNotAllowed', 405, 'API_METHOD_NOT_ALLOWED', false],
    ['NotAcceptable', 406, 'API_NOT_ACCEPTABLE', false],
    ['UnsupportedMediaType', 415, 'API_UNSUPPORTED_MEDIA_TYPE', false],
    ['RequestEntityTooLarge', 413, 'API_REQUEST_TOO_LARGE', false],
    ['Timeout', 504, 'API_TIMEOUT', true],
    ['ServerTimeout', 500, 'API_SERVER_TIMEOUT', true],
    ['ServiceUnavailable', 503, 'API_SERVICE_UNAVAILABLE', true],
    ['InternalError', 500, 'API_INTERNAL_ERROR', true],
    [undefined, 404, 'API_NOT_FOUND', false],
    ['Invented', 403, 'API_FORBIDDEN', false],
    ['', 599, 'API_INTERNAL_ERROR', true],
    ['Unknown', 418, 'API_UNKNOWN', false],
    [undefined, undefined, 'API_UNKNOWN', false],
  ])('reason %s with %s has the code %s', (reason, code, expected, retryable) => {
    const error = statusError({ reason, code, message: 'words' });
    expect(error).toMatchObject({
      code: expected,
      retryable,
      message: 'words',
      httpStatus: code ?? 0,
      name: 'StatusError',
    });
    expect(error).toBeInstanceOf(BowlineError);
  });

  test('reads the time to wait from the details, unless it is given', () => {
    const status: Status = { reason: 'ServerTimeout', code: 500, details: { retryAfterSeconds: 2 } };
    expect(statusError(status).retryAfterMs).toBe(2000);
    expect(statusError(status, 500).retryAfterMs).toBe(500);
    expect(statusError({ code: 409 })).not.toHaveProperty('retryAfterMs');
    expect(statusError({ reason: 'AlreadyExists', details: { retryAfterSeconds: 1 } }).retryable).toBe(true);
  });
});

describe('statusErrorFromResponse', () => {
  test('takes the Status of the body as it is', () => {
    const error = statusErrorFromResponse(404, JSON.stringify(notFound), { 'content-type': 'application/json' });
    expect(error).toMatchObject({ code: 'API_NOT_FOUND', message: 'pods "web" not found', status: notFound });
  });

  test('fills the code of a Status that has none', () => {
    expect(statusErrorFromResponse(410, '{"kind":"Status","apiVersion":"v1","status":"Failure"}').httpStatus).toBe(410);
  });

  test.each([
    [400, 'GET', 'BadRequest', 'the server rejected our request for an unknown reason'],
    [401, 'GET', 'Unauthorized', 'the server has asked for the client to provide credentials'],
    [403, 'GET', 'Forbidden', 'sorry'],
    [404, 'GET', 'NotFound', 'the server could not find the requested resource'],
    [405, 'GET', 'MethodNotAllowed', 'the server does not allow this method on the requested resource'],
    [406, 'GET', 'NotAcceptable', 'sorry'],
    [409, 'POST', 'AlreadyExists', 'the server reported a conflict'],
    [409, 'PUT', 'Conflict', 'the server reported a conflict'],
    [410, 'GET', 'Expired', 'the server no longer has what was asked for'],
    [413, 'POST', 'RequestEntityTooLarge', 'the server refused the request because it is too large'],
    [415, 'POST', 'UnsupportedMediaType', 'sorry'],
    [422, 'POST', 'Invalid', 'the server rejected our request due to an error in our request'],
    [429, 'GET', 'TooManyRequests', 'the server has received too many requests and has asked us to try again later'],
    [500, 'GET', 'InternalError', 'an error on the server ("sorry") has prevented the request from succeeding'],
    [503, 'GET', 'ServiceUnavailable', 'the server is currently unable to handle the request'],
    [
      504,
      'GET',
      'Timeout',
      'the server was unable to return a response in the time allotted, but may still be processing the request',
    ],
    [418, 'GET', 'Unknown', 'the server responded with the status code 418 but did not return more information'],
  ])('words a %i answer to %s that is no Status', (httpStatus, method, reason, message) => {
    const error = statusErrorFromResponse(httpStatus, ' sorry\n', { 'content-type': 'text/plain' }, { method });
    expect(error.status).toMatchObject({ reason, message, code: httpStatus, status: 'Failure' });
    expect(error.status.details?.causes).toEqual([{ reason: 'UnexpectedServerResponse', message: 'sorry' }]);
  });

  test('names what was asked for', () => {
    const resource = { group: 'apps', resource: 'deployments' };
    const error = statusErrorFromResponse(404, 'no', {}, { method: 'PATCH', resource, name: 'web' });
    expect(error.message).toBe('the server could not find the requested resource (patch deployments.apps web)');
    expect(error.status.details).toMatchObject({ group: 'apps', kind: 'deployments', name: 'web' });
    expect(statusErrorFromResponse(404, 'no', {}, { resource }).message).toMatch(/\(get deployments\.apps\)$/);
  });

  test('keeps which flow schema and priority level a request fell under', () => {
    const headers = { 'x-kubernetes-pf-flowschema-uid': 'f-1', 'x-kubernetes-pf-prioritylevel-uid': ['p-1'] };
    const fairness = { flowSchemaUid: 'f-1', priorityLevelUid: 'p-1' };
    expect(statusErrorFromResponse(429, 'busy', headers).fairness).toEqual(fairness);
    expect(statusErrorFromResponse(404, JSON.stringify(notFound), headers).fairness).toEqual(fairness);
    expect(statusErrorFromResponse(429, 'busy')).not.toHaveProperty('fairness');
  });

  test('quotes at most 2048 characters of the body, and none of a binary one', () => {
    expect(statusErrorFromResponse(403, 'x'.repeat(5000)).message).toHaveLength(2048);
    expect(statusErrorFromResponse(403, '\u0000', { 'content-type': 'application/octet-stream' }).message).toBe(
      'unknown',
    );
  });

  test('reads Retry-After in seconds, and no dates', () => {
    expect(statusErrorFromResponse(429, '', { 'retry-after': '3' })).toMatchObject({
      retryAfterMs: 3000,
      retryable: true,
    });
    expect(statusErrorFromResponse(429, '', { 'retry-after': ['1', '2'] }).retryAfterMs).toBe(1000);
    expect(statusErrorFromResponse(429, '', { 'retry-after': 'Fri, 31 Dec 1999 23:59:59 GMT' }).retryAfterMs).toBe(
      undefined,
    );
  });
});

describe('predicates', () => {
  test.each([
    [isNotFound, 'NotFound'],
    [isConflict, 'Conflict'],
    [isAlreadyExists, 'AlreadyExists'],
    [isExpired, 'Expired'],
    [isInvalid, 'Invalid'],
    [isForbidden, 'Forbidden'],
    [isUnauthorized, 'Unauthorized'],
    [isTooManyRequests, 'TooManyRequests'],
    [isBadRequest, 'BadRequest'],
    [isMethodNotAllowed, 'MethodNotAllowed'],
    [isTimeout, 'Timeout'],
    [isServerTimeout, 'ServerTimeout'],
    [isServiceUnavailable, 'ServiceUnavailable'],
    [isInternalError, 'InternalError'],
  ] as const)('%o knows %s and nothing else', (predicate, reason) => {
    expect(predicate(statusError({ reason }))).toBe(true);
    expect(predicate(statusError({ reason: 'Unknown' }))).toBe(false);
    expect(predicate(new Error(reason))).toBe(false);
    expect(predicate(undefined)).toBe(false);
  });

  test('Across copies: knows errors of another copy of this package by their code', () => {
    class StatusErrorOfAnotherCopy extends Error {
      readonly code = 'API_NOT_FOUND';
      readonly status = notFound;
      readonly retryAfterMs = 100;
    }
    const error = new StatusErrorOfAnotherCopy();
    expect(error).not.toBeInstanceOf(StatusError);
    expect(isNotFound(error)).toBe(true);
    expect(statusOf(error)).toBe(notFound);
    expect(retryAfterMsOf(error)).toBe(100);
  });

  test("Across copies: knows client-node's ApiException, with a body that is text or an object", () => {
    const exception = (code: number, body: unknown) =>
      Object.assign(new Error('HTTP-Code'), { code, body, headers: {} });
    expect(isNotFound(exception(404, JSON.stringify(notFound)))).toBe(true);
    expect(isNotFound(exception(404, notFound))).toBe(true);
    expect(isNotFound(exception(404, 'page not found'))).toBe(true);
    expect(isConflict(exception(409, { kind: 'Status', apiVersion: 'v1', reason: 'AlreadyExists' }))).toBe(false);
    expect(isExpired(exception(410, ''))).toBe(true);
    expect(
      retryAfterMsOf(exception(429, { ...notFound, reason: 'TooManyRequests', details: { retryAfterSeconds: 1 } })),
    ).toBe(1000);
  });

  test('looks through causes, and at a bare Status', () => {
    expect(isNotFound(new Error('while syncing', { cause: statusError(notFound) }))).toBe(true);
    expect(isNotFound(notFound)).toBe(true);
    const circular = new Error('round');
    circular.cause = circular;
    expect(isNotFound(circular)).toBe(false);
  });
});
