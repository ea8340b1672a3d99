import { formatGroupVersionResource, type Kind, type ResourceQuery } from '@bowline/apimachinery';

/** Which objects of a kind, and in which representation. */
export interface InformerScope {
  /** @default all namespaces */
  readonly namespace?: string | undefined;
  /** In kubectl's syntax. @default everything */
  readonly labelSelector?: string | undefined;
  /** In kubectl's syntax. @default everything */
  readonly fieldSelector?: string | undefined;
  /** Ask the server for metadata only. @default false */
  readonly metadataOnly?: boolean | undefined;
}

/** A kind, or as little of it as a request needs. */
type Resource = Pick<Kind, 'group' | 'version' | 'resource'> & Partial<Pick<Kind, 'kind'>>;

/** The request for a kind (or resource) in a scope. */
export function queryOf({ group, version, resource, kind }: Resource, scope: InformerScope): ResourceQuery {
  const { namespace, labelSelector, fieldSelector, metadataOnly } = scope;
  return { group, version, resource, kind, namespace, labelSelector, fieldSelector, metadataOnly };
}

/** What two requests have in common exactly when one informer serves both. */
export function identityOf(query: ResourceQuery): string {
  const { namespace, labelSelector = '', fieldSelector = '', metadataOnly = false } = query;
  return JSON.stringify([
    formatGroupVersionResource(query),
    namespace ?? null,
    labelSelector,
    fieldSelector,
    metadataOnly,
  ]);
}
