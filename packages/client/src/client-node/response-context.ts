import { type HttpResponse, readAll } from '@bowline/apimachinery';

/** The longest text that V8 can hold. */
const LONGEST_BODY_BYTES = 2 ** 29 - 24;

/** The body of an answer. It is read once, however often it is asked for. */
class ResponseBody {
  readonly #chunks: AsyncIterable<Uint8Array>;
  #bytes: Promise<Buffer> | undefined;

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks;
  }

  binary(): Promise<Buffer> {
    this.#bytes ??= readAll(this.#chunks, LONGEST_BODY_BYTES).then((bytes) =>
      Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length),
    );
    return this.#bytes;
  }

  async text(): Promise<string> {
    return (await this.binary()).toString('utf8');
  }

  /** The body as it arrives, unless it was read. */
  stream(): ReadableStream<Uint8Array> {
    return ReadableStream.from(this.#bytes ? once(this.#bytes) : this.#chunks);
  }
}

/**
 * An answer in the shape that client-node's generated code reads.
 *
 * @see @kubernetes/client-node src/gen/http/http.ts `ResponseContext`
 */
export class ResponseContext {
  readonly httpStatusCode: number;
  readonly headers: Record<string, string>;
  readonly body: ResponseBody;

  constructor({ status, headers, body }: HttpResponse) {
    this.httpStatusCode = status;
    this.headers = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, [value].flat().join(', ')]),
    );
    this.body = new ResponseBody(body);
  }

  /** `value; name="parameter"` taken apart; the value's name is empty. */
  getParsedHeader(name: string): Record<string, string> {
    const parts = (this.headers[name] ?? '').split(';').filter((part) => part !== '');
    return Object.fromEntries(
      parts.map((part) => {
        const [key = '', value] = part.split(/=(.*)/s).map((text) => text.trim());
        return value === undefined ? ['', key.toLowerCase()] : [key.toLowerCase(), value.replace(/^"(.*)"$/s, '$1')];
      }),
    );
  }

  async getBodyAsFile(): Promise<{ data: Buffer; name: string }> {
    return { data: await this.body.binary(), name: this.getParsedHeader('content-disposition').filename ?? '' };
  }

  getBodyAsAny(): Promise<string> {
    return this.body.text();
  }
}

async function* once(bytes: Promise<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield await bytes;
}
