import { formatGroupResource } from '@bowline/apimachinery';
import type { Resource } from './resource.ts';
import type { Reading } from './spelling.ts';

/** The resources that a spelling fits, and how. */
export interface Match {
  /** By kubectl's priority, at least one. */
  readonly resources: readonly [Resource, ...Resource[]];
  readonly by: 'name' | 'short name' | 'kind';
}

/** How a word can fit a resource, strongest first: a real name beats a short name of another resource, as in kubectl. */
const ways: readonly {
  by: Match['by'];
  as: readonly Reading['as'][];
  fits(resource: Resource, word: string): boolean;
}[] = [
  {
    by: 'name',
    as: ['any', 'resource'],
    fits: ({ resource, singular }, word) => same(resource, word) || same(singular, word),
  },
  {
    by: 'short name',
    as: ['any', 'resource'],
    fits: ({ shortNames }, word) => shortNames.some((name) => same(name, word)),
  },
  { by: 'kind', as: ['any', 'kind'], fits: ({ kind }, word) => kind === word },
  { by: 'kind', as: ['any', 'kind'], fits: ({ kind }, word) => same(kind, word) },
  { by: 'kind', as: ['any', 'kind'], fits: ({ kind }, word) => same(`${kind}List`, word) },
];

/** What the first of the readings that fits anything fits. O(resources). */
export function match(resources: readonly Resource[], readings: readonly Reading[]): Match | undefined {
  for (const reading of readings) {
    for (const group of reading.groupPrefix ? [inGroup, inGroupByPrefix] : [inGroup]) {
      const inPlace = resources.filter((resource) => group(resource, reading) && inVersion(resource, reading));
      for (const { by, as, fits } of ways) {
        if (!as.includes(reading.as)) continue;
        const [first, ...others] = inPlace.filter((resource) => fits(resource, reading.word));
        if (first) return { resources: [first, ...others], by };
      }
    }
  }
  return undefined;
}

/**
 * The one resource that a match means, or undefined when nobody can know. The core group wins, then Kubernetes' own groups,
 * by the server's priority; groups of others do not outrank each other. (kubectl takes the first of the alphabet there.)
 */
export function unambiguous({ resources }: Match): Resource | undefined {
  const [first] = resources;
  if (first.group === '' && others(first, resources).every(({ group }) => group !== '')) return first;
  const own = resources.filter(({ group }) => isKubernetesOwn(group));
  const contenders = own[0] ? own.filter(({ group }) => group === own[0]?.group) : resources;
  const winner = contenders[0] ?? first;
  return others(winner, contenders).length === 0 ? winner : undefined;
}

/** Those of other resources than `resource`, in whatever version. */
export function others(resource: Resource, among: readonly Resource[]): Resource[] {
  const name = formatGroupResource(resource);
  return among.filter((other) => formatGroupResource(other) !== name);
}

function isKubernetesOwn(group: string): boolean {
  return !group.includes('.') || group.endsWith('.k8s.io');
}

function inGroup({ group }: Resource, reading: Reading): boolean {
  return reading.group === undefined || group === reading.group;
}

function inGroupByPrefix({ group }: Resource, reading: Reading): boolean {
  return group.startsWith(reading.group ?? '');
}

function inVersion({ version }: Resource, reading: Reading): boolean {
  return reading.version === undefined || version === reading.version;
}

function same(name: string, word: string): boolean {
  return name.toLowerCase() === word.toLowerCase();
}

/** One version of each resource: the one of highest priority. */
export function distinct(resources: readonly Resource[]): Resource[] {
  const byName = new Map<string, Resource>();
  for (const resource of resources) {
    const name = formatGroupResource(resource);
    if (!byName.has(name)) byName.set(name, resource);
  }
  return [...byName.values()];
}
