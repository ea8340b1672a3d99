import { isIP, type Socket } from 'node:net';
import type { Clock } from '@bowline/apimachinery';
import { ClientError } from '../errors.ts';
import { type ProxyServer, proxyAuthorization } from './proxy-server.ts';
import { SocketReader } from './socket-reader.ts';
import { socks5Connect } from './socks5.ts';
import { transportError } from './transport-error.ts';

/** What a connection to a proxy is made with. */
export interface TunnelOptions {
  readonly proxy: ProxyServer;
  /** What messages call the server behind the proxy. */
  readonly server: string;
  /** How long all of it may take. */
  readonly timeoutMs: number;
  /** For `https:` proxies: besides the authorities that everybody trusts. */
  readonly ca?: string | undefined;
  readonly insecureSkipTlsVerify?: boolean | undefined;
  readonly clock: Pick<Clock, 'setTimer'>;
}

const KEEP_ALIVE_MS = 30_000;
const LONGEST_HEAD_BYTES = 1 << 16;

/** A refusal of the proxy, in words of ours. */
class Refusal extends Error {}

/**
 * Connects with a proxy and, when `host` is given, has it connect us with that.
 *
 * @throws {ClientError} `CLIENT_CONNECTION_FAILED`, `CLIENT_TLS_FAILED`, `CLIENT_TIMEOUT`; no message holds name or password of the proxy.
 */
export async function openTunnel(options: TunnelOptions, host?: string, port: number = 443): Promise<Socket> {
  const { proxy, server, timeoutMs, clock } = options;
  const subject = `${server} through the proxy "${proxy.name}"`;
  const socket = await dial(options);
  const timer = clock.setTimer(timeoutMs, () => {
    socket.destroy(Object.assign(new Error('timeout'), { code: 'ETIMEDOUT' }));
  });
  try {
    await opened(socket, proxy.protocol === 'https' ? 'secureConnect' : 'connect');
    if (host !== undefined) await introduce(socket, proxy, host.replace(/^\[(.*)\]$/, '$1'), port);
    return socket;
  } catch (error) {
    socket.on('error', () => {}).destroy(); // It has failed already.
    if (!(error instanceof Refusal)) throw transportError(error, subject);
    throw new ClientError(`Cannot reach ${subject}: ${error.message}; check ${proxy.setting}`, {
      code: 'CLIENT_CONNECTION_FAILED',
      retryable: true,
    });
  } finally {
    timer.cancel();
  }
}

async function dial({ proxy, ca, insecureSkipTlsVerify }: TunnelOptions): Promise<Socket> {
  const { host, port, protocol } = proxy;
  const base = { host, port, noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS };
  if (protocol !== 'https') return (await import('node:net')).connect(base);
  const tls = await import('node:tls');
  return tls.connect({
    ...base,
    ...(isIP(host) === 0 && { servername: host }),
    ...(ca !== undefined && { ca: [...tls.getCACertificates('default'), ca] }),
    ...(insecureSkipTlsVerify === true && { rejectUnauthorized: false }),
    ALPNProtocols: ['http/1.1'],
  });
}

function opened(socket: Socket, event: 'connect' | 'secureConnect'): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (error?: Error): void => {
      socket.off(event, onOpen).off('error', settle).off('close', onClose);
      if (error) reject(error);
      else resolve();
    };
    const onOpen = (): void => settle();
    const onClose = (): void => settle(new Error('it closed the connection'));
    socket.on(event, onOpen).on('error', settle).on('close', onClose);
  });
}

async function introduce(socket: Socket, proxy: ProxyServer, host: string, port: number): Promise<void> {
  try {
    await (proxy.protocol === 'socks5' ? socks5Connect : httpConnect)(socket, proxy, host, port);
  } catch (error) {
    // What comes from the system has a code and is explained elsewhere.
    throw error instanceof Error && !('code' in error) ? new Refusal(error.message, { cause: error }) : error;
  }
}

/** @see RFC 9110 §9.3.6 */
async function httpConnect(socket: Socket, proxy: ProxyServer, host: string, port: number): Promise<void> {
  const target = `${isIP(host) === 6 ? `[${host}]` : host}:${port}`;
  const authorization = proxyAuthorization(proxy);
  const head = [`CONNECT ${target} HTTP/1.1`, `Host: ${target}`];
  if (authorization !== undefined) head.push(`Proxy-Authorization: ${authorization}`);
  socket.write(`${head.join('\r\n')}\r\n\r\n`);
  const reader = new SocketReader(socket);
  const answer = await reader.until('\r\n\r\n', LONGEST_HEAD_BYTES);
  const status = /^HTTP\/1\.[01] (\d{3})/.exec(answer)?.[1];
  if (status === undefined) throw new Error('its answer is no HTTP');
  if (status === '407') throw new Error('it wants another user name and password (407)');
  if (status !== '200') throw new Error(`it answered CONNECT with ${status}`);
  reader.release();
}
