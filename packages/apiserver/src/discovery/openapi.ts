import type { HttpResponse } from '@bowline/apimachinery';
import { methodNotAllowed } from '../errors.ts';
import { parseAccept } from '../http/media-type.ts';
import type { RequestInfo } from '../http/request-info.ts';
import { type Frame, type Headers, textResponse } from '../http/respond.ts';
import { type CustomResourceVersion, openApiDocument, openApiHash } from '../schema/index.ts';
import { type Catalog, pathOf } from './catalog.ts';

/** What the documents are made of. */
export interface OpenApiSource {
  catalog(): Catalog;
  /** The custom resources of a group-version. */
  customResources(group: string, version: string): readonly CustomResourceVersion[];
  /** Wall time: milliseconds since the Unix epoch. */
  nowMs(): number;
}

interface Published {
  readonly text: string;
  readonly hash: string;
}

const yearMs = 365 * 24 * 3600 * 1000;

/** The OpenAPI v3 documents: one per group-version, made when it is first asked for. */
export class OpenApi {
  readonly #source: OpenApiSource;
  readonly #published = new Map<string, Published>();

  constructor(source: OpenApiSource) {
    this.#source = source;
  }

  /** Makes the documents of a group anew: its definitions have changed. */
  forget(group: string): void {
    for (const path of this.#published.keys()) {
      if (path.startsWith(`apis/${group}/`)) this.#published.delete(path);
    }
  }

  /** @param parts What follows `/openapi/v3`. */
  serve(
    parts: readonly string[],
    info: RequestInfo,
    headers: Readonly<Record<string, string>>,
    frame: Frame,
  ): HttpResponse | undefined {
    if (info.method !== 'GET') throw methodNotAllowed();
    if (parts.length === 0) return this.#index(frame);
    const path = parts.join('/');
    const published = this.#document(path);
    if (published === undefined) return textResponse(404, '', frame.headers);
    const { accept = '' } = headers;
    const accepted = accept === '' || parseAccept(accept).some(isJsonRange);
    const common: Headers = { ...frame.headers, vary: 'Accept' };
    if (!accepted) return textResponse(406, '', common);
    const { hash, text } = published;
    common.etag = `"${hash}"`;
    const wanted = info.query.get('hash') ?? '';
    if (wanted !== '' && wanted !== hash) {
      const location = `/openapi/v3/${path}?hash=${hash}`;
      return textResponse(301, '', { ...common, location, 'content-type': 'application/json' });
    }
    if (wanted !== '') {
      common['cache-control'] = 'public, immutable';
      common.expires = new Date(this.#source.nowMs() + yearMs).toUTCString();
    }
    if (headers['if-none-match'] === common.etag) return textResponse(304, '', common);
    return textResponse(200, text, { ...common, 'content-type': 'application/json' });
  }

  #index(frame: Frame): HttpResponse {
    const paths: Record<string, { serverRelativeURL: string }> = {};
    for (const { name, versions } of this.#source.catalog().groups) {
      for (const { version } of versions) {
        const path = pathOf(name, version).slice(1);
        const published = this.#document(path);
        if (published !== undefined) {
          paths[path] = { serverRelativeURL: `/openapi/v3/${path}?hash=${published.hash}` };
        }
      }
    }
    return textResponse(200, JSON.stringify({ paths }), { ...frame.headers, 'content-type': 'application/json' });
  }

  #document(path: string): Published | undefined {
    const known = this.#published.get(path);
    if (known !== undefined) return known;
    const [root, ...rest] = path.split('/');
    const [group, version] = root === 'api' ? ['', rest[0]] : [rest[0], rest[1]];
    if (group === undefined || version === undefined) return undefined;
    const served = this.#source
      .catalog()
      .groups.some(({ name, versions }) => name === group && versions.some((one) => one.version === version));
    if (!served || pathOf(group, version) !== `/${path}`) return undefined;
    const document = openApiDocument({ group, version }, this.#source.customResources(group, version));
    if (document === undefined) return undefined;
    const text = JSON.stringify(document);
    const published = { text, hash: openApiHash(text) };
    this.#published.set(path, published);
    return published;
  }
}

function isJsonRange({ type, subtype }: { readonly type: string; readonly subtype: string }): boolean {
  return type === '*' || (type === 'application' && (subtype === 'json' || subtype === '*'));
}
