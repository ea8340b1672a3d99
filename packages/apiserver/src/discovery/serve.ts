import { createHash } from 'node:crypto';
import type { HttpResponse } from '@bowline/apimachinery';
import { serverVersion } from '../data/index.ts';
import { methodNotAllowed, noSuchResource, notAcceptable, Refusal } from '../errors.ts';
import { parseAccept } from '../http/media-type.ts';
import type { RequestInfo } from '../http/request-info.ts';
import { type Frame, type Headers, jsonResponse, textResponse } from '../http/respond.ts';
import type { JsonObject } from '../object.ts';
import { type Catalog, groupVersionOf, pathOf } from './catalog.ts';
import { aggregated, coreVersions, groupDocument, groupList, resourceList } from './documents.ts';
import { checkNames, healthDocument } from './health.ts';
import type { OpenApi } from './openapi.ts';
import { serveOpenApiV2 } from './openapi-v2.ts';

const aggregatedType = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
const jsonTypes = ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf'];

/** What discovery needs of the server. */
export interface DiscoverySource {
  catalog(): Catalog;
  readonly openApi: OpenApi;
  /** Host and port under which the server is reached. */
  readonly address: string;
}

/** Serves what is not a resource: discovery, version, health, schemas. Undefined when nothing stands at the path. */
export function serveDiscovery(
  source: DiscoverySource,
  info: RequestInfo,
  headers: Readonly<Record<string, string>>,
  frame: Frame,
): HttpResponse | undefined {
  const [first, second, third, ...rest] = info.parts;
  const catalog = source.catalog();
  switch (first) {
    case undefined:
      return json(info, frame, headers, { paths: paths(catalog) }, true);
    case 'version':
      if (second !== undefined) return undefined;
      return json(info, frame, headers, { ...serverVersion() }, true, ['application/json']);
    case 'healthz':
    case 'livez':
    case 'readyz':
      return healthDocument(
        first,
        [second, third, ...rest].filter((part) => part !== undefined),
        info.query,
        frame,
      );
    case 'openapi':
      if (second === 'v2' && third === undefined) return serveOpenApiV2(info, headers.accept, frame);
      if (second !== 'v3') return undefined;
      return source.openApi.serve(
        [third, ...rest].filter((part) => part !== undefined),
        info,
        headers,
        frame,
      );
    case 'api':
    case 'apis':
      break;
    default:
      return undefined;
  }
  if (second === undefined) return roots(source, catalog, first, info, headers, frame);
  const group = first === 'api' ? '' : second;
  const found = catalog.groups.find(({ name }) => name === group);
  if (found === undefined) return undefined;
  const version = first === 'api' ? second : third;
  if (version === undefined) return json(info, frame, headers, groupDocument(found));
  const more = first === 'api' ? third !== undefined : rest.length > 0;
  const endpoints = found.versions.find((one) => one.version === version)?.endpoints;
  if (more || endpoints === undefined) throw noSuchResource();
  return json(info, frame, headers, resourceList(groupVersionOf(group, version), endpoints));
}

function roots(
  source: DiscoverySource,
  catalog: Catalog,
  root: 'api' | 'apis',
  info: RequestInfo,
  headers: Readonly<Record<string, string>>,
  frame: Frame,
): HttpResponse {
  if (info.method !== 'GET') throw methodNotAllowed();
  if (wantsAggregated(headers.accept)) {
    const groups = catalog.groups.filter(({ name }) => (name === '') === (root === 'api'));
    return aggregatedResponse(aggregated(groups), headers, frame);
  }
  const document = root === 'api' ? coreVersions(catalog, source.address) : groupList(catalog);
  return json(info, frame, headers, document);
}

/** Whether the best clause that can be answered asks for all resources at once. @throws {Refusal} 406 when none can be. */
function wantsAggregated(accept: string | undefined): boolean {
  if (accept === undefined || accept === '') return false;
  let acceptable = false;
  for (const { type, subtype, parameters } of parseAccept(accept)) {
    const jsonRange = (type === 'application' && (subtype === 'json' || subtype === '*')) || type === '*';
    const known =
      jsonRange || (type === 'application' && (subtype === 'yaml' || subtype === 'vnd.kubernetes.protobuf'));
    acceptable ||= known;
    const as = parameters.get('as');
    if (as === undefined) {
      if (jsonRange) return false;
      continue;
    }
    const v2 = parameters.get('g') === 'apidiscovery.k8s.io' && parameters.get('v') === 'v2';
    if (jsonRange && v2 && as === 'APIGroupDiscoveryList') return true;
  }
  if (acceptable) throw notAcceptable(jsonTypes);
  throw noRepresentation(jsonTypes);
}

/** The refusal of the paths whose media types are checked before anything else. */
export function noRepresentation(types: readonly string[]): Refusal {
  const refusal = notAcceptable(types);
  const { code = 406 } = refusal.body;
  const message = `406: Not Acceptable\n\nAvailable representations: ${types.join(', ')}`;
  return new Refusal({ ...refusal.body, message, details: {}, code });
}

function aggregatedResponse(
  document: JsonObject,
  headers: Readonly<Record<string, string>>,
  frame: Frame,
): HttpResponse {
  const text = `${JSON.stringify(document)}\n`;
  const etag = `"${createHash('sha512').update(text).digest('hex').toUpperCase()}"`;
  const common: Headers = { ...frame.headers, 'cache-control': 'public', etag, vary: 'Accept' };
  if (headers['if-none-match'] === etag) return textResponse(304, '', common);
  return textResponse(200, text, { ...common, 'content-type': aggregatedType });
}

/** @throws {Refusal} 405 for other methods than GET, 406 when the client accepts none of `types`. */
function json(
  info: RequestInfo,
  frame: Frame,
  headers: Readonly<Record<string, string>>,
  document: JsonObject,
  pretty = false,
  types: readonly string[] = jsonTypes,
): HttpResponse {
  if (info.method !== 'GET') throw methodNotAllowed();
  const { accept = '' } = headers;
  if (
    accept !== '' &&
    !parseAccept(accept).some(
      ({ type, subtype }) =>
        type === '*' || (type === 'application' && (subtype === '*' || types.includes(`application/${subtype}`))),
    )
  ) {
    throw noRepresentation(types);
  }
  return jsonResponse(200, JSON.stringify(document), { ...frame, pretty: pretty || frame.pretty });
}

/** `/`: what there is. */
function paths(catalog: Catalog): string[] {
  const found = new Set<string>(['/api', '/apis', '/apis/', '/openapi/v2', '/openapi/v3', '/openapi/v3/', '/version']);
  for (const { name, versions } of catalog.groups) {
    if (name !== '') found.add(`/apis/${name}`);
    for (const { version } of versions) found.add(pathOf(name, version));
  }
  for (const health of ['healthz', 'livez', 'readyz'] as const) {
    found.add(`/${health}`);
    for (const check of checkNames(health)) found.add(`/${health}/${check}`);
  }
  return [...found].sort();
}
