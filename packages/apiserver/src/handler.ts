import type { GroupVersionKind, HttpRequest, HttpResponse } from '@bowline/apimachinery';
import type { Answer, Call, Services, User } from './call.ts';
import { type DiscoverySource, noRepresentation, serveDiscovery } from './discovery/serve.ts';
import { type Endpoint, serves } from './endpoint.ts';
import {
  badRequest,
  entityTooLarge,
  internalError,
  methodNotAllowed,
  methodNotSupported,
  noSuchResource,
  notFound,
  Refusal,
  unauthorized,
} from './errors.ts';
import type { Authenticator } from './http/authentication.ts';
import { isProtobuf, negotiate, parseAccept, type Representation, wantsPretty } from './http/media-type.ts';
import { loadProtobuf } from './http/protobuf-body.ts';
import { type RequestInfo, readRequest, type Target, UnreadablePath } from './http/request-info.ts';
import { answerResponse, type Frame, type Headers, refusalResponse, textResponse } from './http/respond.ts';
import { warningHeaders } from './http/warnings.ts';
import type { Registry } from './registry.ts';
import { connect, connects } from './verbs/connect.ts';
import { create } from './verbs/create.ts';
import { remove, removeCollection } from './verbs/delete.ts';
import { patch } from './verbs/patch.ts';
import { get, list } from './verbs/read.ts';
import { scale } from './verbs/scale.ts';
import { createBinding, createSubresource } from './verbs/subresources.ts';
import { update } from './verbs/update.ts';
import { watch } from './verbs/watch.ts';

/** What the handler needs of the server. */
export interface HandlerParts {
  readonly services: Services;
  readonly registry: Registry;
  readonly discovery: DiscoverySource;
  readonly maxBodyBytes: number;
  /** Who makes a request; undefined when the request does not prove it. */
  readonly authenticate: Authenticator;
}

const notFoundText = '404 page not found\n';

/** Answers requests. */
export class Handler {
  readonly #parts: HandlerParts;

  constructor(parts: HandlerParts) {
    this.#parts = parts;
  }

  /**
   * Answers one request; its own bugs too, which it also logs.
   *
   * @param known Who makes it, when that needs no proof.
   */
  async handle(request: HttpRequest, known?: User): Promise<HttpResponse> {
    const { services } = this.#parts;
    const headers: Headers = { 'audit-id': services.random.uuid(), 'cache-control': 'no-cache, private' };
    const warnings: string[] = [];
    let frame: Frame = {
      headers,
      pretty: false,
      nowMs: services.clock.now(),
      query: new URLSearchParams(),
    };
    try {
      const info = readRequest(request.method, request.path);
      const pretty = wantsPretty(info.query, request.headers['user-agent']);
      frame = { ...frame, pretty, query: info.query };
      return await this.#serve(request, info, frame, warnings, known);
    } catch (error) {
      if (warnings.length > 0) headers.warning = warningHeaders(warnings);
      if (error instanceof Refusal) return refusalResponse(error, request.headers.accept, frame);
      if (error instanceof UnreadablePath) return unreadable(request, error, frame);
      services.logger.error({ error, method: request.method, path: request.path }, 'Request failed');
      const refusal = internalError(error instanceof Error ? error.message : String(error));
      return refusalResponse(refusal, request.headers.accept, frame);
    }
  }

  async #serve(
    request: HttpRequest,
    info: RequestInfo,
    frame: Frame,
    warnings: string[],
    known: User | undefined,
  ): Promise<HttpResponse> {
    const user = known ?? this.#parts.authenticate(request.headers);
    if (user === undefined) throw unauthorized();
    const { target } = info;
    if (target === undefined) {
      const served = serveDiscovery(this.#parts.discovery, info, request.headers, frame);
      return served ?? pageNotFound(frame);
    }
    const { registry } = this.#parts;
    const endpoint = registry.endpoint(target.group, target.version, target.resource);
    if (endpoint === undefined || !inScope(endpoint, target)) {
      if (registry.isBuiltin(target.group)) throw noSuchResource();
      return pageNotFound(frame);
    }
    const body = request.body ?? new Uint8Array();
    if (body.length > this.#parts.maxBodyBytes) throw entityTooLarge(`limit is ${this.#parts.maxBodyBytes}`);
    const call: Call = { info, target, headers: request.headers, body, user, signal: request.signal, warnings };
    if (endpoint.deprecation !== undefined) warnings.push(endpoint.deprecation);
    const { answer, representation } = await this.#dispatch(endpoint, call);
    if (warnings.length > 0) frame.headers.warning = warningHeaders(warnings);
    return answerResponse(answer, endpoint, representation, frame);
  }

  async #dispatch(
    endpoint: Endpoint,
    call: Call,
  ): Promise<{ readonly answer: Answer; readonly representation: Representation }> {
    const { services } = this.#parts;
    const { target } = call;
    checkVerb(endpoint, call.info, target);
    const stream = target.verb === 'watch';
    if (!endpoint.custom) checkMediaTypes(call.headers.accept);
    const representation = negotiate(call.headers.accept, { transforms: true, stream });
    if (isProtobuf(call.headers['content-type'])) await loadProtobuf(call.body, bodyKind(endpoint, target));
    const answer = await run(services, endpoint, call, representation);
    return { answer, representation };
  }
}

/** What the body of a request is when it does not say. */
function bodyKind({ group, version, kind, subresources }: Endpoint, { subresource }: Target): GroupVersionKind {
  const part = subresources.find(({ name }) => name === subresource);
  return { group: part?.group ?? group, version: part?.version ?? version, kind: part?.kind ?? kind };
}

function run(
  services: Services,
  endpoint: Endpoint,
  call: Call,
  representation: Representation,
): Promise<Answer> | Answer {
  const { verb, subresource } = call.target;
  if (subresource === 'scale') return scale(services, endpoint, call);
  if (connects(endpoint, subresource)) return connect(services, endpoint, call);
  switch (verb) {
    case 'get':
      return get(services, endpoint, call);
    case 'list':
      return list(services, endpoint, call);
    case 'watch':
      return watch(services, endpoint, call, representation);
    case 'create':
      if (subresource !== '') return createSubresource(services, endpoint, call);
      if (endpoint.group === '' && endpoint.resource === 'bindings') return createBinding(services, endpoint, call);
      return create(services, endpoint, call);
    case 'update':
      return update(services, endpoint, call);
    case 'patch':
      return patch(services, endpoint, call);
    case 'delete':
      return remove(services, endpoint, call);
    case 'deletecollection':
      return removeCollection(services, endpoint, call);
    case '':
      throw methodNotAllowed();
  }
}

/** Whether a path fits the scope of its resource. */
function inScope(endpoint: Endpoint, target: Target): boolean {
  const { namespace, verb, watchPath, resource, name, subresource, rest } = target;
  if (rest.length > 0 && subresource !== 'proxy') return false;
  if (!endpoint.namespaced) return namespace === '' || resource === 'namespaces';
  if (namespace !== '') return true;
  // Lists and watches go across namespaces, also those that select by name; other methods of the same path are known and refused, unless
  // the resource is a custom one.
  if (verb === 'list' || (verb === 'watch' && !watchPath)) return true;
  return name === '' && (!endpoint.custom || verb === 'watch');
}

/** @throws {Refusal} 404 for a subresource that does not exist, 405 for a verb that it does not have. */
function checkVerb(endpoint: Endpoint, info: RequestInfo, target: Target): void {
  const { verb, subresource, name, namespace } = target;
  const known = subresource === '' || endpoint.subresources.some((one) => one.name === subresource);
  if (endpoint.custom) {
    if (!known) throw notFound(endpoint, name);
    if (!serves(endpoint, subresource, verb)) {
      throw methodNotSupported(endpoint, verb === '' ? info.method.toLowerCase() : verb);
    }
    if (name === '' && needsName.includes(verb)) throw badRequest('name must be provided');
    return;
  }
  if (!known) throw noSuchResource();
  const acrossNamespaces = endpoint.namespaced && namespace === '' && verb !== 'list' && verb !== 'watch';
  const named = verb === 'create' ? subresource === '' && name !== '' : name === '' && needsName.includes(verb);
  const head = info.method !== 'GET' && (verb === 'get' || verb === 'list');
  if (acrossNamespaces || named || head || !serves(endpoint, subresource, verb)) throw methodNotAllowed();
}

const needsName: readonly string[] = ['update', 'patch'];

/** The real server checks what built-in paths can answer before it looks closer. @throws {Refusal} 406 */
function checkMediaTypes(accept: string | undefined): void {
  if (accept === undefined || accept === '') return;
  const types = ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf'];
  const acceptable = parseAccept(accept).some(
    ({ type, subtype }) =>
      type === '*' || (type === 'application' && (subtype === '*' || types.includes(`${type}/${subtype}`))),
  );
  if (!acceptable) throw noRepresentation(types);
}

function pageNotFound(frame: Frame): HttpResponse {
  const headers = {
    ...frame.headers,
    'content-type': 'text/plain; charset=utf-8',
    'x-content-type-options': 'nosniff',
  };
  return textResponse(404, notFoundText, headers);
}

function unreadable(request: HttpRequest, error: UnreadablePath, frame: Frame): HttpResponse {
  const text = `Internal Server Error: ${JSON.stringify(request.path)}: failed to create RequestInfo: ${error.message}\n`;
  const headers = {
    ...frame.headers,
    'content-type': 'text/plain; charset=utf-8',
    'x-content-type-options': 'nosniff',
  };
  return textResponse(500, text, headers);
}
