import type { Clock, Item } from '@bowline/apimachinery';
import { checkOptions, checkValue, rules, withMethods } from '@bowline/apimachinery/arguments';
import { oneLine } from './classification.ts';
import { Pager } from './pager.ts';
import type { CacheView, ListerWatcher } from './ports.ts';
import { Slices } from './slices.ts';

/** How often a comparison is tried. client-go tries for ever. */
const ATTEMPTS = 5;
/** client-go util/consistencydetector */
const RETRY_MS = 1_000;
/** So many keys of each difference are named. */
const NAMED_KEYS = 10;

/** What a comparison of a cache with a fresh list found. */
export type ConsistencyReport =
  | { readonly type: 'equal'; readonly resourceVersion: string; readonly objects: number }
  | {
      readonly type: 'different';
      readonly resourceVersion: string;
      /** How many objects the list holds. */
      readonly objects: number;
      /** How many objects differ. */
      readonly differences: number;
      /** Keys that the cache lacks; at most 10, as of the others. */
      readonly missing: readonly string[];
      /** Keys that only the cache has. */
      readonly surplus: readonly string[];
      /** Keys whose uid or version differ. */
      readonly outdated: readonly string[];
    }
  /** It could not be found out. */
  | { readonly type: 'unknown'; readonly reason: string };

/** What `checkConsistency` works with. */
export interface ConsistencyPorts<T> {
  readonly source: Pick<ListerWatcher<T>, 'list'>;
  readonly cache: CacheView<T>;
  readonly clock: Clock;
}

/**
 * Compares what a cache holds with a fresh list at exactly the cache's version: by a digest over key, uid and version of each object, and
 * object by object when the digests differ. Resolves with `unknown` when the cache has no version or five lists in a row failed.
 * Rejects only when `signal` aborts, with its reason.
 *
 * @throws {TypeError} when a port is missing.
 * @see client-go util/consistencydetector, which compares after a watch-list, and panics
 */
export async function checkConsistency<T>(
  ports: ConsistencyPorts<T>,
  options: { readonly signal: AbortSignal },
): Promise<ConsistencyReport> {
  const action = 'check consistency';
  checkValue(action, 'ports', ports, rules.object);
  checkValue(action, 'source', ports.source, withMethods('a source', 'list'));
  checkValue(action, 'cache', ports.cache, withMethods('a cache', 'items'));
  checkValue(action, 'clock', ports.clock, withMethods('a clock', 'monotonic', 'sleep', 'turn'));
  checkOptions(action, options, { signal: rules.signal });
  const { source, cache, clock } = ports;
  const { signal } = options;
  const pager = new Pager(source);
  let reason = '';
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    signal.throwIfAborted();
    const { resourceVersion } = cache;
    const cached = [...cache.items()]; // in the same turn as the version
    if (resourceVersion === '' || resourceVersion === '0')
      return { type: 'unknown', reason: 'the cache has no version' };
    try {
      const { page } = await pager.list({ resourceVersion, resourceVersionMatch: 'Exact', signal });
      const [ours, theirs] = [await digestOf(cached, clock), await digestOf(page.items, clock)];
      if (ours === theirs) return { type: 'equal', resourceVersion, objects: cached.length };
      const unreadable = new Set(page.undecodable?.map(({ key }) => key));
      return compare(cached, page.items, unreadable, resourceVersion);
    } catch (error) {
      signal.throwIfAborted();
      reason = oneLine(error);
      if (attempt < ATTEMPTS) await clock.sleep(RETRY_MS, signal);
    }
  }
  signal.throwIfAborted();
  return { type: 'unknown', reason };
}

function compare<T>(
  cached: readonly Item<T>[],
  listed: readonly Item<T>[],
  unreadable: ReadonlySet<string | undefined>,
  resourceVersion: string,
): ConsistencyReport {
  const unseen = new Map(cached.map((item) => [item.key, item]));
  for (const key of unreadable) if (key !== undefined) unseen.delete(key);
  const missing: string[] = [];
  const outdated: string[] = [];
  for (const { key, uid, resourceVersion: version } of listed) {
    const ours = unseen.get(key);
    unseen.delete(key);
    if (!ours) missing.push(key);
    else if (ours.uid !== uid || ours.resourceVersion !== version) outdated.push(key);
  }
  const surplus = [...unseen.keys()];
  const objects = listed.length;
  const differences = missing.length + surplus.length + outdated.length;
  if (differences === 0) return { type: 'equal', resourceVersion, objects };
  return {
    type: 'different',
    resourceVersion,
    objects,
    differences,
    missing: missing.slice(0, NAMED_KEYS),
    surplus: surplus.slice(0, NAMED_KEYS),
    outdated: outdated.slice(0, NAMED_KEYS),
  };
}

/** A number of objects and two sums of hashes: the order of the objects does not matter. In slices. */
async function digestOf<T>(items: readonly Item<T>[], clock: Clock): Promise<string> {
  const slices = new Slices(clock);
  let first = 0;
  let second = 0;
  for (const [index, { key, uid, resourceVersion }] of items.entries()) {
    const text = `${key}\n${uid}\n${resourceVersion}`;
    first = (first + hash(text, 0x811c9dc5)) >>> 0;
    second = (second + hash(text, 0x01000193)) >>> 0;
    if (index % Slices.length === 0 && slices.due) await slices.next();
  }
  return `${items.length} ${first} ${second}`;
}

/** FNV-1a of 32 bits, on UTF-16 units, then the mixer of MurmurHash3: without it sums of two hashes are equal too often. */
function hash(text: string, seed: number): number {
  let value = seed;
  for (let index = 0; index < text.length; index++) value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
}

/** The differences in one line. */
export function describeDifferences(report: Extract<ConsistencyReport, { readonly type: 'different' }>): string {
  const parts = [
    ['missing', report.missing],
    ['surplus', report.surplus],
    ['outdated', report.outdated],
  ] as const;
  const named = parts.filter(([, keys]) => keys.length > 0).map(([what, keys]) => `${what}: ${keys.join(', ')}`);
  return `${report.differences} objects differ at version ${report.resourceVersion}; ${named.join('; ')}`;
}
