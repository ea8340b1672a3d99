import type { HttpRequest, HttpResponse, Transport } from '@bowline/apimachinery';
import { type Client, createClient, createTransport } from '@bowline/client';
import type { Env } from '@bowline/envtest';

/** In which form built-in kinds are asked for, from `BOWLINE_FORM`: `protobuf`, `json`, or one after the other. */
type Form = 'protobuf' | 'json' | 'alternating';

function formUnderTest(): Form {
  const form = (process.env.BOWLINE_FORM ?? 'protobuf') as Form;
  if (!['protobuf', 'json', 'alternating'].includes(form))
    throw new RangeError(`Cannot choose a form: BOWLINE_FORM must be protobuf, json or alternating, got "${form}"`);
  return form;
}

const PROTOBUF = 'application/vnd.kubernetes.protobuf';

/** Takes protobuf out of every second request that asks for it. */
class AlternatingForms implements Transport {
  readonly #inner: Transport;
  readonly answers = { protobuf: 0, json: 0 };
  #requests = 0;

  constructor(inner: Transport) {
    this.#inner = inner;
  }

  async request(request: HttpRequest): Promise<HttpResponse> {
    const offers = request.headers.accept?.split(',') ?? [];
    const others = offers.filter((offer) => !offer.startsWith(PROTOBUF));
    if (others.length === offers.length) return this.#inner.request(request);
    const accept = this.#requests++ % 2 === 0 ? offers : others;
    const response = await this.#inner.request({
      ...request,
      headers: { ...request.headers, accept: accept.join(',') },
    });
    this.answers[String(response.headers['content-type']).startsWith(PROTOBUF) ? 'protobuf' : 'json'] += 1;
    return response;
  }

  retireConnections(): void {
    this.#inner.retireConnections?.();
  }

  async close(): Promise<void> {
    await this.#inner.close?.();
  }
}

/** Asks for the form under test. */
function clientAndForms(transport: Transport, { kubeConfig }: Pick<Env, 'kubeConfig'>) {
  const form = formUnderTest();
  const forms = form === 'alternating' ? new AlternatingForms(transport) : undefined;
  return { forms, client: createClient(kubeConfig, { transport: forms ?? transport, protobuf: form !== 'json' }) };
}

/** A client of the server under test that sends its requests through `transport`, and asks for the form under test. */
export function clientOver(transport: Transport, env: Pick<Env, 'kubeConfig'>): Client {
  return clientAndForms(transport, env).client;
}

/** The same environment with a client that asks for the form under test. Disposing of it fails when the server has not sent that. */
export function withForm(env: Env): Env {
  if (formUnderTest() === 'protobuf') return env;
  const transport = env.kubeConfig.ports?.transport ?? createTransport(env.kubeConfig);
  const { client, forms } = clientAndForms(transport, env);
  return {
    ...env,
    client,
    async [Symbol.asyncDispose]() {
      await client[Symbol.asyncDispose]();
      await env[Symbol.asyncDispose]();
      if (forms === undefined) return;
      const { protobuf, json } = forms.answers;
      if (protobuf === 0 || json === 0)
        throw new Error(`The server did not answer in both forms: ${protobuf} times protobuf, ${json} times JSON`);
    },
  };
}
