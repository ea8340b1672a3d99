/**
 * Stands for the server in the URLs that client-node's code handles: where a request goes is the client's business.
 * RFC 2606 keeps the name from ever being one.
 */
export const PLACEHOLDER = 'https://cluster.invalid';

/** What client-node's generated code, and middleware of its users, does to a request. */
export interface ApiRequest {
  getUrl(): string;
  getHttpMethod(): string;
  getHeaders(): Record<string, string>;
  getBody(): unknown;
  getSignal(): AbortSignal | undefined;
}

/**
 * A request that is being put together.
 *
 * @see @kubernetes/client-node src/gen/http/http.ts `RequestContext`
 */
export class RequestContext implements ApiRequest {
  readonly #method: string;
  readonly #headers: Map<string, readonly [name: string, value: string]> = new Map();
  #url: URL;
  #body: unknown;
  #signal: AbortSignal | undefined;
  #dispatcher: unknown;

  constructor(path: string, method: string) {
    this.#url = new URL(`${PLACEHOLDER}${path}`);
    this.#method = method;
  }

  getUrl(): string {
    return this.#url.toString().replace(/\/$/, '');
  }

  setUrl(url: string): void {
    this.#url = new URL(url);
  }

  getHttpMethod(): string {
    return this.#method;
  }

  /** Names as they were given. */
  getHeaders(): Record<string, string> {
    return Object.fromEntries(this.#headers.values());
  }

  setHeaderParam(name: string, value: string): void {
    this.#headers.set(name.toLowerCase(), [name, value]);
  }

  addCookie(name: string, value: string): void {
    this.setHeaderParam('Cookie', `${this.#headers.get('cookie')?.[1] ?? ''}${name}=${value}; `);
  }

  setQueryParam(name: string, value: string): void {
    this.#url.searchParams.set(name, value);
  }

  appendQueryParam(name: string, value: string): void {
    this.#url.searchParams.append(name, value);
  }

  getBody(): unknown {
    return this.#body;
  }

  setBody(body: unknown): void {
    this.#body = body;
  }

  getSignal(): AbortSignal | undefined {
    return this.#signal;
  }

  setSignal(signal: AbortSignal): void {
    this.#signal = signal;
  }

  /** Kept for who asks; connections are the client's. */
  getDispatcher(): unknown {
    return this.#dispatcher;
  }

  setDispatcher(dispatcher: unknown): void {
    this.#dispatcher = dispatcher;
  }
}
