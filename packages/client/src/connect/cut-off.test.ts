import tls from 'node:tls';
import type { HttpRequest } from '@bowline/apimachinery';
import { describe, expect, test } from 'vitest';
import { createTransport } from '../config/resolve-config.ts';
import { cleanUp, get, http2Server, tls as material, serve, text, trusted, until } from './servers.fixture.ts';

// What Node's own server would never send: HTTP/2 frame by frame. @see RFC 9113 4.1

const number = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};
const frame = (type: number, flags: number, stream: number, payload: Uint8Array = Buffer.alloc(0)): Buffer =>
  Buffer.concat([number(payload.length).subarray(1), Buffer.from([type, flags]), number(stream), payload]);
const END_STREAM = 1;
const data = (stream: number, said: string, flags = 0): Buffer => frame(0, flags, stream, Buffer.from(said));
/** `:status: 200` */
const head = (stream: number): Buffer => frame(1, 4, stream, Buffer.from([0x88]));
const trailers = (stream: number): Buffer => frame(1, 4 | END_STREAM, stream, Buffer.from('\0\x01a\x01b', 'latin1'));
const reset = (stream: number, code: number): Buffer => frame(3, 0, stream, number(code));
const settings = frame(4, 0, 0);
const PREFACE_BYTES = 24;
const HEADER_BYTES = 9;

/** Answers each request with these packets, one in a turn of its own after the other. */
async function framesServer(...packets: readonly ((stream: number) => Buffer)[]): Promise<string> {
  const server = tls.createServer({ ...material, ALPNProtocols: ['h2'] }, (socket) => {
    let unread = Buffer.alloc(0);
    let skip = PREFACE_BYTES;
    socket.on('error', () => {});
    socket.write(settings);
    socket.on('data', (piece) => {
      unread = Buffer.concat([unread, piece]);
      while (unread.length >= skip + HEADER_BYTES) {
        const [length, type, stream] = [unread.readUIntBE(skip, 3), unread[skip + 3], unread.readUInt32BE(skip + 5)];
        if (type === 1) void answer(socket, stream);
        skip += HEADER_BYTES + length;
      }
      const read = Math.min(skip, unread.length);
      unread = unread.subarray(read);
      skip -= read;
    });
  });
  const answer = async (socket: tls.TLSSocket, stream: number): Promise<void> => {
    for (const packet of packets) {
      await new Promise((resolve) => socket.write(packet(stream), resolve));
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  return `https://127.0.0.1:${(await serve(server)).port}`;
}

function transport(server: string): ReturnType<typeof createTransport> {
  const made = createTransport({ cluster: { server, ...trusted } }, {});
  cleanUp(() => made.close?.());
  return made;
}

describe('HttpTransport over HTTP/2', () => {
  test.each([
    ['in a packet of its own', 'NO_ERROR', 0],
    ['in a packet of its own', 'CANCEL', 8],
    ['in a packet of its own', 'INTERNAL_ERROR', 2],
    ['in the same packet', 'NO_ERROR', 0],
    ['in the same packet', 'CANCEL', 8],
  ])('HttpTransport calls an answer cut off that a reset ends in the middle, %s, %s', async (where, _, code) => {
    const server = await framesServer(
      ...(where === 'in the same packet'
        ? [(stream: number) => Buffer.concat([head(stream), data(stream, 'hello'), reset(stream, code)])]
        : [
            (stream: number) => Buffer.concat([head(stream), data(stream, 'hello')]),
            (stream: number) => reset(stream, code),
          ]),
    );
    const one = transport(server);
    const reading = one.request(get).then(text);
    await expect(reading).rejects.toMatchObject({
      code: 'CLIENT_CONNECTION_FAILED',
      retryable: true,
      maybeProcessed: true,
    });
  });

  test.each<[string, (stream: number) => Buffer]>([
    ['with its last data', (stream) => data(stream, ', all of it', END_STREAM)],
    ['after its last data', (stream) => Buffer.concat([data(stream, ', all of it'), data(stream, '', END_STREAM)])],
    ['with trailers', (stream) => Buffer.concat([data(stream, ', all of it'), trailers(stream)])],
    [
      'and a reset, which says that the rest of the request is not wanted',
      (stream) => Buffer.concat([data(stream, ', all of it', END_STREAM), reset(stream, 0)]),
    ],
  ])('HttpTransport calls an answer whole that ends %s', async (_, end) => {
    const server = await framesServer((stream) => Buffer.concat([head(stream), data(stream, 'hello')]), end);
    const request: HttpRequest = { ...get, method: 'POST', body: Buffer.alloc(300_000) }; // more than this server takes
    expect(await text(await transport(server).request(request))).toBe('hello, all of it');
    expect(await text(await transport(server).request(get))).toBe('hello, all of it');
  });

  test('HttpTransport calls an answer whole that has come long before it is read, and one without a body', async () => {
    const whole = 'x'.repeat(3_000_000);
    let sent = 0;
    const { port } = await http2Server((request, response) => {
      if (request.method === 'HEAD') response.writeHead(204).end();
      else response.end(whole, () => sent++);
    });
    const one = transport(`https://127.0.0.1:${port}`);
    const answers = await Promise.all([1, 2, 3].map(() => one.request(get)));
    await until(() => sent === 3);
    for (const answer of answers) expect((await text(answer)).length).toBe(whole.length);
    expect(await text(await one.request({ ...get, method: 'HEAD' }))).toBe('');
  });

  test('HttpTransport tells whoever aborts in the middle of an answer his own reason', async () => {
    const { port } = await http2Server((_request, response) => response.write('hello'));
    const stop = new AbortController();
    const { body } = await transport(`https://127.0.0.1:${port}`).request({ ...get, signal: stop.signal });
    const chunks = body[Symbol.asyncIterator]();
    await chunks.next();
    stop.abort(new Error('enough'));
    await expect(chunks.next()).rejects.toThrow('enough');
  });
});
