import {
  formatGroupVersionResource,
  type GroupVersionResource,
  type Kind,
  type ResourceQuery,
} from '@bowline/apimachinery';
import {
  checkOptions,
  checkValue,
  describeValue,
  type OptionRules,
  rules,
  type ValueRule,
  valueRule,
} from '@bowline/apimachinery/arguments';

/** What selects objects of a kind. */
export interface ListSelectors {
  /** In kubectl's syntax. @default everything */
  readonly labelSelector?: string | undefined;
  /** In kubectl's syntax. @default everything */
  readonly fieldSelector?: string | undefined;
  /**
   * One shard of the objects, as a CEL expression: `shardRange(object.metadata.uid, '0x0', '0x8000000000000000')`. A server that does
   * not know it sends all objects. @default all
   */
  readonly shardSelector?: string | undefined;
}

/** Which objects of a kind, and in which representation. */
export interface InformerScope extends ListSelectors {
  /** @default all namespaces */
  readonly namespace?: string | undefined;
  /** Ask the server for metadata only. @default false */
  readonly metadataOnly?: boolean | undefined;
}

const isString = (value: unknown): value is string => typeof value === 'string';
export const namespaceRule: ValueRule = valueRule(
  'a namespace name (lower-case letters, digits and dashes), or absent for all namespaces',
  isString,
  (name) => /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(name),
);

const selectorRules: OptionRules<ListSelectors> = {
  labelSelector: rules.string,
  fieldSelector: rules.string,
  shardSelector: rules.nonEmptyString,
};

export const scopeRules: OptionRules<InformerScope> = {
  ...selectorRules,
  namespace: namespaceRule,
  metadataOnly: rules.boolean,
};

const isResource = (value: unknown): value is object =>
  typeof value === 'object' &&
  value !== null &&
  ['group', 'version', 'resource'].every((name) => isString(Reflect.get(value, name)));
const resourceRule: ValueRule = valueRule('a kind, or an object with group, version and resource', isResource);

/** @throws {TypeError} when `resource` names no resource. */
export function checkResource(action: string, resource: unknown): void {
  checkValue(action, 'resource', resource, resourceRule);
}

/** @throws {TypeError} when `resource` is a kind that lives in no namespace. */
export function checkIsNamespaced({ resource, scope }: GroupVersionResource & { readonly scope?: unknown }): void {
  if (scope !== 'Cluster') return;
  throw new TypeError(`Cannot acquire informer: resource must live in namespaces, got "${resource}", which does not`);
}

/** @throws {RangeError} when a namespace is asked for, and `resource` is a kind that lives in none. */
export function checkNamespace(
  action: string,
  { resource, scope }: GroupVersionResource & { readonly scope?: unknown },
  namespace: string | undefined,
): void {
  if (scope !== 'Cluster' || namespace === undefined) return;
  const rule = `absent, as "${resource}" are cluster-scoped`;
  throw new RangeError(`Cannot ${action}: namespace must be ${rule}, got ${describeValue(namespace)}`);
}

/** What a factory's settings leave to a request, and a request's own wishes. */
interface ScopeDefaults extends InformerScope {
  readonly namespaces?: readonly string[] | undefined;
  readonly tweakListOptions?: ((selectors: ListSelectors, resource: GroupVersionResource) => ListSelectors) | undefined;
}

/**
 * The scope of a request to a factory.
 *
 * @throws {TypeError} {RangeError} when `tweakListOptions` returns no selectors, or when all namespaces are asked for where some are meant.
 */
export function scopeOf(
  defaults: ScopeDefaults,
  resource: GroupVersionResource & { readonly scope?: unknown },
  request: InformerScope,
): InformerScope {
  const { namespace, labelSelector, fieldSelector, shardSelector, metadataOnly, tweakListOptions } = defaults;
  let selectors: ListSelectors = { labelSelector, fieldSelector, shardSelector };
  if (tweakListOptions) {
    selectors = tweakListOptions(selectors, resource);
    checkOptions('get informer', selectors, selectorRules, 'the result of tweakListOptions');
  }
  checkNamespace('get informer', resource, request.namespace);
  const given = Object.fromEntries(Object.entries(request).filter(([, value]) => value !== undefined));
  const isCluster = resource.scope === 'Cluster'; // a namespace for all kinds is meant for those that live in one
  const scope: InformerScope = { namespace: isCluster ? undefined : namespace, metadataOnly, ...selectors, ...given };
  if (defaults.namespaces && scope.namespace === undefined && !isCluster) {
    const rule = 'given, as the factory has namespaces (acquireNamespaces gets all of them)';
    throw new TypeError(`Cannot get informer: namespace must be ${rule}, got undefined`);
  }
  return scope;
}

/** A kind, or as little of it as a request needs. */
type Resource = Pick<Kind, 'group' | 'version' | 'resource'> & Partial<Pick<Kind, 'kind'>>;

/** The request for a kind (or resource) in a scope. */
export function queryOf({ group, version, resource, kind }: Resource, scope: InformerScope): ResourceQuery {
  const { namespace, labelSelector, fieldSelector, shardSelector, metadataOnly } = scope;
  return { group, version, resource, kind, namespace, labelSelector, fieldSelector, shardSelector, metadataOnly };
}

/** What two requests have in common exactly when one informer serves both. */
export function identityOf(query: ResourceQuery): string {
  const { namespace, labelSelector = '', fieldSelector = '', shardSelector = '', metadataOnly = false } = query;
  return JSON.stringify([
    formatGroupVersionResource(query),
    namespace ?? null,
    labelSelector,
    fieldSelector,
    shardSelector,
    metadataOnly,
  ]);
}
