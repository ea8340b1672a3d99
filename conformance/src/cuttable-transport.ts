import type { HttpRequest, HttpResponse, Transport } from '@bowline/apimachinery';

/** A transport whose open watches can be cut off, as by a broken connection, and whose requests can be rewritten. */
export class CuttableTransport implements Transport {
  readonly #inner: Transport;
  readonly #open: Set<(error: Error) => void> = new Set();
  /** Changes a request before it is sent. */
  rewrite: (request: HttpRequest) => HttpRequest = (request) => request;
  /** Watches that were opened so far. */
  opened = 0;

  constructor(inner: Transport) {
    this.#inner = inner;
  }

  /** Watches that are open now. */
  get watches(): number {
    return this.#open.size;
  }

  async request(request: HttpRequest): Promise<HttpResponse> {
    if (!/[?&]watch=(true|1)/.test(request.path)) return this.#inner.request(this.rewrite(request));
    const connection = new AbortController();
    const signal = request.signal ? AbortSignal.any([request.signal, connection.signal]) : connection.signal;
    const response = await this.#inner.request(this.rewrite({ ...request, signal }));
    if (response.status !== 200) return response;
    this.opened += 1;
    return { ...response, body: this.#cuttable(response.body, connection) };
  }

  /** Breaks all open watches, in the middle of whatever they send. */
  cut(): void {
    for (const fail of [...this.#open]) fail(Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }));
  }

  retireConnections(): void {
    this.#inner.retireConnections?.();
  }

  async close(): Promise<void> {
    await this.#inner.close?.();
  }

  async *#cuttable(body: AsyncIterable<Uint8Array>, connection: AbortController): AsyncGenerator<Uint8Array> {
    let failure: Error | undefined;
    let wake: () => void = () => {};
    const broken = new Promise<undefined>((resolve) => {
      wake = () => resolve(undefined);
    });
    const fail = (error: Error): void => {
      failure = error;
      wake();
    };
    this.#open.add(fail);
    const chunks = body[Symbol.asyncIterator]();
    try {
      for (;;) {
        const next = await Promise.race([chunks.next(), broken]);
        if (failure !== undefined) throw failure; // also when a chunk is there: what is not read is lost
        if (next === undefined || next.done) return;
        yield next.value;
      }
    } finally {
      this.#open.delete(fail);
      connection.abort();
    }
  }
}
