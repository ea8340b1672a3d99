import { readFileSync } from 'node:fs';
import http from 'node:http';
import http2 from 'node:http2';
import https from 'node:https';
import net, { type AddressInfo } from 'node:net';
import { type HttpRequest, type HttpResponse, readAll, systemClock } from '@bowline/apimachinery';
import { afterEach } from 'vitest';

export const pathOf = (name: string): string => new URL(`../testdata/${name}`, import.meta.url).pathname;
export const pem = (name: string): string => readFileSync(pathOf(name), 'utf8');

/** Key and certificate of a server, for 127.0.0.1, localhost and kube.test. */
export const tls: { readonly key: string; readonly cert: string } = { key: pem('server.key'), cert: pem('server.pem') };
export const trusted: { readonly certificateAuthorityData: string } = { certificateAuthorityData: pem('ca.pem') };

export type Handler = (request: http.IncomingMessage | http2.Http2ServerRequest, response: http.ServerResponse) => void;

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** Runs it after the test. */
export function cleanUp(cleanup: () => unknown): void {
  cleanups.push(cleanup);
}

export interface Served {
  readonly server: net.Server;
  readonly port: number;
  /** Connections ever made. */
  readonly connections: net.Socket[];
  /** Those that are open. */
  readonly open: Set<net.Socket>;
}

/** Listens on a free port until the test is over. */
export async function serve(server: net.Server): Promise<Served> {
  const connections: net.Socket[] = [];
  const open = new Set<net.Socket>();
  server.on('connection', (socket) => {
    connections.push(socket);
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    socket.on('error', () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanUp(() => {
    for (const socket of open) socket.destroy();
    server.close();
  });
  return { server, port: (server.address() as AddressInfo).port, connections, open };
}

const ok: Handler = (_request, response) => response.end('{"kind":"Status","apiVersion":"v1"}');

/** HTTP/1.1 */
export const plain = (handler: Handler = ok): Promise<Served> => serve(http.createServer(handler));
/** HTTP/1.1 over TLS */
export const secure = (handler: Handler = ok, options: https.ServerOptions = {}): Promise<Served> =>
  serve(https.createServer({ ...tls, ...options }, handler));
/** HTTP/2 and HTTP/1.1 over TLS */
export const http2Server = (handler: Handler = ok, options: http2.SecureServerOptions = {}): Promise<Served> =>
  serve(http2.createSecureServer({ ...tls, allowHTTP1: true, ...options }, handler as never));

/** Each way to serve: its name, how it starts, and its scheme. */
export const servers: readonly (readonly [
  name: string,
  start: (handler?: Handler) => Promise<Served>,
  scheme: 'http' | 'https',
])[] = [
  ['HTTP/1.1', plain, 'http'],
  ['HTTP/1.1 over TLS', secure, 'https'],
  ['HTTP/2', http2Server, 'https'],
];

/** Between client and server. Frozen, it keeps all connections open and lets nothing through. */
export interface Freezer {
  readonly port: number;
  frozen: boolean;
  /** Ends all connections. */
  cut(): void;
}

export async function freezer(port: number): Promise<Freezer> {
  const state = { frozen: false };
  const served = await serve(
    net.createServer((near) => {
      const far = net.connect(port, '127.0.0.1');
      far.on('error', () => {});
      cleanUp(() => far.destroy());
      near.on('data', (data) => void (state.frozen || far.write(data)));
      far.on('data', (data) => void (state.frozen || near.write(data)));
      near.on('close', () => far.destroy());
      far.on('close', () => near.destroy());
    }),
  );
  const cut = (): void => {
    for (const socket of served.open) socket.destroy();
  };
  return Object.assign(state, { port: served.port, cut });
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

export const get: HttpRequest = { method: 'GET', path: '/api', headers: {} };

export async function text(response: HttpResponse): Promise<string> {
  return Buffer.from(await readAll(response.body)).toString();
}

/** Until something outside of this process's own turn is so. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await systemClock.turn();
}
