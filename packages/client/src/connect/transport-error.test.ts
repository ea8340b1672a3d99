import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { ClientError } from '../errors.ts';
import { isConnectionReset, transportError } from './transport-error.ts';

function failure(code: string, cause?: unknown): Error {
  return Object.assign(new Error(`it said ${code}`, { cause }), { code });
}

describe('transportError', () => {
  test.each([
    ['ECONNREFUSED', 'CLIENT_CONNECTION_FAILED', true, false],
    ['ECONNRESET', 'CLIENT_CONNECTION_FAILED', true, true],
    ['ENOTFOUND', 'CLIENT_CONNECTION_FAILED', true, false],
    ['UND_ERR_CONNECT_TIMEOUT', 'CLIENT_TIMEOUT', true, false],
    ['ERR_MODULE_NOT_FOUND', 'CLIENT_CONNECTION_FAILED', true, false],
    ['UND_ERR_HEADERS_TIMEOUT', 'CLIENT_TIMEOUT', true, true],
    ['CERT_HAS_EXPIRED', 'CLIENT_TLS_FAILED', false, false],
    ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', 'CLIENT_TLS_FAILED', false, true],
    ['ERR_OSSL_PEM_NO_START_LINE', 'CLIENT_TLS_FAILED', false, false],
    ['SOMETHING_ELSE', 'CLIENT_CONNECTION_FAILED', true, true],
  ])(
    'transportError gives %s code, host and what to do (Plain words)',
    (systemCode, code, retryable, maybeProcessed) => {
      const cause = failure(systemCode);
      const error = transportError(cause, '"https://host:6443"');
      expect(error).toMatchObject({ name: 'ClientError', code, retryable, maybeProcessed, cause });
      expect(error.message).toMatch(/^Cannot reach "https:\/\/host:6443": /);
      expect(error.message).toContain(`(${systemCode})`);
    },
  );

  test('transportError finds the code in causes and in what happened to each address', () => {
    const gathered = new AggregateError([failure('ECONNREFUSED'), failure('ENETUNREACH')], 'all failed');
    expect(transportError(new Error('fetch failed', { cause: gathered }), 'x').message).toContain('refused');
  });

  test('transportError knows by the words of OpenSSL what is no TLS, where the code does not say it (Plain words)', () => {
    const words =
      'write EPROTO 80F:error:0A00010B:SSL routines:ssl3_get_record:wrong version number:ssl3_record.c:354:';
    const error = transportError(Object.assign(new Error(words), { code: 'EPROTO' }), 'x');
    expect(error.message).toBe('Cannot reach x: it does not speak TLS; should "server" begin with http://? (EPROTO)');
  });

  test('transportError leaves an error of this package as it is', () => {
    const own = new ClientError('x', { code: 'CLIENT_CLOSED' });
    expect(transportError(own, 'y')).toBe(own);
  });

  test('transportError keeps no piece of an answer (No secrets)', () => {
    const parser = Object.assign(new Error('not HTTP'), { name: 'HTTPParserError', data: 'token: s3cret' });
    expect(inspect(transportError(parser, 'x'), { depth: 9, showHidden: true })).not.toContain('s3cret');
  });

  test('isConnectionReset is true for what may happen to any connection, and not for a refused one', () => {
    for (const code of ['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET', 'ERR_HTTP2_STREAM_ERROR']) {
      expect(isConnectionReset(transportError(failure(code), 'x')), code).toBe(true);
    }
    for (const code of ['ECONNREFUSED', 'ENOTFOUND', 'CERT_HAS_EXPIRED', 'UND_ERR_HEADERS_TIMEOUT']) {
      expect(isConnectionReset(transportError(failure(code), 'x')), code).toBe(false);
    }
    expect(isConnectionReset('ECONNRESET')).toBe(false);
  });
});
