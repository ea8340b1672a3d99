import type { Agent, buildConnector, Dispatcher } from 'undici';
import type { Sessions } from './sessions.ts';
import type { TlsMaterial } from './tls-source.ts';

/** How connections are made. */
export interface ConnectionOptions {
  readonly url: URL;
  /** Offers HTTP/2 to `https:` servers. */
  readonly http2: boolean;
  /** Takes answers as gzip. */
  readonly compression: boolean;
  readonly connectTimeoutMs: number;
  /** The longest wait for the head of an answer; whoever sends requests has shorter ones. */
  readonly headersTimeoutMs: number;
  readonly tlsServerName?: string | undefined;
  readonly insecureSkipTlsVerify?: boolean | undefined;
  readonly proxyUrl?: string | undefined;
}

/** client-go transport/cache.go: keep-alive of TCP */
const TCP_KEEP_ALIVE_MS = 30_000;
/** Below the 60 s after which load balancers drop idle connections. */
const IDLE_CONNECTION_MS = 55_000;
/** What kube-apiserver allows on one connection; undici would open a second one for the 101st watch. */
const MAX_CONCURRENT_STREAMS = 250;
/** A watch or list far away is not to wait for window updates. */
const STREAM_WINDOW_BYTES = 4 << 20;
const CONNECTION_WINDOW_BYTES = 16 << 20;

/** A pool of connections to one server, which connects at the first request. */
export function createDispatcher(
  undici: Pick<typeof import('undici'), 'Agent' | 'ProxyAgent' | 'buildConnector'>,
  options: ConnectionOptions,
  tls: TlsMaterial,
  http2: boolean,
  sessions: Pick<Sessions, 'add'>,
): Dispatcher {
  const { url, connectTimeoutMs, headersTimeoutMs, tlsServerName, insecureSkipTlsVerify, proxyUrl } = options;
  const allowH2 = http2 && url.protocol === 'https:';
  const secure = {
    ...(tls.ca !== undefined && { ca: tls.ca }),
    ...(tls.cert !== undefined && { cert: tls.cert }),
    ...(tls.key !== undefined && { key: tls.key }),
    ...(tlsServerName !== undefined && { servername: tlsServerName }),
    ...(insecureSkipTlsVerify === true && { rejectUnauthorized: false }),
    allowH2,
    preferH2: allowH2,
    timeout: connectTimeoutMs,
  };
  const settings: Agent.Options = {
    allowH2,
    headersTimeout: headersTimeoutMs,
    bodyTimeout: 0,
    keepAliveTimeout: IDLE_CONNECTION_MS,
    connectTimeout: connectTimeoutMs,
    initialWindowSize: STREAM_WINDOW_BYTES, // undici 8.12 does not look at `h2Options.settings`.
    h2Options: {
      maxConcurrentStreams: MAX_CONCURRENT_STREAMS,
      connectionWindowSize: CONNECTION_WINDOW_BYTES,
      pingInterval: 0, // Those of undici have no time limit.
    },
  };
  if (proxyUrl !== undefined) return new undici.ProxyAgent({ ...settings, uri: proxyUrl, requestTls: secure });
  const connector = undici.buildConnector({
    ...secure,
    keepAlive: true,
    keepAliveInitialDelay: TCP_KEEP_ALIVE_MS,
  });
  const connect: buildConnector.connector = (target, callback) =>
    connector(target, (...answer) => {
      if (answer[1]) sessions.add(answer[1]);
      callback(...answer);
    });
  return new undici.Agent({ ...settings, connect });
}
