import { formatGroupVersionResource, type Kind, type ResourceQuery } from '@bowline/apimachinery';
import { checkValue, type OptionRules, rules, type ValueRule, valueRule } from '@bowline/apimachinery/arguments';

/** Which objects of a kind, and in which representation. */
export interface InformerScope {
  /** @default all namespaces */
  readonly namespace?: string | undefined;
  /** In kubectl's syntax. @default everything */
  readonly labelSelector?: string | undefined;
  /** In kubectl's syntax. @default everything */
  readonly fieldSelector?: string | undefined;
  /**
   * One shard of the objects, as a CEL expression: `shardRange(object.metadata.uid, '0x0', '0x8000000000000000')`. A server that does
   * not know it sends all objects. @default all
   */
  readonly shardSelector?: string | undefined;
  /** Ask the server for metadata only. @default false */
  readonly metadataOnly?: boolean | undefined;
}

const isString = (value: unknown): value is string => typeof value === 'string';
const namespaceRule: ValueRule = valueRule(
  'a namespace name (lower-case letters, digits and dashes), or absent for all namespaces',
  isString,
  (name) => /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(name),
);

export const scopeRules: OptionRules<InformerScope> = {
  namespace: namespaceRule,
  labelSelector: rules.string,
  fieldSelector: rules.string,
  shardSelector: rules.nonEmptyString,
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
