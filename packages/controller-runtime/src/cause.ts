import type { JsonPatchOperation } from '@bowline/apimachinery';

/**
 * Why a key was queued: what happened to which object.
 *
 * `create`, `update`, `delete`: an object changed. `generic`: a source outside the cluster asked.
 * `retry`: the last run failed, or asked for `requeue`. `requeue`: it did, with `requeueAfterMs`.
 */
export interface Cause {
  readonly type: 'create' | 'update' | 'delete' | 'generic' | 'retry' | 'requeue';
  /** The kind of the object that changed, or the name of the source. */
  readonly kind?: string | undefined;
  /** The object that changed, as `namespace/name`: for an owned object not the key that is reconciled. */
  readonly key?: string | undefined;
  readonly oldResourceVersion?: string | undefined;
  readonly newResourceVersion?: string | undefined;
  /** Which fields changed, as operations that lead from the old to the new object. Computed when called; only updates have it. */
  diff?(): readonly JsonPatchOperation[];
}
