/** An HTTP request to an API server, before connection and credentials are chosen. */
export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'HEAD' | 'OPTIONS';
  /** Absolute path with query: `/api/v1/pods?limit=500`. */
  readonly path: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** Lower-case names and values of headers that occur more than once (`impersonate-group`); they are sent besides `headers`. */
  readonly repeatedHeaders?: readonly (readonly [name: string, value: string])[] | undefined;
  readonly body?: Uint8Array | undefined;
  /** Ends the request, or the body that is being read. */
  readonly signal?: AbortSignal | undefined;
}

/** The answer: status and headers at once, the body as it arrives. */
export interface HttpResponse {
  readonly status: number;
  /** Lower-case names; repeated headers are an array. */
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  /**
   * Must be read to its end or returned early (`break`), which frees the connection. Nobody writes to a chunk once it was given: readers
   * may hold on to its bytes.
   */
  readonly body: AsyncIterable<Uint8Array>;
  /**
   * Nobody reads `chunk` any more: its memory may go at once. Absent where others may; then the garbage collector sees to it. Called without
   * `this`, and held for as long as items of the chunk are, which may outlive the answer by far.
   */
  readonly free?: ((chunk: Uint8Array) => void) | undefined;
}

/** Sends one request. The in-process API server is one function of this shape, an HTTP connection pool another. */
export interface Transport {
  /** @throws when no answer was received. Any status is an answer. */
  request(request: HttpRequest): Promise<HttpResponse>;
  /** Sends later requests over new connections. */
  retireConnections?(): void;
  /**
   * Asks for a sign of life on the connections that carry requests, as far as it can tell. Rejects when one is dead, or with the
   * signal's reason when it aborts first. Absent where there are no connections.
   */
  ping?(signal: AbortSignal): Promise<void>;
  close?(): Promise<void>;
}
