import type { FieldSelector, LabelSelector, ListCall } from '@bowline/apimachinery';
import type { Query } from './resource-path.ts';

export interface Selectors {
  readonly labelSelector?: string | LabelSelector | undefined;
  readonly fieldSelector?: string | FieldSelector | undefined;
  readonly shardSelector?: string | undefined;
}

/** Selectors as they are sent; empty ones are not. */
export function selection({ labelSelector, fieldSelector, shardSelector }: Selectors): Query {
  return {
    labelSelector: labelSelector?.toString() || undefined,
    fieldSelector: fieldSelector?.toString() || undefined,
    shardSelector,
  };
}

/** A token of an earlier page stands for its resource version, too: servers refuse both. */
export function listQuery(call: Omit<ListCall, 'signal'>): Query {
  const { limit, continue: token, resourceVersion, resourceVersionMatch } = call;
  if (token) return { limit, continue: token };
  return { limit, resourceVersion: resourceVersion || undefined, resourceVersionMatch };
}

/** What of a watch goes into the query. */
export interface WatchParameters {
  readonly resourceVersion?: string | undefined;
  readonly resourceVersionMatch?: 'NotOlderThan' | undefined;
  readonly allowWatchBookmarks?: boolean | undefined;
  readonly timeoutSeconds?: number | undefined;
  readonly sendInitialEvents?: boolean | undefined;
}

export function watchQuery(call: WatchParameters): Query {
  const { resourceVersion, resourceVersionMatch, allowWatchBookmarks, timeoutSeconds, sendInitialEvents } = call;
  return {
    watch: true,
    resourceVersion: resourceVersion || undefined,
    resourceVersionMatch,
    allowWatchBookmarks,
    timeoutSeconds,
    sendInitialEvents,
  };
}
