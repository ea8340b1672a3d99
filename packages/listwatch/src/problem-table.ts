/**
 * The one table of everything that can go wrong: what happened, what it means for the next step, what to tell people.
 * `classification.ts` finds the row of an error; reflector and retry watcher do what the row says.
 *
 * @module
 */

/** What went wrong, as far as it matters for what to do next. */
export type ProblemKind =
  | 'expired'
  | 'version-too-large'
  | 'throttled'
  | 'unauthorized'
  | 'forbidden'
  | 'not-found'
  | 'rejected'
  | 'unsupported'
  | 'unacceptable'
  | 'unavailable'
  | 'internal'
  | 'certificate'
  | 'misconfigured'
  | 'misuse'
  | 'refused'
  | 'unreachable'
  | 'broken'
  | 'silent'
  | 'short-watch'
  | 'unreadable'
  | 'inconsistent'
  | 'sink'
  | 'unknown';

/** What to do after a problem. */
export interface Remedy {
  /** A list failed: ask at once for the most recent version instead of the last one (once), or wait and try again. */
  readonly list: 'recent' | 'wait';
  /** Opening a watch failed: wait and open it again at the same version, or wait and read the full state again. */
  readonly open: 'reopen' | 'relist';
  /** A watch that was open ended this way; `quietly`: nothing is wrong, so nobody is told. */
  readonly stream: 'reopen' | 'relist' | 'relist-quietly';
  /** Whose back-off counts: waits of one series grow with each failure of that series, whatever happens in the others. */
  readonly series: 'throttled' | 'server' | 'network' | 'other';
  /** How long to wait for the latter: the back-off (or what the server asks for), or just until the last opening is a second ago. */
  readonly wait: 'backoff' | 'pace';
  /** A watch-list failed: at once with the most recent version (once), again after the back-off, or list instead at once. */
  readonly watchList: 'recent' | 'again' | 'list';
  /** Stays until somebody changes something: it is tried all the same, but a one-off wait (`until`) ends. */
  readonly lasting: boolean;
  /** What is wrong, for people. */
  readonly summary: string;
  /** What to do about it, for people; `resource` is what was asked for. */
  readonly advice: (resource: string) => string;
}

const always =
  (advice: string): Remedy['advice'] =>
  () =>
    advice;
const again = always('it is tried again');
const fullState = always('the full state is read again');

/** It says nothing about the state that we hold: wait, then watch on. */
const passing = {
  list: 'wait',
  open: 'reopen',
  stream: 'reopen',
  series: 'other',
  wait: 'backoff',
  watchList: 'list',
  lasting: false,
} as const;
/** The version that we hold is of no use. */
const versionLost = { ...passing, list: 'recent', open: 'relist', stream: 'relist', watchList: 'recent' } as const;
/** Events may have been lost, or what comes next may be another state. */
const doubtful = { ...passing, open: 'relist', stream: 'relist' } as const;
/** Somebody has to change something first. */
const lasting = { ...doubtful, lasting: true } as const;

/**
 * client-go waits and opens the watch again (without a new list) after 429 and a refused connection only; we do so after everything
 * that says nothing about the state we hold, because lists are what an overloaded server can bear least.
 *
 * @see client-go tools/cache/reflector.go `list`, `watch`, `watchList`, `handleAnyWatch`
 */
export const remedies: Readonly<Record<ProblemKind, Remedy>> = {
  expired: {
    ...versionLost,
    stream: 'relist-quietly',
    summary: 'the resource version is no longer available',
    advice: fullState,
  },
  'version-too-large': {
    ...versionLost,
    summary: 'the server is behind what was already seen',
    advice: fullState,
  },
  throttled: {
    ...passing,
    series: 'throttled',
    watchList: 'again',
    summary: 'the server asks to slow down',
    advice: always('it is tried again after the wait it asks for'),
  },
  unauthorized: {
    ...lasting,
    summary: 'the server does not accept the credentials',
    advice: always(
      'check that the token or client certificate is there, is meant for this cluster and has not expired',
    ),
  },
  forbidden: {
    ...lasting,
    summary: 'access is denied',
    advice: (resource) => `grant the verbs "list" and "watch" on ${resource}`,
  },
  'not-found': {
    ...lasting,
    summary: 'the server does not know this resource',
    advice: always('install its CustomResourceDefinition, or correct group, version or plural name'),
  },
  rejected: {
    ...lasting,
    summary: 'the server refuses the request',
    advice: always('correct namespace and selectors; the same request will be refused again'),
  },
  unsupported: {
    ...lasting,
    summary: 'the server does not list and watch this resource',
    advice: (resource) => `check with "kubectl api-resources" which verbs ${resource} has`,
  },
  unacceptable: {
    ...lasting,
    summary: 'the server does not have the representation that is asked for',
    advice: always('ask for whole objects instead of metadata only'),
  },
  unavailable: { ...passing, series: 'server', summary: 'the server is not available now', advice: again },
  internal: {
    ...doubtful,
    series: 'server',
    summary: 'the server failed',
    advice: always('it is tried again; its log says more'),
  },
  certificate: {
    ...lasting,
    summary: "the server's certificate is not trusted",
    advice: always('set the certificate authority of this cluster in the kubeconfig, or renew the certificate'),
  },
  misconfigured: {
    ...lasting,
    summary: 'the client cannot be used as it is set up',
    advice: always('correct its configuration'),
  },
  misuse: {
    ...lasting,
    summary: 'the program asks for something impossible',
    advice: always('correct the call; trying again will not help'),
  },
  refused: {
    ...passing,
    series: 'network',
    watchList: 'again',
    summary: 'nothing accepts connections at the address of the server',
    advice: always('start the server or correct its address'),
  },
  unreachable: {
    ...passing,
    series: 'network',
    summary: 'the server cannot be reached',
    advice: always('check its address, name resolution and the network'),
  },
  broken: { ...passing, series: 'network', wait: 'pace', summary: 'the connection broke', advice: again },
  silent: {
    ...passing,
    series: 'network',
    wait: 'pace',
    summary: 'the connection is silent and is taken for dead',
    advice: always('new connections are used'),
  },
  'short-watch': { ...doubtful, summary: 'the watch did not last', advice: fullState },
  unreadable: { ...doubtful, summary: 'the answer cannot be read', advice: again },
  inconsistent: {
    ...doubtful,
    summary: 'the cache differs from the server',
    advice: always('the most recent full state is read; please report it'),
  },
  sink: { ...doubtful, summary: 'what was received could not be stored', advice: fullState },
  unknown: { ...doubtful, summary: 'it failed', advice: again },
};

/** HTTP statuses; the first word of a code of ours (`API_…`) leads to the same kinds. */
export const kindByStatus: Readonly<Record<number, ProblemKind>> = {
  400: 'rejected',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not-found',
  405: 'unsupported',
  406: 'unacceptable',
  409: 'rejected',
  410: 'expired',
  413: 'rejected',
  415: 'unacceptable',
  422: 'rejected',
  429: 'throttled',
  500: 'internal',
  502: 'unavailable',
  503: 'unavailable',
  504: 'unavailable',
};

export const kindByCode: Readonly<Record<string, ProblemKind>> = {
  API_BAD_REQUEST: 'rejected',
  API_UNAUTHORIZED: 'unauthorized',
  API_FORBIDDEN: 'forbidden',
  API_NOT_FOUND: 'not-found',
  API_METHOD_NOT_ALLOWED: 'unsupported',
  API_NOT_ACCEPTABLE: 'unacceptable',
  API_UNSUPPORTED_MEDIA_TYPE: 'unacceptable',
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
  LISTWATCH_INCONSISTENT: 'inconsistent',
};

/** Codes that say less: they count when nothing that caused the error says more. */
export const kindByRoughCode: Readonly<Record<string, ProblemKind>> = {
  CLIENT_CONNECTION_FAILED: 'broken',
  CLIENT_TIMEOUT: 'silent',
  CLIENT_TLS_FAILED: 'certificate',
  CLIENT_BAD_RESPONSE: 'unreadable',
  CLIENT_CONFIG_NOT_FOUND: 'misconfigured',
  CLIENT_CONFIG_INVALID: 'misconfigured',
  CLIENT_NOT_IN_CLUSTER: 'misconfigured',
  CLIENT_CREDENTIALS_UNREADABLE: 'misconfigured',
  CLIENT_EXEC_UNSUPPORTED: 'misconfigured',
  CLIENT_CLOSED: 'misuse',
};
