import {
  apiVersion,
  controllerOf,
  type KubernetesObject,
  type ObjectMeta,
  ownerReference,
  type Status,
} from '@bowline/apimachinery';
import type { DeleteOptions, Deletion, OwnerObject } from '../calls.ts';
import type { DynamicResource } from './resource-path.ts';

/** What is common to all that is sent. */
export interface AnyDraft {
  readonly apiVersion?: string | undefined;
  readonly kind?: string | undefined;
  readonly metadata?: Partial<ObjectMeta> | undefined;
}

/**
 * A draft with its type fields, as it is sent. The draft stays as it is.
 *
 * @throws {TypeError} when the draft is of another type than the resource.
 */
export function typedDraft(resource: DynamicResource, draft: AnyDraft, action: string): AnyDraft {
  const expected = { apiVersion: apiVersion(resource), kind: resource.kind ?? draft.kind };
  if (!expected.kind) throw new TypeError(`Cannot ${action}: kind must be set, got ${String(draft.kind)}`);
  for (const field of ['apiVersion', 'kind'] as const) {
    const actual = draft[field];
    if (actual !== undefined && actual !== expected[field]) {
      throw new TypeError(`Cannot ${action}: ${field} must be "${expected[field]}", got "${actual}"`);
    }
  }
  const { apiVersion: _apiVersion, kind: _kind, ...members } = draft;
  return { ...expected, ...members };
}

/**
 * A draft that `owner` manages.
 *
 * @throws {TypeError} when somebody else manages it, or the owner lives where it cannot own it.
 * @see controller-runtime pkg/controller/controllerutil `SetControllerReference`
 */
export function controlledBy(draft: AnyDraft, owner: OwnerObject, action: string): AnyDraft {
  const { namespace } = owner.metadata;
  if (namespace && namespace !== draft.metadata?.namespace) {
    throw new TypeError(
      `Cannot ${action}: controller must be cluster-scoped or in namespace "${draft.metadata?.namespace ?? ''}", got namespace "${namespace}"`,
    );
  }
  const reference = ownerReference(owner, { controller: true, blockOwnerDeletion: true });
  const present = controllerOf(draft);
  if (present && present.uid !== reference.uid) {
    throw new TypeError(`Cannot ${action}: it must have one controller, got ${present.kind} "${present.name}" besides`);
  }
  const others = (draft.metadata?.ownerReferences ?? []).filter(({ uid }) => uid !== reference.uid);
  return { ...draft, metadata: { ...draft.metadata, ownerReferences: [...others, reference] } };
}

/** The body of a deletion; none when nothing is asked for. */
export function deletionOptions(options: DeleteOptions): object | undefined {
  const { propagationPolicy, gracePeriodSeconds, preconditions, dryRun } = options;
  const members = { propagationPolicy, gracePeriodSeconds, preconditions, dryRun: dryRun ? ['All'] : undefined };
  if (Object.values(members).every((member) => member === undefined)) return undefined;
  return { apiVersion: 'v1', kind: 'DeleteOptions', ...members };
}

/** What the answer to a deletion says: a Status when the object is gone, else the object. */
export function deletionOf<T extends KubernetesObject>(answer: T | Status): Deletion<T> {
  if (answer.kind === 'Status' && answer.apiVersion === 'v1')
    return { type: 'status', uid: (answer as Status).details?.uid };
  return { type: 'object', object: answer as T };
}
