import type { HttpRequest, HttpResponse, Transport } from '@bowline/apimachinery';

/** A server without aggregated discovery: it answers in the next form that the client takes, and with 406 when there is none. */
export class PlainDiscovery implements Transport {
  readonly #inner: Transport;
  /** Requests that asked for the aggregated form. */
  refused = 0;

  constructor(inner: Transport) {
    this.#inner = inner;
  }

  async request(request: HttpRequest): Promise<HttpResponse> {
    const offers = request.headers.accept?.split(',') ?? [];
    const plain = offers.filter((offer) => !offer.includes('as=APIGroupDiscoveryList'));
    if (plain.length === offers.length) return this.#inner.request(request);
    this.refused += 1;
    if (plain.length === 0) return notAcceptable();
    return this.#inner.request({ ...request, headers: { ...request.headers, accept: plain.join(',') } });
  }

  retireConnections(): void {
    this.#inner.retireConnections?.();
  }

  async close(): Promise<void> {
    await this.#inner.close?.();
  }
}

function notAcceptable(): HttpResponse {
  const status = { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason: 'NotAcceptable', code: 406 };
  const body = (async function* () {
    yield Buffer.from(
      JSON.stringify({ ...status, message: 'only the following media types are accepted: application/json' }),
    );
  })();
  return { status: 406, headers: { 'content-type': 'application/json' }, body };
}
