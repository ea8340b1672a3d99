import type { HttpRequest, HttpResponse } from '@bowline/apimachinery';
import { checkValue, rules, withMethods } from '@bowline/apimachinery/arguments';
import type { RawRequest } from '../calls.ts';
import { type ApiRequest, PLACEHOLDER, RequestContext } from './request-context.ts';
import { ResponseContext } from './response-context.ts';

/** What sends the requests: a `Client` is one. */
export interface RawClient {
  raw(request: RawRequest): Promise<HttpResponse>;
}

/** The path of a list: of a resource, in all namespaces or in one. */
const collection = /^\/api(s\/[^/]+)?\/[^/]+\/(namespaces\/[^/]+\/)?[^/?]+(\?|$)/;
const methods: readonly string[] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'];

/**
 * One of the typed API classes of `@kubernetes/client-node`, over the connections of a client: its pool and time-outs, retries, credentials,
 * proxies, warnings and rate limit. It stands where `kubeConfig.makeApiClient(CoreV1Api)` stood; what the server refuses is client-node's
 * `ApiException` as before (which `isNotFound` and its kin know), what goes wrong on the way a `ClientError`.
 *
 * @throws {TypeError} when an argument is wrong.
 * @example
 * ```ts
 * import { createClient } from '@bowline/client';
 * import { makeApiClient } from '@bowline/client/client-node';
 * import { CoreV1Api } from '@kubernetes/client-node';
 *
 * await using client = createClient({ cluster: { server: 'http://127.0.0.1:8001' } });
 * const core = makeApiClient(client, CoreV1Api);
 * ```
 */
export function makeApiClient<A>(client: RawClient, api: new (configuration: never) => A): A {
  const action = 'make API client';
  checkValue(action, 'client', client, withMethods('a client', 'raw'));
  checkValue(action, 'api', api, {
    ...rules.function,
    text: 'an API class of @kubernetes/client-node, like CoreV1Api',
  });
  const configuration = {
    baseServer: { makeRequestContext: (path: string, method: string) => new RequestContext(path, method) },
    httpApi: { send: (request: ApiRequest) => observable(send(client, request)) },
    middleware: [],
    authMethods: {},
  };
  return new api(configuration as never);
}

async function send(client: RawClient, request: ApiRequest): Promise<ResponseContext> {
  const url = request.getUrl();
  if (new URL(url).origin !== PLACEHOLDER) {
    throw new TypeError(
      `Cannot send request: baseServer must be that of the client, got "${new URL(url).origin}"; make a client for that server`,
    );
  }
  const method = request.getHttpMethod();
  if (!methods.includes(method))
    throw new TypeError(`Cannot send request: method must be one of HTTP, got "${method}"`);
  const body = bodyOf(request.getBody());
  const headers = Object.entries(request.getHeaders()).map(([name, value]) => [name.toLowerCase(), String(value)]);
  const response = await client.raw({
    method: method as HttpRequest['method'],
    path: url.slice(PLACEHOLDER.length) || '/',
    headers: Object.fromEntries(headers),
    body,
    signal: request.getSignal(),
    ...(method === 'GET' && { slow: collection.test(url.slice(PLACEHOLDER.length)) }),
  });
  const answer = new ResponseContext(response);
  // The generated code does not look at the body of every refusal, and an unread one would hold its connection.
  if (response.status >= 300) await answer.body.binary();
  return answer;
}

function bodyOf(body: unknown): string | undefined {
  if (body === undefined || typeof body === 'string') return body;
  if (body instanceof URLSearchParams) return body.toString();
  throw new TypeError('Cannot send request: body must be text, got a form');
}

/** A promise in the clothes of an observable, as far as client-node's code looks. */
interface PromisedValue<T> {
  toPromise(): Promise<T>;
  pipe<S>(callback: (value: T) => S | Promise<S>): PromisedValue<S>;
}

function observable<T>(promise: Promise<T>): PromisedValue<T> {
  return { toPromise: () => promise, pipe: (callback) => observable(promise.then(callback)) };
}
