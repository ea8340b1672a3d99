import { retryAfterMsOf, statusOf } from '@bowline/apimachinery';

/** What went wrong, as far as it matters for what to do next. */
export type ProblemKind =
  | 'expired'
  | 'version-too-large'
  | 'throttled'
  | 'unauthorized'
  | 'forbidden'
  | 'not-found'
  | 'rejected'
  | 'unavailable'
  | 'internal'
  | 'certificate'
  | 'misconfigured'
  | 'refused'
  | 'unreachable'
  | 'broken'
  | 'silent'
  | 'short-watch'
  | 'unreadable'
  | 'sink'
  | 'unknown';

/** What to do after a problem. */
interface Remedy {
  /** Opening a watch failed: wait and open it again at the same version, or get the full state again. */
  readonly onOpen: 'reopen' | 'relist';
  /** A watch that was open ended this way. */
  readonly onStream: 'reopen' | 'relist';
  /** What is wrong, for people. */
  readonly summary: string;
  /** What to do about it, for people; `resource` is what was asked for. */
  readonly advice: (resource: string) => string;
}

/** An error, understood. */
export interface Problem {
  readonly kind: ProblemKind;
  /** One line: what could not be done, what is wrong, what to do. Holds no credentials and no object content. */
  readonly message: string;
  readonly onOpen: 'reopen' | 'relist';
  readonly onStream: 'reopen' | 'relist';
  /** How long the server asks to wait, in milliseconds. */
  readonly retryAfterMs?: number | undefined;
}

const again = (): string => 'it is tried again';

/**
 * The one table. client-go waits and opens the watch again (without a new list) after 429 and a refused connection only; we do
 * so after everything that says nothing about the state we hold, because lists are what an overloaded server can bear least.
 *
 * @see client-go tools/cache/reflector.go `watch`, `handleWatch`
 */
const remedies: Readonly<Record<ProblemKind, Remedy>> = {
  expired: {
    onOpen: 'relist',
    onStream: 'relist',
    summary: 'the resource version is no longer available',
    advice: () => 'the full state is read again',
  },
  'version-too-large': {
    onOpen: 'relist',
    onStream: 'relist',
    summary: 'the server is behind what was already seen',
    advice: () => 'the full state is read again',
  },
  throttled: {
    onOpen: 'reopen',
    onStream: 'reopen',
    summary: 'the server asks to slow down',
    advice: () => 'it is tried again after the wait it asks for',
  },
  unauthorized: {
    onOpen: 'relist',
    onStream: 'relist',
    summary: 'the server does not accept the credentials',
    advice: () => 'check that the token or client certificate is there, is meant for this cluster and has not expired',
  },
  forbidden: {
    onOpen: 'relist',
    onStream: 'relist',
    summary: 'access is denied',
    advice: (resource) => `grant the verbs "list" and "watch" on ${resource}`,
  },
  'not-found': {
    onOpen: 'relist',
    onStream: 'relist',
    summary: 'the server does not know this resource',
    advice: () => 'install its CustomResourceDefinition, or correct group, version or plural name',
  },
  rejected: {
    onOpen: 'relist',
    onStream: 'relist',
    summary: 'the server refuses the request',
    advice: () => 'check selectors and what the server supports',
  },
  unavailable: { onOpen: 'reopen', onStream: 'reopen', summary: 'the server is not available now', advice: again },
  internal: {
    onOpen: 'relist',
    onStream: 'relist',
    summary: 'the server failed',
    advice: () => 'it is tried again; its log says more',
  },
  certificate: {
    onOpen: 'relist',
    onStream: 'relist',
    summary: "the server's certificate is not trusted",
    advice: () => 'set the certificate authority of this cluster in the kubeconfig, or renew the certificate',
  },
  misconfigured: {
    onOpen: 'relist',
    onStream: 'relist',
    summary: 'the client cannot be used as it is set up',
    advice: () => 'correct its configuration',
  },
  refused: {
    onOpen: 'reopen',
    onStream: 'reopen',
    summary: 'nothing accepts connections at the address of the server',
    advice: () => 'start the server or correct its address',
  },
  unreachable: {
    onOpen: 'reopen',
    onStream: 'reopen',
    summary: 'the server cannot be reached',
    advice: () => 'check its address, name resolution and the network',
  },
  broken: { onOpen: 'reopen', onStream: 'reopen', summary: 'the connection broke', advice: again },
  silent: {
    onOpen: 'reopen',
    onStream: 'reopen',
    summary: 'the connection is silent and is taken for dead',
    advice: () => 'new connections are used',
  },
  'short-watch': {
    onOpen: 'relist',
    onStream: 'relist',
    summary: 'the watch did not last',
    advice: () => 'the full state is read again',
  },
  unreadable: { onOpen: 'relist', onStream: 'relist', summary: 'the answer cannot be read', advice: again },
  sink: {
    onOpen: 'relist',
    onStream: 'relist',
    summary: 'what was received could not be stored',
    advice: () => 'the full state is read again',
  },
  unknown: { onOpen: 'relist', onStream: 'relist', summary: 'it failed', advice: again },
};

/** HTTP statuses; the first word of a code of ours (`API_…`) leads to the same kinds. */
const kindByStatus: Readonly<Record<number, ProblemKind>> = {
  400: 'rejected',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not-found',
  405: 'rejected',
  406: 'rejected',
  409: 'rejected',
  410: 'expired',
  413: 'rejected',
  415: 'rejected',
  422: 'rejected',
  429: 'throttled',
  500: 'internal',
  502: 'unavailable',
  503: 'unavailable',
  504: 'unavailable',
};

const kindByCode: Readonly<Record<string, ProblemKind>> = {
  API_BAD_REQUEST: 'rejected',
  API_UNAUTHORIZED: 'unauthorized',
  API_FORBIDDEN: 'forbidden',
  API_NOT_FOUND: 'not-found',
  API_METHOD_NOT_ALLOWED: 'rejected',
  API_NOT_ACCEPTABLE: 'rejected',
  API_UNSUPPORTED_MEDIA_TYPE: 'rejected',
  API_INVALID: 'rejected',
  API_REQUEST_TOO_LARGE: 'rejected',
  API_CONFLICT: 'rejected',
  API_EXPIRED: 'expired',
  API_TOO_MANY_REQUESTS: 'throttled',
  API_INTERNAL_ERROR: 'internal',
  API_TIMEOUT: 'unavailable',
  API_SERVER_TIMEOUT: 'unavailable',
  API_SERVICE_UNAVAILABLE: 'unavailable',
  ECONNREFUSED: 'refused',
  ENOTFOUND: 'unreachable',
  EAI_AGAIN: 'unreachable',
  EHOSTUNREACH: 'unreachable',
  EHOSTDOWN: 'unreachable',
  ENETUNREACH: 'unreachable',
  ENETDOWN: 'unreachable',
  EADDRNOTAVAIL: 'unreachable',
  ETIMEDOUT: 'unreachable',
  UND_ERR_CONNECT_TIMEOUT: 'unreachable',
  UND_ERR_HEADERS_TIMEOUT: 'silent',
  UND_ERR_BODY_TIMEOUT: 'silent',
  ECONNRESET: 'broken',
  ECONNABORTED: 'broken',
  EPIPE: 'broken',
  UND_ERR_SOCKET: 'broken',
  UND_ERR_ABORTED: 'broken',
  UND_ERR_DESTROYED: 'broken',
  UND_ERR_CLOSED: 'broken',
  ERR_HTTP2_STREAM_ERROR: 'broken',
  ERR_HTTP2_SESSION_ERROR: 'broken',
  ERR_HTTP2_GOAWAY_SESSION: 'broken',
  ERR_STREAM_PREMATURE_CLOSE: 'broken',
  CERT_HAS_EXPIRED: 'certificate',
  CERT_NOT_YET_VALID: 'certificate',
  CERT_SIGNATURE_FAILURE: 'certificate',
  CERT_UNTRUSTED: 'certificate',
  CERT_REVOKED: 'certificate',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'certificate',
  SELF_SIGNED_CERT_IN_CHAIN: 'certificate',
  UNABLE_TO_GET_ISSUER_CERT: 'certificate',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'certificate',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'certificate',
  ERR_TLS_CERT_ALTNAME_INVALID: 'certificate',
  HOSTNAME_MISMATCH: 'certificate',
  INVALID_CA: 'certificate',
  ERR_SSL_WRONG_VERSION_NUMBER: 'certificate',
  LISTWATCH_SILENT: 'silent',
  LISTWATCH_SHORT_WATCH: 'short-watch',
  LISTWATCH_SINK_FAILED: 'sink',
};

/** Codes that say less: they count when nothing that caused the error says more. */
const kindByRoughCode: Readonly<Record<string, ProblemKind>> = {
  CLIENT_CONNECTION_FAILED: 'broken',
  CLIENT_TIMEOUT: 'silent',
  CLIENT_TLS_FAILED: 'certificate',
  CLIENT_BAD_RESPONSE: 'unreadable',
  CLIENT_CONFIG_NOT_FOUND: 'misconfigured',
  CLIENT_CONFIG_INVALID: 'misconfigured',
  CLIENT_NOT_IN_CLUSTER: 'misconfigured',
  CLIENT_CREDENTIALS_UNREADABLE: 'misconfigured',
  CLIENT_EXEC_UNSUPPORTED: 'misconfigured',
  CLIENT_CLOSED: 'misconfigured',
};

/** What was being done when the error came. */
export interface Attempt {
  readonly verb: 'list' | 'watch';
  /** What was listed or watched. */
  readonly what: string;
}

/** Understands an error of a list, a watch or a sink. */
export function problemOf(error: unknown, { verb, what }: Attempt): Problem {
  const chain = causes(error);
  const { kind, told } = find(chain);
  const { onOpen, onStream } = remedies[kind];
  const retryAfterMs = retryAfterMsOf(error);
  return {
    kind,
    message: `Cannot ${verb} ${what}: ${explain(kind, chain[0], told, what)}`,
    onOpen,
    onStream,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  };
}

/** What is wrong and what to do, in one line. */
function explain(kind: ProblemKind, outermost: unknown, told: string, what: string): string {
  // A client's own errors explain themselves, and know the address and the kubeconfig.
  if (codesOf(outermost).code?.startsWith('CLIENT_')) return told.charAt(0).toLowerCase() + told.slice(1);
  const { summary, advice } = remedies[kind];
  const resource = what.split(' ', 1)[0] ?? what;
  return `${summary}${told === '' ? '' : ` (${told})`}; ${advice(resource)}`;
}

interface Finding {
  readonly kind: ProblemKind;
  /** What the error says of itself. */
  readonly told: string;
}

function find(chain: readonly unknown[]): Finding {
  const [outermost] = chain;
  const { code: outerCode = '' } = codesOf(outermost);
  const outer = oneLine(outermost);
  if (isVersionTooLarge(outermost)) return { kind: 'version-too-large', told: outer };
  for (const error of chain) {
    const { code, httpStatus } = codesOf(error);
    const kind = (code === undefined ? undefined : kindByCode[code]) ?? kindByStatusOf(httpStatus);
    if (kind !== undefined) {
      return { kind, told: outerCode.startsWith('CLIENT_') ? outer : detailOf(error, code ?? httpStatus) };
    }
    if (error instanceof SyntaxError) return { kind: 'unreadable', told: outer };
  }
  const isCutOff = chain.some((error) => error instanceof TypeError && error.message === 'terminated');
  return { kind: kindByRoughCode[outerCode] ?? (isCutOff ? 'broken' : 'unknown'), told: outer };
}

function kindByStatusOf(httpStatus: number | undefined): ProblemKind | undefined {
  if (httpStatus === undefined) return undefined;
  return kindByStatus[httpStatus] ?? (httpStatus > 504 ? 'unavailable' : httpStatus >= 400 ? 'rejected' : undefined);
}

/** The code of the system is short and says it; an API error's own words say more. */
function detailOf(error: unknown, code: string | number | undefined): string {
  const text = oneLine(error);
  return text === '' ? String(code) : text.includes(String(code)) ? text : `${text}, ${code}`;
}

function codesOf(error: unknown): { code: string | undefined; httpStatus: number | undefined } {
  if (typeof error !== 'object' || error === null) return { code: undefined, httpStatus: undefined };
  const code = 'code' in error ? error.code : undefined;
  const httpStatus = 'httpStatus' in error ? error.httpStatus : code;
  return {
    code: typeof code === 'string' ? code : undefined,
    httpStatus: typeof httpStatus === 'number' ? httpStatus : undefined,
  };
}

/** Three generations of servers say it in three ways. @see client-go tools/cache/reflector.go `isTooLargeResourceVersionError` */
function isVersionTooLarge(error: unknown): boolean {
  const status = statusOf(error);
  if (status === undefined) return false;
  const { message = '', details } = status;
  return (
    message.includes('Too large resource version') ||
    (details?.causes ?? []).some(
      (cause) => cause.reason === 'ResourceVersionTooLarge' || cause.message === 'Too large resource version',
    )
  );
}

/** The error and what caused it, outermost first. */
function causes(error: unknown): readonly unknown[] {
  const chain: unknown[] = [];
  const add = (each: unknown): void => {
    if (each === undefined || each === null || chain.length >= 16 || chain.includes(each)) return;
    chain.push(each);
    if (typeof each !== 'object') return;
    if ('cause' in each) add(each.cause);
    if ('errors' in each && Array.isArray(each.errors)) for (const inner of each.errors) add(inner);
  };
  add(error);
  return chain;
}

/** What may be secret in a message: credentials in headers, URLs and texts. */
const secrets: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN [\s\S]*?(?:-----END [A-Z ]+-----|$)/g, '[redacted]'],
  [/\b(bearer|basic)\s+[\w.~+/=-]{16,}/gi, '$1 [redacted]'],
  [/\beyJ[\w-]+\.[\w-]+(?:\.[\w-]+)?/g, '[redacted]'],
  [/\/\/[^/\s@]+@/g, '//[redacted]@'],
  [
    /\b((?:access_|id_|refresh_)?token|password|passwd|secret|api[_-]?key)(["']?\s*[=:]\s*["']?)[^\s"'&,;]+/gi,
    '$1$2[redacted]',
  ],
];

/** The message of an error for people: one line, at most 300 characters, no credentials. */
export function oneLine(error: unknown): string {
  if (error instanceof SyntaxError) return 'it is not valid JSON'; // the engine's text quotes what it parsed
  let text =
    error instanceof Error
      ? error.message || (error.name === 'AggregateError' ? '' : error.name)
      : typeof error === 'string'
        ? error
        : '';
  for (const [pattern, replacement] of secrets) text = text.replace(pattern, replacement);
  text = text.replace(/\s+/g, ' ').trim();
  return text.length > 300 ? `${text.slice(0, 299)}…` : text;
}
