import type { HttpRequest, HttpResponse, Transport } from '@bowline/apimachinery';

/** What a fault does to a request: an answer in place of the server's, nothing, or an error that it throws. */
export type Fault = (request: HttpRequest) => HttpResponse | undefined;

/** A transport between a client and a server on which a test makes things go wrong. */
export class FaultyTransport implements Transport {
  readonly #inner: Transport;
  readonly #watches: Set<FaultyWatch> = new Set();
  /** Asked about each request before the server is. */
  fault: Fault | undefined;
  /** Requests so far, as `METHOD path`. */
  readonly requests: string[] = [];
  retired = 0;

  constructor(inner: Transport) {
    this.#inner = inner;
  }

  /** Watches that nobody has ended. */
  get watches(): readonly FaultyWatch[] {
    return [...this.#watches];
  }

  async request(request: HttpRequest): Promise<HttpResponse> {
    this.requests.push(`${request.method} ${request.path}`);
    const answer = this.fault?.(request);
    if (answer !== undefined) return answer;
    if (!/[?&]watch=(true|1)/.test(request.path)) return this.#inner.request(request);
    const connection = new AbortController();
    const signal = request.signal ? AbortSignal.any([request.signal, connection.signal]) : connection.signal;
    const response = await this.#inner.request({ ...request, signal });
    if (response.status !== 200) return response;
    const watch = new FaultyWatch(request.path);
    this.#watches.add(watch);
    const ended = (): void => {
      this.#watches.delete(watch);
      connection.abort();
    };
    return { ...response, body: watch.body(response.body, ended) };
  }

  retireConnections(): void {
    this.retired += 1;
  }
}

/** An open watch, and what a test does to it. */
export class FaultyWatch {
  readonly path: string;
  readonly #injected: Uint8Array[] = [];
  #end: { readonly error: Error | undefined } | undefined;
  #silent = false;
  #wake: () => void = () => {};
  #poked: Promise<undefined>;

  constructor(path: string) {
    this.path = path;
    this.#poked = this.#nextPoke();
  }

  /** Ends the stream as a server does. */
  end(): void {
    this.#end = { error: undefined };
    this.#wake();
  }

  /** Breaks the connection. */
  reset(): void {
    this.#end = { error: Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }) };
    this.#wake();
  }

  /** Sends text to the client in between. */
  send(text: string): void {
    this.#injected.push(new TextEncoder().encode(text));
    this.#wake();
  }

  /** Lets nothing through any more, and does not end. */
  silence(): void {
    this.#silent = true;
  }

  /** What the client gets. */
  async *body(inner: AsyncIterable<Uint8Array>, ended: () => void): AsyncGenerator<Uint8Array> {
    const chunks = inner[Symbol.asyncIterator]();
    try {
      let next = chunks.next();
      for (;;) {
        const result = await Promise.race([next, this.#poked]);
        for (let text = this.#injected.shift(); text !== undefined; text = this.#injected.shift()) yield text;
        if (this.#end?.error) throw this.#end.error;
        if (this.#end) return;
        if (result === undefined) {
          this.#poked = this.#nextPoke();
          continue;
        }
        if (result.done) return;
        next = chunks.next();
        if (!this.#silent) yield result.value;
      }
    } finally {
      ended();
    }
  }

  #nextPoke(): Promise<undefined> {
    return new Promise((resolve) => {
      this.#wake = () => resolve(undefined);
    });
  }
}

/** An answer of an API server that refuses. */
export function refusal(code: number, reason: string, message: string): HttpResponse {
  const status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, code };
  return { status: code, headers: { 'content-type': 'application/json' }, body: chunk(JSON.stringify(status)) };
}

/** The failure of a connection, as Node reports it. */
export function connectionError(code: string): Error {
  return Object.assign(new Error(`connect ${code} 127.0.0.1:6443`), { code });
}

async function* chunk(text: string): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(text);
}
