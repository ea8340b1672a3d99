import { FieldSelector, type Kind, LabelSelector } from '@bowline/apimachinery';
import { selectorOf } from '@bowline/apimachinery/arguments';
import type { StorageChoice } from '@bowline/informer';

/** What the manager's cache holds. */
export interface CacheOptions {
  /** The namespaces whose objects are cached, each with a watch of its own; cluster-scoped kinds are cached regardless. @default all, with one watch */
  readonly namespaces?: readonly string[] | undefined;
  /** What differs for some kinds. @default nothing */
  readonly kinds?: readonly KindCacheOptions[] | undefined;
  /**
   * What a read of a kind does that nothing caches. `refuse`: it fails and says what to do. `start`: it starts a watch of the kind in all
   * cached namespaces, which then stays: one careless read of Secrets can take all memory. @default 'refuse'
   */
  readonly readUncached?: 'refuse' | 'start' | undefined;
  /**
   * Every so many milliseconds, ± 10 %, handlers get all objects once more, as updates that changed nothing; 0 is never. It asks the
   * server nothing. A safety net for controllers that look at something outside the cluster. @default 36_000_000, that is 10 h
   */
  readonly resyncMs?: number | undefined;
  /** How objects are kept: as bytes, as objects, or in what a function makes for each watch. @default 'packed' */
  readonly storage?: StorageChoice | undefined;
  /** How many watches start at the same time; an integer of 1 or more. A start lasts until everything is there, or has failed once. @default 16 */
  readonly startConcurrency?: number | undefined;
  /** Milliseconds that a read waits for the cache to show the client's own writes, more than 0. @default 5_000 */
  readonly staleReadTimeoutMs?: number | undefined;
}

/** How the objects of one kind are cached. Narrowing it saves memory; predicates do not. */
export interface KindCacheOptions {
  readonly kind: Kind;
  /** @default those of the cache */
  readonly namespaces?: readonly string[] | undefined;
  /** Only objects that match are cached, and read. @default all */
  readonly labelSelector?: string | undefined;
  /** Only objects that match are cached, and read. @default all */
  readonly fieldSelector?: string | undefined;
  /** How they are kept. @default that of the cache */
  readonly storage?: StorageChoice | undefined;
}

/** `KindCacheOptions` with every default filled in. */
export interface ResolvedKindOptions {
  /** `undefined` stands for all namespaces, or for none when the kind has none. */
  readonly namespaces: readonly (string | undefined)[];
  readonly labelSelector: LabelSelector;
  readonly fieldSelector: FieldSelector;
  readonly storage: StorageChoice | undefined;
}

/**
 * Fills in the defaults for one kind.
 *
 * @throws {TypeError} when namespaces are given for a cluster-scoped kind.
 * @throws {RangeError} when a selector cannot be parsed.
 */
export function resolveKindOptions(
  kind: Kind,
  options: Pick<CacheOptions, 'namespaces' | 'kinds' | 'storage'>,
): ResolvedKindOptions {
  const action = `cache ${kind.kind}`;
  const own = options.kinds?.find((each) => isSameResource(each.kind, kind));
  const { labelSelector = '', fieldSelector = '' } = own ?? {};
  if (own?.namespaces && kind.scope === 'Cluster') {
    throw new TypeError(`Cannot ${action}: namespaces must be absent for a cluster-scoped kind, got ${own.namespaces}`);
  }
  const namespaces = kind.scope === 'Cluster' ? undefined : (own?.namespaces ?? options.namespaces);
  return {
    namespaces: namespaces ? [...new Set(namespaces)] : [undefined],
    labelSelector: selectorOf(action, 'labelSelector', labelSelector, LabelSelector),
    fieldSelector: selectorOf(action, 'fieldSelector', fieldSelector, FieldSelector),
    storage: own?.storage ?? options.storage,
  };
}

function isSameResource(a: Kind, b: Kind): boolean {
  return a.group === b.group && a.version === b.version && a.resource === b.resource;
}
