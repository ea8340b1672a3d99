import { Readable } from 'node:stream';
import type { Clock, HttpRequest, HttpResponse, Transport } from '@bowline/apimachinery';
import { ClientError } from '../errors.ts';
import { type Answer, type AnswerBody, dispatch, freeChunk } from './answer-body.ts';
import { type Connections, connectionPools, type PoolLease } from './connection-pool.ts';
import { type ConnectionOptions, isForwarded } from './dispatcher.ts';
import { gunzip, inflatedHeaders, isGzip } from './gunzip.ts';
import { proxyAuthorization } from './proxy-server.ts';
import type { TlsMaterial, TlsSource } from './tls-source.ts';
import { transportError } from './transport-error.ts';
import { loadUndici, type Undici } from './undici.ts';

/** Of the answer of a proxy. */
const LONGEST_REFUSAL_BYTES = 1 << 17;

export interface HttpTransportPorts {
  readonly tls: TlsSource;
  readonly clock: Pick<Clock, 'turn' | 'setTimer' | 'monotonic'>;
}

export interface HttpTransportOptions extends ConnectionOptions {
  /** Takes answers as gzip. */
  readonly compression: boolean;
  /** The longest wait for the head of an answer; whoever sends requests has shorter ones. */
  readonly headersTimeoutMs: number;
}

/** What the requests of this transport use that were made with the same certificates. */
interface Lease extends PoolLease {
  readonly tls: TlsMaterial;
  active: number;
}

/** A request under way, until its answer has been read. */
interface Exchange {
  readonly lease: Lease;
  readonly connections: Connections;
  /** Aborts with the request, and when the transport is closed. */
  readonly signal: AbortSignal;
  end(): void;
}

/**
 * Sends requests over pooled, kept-alive connections: HTTP/2 where the server offers it, else HTTP/1.1. Whoever has the same identity at
 * the same server shares them. What is used of undici is loaded at the first request. New TLS material gives new connections; streams on the old ones go
 * on to their end.
 */
export class HttpTransport implements Transport {
  readonly #tls: TlsSource;
  readonly #clock: Pick<Clock, 'turn' | 'setTimer' | 'monotonic'>;
  readonly #options: HttpTransportOptions;
  readonly #server: string;
  /** Of paths: what stands before them in the URL of the server, and for a proxy that forwards the server, too. */
  readonly #prefix: string;
  readonly #proxyAuthorization: string | undefined;
  /** By whether they may speak HTTP/2. */
  readonly #leases: Map<boolean, Lease> = new Map();
  /** Of earlier certificates, until the last answer that came that way has been read. */
  readonly #former: Set<Lease> = new Set();
  /** Of all that is under way. */
  readonly #underWay: Set<AbortController> = new Set();
  #undici: Promise<Undici> | undefined;
  #closed = false;

  constructor({ tls, clock }: HttpTransportPorts, options: HttpTransportOptions) {
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
    const exchange = await this.#open(request, http2);
    try {
      return await this.#send(request, exchange);
    } catch (error) {
      if (!isRefusedHandshake(error)) throw error;
      const fresh = await this.#open(request, http2); // What it was made with has expired: see `#failure`.
      if (fresh.lease !== exchange.lease) return this.#send(request, fresh);
      fresh.end();
      throw error;
    }
  }

  async #send(request: HttpRequest, { connections, signal, end }: Exchange): Promise<HttpResponse> {
    const headers = headersOf(request);
    // As in Go, who asks for an encoding gets the answer as it comes.
    const compression = this.#options.compression && request.method !== 'HEAD' && !('accept-encoding' in headers);
    if (compression) headers['accept-encoding'] = 'gzip';
    if (this.#proxyAuthorization !== undefined) headers['proxy-authorization'] = this.#proxyAuthorization;
    const asked = {
      origin: this.#options.url.origin,
      path: this.#prefix + request.path,
      method: request.method,
      headers,
      headersTimeout: this.#options.headersTimeoutMs,
      body: request.body ?? null,
    };
    const ports = {
      signal,
      turn: () => this.#clock.turn(),
      explain: (error: unknown) => this.#failure(error, request),
      onEnd: end,
    };
    let answer: Answer;
    try {
      answer = await dispatch(connections.dispatcher, asked, ports);
    } catch (error) {
      end();
      throw this.#failure(error, request);
    }
    const { status, body } = answer;
    if (status === 407) throw await this.#proxyRefusal(body);
    const received = definedHeaders(answer.headers);
    if (!compression || !isGzip(received)) return { status, headers: received, body, free: freeChunk };
    return { status, headers: inflatedHeaders(received), body: this.#inflated(body, request) };
  }

  /** For all that share the connections: later requests use new ones. */
  retireConnections(): void {
    for (const { pool } of this.#leases.values()) pool.retire();
    for (const { pool } of this.#former) pool.endSilent();
  }

  /** Pings the HTTP/2 connections that carry requests. Over HTTP/1.1 nobody can tell: then it says nothing. */
  async ping(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    this.#checkOpen('ping server');
    const pinging = this.#until(signal);
    try {
      await Promise.all(this.#all().map(({ pool }) => pool.ping(pinging.signal)));
    } catch (error) {
      throw signal.aborted ? error : transportError(error, this.#server);
    } finally {
      pinging.end();
    }
  }

  /** Ends the requests of this transport, and the connections that nobody else uses. */
  async close(): Promise<void> {
    this.#closed = true;
    const leases = this.#all();
    this.#leases.clear();
    this.#former.clear();
    const reason = new ClientError(`The client of ${this.#server} was closed before the answer was read`, {
      code: 'CLIENT_CLOSED',
      maybeProcessed: true,
    });
    for (const each of this.#underWay) each.abort(reason);
    await Promise.all(leases.map((lease) => lease.release()));
  }

  /** Left before it was begun, it ends the exchange, too. */
  #inflated(body: AnswerBody, request: HttpRequest): AsyncIterableIterator<Uint8Array, undefined> {
    const chunks = this.#inflate(body, request);
    return {
      next: () => chunks.next(),
      return: async () => {
        await body.return();
        return chunks.return(undefined);
      },
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  }

  async *#inflate(body: AnswerBody, request: HttpRequest): AsyncGenerator<Uint8Array, undefined> {
    try {
      yield* gunzip(Readable.from(body, { objectMode: false }), this.#server);
    } catch (error) {
      throw this.#failure(error, request);
    }
  }

  /** Connections for one request. */
  async #open({ signal }: HttpRequest, http2: boolean): Promise<Exchange> {
    const [undici, tls] = await Promise.all([this.#loaded(), this.#tls.read()]);
    this.#checkOpen('send request');
    signal?.throwIfAborted();
    let lease = this.#leases.get(http2);
    if (lease?.tls !== tls) {
      const former = lease;
      const { pool, release } = connectionPools.lease(undici, { ...this.#options, http2, tls, clock: this.#clock });
      lease = { pool, release, tls, active: 0 };
      this.#leases.set(http2, lease);
      if (former) this.#former.add(former);
      if (former) this.#endUnused(former);
    }
    return this.#exchange(lease, signal);
  }

  /** Once; what failed is tried again by the next request. */
  #loaded(): Promise<Undici> {
    this.#undici ??= loadUndici().catch((error: unknown) => {
      this.#undici = undefined;
      throw error;
    });
    return this.#undici;
  }

  #checkOpen(action: string): void {
    if (this.#closed) throw new ClientError(`Cannot ${action}: the client is closed`, { code: 'CLIENT_CLOSED' });
  }

  #exchange(lease: Lease, signal: AbortSignal | undefined): Exchange {
    let connections: Connections;
    try {
      connections = lease.pool.take();
    } catch (error) {
      throw transportError(error, this.#server);
    }
    lease.active++;
    const until = this.#until(signal);
    return {
      lease,
      connections,
      signal: until.signal,
      end: () => {
        until.end();
        lease.pool.giveBack(connections);
        lease.active--;
        this.#endUnused(lease);
      },
    };
  }

  /** A signal that aborts with another one, and when this is closed. */
  #until(signal: AbortSignal | undefined): { readonly signal: AbortSignal; end(): void } {
    const stop = new AbortController();
    const onAbort = (): void => stop.abort(signal?.reason);
    signal?.addEventListener('abort', onAbort, { once: true });
    this.#underWay.add(stop);
    return {
      signal: stop.signal,
      end: () => {
        signal?.removeEventListener('abort', onAbort);
        this.#underWay.delete(stop);
      },
    };
  }

  #all(): Lease[] {
    return [...this.#leases.values(), ...this.#former];
  }

  async #proxyRefusal(body: AnswerBody): Promise<ClientError> {
    await readAway(body);
    const { proxy } = this.#options;
    const what = proxy
      ? `the proxy "${proxy.name}" wants another user name and password (407); check ${proxy.setting}`
      : 'something in between wants a user name and a password (407); is it a proxy?';
    return new ClientError(`Cannot reach ${this.#server}: ${what}`, {
      code: 'CLIENT_CONNECTION_FAILED',
      retryable: true,
    });
  }

  #endUnused(lease: Lease): void {
    if (lease.active === 0 && this.#former.delete(lease)) void lease.release();
  }

  #failure(error: unknown, { signal }: HttpRequest): unknown {
    if (signal?.aborted) return error;
    const failure = transportError(error, this.#server);
    if (failure instanceof ClientError && failure.code === 'CLIENT_TLS_FAILED') this.#tls.expire();
    return failure;
  }
}

/** What is short is read to its end, so that the connection can be used again. */
async function readAway(body: AnswerBody): Promise<void> {
  let bytes = 0;
  for await (const piece of body) {
    bytes += piece.length;
    if (bytes > LONGEST_REFUSAL_BYTES) break;
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
