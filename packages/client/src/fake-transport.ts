import type { HttpRequest, HttpResponse, Transport } from '@bowline/apimachinery';

/** What a test answers. */
export interface FakeAnswer {
  /** @default 200 */
  readonly status?: number | undefined;
  /** Lower-case names. @default JSON as content type, unless the body is text or bytes */
  readonly headers?: HttpResponse['headers'] | undefined;
  /** Objects are sent as JSON. @default nothing */
  readonly body?: object | string | Uint8Array | undefined;
}

/** Signs that a body is over, or broken. */
type BodyEvent = { readonly chunk: Uint8Array } | { readonly end: true } | { readonly error: unknown };

/** One request, and the test's side of the conversation about it. */
export class FakeExchange {
  readonly request: HttpRequest;
  readonly #resolve: (response: HttpResponse) => void;
  readonly #reject: (error: unknown) => void;
  readonly #events: BodyEvent[] = [];
  #wake: (() => void) | undefined;
  #answered = false;
  #over = false;

  constructor(request: HttpRequest, resolve: (response: HttpResponse) => void, reject: (error: unknown) => void) {
    this.request = request;
    this.#resolve = resolve;
    this.#reject = reject;
    request.signal?.addEventListener('abort', () => this.fail(request.signal?.reason), { once: true });
  }

  /** Whether the body was read to its end, left early or broken: nobody waits for it any more. */
  get over(): boolean {
    return this.#over;
  }

  /** The body of the request, decoded. */
  json(): unknown {
    return this.request.body === undefined ? undefined : JSON.parse(Buffer.from(this.request.body).toString('utf8'));
  }

  /** Answers at once with all there is. */
  respond(answer: FakeAnswer = {}): void {
    const { body } = answer;
    this.open(answer);
    if (body !== undefined) this.write(body);
    this.end();
  }

  /** Answers with a head; the body follows by `write` and `end`. */
  open({ status = 200, headers, body }: FakeAnswer = {}): void {
    if (this.#answered) throw new Error('Cannot respond: the request is answered already');
    this.#answered = true;
    const json = body === undefined || (typeof body === 'object' && !(body instanceof Uint8Array));
    this.#resolve({
      status,
      headers: headers ?? (json ? { 'content-type': 'application/json' } : {}),
      body: this.#body(),
    });
  }

  /** Sends a piece of the body. */
  write(piece: object | string | Uint8Array): void {
    const text = typeof piece === 'string' || piece instanceof Uint8Array ? piece : JSON.stringify(piece);
    this.#push({ chunk: typeof text === 'string' ? Buffer.from(text) : text });
  }

  /** Sends one watch event. */
  event(type: string, object: object): void {
    this.write(`${JSON.stringify({ type, object })}\n`);
  }

  end(): void {
    this.#push({ end: true });
  }

  /** Breaks the connection: rejects the request, or the body when the head was sent. A text is the code of a system error. */
  fail(error: unknown = 'ECONNRESET'): void {
    const failure = typeof error === 'string' ? Object.assign(new Error(`read ${error}`), { code: error }) : error;
    if (this.#answered) this.#push({ error: failure });
    else {
      this.#answered = true;
      this.#over = true;
      this.#reject(failure);
    }
  }

  #push(event: BodyEvent): void {
    this.#events.push(event);
    this.#wake?.();
  }

  async *#body(): AsyncGenerator<Uint8Array> {
    try {
      for (;;) {
        const event = this.#events.shift();
        if (event === undefined) {
          await new Promise<void>((resolve) => {
            this.#wake = resolve;
          });
        } else if ('chunk' in event) yield event.chunk;
        else if ('error' in event) throw event.error;
        else return;
      }
    } finally {
      this.#over = true;
    }
  }
}

/**
 * A transport whose other side is the test: each request waits until the test takes it with `next` and answers it.
 *
 * @example
 * ```ts
 * import { createClient } from '@bowline/client';
 * import { FakeTransport } from '@bowline/client/testing';
 *
 * const transport = new FakeTransport();
 * const client = createClient({ cluster: { server: 'http://fake' }, ports: { transport } });
 * const answer = client.raw({ path: '/version' });
 * (await transport.next()).respond({ body: { major: '1' } });
 * (await answer).status; // 200
 * ```
 */
export class FakeTransport implements Transport {
  /** All requests that were made. */
  readonly requests: HttpRequest[] = [];
  /** How often connections were retired. */
  retired = 0;
  closed = false;
  readonly #unanswered: FakeExchange[] = [];
  readonly #waiting: ((exchange: FakeExchange) => void)[] = [];

  /** How many requests nobody has taken. */
  get pending(): number {
    return this.#unanswered.length;
  }

  /** The next request, as soon as there is one. */
  next(): Promise<FakeExchange> {
    const exchange = this.#unanswered.shift();
    if (exchange) return Promise.resolve(exchange);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  request(request: HttpRequest): Promise<HttpResponse> {
    this.requests.push(request);
    return new Promise((resolve, reject) => {
      const exchange = new FakeExchange(request, resolve, reject);
      const taker = this.#waiting.shift();
      if (taker) taker(exchange);
      else this.#unanswered.push(exchange);
    });
  }

  retireConnections(): void {
    this.retired++;
  }

  async close(): Promise<void> {
    this.closed = true;
  }
}
