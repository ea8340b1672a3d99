import { pipeline, type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { HttpResponse } from '@bowline/apimachinery';
import { badResponse } from '../errors.ts';

/** What is inflated at once. As many chunks as the reader takes are made, and no more. */
const CHUNK_BYTES = 1 << 16;

/** Whether a body is compressed in the way that we asked for. */
export function isGzip(headers: HttpResponse['headers']): boolean {
  const [encoding = ''] = [headers['content-encoding'] ?? []].flat();
  return /^\s*(x-)?gzip\s*$/i.test(encoding);
}

/** The headers of an answer whose body was inflated. */
export function inflatedHeaders(headers: HttpResponse['headers']): HttpResponse['headers'] {
  const { 'content-encoding': _encoding, 'content-length': _length, ...rest } = headers;
  return rest;
}

/**
 * Inflates a body as it arrives: what the sender has flushed comes out at once.
 *
 * @param server What messages call the other side.
 * @throws {ClientError} `CLIENT_BAD_RESPONSE` when it is no gzip, or damaged; what the body throws. A body that ends too early throws
 * an error with the code `Z_BUF_ERROR`.
 */
export async function* gunzip(body: Readable, server: string): AsyncGenerator<Uint8Array> {
  const inflate = createGunzip({ chunkSize: CHUNK_BYTES });
  pipeline(body, inflate, () => {}); // Whoever reads `inflate` gets the errors of both.
  try {
    yield* inflate;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (!code.startsWith('Z_') || code === 'Z_BUF_ERROR') throw error;
    throw badResponse(`Cannot understand the answer of ${server}: it is no gzip, or damaged (${code})`, error);
  }
}
