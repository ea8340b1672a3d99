import type { OwnerReference } from '@bowline/apimachinery';

/**
 * An object that may be changed: a literal, or a `clone` of one that was read. Objects from a cache are frozen, and their types say so.
 */
export interface ObjectDraft {
  metadata: {
    name?: string | undefined;
    namespace?: string | undefined;
    deletionTimestamp?: string | undefined;
    finalizers?: string[] | undefined;
    ownerReferences?: OwnerReference[] | undefined;
  };
}
