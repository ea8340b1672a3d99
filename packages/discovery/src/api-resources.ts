import { formatGroupResource } from '@bowline/apimachinery';
import { checkOptions, checkValue, oneOf, rules } from '@bowline/apimachinery/arguments';
import type { Resource, Snapshot } from './resource.ts';

/** One line of `kubectl api-resources`. */
export interface ApiResourceRow {
  readonly name: string;
  readonly shortNames: readonly string[];
  readonly apiVersion: string;
  readonly namespaced: boolean;
  readonly kind: string;
  readonly verbs: readonly string[];
  readonly categories: readonly string[];
}

/** Which resources, in which order. The names are those of kubectl's flags. */
export interface ApiResourcesFilter {
  /** Of that group alone; `''` is the core group. */
  readonly group?: string | undefined;
  readonly namespaced?: boolean | undefined;
  /** Those that support all of these. */
  readonly verbs?: readonly string[] | undefined;
  /** Those that belong to all of these. */
  readonly categories?: readonly string[] | undefined;
  /** @default by group, then name */
  readonly sortBy?: 'name' | 'kind' | undefined;
}

/** The rows of a snapshot: each resource once, in its preferred version. @see kubectl pkg/cmd/apiresources */
export function apiResourceRows(snapshot: Snapshot, filter: ApiResourcesFilter): ApiResourceRow[] {
  const { group, namespaced, verbs = [], categories = [], sortBy } = filter;
  const preferred = new Map<string, Resource>();
  for (const resource of snapshot.resources) {
    const name = formatGroupResource(resource);
    if (!preferred.has(name)) preferred.set(name, resource);
  }
  return [...preferred.values()]
    .filter((resource) => resource.verbs.length > 0)
    .filter((resource) => group === undefined || resource.group === group)
    .filter((resource) => namespaced === undefined || (resource.scope === 'Namespaced') === namespaced)
    .filter((resource) => verbs.every((verb) => resource.verbs.includes(verb)))
    .filter((resource) => categories.every((category) => resource.categories.includes(category)))
    .sort((a, b) => order(sortKey(a, sortBy), sortKey(b, sortBy)) || order(a.resource, b.resource))
    .map((resource) => ({
      name: resource.resource,
      shortNames: resource.shortNames,
      apiVersion: resource.apiVersion,
      namespaced: resource.scope === 'Namespaced',
      kind: resource.kind,
      verbs: resource.verbs,
      categories: resource.categories,
    }));
}

/** @throws {TypeError | RangeError} for a filter that kubectl's flags cannot say. */
export function checkFilter(filter: ApiResourcesFilter): void {
  checkOptions<ApiResourcesFilter>(
    'list API resources',
    filter,
    {
      group: rules.string,
      namespaced: rules.boolean,
      verbs: rules.strings,
      categories: rules.strings,
      sortBy: oneOf('name', 'kind'),
    },
    'filter',
  );
}

/** The names of all group versions, sorted, as `kubectl api-versions` prints them. */
export function apiVersionNames(snapshot: Snapshot): string[] {
  return snapshot.groups
    .flatMap(({ name, versions }) => versions.map((version) => (name === '' ? version : `${name}/${version}`)))
    .sort(order);
}

/** How `formatApiResources` prints. */
export interface ApiResourcesFormat {
  /** With verbs and categories, as `-o wide`. @default false */
  readonly wide?: boolean | undefined;
  /** @default true */
  readonly headers?: boolean | undefined;
}

/** The narrowest column and the space between two. @see k8s.io/cli-runtime printers/tabwriter.go */
const MIN_WIDTH = 6;
const PADDING = 3;

/**
 * The text that kubectl prints for the rows, to the letter: each line ends with a line feed.
 *
 * @example
 * ```ts
 * import { formatApiResources } from '@bowline/discovery';
 *
 * const row = { name: 'pods', shortNames: ['po'], apiVersion: 'v1', namespaced: true, kind: 'Pod', verbs: ['get'], categories: ['all'] };
 * process.stdout.write(formatApiResources([row], { wide: true }));
 * ```
 */
export function formatApiResources(rows: readonly ApiResourceRow[], format: ApiResourcesFormat = {}): string {
  checkValue('format API resources', 'rows', rows, rules.array);
  checkOptions<ApiResourcesFormat>('format API resources', format, { wide: rules.boolean, headers: rules.boolean });
  const { wide = false, headers = true } = format;
  const columns = wide ? 7 : 5;
  const table = [
    ...(headers ? [['NAME', 'SHORTNAMES', 'APIVERSION', 'NAMESPACED', 'KIND', 'VERBS', 'CATEGORIES']] : []),
    ...rows.map((row) => [
      row.name,
      row.shortNames.join(','),
      row.apiVersion,
      String(row.namespaced),
      row.kind,
      row.verbs.join(','),
      row.categories.join(','),
    ]),
  ].map((cells) => cells.slice(0, columns));
  const widths = Array.from({ length: columns - 1 }, (_, column) =>
    Math.max(MIN_WIDTH, ...table.map((cells) => (cells[column] ?? '').length + PADDING)),
  );
  return table.map((cells) => `${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('')}\n`).join('');
}

function sortKey(resource: Resource, sortBy: ApiResourcesFilter['sortBy']): string {
  if (sortBy === 'name') return resource.resource;
  return sortBy === 'kind' ? resource.kind : resource.group;
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
