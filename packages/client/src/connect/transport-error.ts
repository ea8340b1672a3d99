import { ClientError, type ClientErrorCode } from '../errors.ts';

/** What a failure means and what to do about it. */
interface Explanation {
  readonly code: ClientErrorCode;
  readonly text: string;
  /** No byte of the request can have reached the server. */
  readonly neverSent?: boolean;
}

const refused: Explanation = {
  code: 'CLIENT_CONNECTION_FAILED',
  text: 'the connection was refused; is the server running, and is this its address?',
  neverSent: true,
};
const unknownHost: Explanation = {
  code: 'CLIENT_CONNECTION_FAILED',
  text: 'its name cannot be resolved; check "server" of the cluster and the DNS',
  neverSent: true,
};
const unreachable: Explanation = {
  code: 'CLIENT_CONNECTION_FAILED',
  text: 'there is no route to it; check network, VPN and firewall',
  neverSent: true,
};
const noConnection: Explanation = {
  code: 'CLIENT_TIMEOUT',
  text: 'no connection came about in time; check network, VPN, firewall and "proxy-url"',
  neverSent: true,
};
const noModule: Explanation = {
  code: 'CLIENT_CONNECTION_FAILED',
  text: 'the code that makes connections cannot be loaded; is the package "undici" installed?',
  neverSent: true,
};
const closed: Explanation = { code: 'CLIENT_CONNECTION_FAILED', text: 'the connection was closed by the other side' };
const dead: Explanation = {
  code: 'CLIENT_CONNECTION_FAILED',
  text: 'the connection is dead: a ping was not answered; check network and server',
};
const silent: Explanation = { code: 'CLIENT_TIMEOUT', text: 'there was no answer in time' };
const notHttp: Explanation = {
  code: 'CLIENT_CONNECTION_FAILED',
  text: 'it does not answer in HTTP; should "server" begin with https://?',
};
const unknownAuthority: Explanation = {
  code: 'CLIENT_TLS_FAILED',
  text: 'its certificate is not signed by a known authority; check "certificate-authority-data" or "certificate-authority" of the cluster',
  neverSent: true,
};
const expired: Explanation = {
  code: 'CLIENT_TLS_FAILED',
  text: 'its certificate is not valid at this time; check the certificate and the clock of this machine',
  neverSent: true,
};
const otherName: Explanation = {
  code: 'CLIENT_TLS_FAILED',
  text: 'its certificate is for another name; check "server", or set "tls-server-name" of the cluster',
  neverSent: true,
};
const notTls: Explanation = {
  code: 'CLIENT_TLS_FAILED',
  text: 'it does not speak TLS; should "server" begin with http://?',
  neverSent: true,
};
const unusable: Explanation = {
  code: 'CLIENT_TLS_FAILED',
  text: 'a certificate or key of the configuration cannot be read as PEM, or they do not belong together',
  neverSent: true,
};
const handshake: Explanation = {
  code: 'CLIENT_TLS_FAILED',
  text: 'the TLS handshake failed; check the certificate authority, the client certificate and its key',
};

const noHandshake: Explanation = {
  code: 'CLIENT_CONNECTION_FAILED',
  text: 'the other side closed the connection before the TLS handshake was over; if it speaks plain HTTP, "server" should begin with http://',
  neverSent: true,
};

const unheard: Explanation = {
  code: 'CLIENT_CONNECTION_FAILED',
  text: 'the connection was closed by the other side without a word; if it speaks TLS, "server" should begin with https://',
};

const explanations: ReadonlyMap<string, Explanation> = new Map([
  ['ECONNREFUSED', refused],
  ['ENOTFOUND', unknownHost],
  ['EAI_AGAIN', unknownHost],
  ['EHOSTUNREACH', unreachable],
  ['ENETUNREACH', unreachable],
  ['ETIMEDOUT', noConnection],
  ['UND_ERR_CONNECT_TIMEOUT', noConnection],
  ['UND_ERR_HEADERS_TIMEOUT', silent],
  ['UND_ERR_BODY_TIMEOUT', silent],
  ['ERR_HTTP2_PING_UNANSWERED', dead],
  ['Z_BUF_ERROR', closed],
  ['ERR_MODULE_NOT_FOUND', noModule],
  ['MODULE_NOT_FOUND', noModule],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', unknownAuthority],
  ['SELF_SIGNED_CERT_IN_CHAIN', unknownAuthority],
  ['UNABLE_TO_GET_ISSUER_CERT', unknownAuthority],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', unknownAuthority],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', unknownAuthority],
  ['CERT_SIGNATURE_FAILURE', unknownAuthority],
  ['CERT_UNTRUSTED', unknownAuthority],
  ['INVALID_CA', unknownAuthority],
  ['CERT_HAS_EXPIRED', expired],
  ['CERT_NOT_YET_VALID', expired],
  ['ERR_TLS_CERT_ALTNAME_INVALID', otherName],
  ['ERR_SSL_WRONG_VERSION_NUMBER', notTls],
  ['ERR_SSL_PACKET_LENGTH_TOO_LONG', notTls],
  ['ERR_SSL_HTTP_REQUEST', notTls],
]);

/** What the other side, or the way to it, may do to a connection at any time: a read may be sent again. */
const resets: ReadonlySet<string> = new Set([
  'ECONNRESET',
  'EPIPE',
  'ECONNABORTED',
  'UND_ERR_SOCKET',
  'UND_ERR_INFO',
  'Z_BUF_ERROR',
]);

/** OpenSSL's words for an answer that is no TLS, where Node gives only `EPROTO`. */
const isNoTls = /:SSL routines:[^:]*:(?:wrong version number|packet length too long|http request)/;

/** The error for a request that got no answer, or only part of one. `server` is how messages call the other side. */
export function transportError(error: unknown, server: string): Error {
  if (error instanceof Error && codeOf(error)?.startsWith('CLIENT_')) return error;
  const { code, text, neverSent } = isUnheard(error) && /^"?http:/.test(server) ? unheard : explain(error);
  const detail = codesOf(error).find((found) => /^[A-Z0-9_]+$/.test(found));
  return new ClientError(`Cannot reach ${server}: ${text}${detail === undefined ? '' : ` (${detail})`}`, {
    code,
    retryable: code !== 'CLIENT_TLS_FAILED',
    maybeProcessed: neverSent !== true,
    cause: withoutData(error),
  });
}

/** The other side ended a connection before it was secure. */
export class HandshakeCutOff extends Error {
  constructor(cause: unknown) {
    super('The connection ended before the TLS handshake was over', { cause });
  }
}

/** undici's parser error holds a piece of the answer, which may be a Secret. */
function withoutData(error: unknown): unknown {
  return error instanceof Error && 'data' in error ? new Error(error.message) : error;
}

/** Whether the connection was lost in a way that a read may be sent again at once. @see client-go rest/with_retry.go */
export function isConnectionReset(error: unknown): boolean {
  return codesOf(error).some((code) => resets.has(code) || code.startsWith('ERR_HTTP2_'));
}

/** Whether the other side closed a connection on which it had never said anything: so do TLS ports that hear plain HTTP. */
function isUnheard(error: unknown): boolean {
  if (!(error instanceof Error) || codeOf(error) !== 'UND_ERR_SOCKET' || !('socket' in error)) return false;
  const { socket } = error;
  return typeof socket === 'object' && socket !== null && 'bytesRead' in socket && socket.bytesRead === 0;
}

function explain(error: unknown): Explanation {
  if (error instanceof HandshakeCutOff) return noHandshake;
  if (error instanceof Error && isNoTls.test(error.message)) return notTls;
  for (const code of codesOf(error)) {
    const known = explanations.get(code);
    if (known !== undefined) return known;
    if (code.startsWith('HPE_')) return notHttp;
    if (code.startsWith('ERR_OSSL_')) return unusable;
    if (code.startsWith('ERR_SSL_') || code.startsWith('ERR_TLS_') || code === 'EPROTO') return handshake;
  }
  return closed;
}

/** The codes of an error, of its causes and of the errors it gathers, outermost first. */
function codesOf(error: unknown): string[] {
  const codes: string[] = [];
  const visit = (value: unknown, depth: number): void => {
    if (!(value instanceof Error) || depth > 5) return;
    const code = codeOf(value);
    if (code !== undefined) codes.push(code);
    else if (value.name === 'HTTPParserError') codes.push('HPE_INVALID');
    visit(value.cause, depth + 1);
    if (value instanceof AggregateError) for (const inner of value.errors) visit(inner, depth + 1);
  };
  visit(error, 0);
  return codes;
}

function codeOf(error: Error): string | undefined {
  return 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
