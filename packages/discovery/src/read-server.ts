import { apiVersion, type GroupVersion, isNotFound, readAll, statusErrorFromResponse } from '@bowline/apimachinery';
import pLimit from 'p-limit';
import { type GroupEntry, groupsOf, resourcesOf } from './documents.ts';
import { DiscoveryError } from './errors.ts';
import type { RawClient } from './ports.ts';
import type { Resource, Snapshot } from './resource.ts';

/** Prefers the aggregated form, in which two answers say everything. @see client-go discovery/discovery_client.go `AcceptV2` */
const ACCEPT_AGGREGATED = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json';

/** How to read. */
export interface ReadOptions {
  readonly concurrency: number;
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
  const { signal } = options;
  const [core, named] = await Promise.all([
    readGroups(client, '/api', signal).catch((error: unknown) => {
      if (isNotFound(error)) return []; // A server of custom APIs alone.
      throw error;
    }),
    readGroups(client, '/apis', signal),
  ]);
  return assemble(client, [...core, ...named], options);
}

async function assemble(client: RawClient, entries: readonly GroupEntry[], options: ReadOptions): Promise<Snapshot> {
  const { concurrency, signal, previous } = options;
  const limit = pLimit(concurrency);
  const failures = new Map<string, Error>();
  const known = new Map<string, Resource[]>();
  for (const resource of previous?.resources ?? []) {
    const list = known.get(resource.apiVersion);
    if (list) list.push(resource);
    else known.set(resource.apiVersion, [resource]);
  }
  const fail = (gv: GroupVersion, error: Error): readonly Resource[] => {
    failures.set(apiVersion(gv), error);
    return known.get(apiVersion(gv)) ?? [];
  };
  const resources = await Promise.all(
    entries.flatMap(({ name: group, preferredVersion, versions }) =>
      [...versions]
        .sort((a, b) => Number(b.version === preferredVersion) - Number(a.version === preferredVersion))
        .map(({ version, resources, stale }) => {
          const gv = { group, version };
          if (stale) return fail(gv, new Error('The server cannot reach who serves it (stale)'));
          return resources ?? limit(() => readVersion(client, gv, signal).catch((error: Error) => fail(gv, error)));
        }),
    ),
  );
  if (signal.aborted) throw signal.reason; // Else every version would count as failed.
  const groups = entries.map(({ name, preferredVersion, versions }) => ({
    name,
    preferredVersion,
    versions: versions.filter(({ stale }) => !stale).map(({ version }) => version),
  }));
  return { groups, resources: resources.flat(), failures };
}

async function readGroups(client: RawClient, path: string, signal: AbortSignal): Promise<GroupEntry[]> {
  const document = await readJson(client, path, ACCEPT_AGGREGATED, signal);
  return groupsOf(document) ?? fail(path);
}

async function readVersion(client: RawClient, gv: GroupVersion, signal: AbortSignal): Promise<readonly Resource[]> {
  const path = gv.group === '' ? `/api/${gv.version}` : `/apis/${gv.group}/${gv.version}`;
  try {
    return resourcesOf(await readJson(client, path, 'application/json', signal), gv) ?? fail(path);
  } catch (error) {
    if (gv.group === '' && isNotFound(error)) return [];
    throw error;
  }
}

function fail(path: string): never {
  throw new DiscoveryError(`The answer to ${path} is no discovery document`, 'DISCOVERY_FAILED');
}

async function readJson(client: RawClient, path: string, accept: string, signal: AbortSignal): Promise<unknown> {
  const response = await client.raw({ method: 'GET', path, headers: { accept }, signal });
  const text = new TextDecoder().decode(await readAll(response.body));
  if (response.status >= 300) throw statusErrorFromResponse(response.status, text, response.headers);
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new DiscoveryError(`The answer to ${path} is not JSON`, 'DISCOVERY_FAILED', { cause });
  }
}
