import type { OwnerReference } from './object.ts';

/** What of an owner goes into a reference. */
export interface Owner {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly uid: string };
}

/** How an owner reference is made. */
export interface OwnerReferenceOptions {
  /** Marks the owner as the one that manages the object; an object has at most one. @default false */
  readonly controller?: boolean | undefined;
  /** Whether foreground deletion of the owner waits for the object. @default the value of `controller` */
  readonly blockOwnerDeletion?: boolean | undefined;
}

/** Anything that may have owners, also a draft. */
export interface Owned {
  readonly metadata?: { readonly ownerReferences?: readonly OwnerReference[] | undefined } | undefined;
}

/**
 * A reference to `owner`, to be put into `metadata.ownerReferences` of what it owns.
 *
 * @throws {TypeError} when `owner` has no uid (was not read from a server), or no type.
 * @see k8s.io/apimachinery meta/v1 `NewControllerRef`, which sets both flags
 */
export function ownerReference(owner: Owner, options: OwnerReferenceOptions = {}): OwnerReference {
  const { controller = false, blockOwnerDeletion = controller } = options;
  const { apiVersion, kind } = owner;
  const { name, uid } = owner.metadata;
  for (const [field, value] of Object.entries({ apiVersion, kind, 'metadata.name': name, 'metadata.uid': uid })) {
    if (!value) throw new TypeError(`Cannot refer to owner: ${field} must be set, got ${JSON.stringify(value)}`);
  }
  return {
    apiVersion,
    kind,
    name,
    uid,
    ...(controller ? { controller } : {}),
    ...(blockOwnerDeletion ? { blockOwnerDeletion } : {}),
  };
}

/** The owner that manages `object`, if any. */
export function controllerOf(object: Owned): OwnerReference | undefined {
  return object.metadata?.ownerReferences?.find((reference) => reference.controller === true);
}

/** Whether one of `object`'s owners is `owner`: compares uids, because a name can be used again. */
export function isOwnedBy(object: Owned, owner: { readonly metadata: { readonly uid: string } }): boolean {
  const { uid } = owner.metadata;
  return (object.metadata?.ownerReferences ?? []).some((reference) => reference.uid === uid);
}
