import type { FieldSelector, KubernetesObject, LabelSelector, ObjectKey } from '@bowline/apimachinery';
import type { ProgressMark } from '@bowline/cache';
import { type PendingWrite, PendingWrites } from './pending-writes.ts';
import type { ResourceInformer, ResourceStore } from './ports.ts';

/** What the server answered to a write: the object as it is now, or that it is gone, or which version it has. */
export type WriteAnswer =
  | { readonly type: 'object'; readonly object: KubernetesObject }
  | { readonly type: 'gone'; readonly uid: string | undefined }
  | { readonly type: 'version'; readonly resourceVersion: string };

/** Which objects a partition holds. */
export interface PartitionSelectors {
  readonly labelSelector: LabelSelector;
  readonly fieldSelector: FieldSelector;
}

/** The cached objects of one kind, in one namespace or in all: one watch, and the writes that it does not show yet. */
export class Partition<T extends KubernetesObject> {
  readonly namespace: string | undefined;
  readonly informer: ResourceInformer<T>;
  readonly writes: PendingWrites;
  /** Keys of writes of which nobody knows whether they happened: the answer was lost. */
  readonly doubts: Map<string, ObjectKey> = new Map();
  readonly #selectors: PartitionSelectors;

  constructor(informer: ResourceInformer<T>, selectors: PartitionSelectors, namespace: string | undefined) {
    this.informer = informer;
    this.namespace = namespace;
    this.writes = new PendingWrites(informer.indexer);
    this.#selectors = selectors;
  }

  get store(): ResourceStore<T> {
    return this.informer.indexer;
  }

  /** Notes a write that the server has answered. Undefined when no event of it will come, or need be waited for. */
  written(key: string, answer: WriteAnswer): PendingWrite | undefined {
    this.doubts.delete(key);
    const mark = this.#markOf(key, answer);
    return mark && this.writes.add(key, mark);
  }

  #markOf(key: string, answer: WriteAnswer): ProgressMark | undefined {
    switch (answer.type) {
      case 'version':
        return { key, resourceVersion: answer.resourceVersion };
      case 'gone': {
        const goneUid = answer.uid ?? this.store.item(key)?.uid;
        return goneUid === undefined ? undefined : { key, goneUid };
      }
      case 'object': {
        const { metadata } = answer.object;
        if (isLastState(answer.object)) return { key, goneUid: metadata.uid };
        // An object outside the selectors has no events here, except the one that takes it out.
        if (!this.#selects(answer.object) && this.store.item(key) === undefined) return undefined;
        return { key, resourceVersion: metadata.resourceVersion };
      }
    }
  }

  #selects(object: KubernetesObject): boolean {
    const { labelSelector, fieldSelector } = this.#selectors;
    return labelSelector.matches(object.metadata.labels) && fieldSelector.matches((path) => fieldOf(object, path));
  }
}

/**
 * Whether an answer shows an object that its write removed: it was marked for deletion, and the last finalizer went.
 *
 * @see k8s.io/apiserver registry/generic/registry/store.go `ShouldDeleteDuringUpdate`
 */
function isLastState(object: KubernetesObject): boolean {
  const { deletionTimestamp, deletionGracePeriodSeconds = 0, finalizers = [] } = object.metadata;
  if (deletionTimestamp === undefined || deletionGracePeriodSeconds > 0 || finalizers.length > 0) return false;
  // A namespace has finalizers of its own, for what lives in it. @see k8s.io/kubernetes pkg/registry/core/namespace/storage
  return object.kind !== 'Namespace' || fieldOf(object, 'spec.finalizers.0') === undefined;
}

/** The value of a field as field selectors see it. */
function fieldOf(object: KubernetesObject, path: string): string | undefined {
  let value: unknown = object;
  for (const name of path.split('.')) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Readonly<Record<string, unknown>>)[name];
  }
  return value === undefined || value === null ? undefined : String(value);
}
