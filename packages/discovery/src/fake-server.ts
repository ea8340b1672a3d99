import { createHash } from 'node:crypto';
import type { HttpRequest, HttpResponse } from '@bowline/apimachinery';
import type { RawClient } from './ports.ts';

/** Answers by path, in JSON; `undefined` is a 404, a number an answer of that status without a body. */
export type Documents = Readonly<Record<string, unknown>>;

/** A double of a server for discovery: it answers from documents and remembers what it was asked. */
export class FakeServer implements RawClient {
  /** Can be replaced at any time. */
  documents: Documents;
  /** The paths without their queries, in order. */
  readonly requests: string[] = [];
  /** The same requests as they were sent. */
  readonly sent: HttpRequest[] = [];
  /** Whether answers in the aggregated form carry an entity tag, as a kube-apiserver's do. */
  tagged = false;
  /** How many answers were "304 Not Modified". */
  notModified = 0;
  /** How many requests it had at the same time, at most. */
  mostAtOnce = 0;
  #atOnce = 0;
  #gate: Promise<void> = Promise.resolve();

  constructor(documents: Documents) {
    this.documents = documents;
  }

  /** Lets requests wait until the returned function is called. */
  hold(): () => void {
    let release = (): void => {};
    this.#gate = new Promise((resolve) => {
      release = resolve;
    });
    return release;
  }

  async raw(request: HttpRequest): Promise<HttpResponse> {
    const { signal } = request;
    const [path = ''] = request.path.split('?');
    this.requests.push(path);
    this.sent.push(request);
    this.mostAtOnce = Math.max(this.mostAtOnce, ++this.#atOnce);
    try {
      const aborted = new Promise<never>((_resolve, reject) => {
        signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
      });
      await Promise.race([this.#gate, aborted]);
    } finally {
      this.#atOnce--;
    }
    const document = this.documents[path];
    if (document instanceof Error) throw document;
    const status = document === undefined ? 404 : typeof document === 'number' ? document : 200;
    const text = status === 200 ? (typeof document === 'string' ? document : JSON.stringify(document)) : '';
    const headers = { 'content-type': 'application/json' };
    if (!this.tagged || !text.includes('APIGroupDiscoveryList')) return { status, headers, body: chunksOf(text) };
    const etag = `"${createHash('sha256').update(text).digest('hex')}"`;
    if (request.headers['if-none-match'] !== etag)
      return { status, headers: { ...headers, etag }, body: chunksOf(text) };
    this.notModified++;
    return { status: 304, headers: { etag }, body: chunksOf('') };
  }
}

async function* chunksOf(text: string): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(text);
}
