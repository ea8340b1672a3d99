import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { type HttpResponse, readAll } from '@bowline/apimachinery';

/** Smaller answers are sent as they are. @see k8s.io/apiserver endpoints/handlers/responsewriters `defaultGzipThresholdBytes` */
const thresholdBytes = 128 * 1024;

/** An answer as it goes to a client that accepts `acceptEncoding`: large ones as gzip, watches and other streams never. */
export async function compressed(response: HttpResponse, acceptEncoding: string | undefined): Promise<HttpResponse> {
  const { 'content-length': length, ...headers } = response.headers;
  if (length === undefined || Number(length) <= thresholdBytes || !acceptsGzip(acceptEncoding)) return response;
  const bytes = await promisify(gzip)(await readAll(response.body), { level: 1 });
  return {
    status: response.status,
    headers: {
      ...headers,
      'content-length': String(bytes.length),
      'content-encoding': 'gzip',
      vary: 'Accept-Encoding',
    },
    body: (async function* () {
      yield bytes;
    })(),
  };
}

function acceptsGzip(acceptEncoding: string = ''): boolean {
  return acceptEncoding.split(',').some((encoding) => encoding.trim().toLowerCase() === 'gzip');
}
