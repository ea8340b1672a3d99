import type { Answer, Call, ListMetadata, Services } from '../call.ts';
import type { View } from '../codec/codec.ts';
import { type Endpoint, storeKey } from '../endpoint.ts';
import { badRequest, expired, methodNotSupported, notFound, plainError, tooLargeResourceVersion } from '../errors.ts';
import { type ListOptions, listOptions, parseResourceVersion } from '../http/query-options.ts';
import { isTrue } from '../http/request-info.ts';
import { dns1123LabelErrors, pathSegmentErrors } from '../meta/formats.ts';
import { exactField, parseFieldSelector } from '../meta/selectors.ts';
import type { Collection } from '../store/collection.ts';
import type { Entry } from '../store/entry.ts';
import { decodeContinue, encodeContinue } from './continue-token.ts';

/** How long a read waits for a revision that is not there yet. @see k8s.io/apiserver storage/cacher `blockTimeout` */
const freshTimeoutMs = 3_000;

/** @throws {Refusal} 405 for resources that are not stored. */
export function collectionOf(endpoint: Endpoint, verb: string): Collection {
  if (endpoint.collection === undefined) throw methodNotSupported(endpoint, verb);
  return endpoint.collection;
}

/** @throws {Refusal} 400 in the real server's words when the name cannot be one. */
export function checkName(name: string): void {
  const wrong = pathSegmentErrors(name);
  if (wrong.length > 0) throw badRequest(`Name parameter invalid: ${JSON.stringify(name)}: ${wrong.join(';')}`);
}

/** Waits until the store is at `revision`. @throws {Refusal} 504 when it does not get there in time. */
export async function waitFor(services: Services, revision: number, signal: AbortSignal | undefined): Promise<void> {
  const { store } = services;
  if (revision <= store.current) return;
  if (!(await store.reached(revision, freshTimeoutMs, signal))) {
    throw tooLargeResourceVersion(revision, store.current, 1);
  }
}

/** Reads one object. */
export async function get(services: Services, endpoint: Endpoint, call: Call): Promise<Answer> {
  const collection = collectionOf(endpoint, 'get');
  const { namespace, name } = call.target;
  const { query } = call.info;
  if (isTrue(query.getAll('export'))) {
    throw badRequest('the export parameter, deprecated since v1.14, is no longer supported');
  }
  const revision = revisionOf(query.get('resourceVersion') ?? '');
  checkName(name);
  await waitFor(services, revision, call.signal);
  const entry = collection.get(storeKey(endpoint, namespace, name));
  if (entry === undefined) throw notFound(endpoint, name);
  return { type: 'object', code: 200, view: endpoint.codec.view(entry) };
}

/** @throws {Refusal} 500, as the real server does, for a version that is no number. */
export function revisionOf(text: string): number {
  try {
    return parseResourceVersion(text);
  } catch (error) {
    throw plainError(error instanceof Error ? error.message : String(error));
  }
}

/**
 * The options of a list or a watch, checked against what the kind can be selected by. A name in the path is a selector.
 *
 * @throws {Refusal} 400 or 422.
 */
export function readListOptions(endpoint: Endpoint, call: Call, forceWatch: boolean): ListOptions {
  const options = listOptions(call.info.query, forceWatch);
  for (const { path } of options.fields.requirements) endpoint.checkField(path);
  const { name } = call.target;
  if (name === '') return options;
  if (options.fields.isEmpty) return { ...options, fields: parseFieldSelector(`metadata.name=${name}`) };
  if (exactField(options.fields, 'metadata.name') !== name) {
    throw badRequest("fieldSelector metadata.name doesn't match requested name");
  }
  return options;
}

/** Which part of a collection a list or watch looks at. */
export interface Scope {
  /** Keys start with this. */
  readonly prefix: string;
  /** The only key, when the request is for one name. */
  readonly key: string | undefined;
}

/** Narrows a request down by its namespace and by what its selector asks exactly. */
export function scopeOf(endpoint: Endpoint, namespace: string, options: ListOptions): Scope {
  if (!endpoint.namespaced) {
    const key = exactField(options.fields, 'metadata.name');
    return { prefix: '', key };
  }
  let within = namespace;
  if (within === '') {
    const selected = exactField(options.fields, 'metadata.namespace') ?? '';
    if (selected !== '' && dns1123LabelErrors(selected).length === 0) within = selected;
  }
  const name = exactField(options.fields, 'metadata.name');
  return {
    prefix: within === '' ? '' : `${within}/`,
    key: within === '' || name === undefined || name === '' ? undefined : `${within}/${name}`,
  };
}

/** Whether an object is selected. */
export function selects(endpoint: Endpoint, options: ListOptions, view: View): boolean {
  if (!options.labels.isEmpty && !options.labels.matches(view.object.metadata.labels)) return false;
  return options.fields.isEmpty || options.fields.matches((path) => endpoint.readField(view.object, path));
}

/** Lists the objects of a resource, or a page of them. */
export async function list(services: Services, endpoint: Endpoint, call: Call): Promise<Answer> {
  const options = readListOptions(endpoint, call, false);
  const { views, metadata } = await listViews(services, endpoint, call, options);
  return { type: 'list', views, metadata };
}

/** A page of a list. */
export interface ListResult {
  readonly views: readonly View[];
  readonly metadata: ListMetadata;
}

/** @see k8s.io/apiserver storage/cacher `GetList` */
export async function listViews(
  services: Services,
  endpoint: Endpoint,
  call: Pick<Call, 'target' | 'signal'>,
  options: ListOptions,
): Promise<ListResult> {
  const collection = collectionOf(endpoint, 'list');
  const scope = scopeOf(endpoint, call.target.namespace, options);
  const { entries, revision } = await read(services, collection, scope, options, call.signal);
  const limit = options.limit > 0 && options.resourceVersion !== '0' ? options.limit : Number.POSITIVE_INFINITY;
  const views: View[] = [];
  for (const [index, entry] of entries.entries()) {
    const view = endpoint.codec.view(entry);
    if (!selects(endpoint, options, view)) continue;
    views.push(view);
    if (views.length < limit || index === entries.length - 1) continue;
    const token = { revision, start: `${entry.key.slice(scope.prefix.length)}\0` };
    const remaining = options.labels.isEmpty && options.fields.isEmpty ? entries.length - limit : undefined;
    const metadata = { resourceVersion: String(revision), continue: encodeContinue(token) };
    return { views, metadata: remaining === undefined ? metadata : { ...metadata, remainingItemCount: remaining } };
  }
  return { views, metadata: { resourceVersion: String(revision) } };
}

interface Snapshot {
  readonly entries: readonly Entry[];
  /** The revision that the list shows. */
  readonly revision: number;
}

async function read(
  services: Services,
  collection: Collection,
  scope: Scope,
  options: ListOptions,
  signal: AbortSignal | undefined,
): Promise<Snapshot> {
  if (options.continue !== '' && scope.key === undefined) return goOn(collection, scope, options);
  const wanted = wantedRevision(options);
  await waitFor(services, wanted, signal);
  const exact =
    options.resourceVersionMatch === 'Exact' ||
    (options.resourceVersionMatch === '' && options.limit > 0 && wanted > 0 && scope.key === undefined);
  const entries = exact ? collection.rangeAt(wanted, scope.prefix) : undefined;
  if (exact && entries === undefined) throw expired('The resourceVersion for the provided list is too old.');
  if (scope.key === undefined) {
    return { entries: entries ?? collection.range(scope.prefix), revision: exact ? wanted : collection.revision };
  }
  const only = entries?.find((entry) => entry.key === scope.key) ?? (exact ? undefined : collection.get(scope.key));
  return { entries: only === undefined ? [] : [only], revision: exact ? wanted : collection.revision };
}

/** @throws {Refusal} 400 for a version that is no number. */
function wantedRevision(options: ListOptions): number {
  try {
    return parseResourceVersion(options.resourceVersion);
  } catch (error) {
    throw badRequest(`invalid resource version: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function goOn(collection: Collection, scope: Scope, options: ListOptions): Snapshot {
  const token = decodeContinue(options.continue);
  if (options.resourceVersion !== '' && options.resourceVersion !== '0') {
    throw badRequest('specifying resource version is not allowed when using continue');
  }
  const from = scope.prefix + token.start;
  if (token.revision < 0) return { entries: collection.range(scope.prefix, from), revision: collection.revision };
  const entries = collection.rangeAt(token.revision, scope.prefix, from);
  if (entries !== undefined) return { entries, revision: token.revision };
  throw expired(
    'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.',
    encodeContinue({ revision: -1, start: token.start }),
  );
}
