import type { HttpRequest, HttpResponse } from '@bowline/apimachinery';

/** What discovery needs of a client: one request, its answer. A client that throws for refusals fits as well as one that returns them. */
export interface RawClient {
  raw(request: HttpRequest): Promise<HttpResponse>;
}
