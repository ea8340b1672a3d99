import type { GroupVersionResource, KubernetesObject, ResourceQuery } from '@bowline/apimachinery';
import { anyOf, listOf, type OptionRules, oneOf, recordOf, rules } from '@bowline/apimachinery/arguments';
import type { IndexDefinition, Lister } from '@bowline/cache';
import { informerRules, portRules, type SharedInformerOptions } from './options.ts';
import type { InformerEnvironment } from './ports.ts';
import { type InformerScope, type ListSelectors, namespaceRule, scopeRules } from './scope.ts';
import type { SharedInformer } from './shared-informer.ts';
import type { InformerStatus } from './status.ts';
import type { StorageChoice } from './storage.ts';

/** Settings of a factory: they hold for each of its informers, unless a request says otherwise. */
export interface SharedInformerFactoryOptions
  extends InformerScope,
    InformerEnvironment,
    Pick<SharedInformerOptions<KubernetesObject>, 'queue' | 'resyncMs' | 'maxPending' | 'endTimeoutMs' | 'reflector'> {
  /** For kinds that live in namespaces. @default all namespaces */
  readonly namespace?: string | undefined;
  /** Names the informers in metrics; without it there are none. */
  readonly name?: string | undefined;
  /**
   * Says, kind by kind, what to select: it is given the factory's selectors, and returns those to use. What a request says itself wins.
   *
   * @see client-go informers `WithTweakListOptions`
   */
  readonly tweakListOptions?: ((selectors: ListSelectors, resource: GroupVersionResource) => ListSelectors) | undefined;
  /**
   * The namespaces of `acquireNamespaces` where a request names none; `setNamespaces` changes them. Where they are given, no other request
   * may be for all namespaces.
   *
   * @default none
   */
  readonly namespaces?: readonly string[] | undefined;
  /** As `SharedInformerOptions.transform`, for all kinds. */
  readonly transform?: ((object: KubernetesObject, resource: GroupVersionResource) => KubernetesObject) | undefined;
  /** As `SharedInformerOptions.storage`, for all kinds. @default 'packed' */
  readonly storage?: StorageChoice | undefined;
  /** How many informers read their first full state at the same time; 1 or more. @default 16 */
  readonly startConcurrency?: number | undefined;
}

/** A share in an informer. The last one that is released ends it. */
export interface InformerLease<T> extends AsyncDisposable {
  readonly informer: SharedInformer<T>;
  /** Gives the share back. Resolves when, if it was the last, the informer has ended. Harmless when done already. */
  release(): Promise<void>;
}

/** The informer of a kind and its lister, under client-go's names. @see client-go informers `GenericInformer` */
export interface GenericInformer<T> {
  /** As `SharedInformerFactory.informer`. */
  informer(): SharedInformer<T>;
  /** Reads the cache of that informer, which is asked for by this, too. */
  lister(): Lister<T>;
}

/** What `acquire` is asked for: a scope, and indexes. */
export interface AcquireOptions<T> extends InformerScope {
  readonly indexes?: Readonly<Record<string, IndexDefinition<T>>> | undefined;
}

/** What `acquireNamespaces` is asked for. */
export interface NamespacesOptions<T> extends Omit<AcquireOptions<T>, 'namespace'> {
  /** Those of this informer. @default the factory's, also when they change */
  readonly namespaces?: readonly string[] | undefined;
}

/** What a factory says about one of its informers. */
export interface FactoryInformerStatus {
  readonly query: ResourceQuery;
  /** How many shares are held; `informer()` holds one for ever. */
  readonly holders: number;
  readonly status: InformerStatus;
}

export const factoryRules: OptionRules<SharedInformerFactoryOptions> = {
  ...scopeRules,
  queue: informerRules.queue,
  resyncMs: informerRules.resyncMs,
  maxPending: informerRules.maxPending,
  endTimeoutMs: informerRules.endTimeoutMs,
  reflector: informerRules.reflector,
  ...portRules,
  name: rules.nonEmptyString,
  tweakListOptions: rules.function,
  namespaces: listOf(namespaceRule),
  transform: rules.function,
  storage: anyOf(oneOf('packed', 'plain'), rules.function),
  startConcurrency: rules.positiveCount,
};
export const acquireRules: OptionRules<AcquireOptions<never>> = {
  ...scopeRules,
  indexes: recordOf(anyOf(rules.nonEmptyString, rules.function)),
};
const { namespace: _, ...withoutNamespace } = acquireRules;
export const namespacesRules: OptionRules<NamespacesOptions<never>> = {
  ...withoutNamespace,
  namespaces: listOf(namespaceRule),
};
