import {
  FieldSelector,
  type ItemClient,
  LabelSelector,
  type ListCall,
  type Page,
  type ResourceQuery,
  type WatchCall,
  type WatchFrame,
} from '@bowline/apimachinery';
import {
  checkOptions,
  checkValue,
  describeValue,
  nearestName,
  type OptionRules,
  rules,
  selectorOf,
  type ValueRule,
  valueRule,
  withMethods,
} from '@bowline/apimachinery/arguments';
import type { ListerWatcher } from './ports.ts';

const ACTION = 'create list-watch';

/**
 * Lists and watches the objects of one resource, in one namespace or in all, that match the selectors.
 * A kind handle is a resource: `new ListWatch(client, { ...Pod, namespace: 'default' })`; objects of another kind are then not taken.
 *
 * It sends exactly what it is asked to: paging is the business of `Pager`, repeating that of `Reflector`.
 *
 * @throws {TypeError} {RangeError} when `client` is no client or `query` cannot be right, whatever the server is: no resource, a
 * namespace that is no name, a selector that does not parse.
 * @see client-go tools/cache/listwatch.go `NewFilteredListWatchFromClient`
 */
export class ListWatch<T> implements ListerWatcher<T> {
  readonly query: ResourceQuery;
  readonly description: string;
  readonly supportsWatchList: boolean | undefined;
  /** Absent where the client cannot ping. */
  readonly ping: ((signal: AbortSignal) => Promise<void>) | undefined;
  readonly #client: ItemClient;

  constructor(client: ItemClient, query: ResourceQuery) {
    checkValue(ACTION, 'client', client, withMethods('a client', 'listItems', 'watchItems'));
    checkQuery(query);
    const { group, version, resource, kind, namespace, labelSelector, fieldSelector, metadataOnly, shardSelector } =
      query;
    this.#client = client;
    this.query = {
      group,
      version,
      resource,
      kind,
      namespace,
      labelSelector,
      fieldSelector,
      metadataOnly,
      shardSelector,
    };
    this.description = describe(this.query);
    this.supportsWatchList = client.supportsWatchList;
    this.ping = client.ping?.bind(client);
  }

  list(call: ListCall<T>): Promise<Page<T>> {
    return this.#client.listItems<T>(this.query, call);
  }

  watch(call: WatchCall): AsyncIterable<readonly WatchFrame<T>[]> {
    return this.#client.watchItems<T>(this.query, call);
  }

  retireConnections(): void {
    this.#client.retireConnections?.();
  }
}

function describe({ group, resource, namespace, labelSelector, fieldSelector, shardSelector }: ResourceQuery): string {
  const name = group === '' ? resource : `${resource}.${group}`;
  const place = namespace === undefined ? '' : ` in namespace "${namespace}"`;
  const selectors = [labelSelector, fieldSelector, shardSelector].filter((each) => each !== undefined && each !== '');
  return `${name}${place}${selectors.length === 0 ? '' : ` with ${selectors.map((each) => `"${each}"`).join(' and ')}`}`;
}

const isString = (value: unknown): value is string => typeof value === 'string';

function text(rule: string, pattern: RegExp): ValueRule {
  return valueRule(rule, isString, (value) => pattern.test(value));
}

const known: OptionRules<ResourceQuery> = {
  // The patterns refuse what cannot be part of a path; whether such a thing exists is for the server to say.
  group: text('a group such as "apps", empty for the core group', /^[a-z0-9.-]*$/i),
  version: text('a version such as "v1"', /^[a-z0-9-]+$/i),
  resource: text('a plural name such as "pods"', /^[a-z0-9.-]+$/i),
  kind: rules.nonEmptyString,
  namespace: text(
    'the name of one namespace (letters, digits and "-"), or absent for all namespaces',
    /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/,
  ),
  labelSelector: rules.string,
  fieldSelector: rules.string,
  metadataOnly: rules.boolean,
  shardSelector: rules.nonEmptyString,
};

/** What a kind handle has besides: of no interest here, and no mistake. */
const ofKinds = ['apiVersion', 'scope', 'subresources'];

/** @throws {TypeError} {RangeError} */
function checkQuery(query: ResourceQuery): void {
  checkValue(ACTION, 'query', query, rules.object);
  for (const field of ['group', 'version', 'resource'] as const) checkValue(ACTION, field, query[field], known[field]);
  const members: Readonly<Record<string, unknown>> = { ...query };
  const options: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(members)) {
    // Handles may carry more (a schema, a manifest), but nothing that looks like a selector.
    const isMistake = nearestName(name, Object.keys(known)) !== undefined && !ofKinds.includes(name);
    if (Object.hasOwn(known, name) || isMistake) options[name] = value;
  }
  checkOptions(ACTION, options, known);
  const { resource, namespace, labelSelector, fieldSelector } = query;
  if (members.scope === 'Cluster' && namespace !== undefined) {
    const rule = `absent for ${resource}, which live in no namespace`;
    throw new TypeError(`Cannot ${ACTION}: namespace must be ${rule}, got ${describeValue(namespace)}`);
  }
  if (labelSelector !== undefined) selectorOf(ACTION, 'labelSelector', labelSelector, LabelSelector);
  if (fieldSelector !== undefined) selectorOf(ACTION, 'fieldSelector', fieldSelector, FieldSelector);
}
