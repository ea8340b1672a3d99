import type { Readable } from 'node:stream';
import type { Clock, HttpRequest, HttpResponse, Transport } from '@bowline/apimachinery';
import type { Dispatcher } from 'undici';
import { ClientError } from '../errors.ts';
import { type ConnectionOptions, createDispatcher, isForwarded } from './dispatcher.ts';
import { gunzip, inflatedHeaders, isGzip } from './gunzip.ts';
import { proxyAuthorization } from './proxy-server.ts';
import { Sessions } from './sessions.ts';
import type { TlsMaterial, TlsSource } from './tls-source.ts';
import { transportError } from './transport-error.ts';

/** Connections that were made with the same material, and the requests that use them. */
interface Pool {
  readonly dispatcher: Dispatcher;
  readonly sessions: Sessions;
  readonly tls: TlsMaterial;
  active: number;
  retired: boolean;
}

/** Connections that are younger are not retired again. */
const RETIRE_ONCE_MS = 1_000;

export interface HttpTransportPorts {
  readonly tls: TlsSource;
  readonly clock: Pick<Clock, 'turn' | 'setTimer' | 'monotonic'>;
}

/**
 * Sends requests over pooled, kept-alive connections: HTTP/2 where the server offers it, else HTTP/1.1.
 * undici is loaded at the first request. New TLS material gives new connections; streams on the old ones go on to their end.
 */
export class HttpTransport implements Transport {
  readonly #tls: TlsSource;
  readonly #clock: Pick<Clock, 'turn' | 'setTimer' | 'monotonic'>;
  readonly #options: ConnectionOptions;
  readonly #server: string;
  /** Of paths: what stands before them in the URL of the server, and for a proxy that forwards the server, too. */
  readonly #prefix: string;
  readonly #proxyAuthorization: string | undefined;
  /** By whether they may speak HTTP/2. */
  readonly #pools: Map<boolean, Pool> = new Map();
  readonly #retired: Set<Pool> = new Set();
  #retiredAt: number = Number.NEGATIVE_INFINITY;
  #closed = false;

  constructor({ tls, clock }: HttpTransportPorts, options: ConnectionOptions) {
    this.#tls = tls;
    this.#clock = clock;
    this.#options = options;
    this.#server = `"${options.url.origin}"`;
    const { url, proxy } = options;
    this.#prefix = `${isForwarded(options) ? url.origin : ''}${url.pathname.replace(/\/+$/, '')}`;
    this.#proxyAuthorization = proxy && isForwarded(options) ? proxyAuthorization(proxy) : undefined;
  }

  /** @throws {ClientError} `CLIENT_CONNECTION_FAILED`, `CLIENT_TLS_FAILED`, `CLIENT_TIMEOUT`; the signal's reason when it aborts. */
  async request(request: HttpRequest): Promise<HttpResponse> {
    request.signal?.throwIfAborted();
    // HTTP/2 as undici speaks it joins repeated headers, which says something else.
    const http2 = this.#options.http2 && !repeats(request);
    const pool = await this.#pool(http2);
    try {
      return await this.#send(request, pool);
    } catch (error) {
      if (!isRefusedHandshake(error)) throw error;
      const fresh = await this.#pool(http2); // What it was made with has expired: see `#failure`.
      if (fresh.tls === pool.tls) throw error;
      return this.#send(request, fresh);
    }
  }

  async #send(request: HttpRequest, pool: Pool): Promise<HttpResponse> {
    const headers = headersOf(request);
    // As in Go, who asks for an encoding gets the answer as it comes.
    const compression = this.#options.compression && request.method !== 'HEAD' && !('accept-encoding' in headers);
    if (compression) headers['accept-encoding'] = 'gzip';
    pool.active++;
    if (this.#proxyAuthorization !== undefined) headers['proxy-authorization'] = this.#proxyAuthorization;
    let response: Dispatcher.ResponseData;
    try {
      response = await pool.dispatcher.request({
        origin: this.#options.url.origin,
        path: this.#prefix + request.path,
        method: request.method,
        headers,
        body: request.body ?? null,
        signal: request.signal ?? null,
      });
    } catch (error) {
      this.#release(pool);
      throw this.#failure(error, request);
    }
    const { body } = response;
    body.once('close', () => this.#release(pool));
    body.on('error', () => {}); // Whoever reads the body gets it; a body that nobody reads must not end the process.
    if (response.statusCode === 407) throw await this.#proxyRefusal(response);
    const received = definedHeaders(response.headers);
    const compressed = compression && isGzip(received);
    return {
      status: response.statusCode,
      headers: compressed ? inflatedHeaders(received) : received,
      body: this.#chunks(body, compressed, request),
    };
  }

  retireConnections(): void {
    const now = this.#clock.monotonic();
    for (const { sessions } of [...this.#pools.values(), ...this.#retired]) sessions.endSilent();
    // Many watches find out at the same time that their connection is dead, while the first of them uses a new one.
    if (now - this.#retiredAt < RETIRE_ONCE_MS) return;
    this.#retiredAt = now;
    for (const pool of this.#pools.values()) this.#retire(pool);
    this.#pools.clear();
  }

  /** Pings the HTTP/2 connections that carry requests. Over HTTP/1.1 nobody can tell: then it says nothing. */
  async ping(signal: AbortSignal): Promise<void> {
    const pools = [...this.#pools.values(), ...this.#retired];
    try {
      await Promise.all(pools.map(({ sessions }) => sessions.ping(signal)));
    } catch (error) {
      throw signal.aborted ? error : transportError(error, this.#server);
    }
  }

  /** Ends all connections, and the requests that use them. */
  async close(): Promise<void> {
    this.#closed = true;
    const pools = [...this.#pools.values(), ...this.#retired];
    this.#pools.clear();
    this.#retired.clear();
    await Promise.all(pools.map(({ dispatcher }) => dispatcher.destroy()));
  }

  async *#chunks(body: Readable, compressed: boolean, request: HttpRequest): AsyncGenerator<Uint8Array> {
    try {
      yield* compressed ? gunzip(body, this.#server) : body;
      // undici uses an HTTP/1.1 connection again one turn later; who asks sooner would open another one.
      await this.#clock.turn();
    } catch (error) {
      throw this.#failure(error, request);
    }
  }

  async #pool(http2: boolean): Promise<Pool> {
    const [undici, tls] = await Promise.all([import('undici'), this.#tls.read()]);
    if (this.#closed) throw new ClientError('Cannot send request: the client is closed', { code: 'CLIENT_CLOSED' });
    const present = this.#pools.get(http2);
    if (present?.tls === tls) return present;
    if (present) this.#retire(present);
    let dispatcher: Dispatcher;
    const sessions = new Sessions(this.#clock);
    try {
      dispatcher = createDispatcher(this.#options, { undici, tls, http2, sessions, clock: this.#clock });
    } catch (error) {
      throw transportError(error, this.#server);
    }
    const pool: Pool = { dispatcher, sessions, tls, active: 0, retired: false };
    this.#pools.set(http2, pool);
    return pool;
  }

  async #proxyRefusal({ body }: Dispatcher.ResponseData): Promise<ClientError> {
    await body.dump();
    const { proxy } = this.#options;
    const what = proxy
      ? `the proxy "${proxy.name}" wants another user name and password (407); check ${proxy.setting}`
      : 'something in between wants a user name and a password (407); is it a proxy?';
    return new ClientError(`Cannot reach ${this.#server}: ${what}`, {
      code: 'CLIENT_CONNECTION_FAILED',
      retryable: true,
    });
  }

  #retire(pool: Pool): void {
    pool.retired = true;
    this.#retired.add(pool);
    this.#endUnused(pool);
  }

  #release(pool: Pool): void {
    pool.active--;
    this.#endUnused(pool);
  }

  #endUnused(pool: Pool): void {
    if (!pool.retired || pool.active > 0 || !this.#retired.delete(pool)) return;
    void pool.dispatcher.destroy();
  }

  #failure(error: unknown, { signal }: HttpRequest): unknown {
    if (signal?.aborted) return error;
    const failure = transportError(error, this.#server);
    if (failure instanceof ClientError && failure.code === 'CLIENT_TLS_FAILED') this.#tls.expire();
    return failure;
  }
}

/** Whether it was the certificates that were wrong, and nothing was sent. */
function isRefusedHandshake(error: unknown): boolean {
  return error instanceof ClientError && error.code === 'CLIENT_TLS_FAILED' && !error.maybeProcessed;
}

function headersOf({ headers, repeatedHeaders }: HttpRequest): Record<string, string | string[]> {
  const result: Record<string, string | string[]> = { ...headers };
  for (const [name, value] of repeatedHeaders ?? []) {
    const present = result[name];
    result[name] = present === undefined ? value : [present, value].flat();
  }
  return result;
}

function repeats({ headers, repeatedHeaders = [] }: HttpRequest): boolean {
  const names = repeatedHeaders.map(([name]) => name);
  return new Set(names).size < names.length || names.some((name) => name in headers);
}

function definedHeaders(headers: Record<string, string | string[] | undefined>): HttpResponse['headers'] {
  const result: Record<string, string | readonly string[]> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) result[name] = value;
  }
  return result;
}
