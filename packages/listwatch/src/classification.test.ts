import { statusError } from '@bowline/apimachinery';
import { describe, expect, test } from 'vitest';
import { oneLine, problemOf } from './classification.ts';
import { kindByCode, kindByRoughCode, kindByStatus, type ProblemKind, remedies } from './problem-table.ts';

const attempt = { verb: 'list', what: 'pods in namespace "a"' } as const;
const system = (code: string, message = code): Error => Object.assign(new Error(message), { code });
const status = (code: number, reason: string, message = ''): Error =>
  statusError({ status: 'Failure', code, reason, message });

describe('problemOf', () => {
  test.each<[string, unknown, ProblemKind]>([
    ['410 Expired', status(410, 'Expired'), 'expired'],
    ['410 Gone', status(410, 'Gone'), 'expired'],
    ['429', status(429, 'TooManyRequests'), 'throttled'],
    ['401', status(401, 'Unauthorized'), 'unauthorized'],
    ['403', status(403, 'Forbidden'), 'forbidden'],
    ['404', status(404, 'NotFound'), 'not-found'],
    ['422', status(422, 'Invalid'), 'rejected'],
    ['405', status(405, 'MethodNotAllowed'), 'unsupported'],
    ['406', status(406, 'NotAcceptable'), 'unacceptable'],
    ['415', status(415, 'UnsupportedMediaType'), 'unacceptable'],
    ['500', status(500, 'InternalError'), 'internal'],
    ['503', status(503, 'ServiceUnavailable'), 'unavailable'],
    ['504', status(504, 'Timeout'), 'unavailable'],
    ["client-node's 403", Object.assign(new Error('HTTP-Code: 403'), { code: 403, body: '{}' }), 'forbidden'],
    ['a refused connection', system('ECONNREFUSED'), 'refused'],
    [
      'a refused connection on two addresses',
      Object.assign(new AggregateError([system('ECONNREFUSED')]), { code: 'ECONNREFUSED' }),
      'refused',
    ],
    [
      'a refused connection among the causes of an error without a code',
      new AggregateError([new Error('x'), system('ECONNREFUSED')], 'all failed'),
      'refused',
    ],
    ['an unknown host', system('ENOTFOUND'), 'unreachable'],
    ['a status code of its own', Object.assign(new Error('x'), { code: 'ODD', httpStatus: 403 }), 'forbidden'],
    ['a status of a server that is not ours to know', Object.assign(new Error('x'), { code: 599 }), 'unavailable'],
    ['the first status after a gateway time-out', Object.assign(new Error('x'), { code: 505 }), 'unavailable'],
    ['a refusal of any kind', Object.assign(new Error('x'), { code: 418 }), 'rejected'],
    ['a status that is no failure', Object.assign(new Error('x'), { code: 302 }), 'unknown'],
    ['the greatest status that is no failure', Object.assign(new Error('x'), { code: 399 }), 'unknown'],
    [
      'a reset deep inside',
      new Error('fetch failed', { cause: new Error('x', { cause: system('ECONNRESET') }) }),
      'broken',
    ],
    ['a body that was cut off', new TypeError('terminated'), 'broken'],
    ['a body that was cut off, deeper', new Error('x', { cause: new TypeError('terminated') }), 'broken'],
    ['another type error', new TypeError('x is not a function'), 'unknown'],
    ['another error with the words of a cut-off body', new Error('terminated'), 'unknown'],
    ['a wrong argument', new TypeError('Cannot list: namespace must be a string, got 7'), 'misuse'],
    ['a client that was closed', Object.assign(new Error('the client is closed'), { code: 'CLIENT_CLOSED' }), 'misuse'],
    ['an argument out of range', new RangeError('Cannot list: limit must be 0 or more, got -1'), 'misuse'],
    [
      'words that only look like a wrong argument',
      new Error('Cannot list: limit must be 0 or more, got -1'),
      'unknown',
    ],
    ['an error that quotes a wrong argument', new TypeError('x: Cannot a must be b, got c'), 'unknown'],
    ['a self-signed certificate', system('SELF_SIGNED_CERT_IN_CHAIN'), 'certificate'],
    ['a certificate for another host', system('ERR_TLS_CERT_ALTNAME_INVALID'), 'certificate'],
    ['an answer that is not JSON', new SyntaxError('Unexpected token'), 'unreadable'],
    ['a lost connection of the client', system('CLIENT_CONNECTION_FAILED'), 'broken'],
    [
      'a refused connection of the client',
      Object.assign(new Error('x', { cause: system('ECONNREFUSED') }), { code: 'CLIENT_CONNECTION_FAILED' }),
      'refused',
    ],
    ['a time-out of the client', system('CLIENT_TIMEOUT'), 'silent'],
    ['a bad answer of the client', system('CLIENT_BAD_RESPONSE'), 'unreadable'],
    ['a configuration that cannot be used', system('CLIENT_CONFIG_INVALID'), 'misconfigured'],
    ['anything else', new Error('boom'), 'unknown'],
    ['what is not even an error', 'boom', 'unknown'],
    ['nothing', undefined, 'unknown'],
    ['null', null, 'unknown'],
    ['an error whose cause is null', new Error('x', { cause: null }), 'unknown'],
    ['an error whose errors are none', Object.assign(new Error('x'), { errors: 5 }), 'unknown'],
  ])('problemOf knows %s', (_, error, kind) => {
    expect(problemOf(error, attempt).kind).toBe(kind);
  });

  test.each([
    ['by the type of a cause', { message: 'x', details: { causes: [{ reason: 'ResourceVersionTooLarge' }] } }],
    ['by the message of a cause', { message: 'x', details: { causes: [{ message: 'Too large resource version' }] } }],
    ['by its message', { message: 'Too large resource version: 9, current: 3' }],
  ])('problemOf knows a version that is too large %s', (_, fields) => {
    const error = statusError({ status: 'Failure', code: 504, reason: 'Timeout', ...fields });
    expect(problemOf(error, attempt).kind).toBe('version-too-large');
  });

  test('problemOf does not take another cause of a time-out for a version that is too large', () => {
    const details = { causes: [{ reason: 'FieldValueInvalid', message: 'else' }] };
    const error = statusError({ status: 'Failure', code: 504, reason: 'Timeout', message: 'x', details });
    expect(problemOf(error, attempt).kind).toBe('unavailable');
  });

  test('problemOf looks at sixteen errors at most, also when they cause one another in a circle', () => {
    const caused = (depth: number): Error => {
      let error = system('ECONNREFUSED');
      for (let index = 0; index < depth; index++) error = new Error('x', { cause: error });
      return error;
    };
    expect(problemOf(caused(15), attempt).kind).toBe('refused');
    expect(problemOf(caused(16), attempt).kind).toBe('unknown');
    const circle = new Error('a');
    circle.cause = new Error('b', { cause: circle });
    expect(problemOf(circle, attempt).kind).toBe('unknown');
  });

  test('problemOf says what it can of an error that says little', () => {
    const says = (error: unknown): string => problemOf(error, attempt).message.replace(/^Cannot list [^:]+: /, '');
    expect(says(new AggregateError([]))).toBe('it failed; it is tried again');
    expect(says(undefined)).toBe('it failed; it is tried again');
    expect(says(7)).toBe('it failed; it is tried again');
    expect(says('boom')).toBe('it failed (boom); it is tried again');
    expect(says(new Error(''))).toBe('it failed (Error); it is tried again');
    const refused = Object.assign(new AggregateError([]), { code: 'ECONNREFUSED' });
    expect(says(refused)).toBe(
      'nothing accepts connections at the address of the server (ECONNREFUSED); start the server or correct its address',
    );
  });

  test('problemOf says in one line what is wrong and what to do', () => {
    const says = (error: unknown): string => problemOf(error, attempt).message;
    expect(says(status(403, 'Forbidden', 'pods is forbidden: User "bob" cannot list resource "pods"'))).toBe(
      'Cannot list pods in namespace "a": access is denied (pods is forbidden: User "bob" cannot list resource "pods", API_FORBIDDEN); grant the verbs "list" and "watch" on pods',
    );
    expect(says(status(404, 'NotFound', 'the server could not find the requested resource'))).toBe(
      'Cannot list pods in namespace "a": the server does not know this resource (the server could not find the requested resource, API_NOT_FOUND); install its CustomResourceDefinition, or correct group, version or plural name',
    );
    expect(says(system('ECONNREFUSED', 'connect ECONNREFUSED 127.0.0.1:6443'))).toBe(
      'Cannot list pods in namespace "a": nothing accepts connections at the address of the server (connect ECONNREFUSED 127.0.0.1:6443); start the server or correct its address',
    );
    expect(
      says(
        new Error('fetch failed', {
          cause: system('UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'unable to verify the first certificate'),
        }),
      ),
    ).toBe(
      'Cannot list pods in namespace "a": the server\'s certificate is not trusted (unable to verify the first certificate, UNABLE_TO_VERIFY_LEAF_SIGNATURE); set the certificate authority of this cluster in the kubeconfig, or renew the certificate',
    );
    expect(says(new Error('two\nlines'))).toBe(
      'Cannot list pods in namespace "a": it failed (two lines); it is tried again',
    );
  });

  test('problemOf leaves the explanation to the client where it has one', () => {
    const text =
      'Cannot reach https://10.0.0.1:6443: the connection was refused; is the server running, and is this its address? (ECONNREFUSED)';
    const error = Object.assign(new Error(text, { cause: system('ECONNREFUSED') }), {
      code: 'CLIENT_CONNECTION_FAILED',
    });
    expect(problemOf(error, attempt).message).toBe(
      'Cannot list pods in namespace "a": cannot reach https://10.0.0.1:6443: the connection was refused; is the server running, and is this its address? (ECONNREFUSED)',
    );
  });

  test('problemOf finds how long the server asks to wait', () => {
    const error = statusError({ code: 429, reason: 'TooManyRequests', details: { retryAfterSeconds: 7 } });
    expect(problemOf(new Error('wrapped', { cause: error }), attempt).retryAfterMs).toBe(7_000);
  });
});

describe('oneLine', () => {
  test.each([
    'Bearer abcdefghijklmnop1234',
    'Authorization: Basic dXNlcjpwYXNzd29yZA==',
    'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl',
    'token=abcd1234',
    '"password": "hunter2"',
    '-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----',
    'https://user:hunter2@proxy.example.com failed',
  ])('oneLine hides credentials: %s', (text) => {
    expect(oneLine(new Error(text))).toContain('[redacted]');
    expect(oneLine(new Error(text))).not.toMatch(/abcd|dXNl|eyJ|hunter2|MIIE/);
  });

  test.each([
    ['a key that was cut off: -----BEGIN RSA PRIVATE KEY-----\nMIIE', 'a key that was cut off: [redacted]'],
    ['-----BEGIN CERTIFICATE-----\nMIIE\n-----END CERTIFICATE----- is bad', '[redacted] is bad'],
    ['sent Bearer  abcdefghijklmnop1234 to it', 'sent Bearer [redacted] to it'],
    ['basic auth is off', 'basic auth is off'],
    ['got eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl here', 'got [redacted] here'],
    ['got eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0 here', 'got [redacted] here'],
    ['apikey: k1234 failed', 'apikey: [redacted] failed'],
    ['api-key = "k1234" failed', 'api-key = "[redacted]" failed'],
    ["api_key='k1234' failed", "api_key='[redacted]' failed"],
    ['?access_token=k1234&watch=true', '?access_token=[redacted]&watch=true'],
    ['the token was refused', 'the token was refused'],
  ])('oneLine hides credentials and nothing else: %j', (text, shown) => {
    expect(oneLine(new Error(text))).toBe(shown);
  });

  test('oneLine does not repeat what a JSON parser quotes', () => {
    let error: unknown;
    try {
      JSON.parse('{"data":"c2VjcmV0');
    } catch (caught) {
      error = caught;
    }
    expect(oneLine(error)).toBe('it is not valid JSON');
  });

  test('oneLine is one line: white space of any kind and length is one space, and none at the ends', () => {
    expect(oneLine(new Error('  two \n\t words\r\n'))).toBe('two words');
  });

  test('oneLine keeps messages short', () => {
    expect(oneLine(new Error('x'.repeat(300)))).toBe('x'.repeat(300));
    expect(oneLine(new Error('x'.repeat(301)))).toBe(`${'x'.repeat(299)}…`);
    expect(oneLine(new Error('x'.repeat(1_000))).length).toBe(300);
  });
});

describe('the table of problems', () => {
  test.each(Object.entries(remedies))('%s says what is wrong and what to do', (kind, { summary, advice }) => {
    expect(kind).not.toBe('');
    expect(summary).toMatch(/^\w+ .+[^.]$/);
    expect(advice('pods')).toMatch(/^\w+ .+[^.]$/);
  });

  test('every status and code leads to a kind that has a row, and every row but two is reached', () => {
    const reached = [kindByStatus, kindByCode, kindByRoughCode].flatMap((kinds) => Object.values(kinds));
    for (const kind of reached) expect(remedies).toHaveProperty([kind]);
    const others = Object.keys(remedies).filter((kind) => !reached.includes(kind as ProblemKind));
    expect(others).toEqual(['version-too-large', 'unknown']);
  });

  /** What is done after each problem: list, opening a watch, open watch, watch-list, and whose back-off counts. */
  test('the table of problems says what to do after each', () => {
    const rows = Object.entries(remedies).map(
      ([kind, { list, open, stream, watchList, series, wait, lasting }]) =>
        `${kind}: ${list} ${open} ${stream} ${watchList} ${series} ${wait}${lasting ? ' lasting' : ''}`,
    );
    expect(rows).toEqual([
      'expired: recent relist relist-quietly recent other backoff',
      'version-too-large: recent relist relist recent other backoff',
      'throttled: wait reopen reopen again throttled backoff',
      'unauthorized: wait relist relist list other backoff lasting',
      'forbidden: wait relist relist list other backoff lasting',
      'not-found: wait relist relist list other backoff lasting',
      'rejected: wait relist relist list other backoff lasting',
      'unsupported: wait relist relist list other backoff lasting',
      'unacceptable: wait relist relist list other backoff lasting',
      'unavailable: wait reopen reopen list server backoff',
      'internal: wait relist relist list server backoff',
      'certificate: wait relist relist list other backoff lasting',
      'misconfigured: wait relist relist list other backoff lasting',
      'misuse: wait relist relist list other backoff lasting',
      'refused: wait reopen reopen again network backoff',
      'unreachable: wait reopen reopen list network backoff',
      'broken: wait reopen reopen list network pace',
      'silent: wait reopen reopen list network pace',
      'short-watch: wait relist relist list other backoff',
      'unreadable: wait relist relist list other backoff',
      'inconsistent: wait relist relist list other backoff',
      'sink: wait relist relist list other backoff',
      'unknown: wait relist relist list other backoff',
    ]);
  });
});
