import type { Socket } from 'node:net';
import type { Clock } from '@bowline/apimachinery';
import type { Agent, buildConnector, Dispatcher } from 'undici';
import type { ProxyServer } from './proxy-server.ts';
import type { Sessions } from './sessions.ts';
import type { TlsMaterial } from './tls-source.ts';
import { HandshakeCutOff, isConnectionReset } from './transport-error.ts';
import { openTunnel } from './tunnel.ts';
import type { Undici } from './undici.ts';

/** How connections are made. */
export interface ConnectionOptions {
  /** Of the server. Its path does not count. */
  readonly url: URL;
  /** Offers HTTP/2 to `https:` servers. */
  readonly http2: boolean;
  readonly connectTimeoutMs: number;
  readonly tlsServerName?: string | undefined;
  readonly insecureSkipTlsVerify?: boolean | undefined;
  readonly proxy?: ProxyServer | undefined;
}

/** All that a connection depends on: where it is the same, requests may share one. */
export interface ConnectionIdentity extends ConnectionOptions {
  readonly tls: TlsMaterial;
  readonly clock: Pick<Clock, 'setTimer' | 'monotonic'>;
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
/** Requests have their own. undici also asks a connection for a sign of life after that time. */
const HEADERS_TIMEOUT_MS = 65_000;

/** Connections to one server, which come about as requests need them. `sessions` is told of each. */
export function createDispatcher(
  undici: Undici,
  options: ConnectionIdentity,
  sessions: Pick<Sessions, 'add'>,
): Dispatcher {
  const settings: Agent.Options = {
    allowH2: allowsHttp2(options),
    headersTimeout: HEADERS_TIMEOUT_MS,
    bodyTimeout: 0,
    keepAliveTimeout: IDLE_CONNECTION_MS,
    connectTimeout: options.connectTimeoutMs,
    initialWindowSize: STREAM_WINDOW_BYTES, // undici 8.12 does not look at `h2Options.settings`.
    h2Options: {
      maxConcurrentStreams: MAX_CONCURRENT_STREAMS,
      connectionWindowSize: CONNECTION_WINDOW_BYTES,
      pingInterval: 0, // Those of undici have no time limit.
    },
  };
  return new undici.Agent({ ...settings, connect: connectorOf(undici, options, sessions) });
}

/** Whether requests go to the proxy itself, which sends them on: as everywhere, without TLS there is no tunnel through an HTTP proxy. */
export function isForwarded({ url, proxy }: Pick<ConnectionOptions, 'url' | 'proxy'>): boolean {
  return url.protocol === 'http:' && proxy !== undefined && proxy.protocol !== 'socks5';
}

/** HTTP/2 comes about in the TLS handshake. */
export function allowsHttp2({ url, http2 }: ConnectionOptions): boolean {
  return http2 && url.protocol === 'https:';
}

function connectorOf(
  undici: Undici,
  options: ConnectionIdentity,
  sessions: Pick<Sessions, 'add'>,
): buildConnector.connector {
  const { connectTimeoutMs: timeoutMs, tlsServerName, insecureSkipTlsVerify, proxy, url, tls, clock } = options;
  const allowH2 = allowsHttp2(options);
  const direct = undici.buildConnector({
    ...(tls.ca !== undefined && { ca: tls.ca }),
    ...(tls.cert !== undefined && { cert: tls.cert }),
    ...(tls.key !== undefined && { key: tls.key }),
    ...(tlsServerName !== undefined && { servername: tlsServerName }),
    ...(insecureSkipTlsVerify === true && { rejectUnauthorized: false }),
    allowH2,
    preferH2: allowH2,
    timeout: timeoutMs,
    keepAlive: true,
    keepAliveInitialDelay: TCP_KEEP_ALIVE_MS,
  });
  const connect: buildConnector.connector = (target, callback) =>
    direct(target, (error, socket) => {
      if (socket) {
        sessions.add(socket);
        callback(null, socket);
      } else
        callback(target.protocol === 'https:' && isConnectionReset(error) ? new HandshakeCutOff(error) : error, null);
    });
  if (!proxy) return connect;
  const tunnel = { proxy, server: `"${url.origin}"`, timeoutMs, ca: tls.ca, insecureSkipTlsVerify, clock };
  return (target, callback) => {
    const port = Number(target.port || (target.protocol === 'https:' ? 443 : 80));
    const whole = isForwarded(options) ? openTunnel(tunnel) : openTunnel(tunnel, target.hostname, port);
    whole.then(
      (socket: Socket) => {
        if (target.protocol === 'https:') connect({ ...target, httpSocket: socket }, callback);
        else callback(null, socket);
      },
      (error: Error) => callback(error, null),
    );
  };
}
