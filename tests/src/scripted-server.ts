import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An object of the one collection that a `ScriptedServer` has. */
export interface Thing {
  readonly apiVersion: 'v1';
  readonly kind: 'ConfigMap';
  readonly metadata: {
    readonly namespace: 'default';
    readonly name: string;
    readonly uid: string;
    readonly resourceVersion: string;
    readonly creationTimestamp: string;
    readonly labels: Readonly<Record<string, string>>;
  };
  readonly data: Readonly<Record<string, string>>;
}

/** One request, with its parameters and its time. */
export interface Recorded {
  readonly verb: 'list' | 'watch';
  readonly query: URLSearchParams;
  readonly at: number;
}

/** The path of its collection. */
export const path = '/api/v1/namespaces/default/configmaps';

/** An API server over HTTP with one collection, and with faults at a test's command. It sends bookmarks to those who ask for them. */
export class ScriptedServer implements AsyncDisposable {
  readonly requests: Recorded[] = [];
  /** Answers to the next requests of a verb: a status, or a connection that breaks. */
  readonly failures: { readonly list: (number | 'reset')[]; readonly watch: (number | 'reset')[] } = {
    list: [],
    watch: [],
  };
  /** While it is set, lists are answered when it resolves. */
  listsWaitFor: Promise<void> | undefined;
  /** Whether a watch may stream the first state; a server that cannot refuses. */
  streamsFirstState = true;
  /** Every watch is told that its version has expired. */
  isAlwaysExpired = false;
  readonly #server: Server;
  readonly #bookmarks: NodeJS.Timeout;
  readonly #objects: Map<string, Thing> = new Map();
  readonly #watches: Map<ServerResponse, { readonly bookmarks: boolean; readonly selector: string | null }> = new Map();
  #history: { readonly version: number; readonly type: string; readonly object: Thing }[] = [];
  #compacted = 0;
  #version = 100;
  #uids = 0;

  private constructor(bookmarkMs: number) {
    this.#server = createServer((request, response) => void this.#serve(request, response));
    this.#bookmarks = setInterval(() => {
      for (const [watch, { bookmarks }] of this.#watches) if (bookmarks) watch.write(this.#bookmark({}));
    }, bookmarkMs);
  }

  static async start(bookmarkMs: number): Promise<ScriptedServer> {
    const server = new ScriptedServer(bookmarkMs);
    await new Promise<void>((resolve) => server.#server.listen(0, '127.0.0.1', resolve));
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get openWatches(): number {
    return this.#watches.size;
  }

  /** How often it was asked for a list, or for a watch. */
  count(verb: Recorded['verb']): number {
    return this.requests.filter((request) => request.verb === verb).length;
  }

  put(name: string, value: string = name, labels: Readonly<Record<string, string>> = {}): void {
    const old = this.#objects.get(name);
    const object: Thing = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {
        namespace: 'default',
        name,
        uid: old?.metadata.uid ?? `uid-${++this.#uids}`,
        resourceVersion: String(++this.#version),
        creationTimestamp: '2026-01-01T00:00:00Z',
        labels,
      },
      data: { value },
    };
    this.#objects.set(name, object);
    this.#record(old ? 'MODIFIED' : 'ADDED', object);
  }

  delete(name: string): void {
    const old = this.#objects.get(name);
    if (!old) return;
    this.#objects.delete(name);
    const metadata = { ...old.metadata, resourceVersion: String(++this.#version) };
    this.#record('DELETED', { ...old, metadata });
  }

  /** Forgets what has happened so far: watches from before have expired. */
  compact(): void {
    this.#history = [];
    this.#compacted = this.#version;
  }

  /** Sends text on every open watch. */
  send(text: string): void {
    for (const watch of this.#watches.keys()) watch.write(text);
  }

  /** Ends every open watch, as a server does when their time is over. */
  end(): void {
    for (const watch of this.#watches.keys()) watch.end();
    this.#watches.clear();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#bookmarks);
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #record(type: string, object: Thing): void {
    this.#history.push({ version: this.#version, type, object });
    for (const [watch, { selector }] of this.#watches) if (matches(object, selector)) watch.write(line(type, object));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { searchParams: query } = new URL(request.url ?? '', this.url);
    const verb = query.get('watch') === null ? 'list' : 'watch';
    this.requests.push({ verb, query, at: performance.now() });
    const failure = this.failures[verb].shift();
    if (failure === 'reset') return void request.socket.destroy();
    if (failure !== undefined) return answer(response, failure, status(failure));
    if (query.get('sendInitialEvents') !== null && !this.streamsFirstState) return answer(response, 422, status(422));
    if (verb === 'watch') return this.#watch(query, response);
    await this.listsWaitFor;
    const selector = query.get('labelSelector');
    const items = [...this.#objects.values()].filter((object) => matches(object, selector));
    const metadata = { resourceVersion: String(this.#version) };
    answer(response, 200, { apiVersion: 'v1', kind: 'ConfigMapList', metadata, items });
  }

  #watch(query: URLSearchParams, response: ServerResponse): void {
    const from = Number(query.get('resourceVersion') ?? 0);
    const isInitial = query.get('sendInitialEvents') === 'true';
    const selector = query.get('labelSelector');
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
    if (this.isAlwaysExpired || (!isInitial && from < this.#compacted)) {
      response.end(`${JSON.stringify({ type: 'ERROR', object: status(410) })}\n`);
      return;
    }
    const past = isInitial
      ? [...this.#objects.values()].map((object) => ({ type: 'ADDED', object }))
      : this.#history.filter(({ version }) => version > from);
    for (const { type, object } of past) if (matches(object, selector)) response.write(line(type, object));
    if (isInitial) response.write(this.#bookmark({ 'k8s.io/initial-events-end': 'true' }));
    this.#watches.set(response, { bookmarks: query.get('allowWatchBookmarks') === 'true', selector });
    response.on('close', () => this.#watches.delete(response));
  }

  #bookmark(annotations: Readonly<Record<string, string>>): string {
    const metadata = { resourceVersion: String(this.#version), annotations };
    return line('BOOKMARK', { apiVersion: 'v1', kind: 'ConfigMap', metadata });
  }
}

/** An `ERROR` event with a status. */
export function errorEvent(code: number): string {
  return line('ERROR', status(code));
}

function line(type: string, object: object): string {
  return `${JSON.stringify({ type, object })}\n`;
}

function status(code: number): object {
  const reasons: Readonly<Record<number, string>> = {
    401: 'Unauthorized',
    410: 'Expired',
    422: 'Invalid',
    429: 'TooManyRequests',
    500: 'InternalError',
  };
  const reason = reasons[code] ?? '';
  return { apiVersion: 'v1', kind: 'Status', metadata: {}, status: 'Failure', code, reason, message: reason };
}

function answer(response: ServerResponse, code: number, body: object): void {
  response.writeHead(code, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

/** Knows selectors of the form `name=value`. */
function matches({ metadata }: Thing, selector: string | null): boolean {
  if (selector === null) return true;
  const [name = '', value] = selector.split('=');
  return metadata.labels[name] === value;
}
