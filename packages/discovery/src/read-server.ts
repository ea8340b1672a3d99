import {
  apiVersion,
  type GroupVersion,
  type HttpResponse,
  isJsonObject,
  isNotFound,
  readAll,
  statusErrorFromResponse,
} from '@bowline/apimachinery';
import { checkValue, valueRule } from '@bowline/apimachinery/arguments';
import pLimit from 'p-limit';
import { type GroupEntry, groupsOf, resourcesOf } from './documents.ts';
import { DiscoveryError } from './errors.ts';
import type { RawClient, TaggedAnswer } from './ports.ts';
import type { Resource, Snapshot } from './resource.ts';
import { untilAbort } from './until-abort.ts';

/** Prefers the aggregated form, in which two answers say everything. @see client-go discovery/discovery_client.go `AcceptV2`, `AcceptV2Beta1` */
const ACCEPT_AGGREGATED = [
  'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList',
  'application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList',
  'application/json',
].join(',');
const ACCEPT_PLAIN = 'application/json';

/** The largest answer that is read: that of a server with 10,000 custom resources is about a quarter of it. */
const MOST_BYTES = 64 << 20;

const responseRule = valueRule(
  'a response with status, headers and body',
  (value): value is HttpResponse =>
    isJsonObject(value) &&
    typeof value.status === 'number' &&
    isJsonObject(value.headers) &&
    isJsonObject(value.body) &&
    Symbol.asyncIterator in value.body,
);

/** Remembers answers by their entity tags. */
export interface AnswerMemory {
  answer(path: string, accept: string): Promise<TaggedAnswer | undefined>;
  keepAnswer(path: string, accept: string, answer: TaggedAnswer): Promise<void>;
}

/** How to read. */
export interface ReadOptions {
  readonly concurrency: number;
  readonly timeoutMs: number;
  /** Whether to ask for the aggregated form. */
  readonly aggregated: boolean;
  readonly answers: AnswerMemory;
  readonly signal: AbortSignal;
  /** What was known before: it stands in for versions that cannot be read now. */
  readonly previous?: Snapshot | undefined;
}

/**
 * Reads all that a server offers: two requests where it has aggregated discovery, else one more per group version.
 * A group version that cannot be read is noted and hides nothing else.
 *
 * @throws when `/apis` cannot be read, or `/api` for another reason than 404.
 */
export async function readServer(client: RawClient, options: ReadOptions): Promise<Snapshot> {
  const [core, named] = await Promise.all([
    readGroups(client, '/api', options).catch((error: unknown) => {
      if (isNotFound(error)) return []; // A server of custom APIs alone.
      throw error;
    }),
    readGroups(client, '/apis', options),
  ]);
  return readVersions(client, [...core, ...named], options);
}

/** Reads the resources of those versions that come without; one that cannot be read is noted and hides nothing else. */
export async function readVersions(
  client: RawClient,
  entries: readonly GroupEntry[],
  options: ReadOptions,
): Promise<Snapshot> {
  const { concurrency, signal, previous } = options;
  const limit = pLimit(concurrency);
  const failures = new Map<string, Error>();
  const known = Map.groupBy(previous?.resources ?? [], (resource) => resource.apiVersion);
  const fail = (gv: GroupVersion, error: Error): readonly Resource[] => {
    failures.set(apiVersion(gv), error);
    // A version that the server does not know is gone; any other failure says nothing about it.
    return (isNotFound(error) ? undefined : known.get(apiVersion(gv))) ?? [];
  };
  const resources = await Promise.all(
    entries.flatMap(({ name: group, preferredVersion, versions }) =>
      [...versions]
        .sort((a, b) => Number(b.version === preferredVersion) - Number(a.version === preferredVersion))
        .map(({ version, resources, stale }) => {
          const gv = { group, version };
          if (stale) return fail(gv, new Error('The server cannot reach who serves it (stale)'));
          return resources ?? limit(() => readVersion(client, gv, options).catch((error: Error) => fail(gv, error)));
        }),
    ),
  );
  // One that hangs hides nothing else; where nothing has answered there is nothing to hide.
  const versionCount = entries.reduce((count, { versions }) => count + versions.length, 0);
  if (signal.aborted && failures.size === versionCount) throw signal.reason;
  const groups = entries.map(({ name, preferredVersion, versions }) => ({
    name,
    preferredVersion,
    versions: versions.filter(({ stale }) => !stale).map(({ version }) => version),
  }));
  return { groups, resources: resources.flat(), failures };
}

async function readGroups(client: RawClient, path: string, options: ReadOptions): Promise<GroupEntry[]> {
  const accept = options.aggregated ? ACCEPT_AGGREGATED : ACCEPT_PLAIN;
  const { answers } = options;
  const url = path + timeoutQuery(options.timeoutMs);
  const kept = await answers.answer(url, accept);
  const keptGroups = kept && groupsOf(parsed(kept.body, path));
  const answer = await read(client, url, { accept, ...(keptGroups && { 'if-none-match': kept.etag }) }, options.signal);
  if (answer === 'not modified') return keptGroups ?? fail(path);
  const groups = groupsOf(parsed(answer.body, path)) ?? fail(path);
  if (answer.etag !== '') await answers.keepAnswer(url, accept, answer);
  return groups;
}

async function readVersion(
  client: RawClient,
  gv: GroupVersion,
  { timeoutMs, signal }: ReadOptions,
): Promise<readonly Resource[]> {
  // Names are the server's: they stay what they are, parts of a path.
  const [group, version] = [gv.group, gv.version].map(encodeURIComponent);
  const path = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
  try {
    signal.throwIfAborted();
    const answer = await read(client, path + timeoutQuery(timeoutMs), { accept: ACCEPT_PLAIN }, signal);
    return (answer === 'not modified' ? undefined : resourcesOf(parsed(answer.body, path), gv)) ?? fail(path);
  } catch (error) {
    if (gv.group === '' && isNotFound(error)) return [];
    throw error;
  }
}

function fail(path: string): never {
  throw new DiscoveryError(`The answer to ${path} is no discovery document`, 'DISCOVERY_FAILED');
}

/** For how long the server should try, as Go writes it. @see client-go rest/request.go `Timeout` */
function timeoutQuery(timeoutMs: number): string {
  if (!Number.isFinite(timeoutMs)) return '';
  return `?timeout=${timeoutMs % 1_000 === 0 ? `${timeoutMs / 1_000}s` : `${timeoutMs}ms`}`;
}

/** A client that does not heed the signal is waited for no longer than one that does. */
function read(
  client: RawClient,
  path: string,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<TaggedAnswer | 'not modified'> {
  return untilAbort(exchange(client, path, headers, signal), signal);
}

async function exchange(
  client: RawClient,
  path: string,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<TaggedAnswer | 'not modified'> {
  const response = await client.raw({ method: 'GET', path, headers, signal });
  checkValue('read server', `the answer of client.raw to ${path}`, response, responseRule);
  const body = new TextDecoder().decode(await readAll(response.body, MOST_BYTES));
  if (response.status === 304 && headers['if-none-match'] !== undefined) return 'not modified';
  if (response.status >= 300) throw statusErrorFromResponse(response.status, body, response.headers);
  const header = (name: string): string => String(response.headers[name] ?? '');
  return { etag: header('etag'), contentType: header('content-type'), body };
}

function parsed(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new DiscoveryError(`The answer to ${path} is not JSON`, 'DISCOVERY_FAILED', { cause });
  }
}
