import { once } from 'node:events';
import {
  createServer as createHttpServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createHttpsServer, type Server as HttpsServer } from 'node:https';
import type { Socket } from 'node:net';
import type { HttpRequest, HttpResponse, Logger } from '@bowline/apimachinery';
import type { ServerCertificate } from './certificate.ts';
import { compressed } from './compression.ts';

/** Where and how requests are taken from the network. */
export interface ListenParts {
  readonly host: string;
  readonly port: number;
  readonly certificate: ServerCertificate | undefined;
  readonly maxBodyBytes: number;
  readonly logger: Logger;
  handle(request: HttpRequest): Promise<HttpResponse>;
}

/** Takes requests from the network. */
export interface NetworkListener {
  readonly port: number;
  close(): Promise<void>;
}

/** Idle connections stay longer than those of clients, so that no request meets a connection that is being closed. */
const keepAliveMs = 120_000;

/** What is read and thrown away of a body that is too large: more than the buffers between client and server hold. */
const maxDiscardedBytes = 16 * 1024 * 1024;

/** Starts taking requests. @throws {Error} of Node when the port cannot be had. */
export async function listenOn(parts: ListenParts): Promise<NetworkListener> {
  const { host, port, certificate } = parts;
  const listener: RequestListener = (incoming, outgoing) => {
    exchange(parts, incoming, outgoing).catch((error: unknown) => {
      // The client has left, or the connection broke: there is nobody to tell.
      parts.logger.debug({ error, path: incoming.url }, 'Answer was not delivered');
      outgoing.destroy();
    });
  };
  const server: Server | HttpsServer =
    certificate === undefined
      ? createHttpServer(listener)
      : createHttpsServer({ cert: certificate.certificate, key: certificate.key }, listener);
  if (certificate !== undefined) answerPlainRequests(server);
  server.keepAliveTimeout = keepAliveMs;
  server.listen(port, host);
  await once(server, 'listening');
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** @see Go net/http `serve`, which says so to those who speak HTTP where TLS is spoken */
const plainRequestAnswer = 'HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n';

/** Tells clients that speak plain HTTP to a server of HTTPS what they did, instead of leaving them without a word. */
function answerPlainRequests(server: Server | HttpsServer): void {
  // What is said in plain is said on the connection below the TLS socket. Both have the same peer.
  const connections = new Map<string, Socket>();
  const peerOf = ({ remoteAddress, remotePort }: Socket): string => `${remoteAddress} ${remotePort}`;
  server.on('connection', (connection: Socket) => {
    const peer = peerOf(connection);
    connections.set(peer, connection);
    connection.once('close', () => connections.delete(peer));
  });
  server.on('tlsClientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    // Node closes the socket after this turn; so few bytes are sent within it.
    if (error.code === 'ERR_SSL_HTTP_REQUEST') connections.get(peerOf(socket))?.write(plainRequestAnswer);
  });
}

async function exchange(parts: ListenParts, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const gone = new AbortController();
  outgoing.on('close', () => gone.abort());
  const body = await readBody(incoming, parts.maxBodyBytes);
  const headers = plainHeaders(incoming);
  const answer = await parts.handle({
    method: (incoming.method ?? 'GET') as HttpRequest['method'],
    path: incoming.url ?? '/',
    headers,
    ...(body === undefined ? {} : { body }),
    signal: gone.signal,
  });
  const response = await compressed(answer, headers['accept-encoding']);
  // The rest of a body that is too large is nothing that another request could follow.
  const unread = !incoming.complete;
  if (unread) outgoing.setHeader('connection', 'close');
  outgoing.writeHead(response.status, response.headers as Record<string, string | string[]>);
  await send(response, outgoing);
  if (unread) await discardRest(incoming);
  outgoing.end();
}

/**
 * Lets a client finish, or leave, before its connection is closed: bytes that nobody reads reset a connection, and a
 * reset takes with it the answer that the client has not read yet. Node's `requestTimeout` ends those who do neither.
 */
function discardRest(incoming: IncomingMessage): Promise<void> {
  return new Promise((resolve) => {
    if (incoming.destroyed || incoming.readableEnded) return resolve();
    let size = 0;
    incoming.on('end', resolve).on('close', resolve);
    incoming.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > maxDiscardedBytes) resolve();
    });
  });
}

/** Reads a body, but no more of it than shows that it is too large. */
async function readBody(incoming: IncomingMessage, limitBytes: number): Promise<Uint8Array | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > limitBytes) break;
  }
  if (size === 0) return undefined;
  return chunks.length === 1 ? chunks[0] : Buffer.concat(chunks);
}

/** Sends a body as fast as the client reads it, and leaves it to the caller to end the answer. */
async function send({ headers, body }: HttpResponse, outgoing: ServerResponse): Promise<void> {
  if (headers['content-length'] !== undefined) {
    for await (const chunk of body) outgoing.write(chunk);
    return;
  }
  outgoing.flushHeaders();
  for await (const chunk of body) {
    if (outgoing.destroyed) return;
    if (!outgoing.write(chunk)) await Promise.race([once(outgoing, 'drain'), once(outgoing, 'close')]);
  }
}

function plainHeaders({ headers }: IncomingMessage): Record<string, string> {
  const plain: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) plain[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return plain;
}
