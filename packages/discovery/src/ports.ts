import type { HttpRequest, HttpResponse } from '@bowline/apimachinery';

/** What discovery needs of a client: one request, its answer. A client that throws for refusals fits as well as one that returns them. */
export interface RawClient {
  raw(request: HttpRequest): Promise<HttpResponse>;
}

/** An answer that can be asked for again by its entity tag. */
export interface TaggedAnswer {
  readonly etag: string;
  readonly contentType: string;
  readonly body: string;
}

/**
 * Keeps what was read beyond the life of a process; `kubectlCache` makes one. What it keeps is advice: it may forget anything, and
 * nobody fails when it does.
 */
export interface DiscoveryCache {
  /** What was kept under a name (`servergroups.json`, `apps/v1/serverresources.json`), as long as it is good; else undefined. */
  document(name: string): Promise<unknown>;
  /** @throws when it cannot be kept, which is logged. */
  keepDocument(name: string, document: unknown): Promise<void>;
  /** The last answer to a GET of `path` with this `accept` header, however old. */
  answer(path: string, accept: string): Promise<TaggedAnswer | undefined>;
  /** @throws when it cannot be kept, which is logged. */
  keepAnswer(path: string, accept: string, answer: TaggedAnswer): Promise<void>;
}
