import type { HttpResponse } from '@bowline/apimachinery';
import { serverVersion } from '../data/index.ts';
import { methodNotAllowed } from '../errors.ts';
import { parseAccept } from '../http/media-type.ts';
import type { RequestInfo } from '../http/request-info.ts';
import type { Frame } from '../http/respond.ts';

const contentType = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf';

/**
 * `/openapi/v2`: a document without definitions, in protobuf alone. kubectl falls back on it for kinds that version 3 does not know, and is
 * content when it does not know them either.
 *
 * @returns undefined for those who want JSON: 404, as far as they are concerned.
 * @see github.com/google/gnostic-models openapiv2 `Document`
 */
export function serveOpenApiV2(info: RequestInfo, accept: string | undefined, frame: Frame): HttpResponse | undefined {
  if (info.method !== 'GET') throw methodNotAllowed();
  const wanted = parseAccept(accept ?? '').some(({ subtype }) =>
    /^com\.github\.proto-openapi\.spec\.v2[.@]v1\.0\+protobuf$/.test(subtype),
  );
  if (!wanted) return undefined;
  const version = serverVersion().gitVersion;
  const document = [
    ...message(1, '2.0'),
    ...message(2, [...message(1, 'Kubernetes'), ...message(2, version)]),
    ...message(8, []),
  ];
  const bytes = Uint8Array.from(document);
  const headers = { ...frame.headers, 'content-type': contentType, 'content-length': String(bytes.length) };
  return { status: 200, headers, body: one(bytes) };
}

/** A length-delimited field; shorter than 128 bytes. */
function message(field: number, content: string | readonly number[]): number[] {
  const bytes = typeof content === 'string' ? [...Buffer.from(content)] : content;
  return [field * 8 + 2, bytes.length, ...bytes];
}

async function* one(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
