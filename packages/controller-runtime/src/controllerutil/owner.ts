import { type Owner, type OwnerReference, ownerReference } from '@bowline/apimachinery';
import { checkOptions, checkValue, rules } from '@bowline/apimachinery/arguments';
import { argument } from '../argument-rules.ts';
import { ControllerRuntimeError } from '../errors.ts';
import type { ObjectDraft } from './draft.ts';

/** An owner as it was read from the server. */
export interface OwnerObject extends Owner {
  readonly metadata: Owner['metadata'] & { readonly namespace?: string | undefined };
}

/** How an owner is referred to. */
export interface SetOwnerOptions {
  /** Whether foreground deletion of the owner waits for the object. @default true for a controller, else false */
  readonly blockOwnerDeletion?: boolean | undefined;
}

/**
 * Makes `owner` the one controller of a draft: the garbage collector deletes it with its owner, and `owns` wakes the owner when it changes.
 *
 * @throws {ControllerRuntimeError} `CONTROLLER_RUNTIME_ALREADY_OWNED` when the draft has another controller.
 * @throws {TypeError} when `owner` lives in a namespace and the draft does not live in the same one.
 */
export function setControllerReference(owner: OwnerObject, draft: ObjectDraft, options: SetOwnerOptions = {}): void {
  checkOwner('set controller', owner, draft, options);
  const { blockOwnerDeletion = true } = options;
  const reference = ownerReference(owner, { controller: true, blockOwnerDeletion });
  const other = draft.metadata.ownerReferences?.find((each) => each.controller === true && !sameOwner(each, reference));
  if (other) {
    throw new ControllerRuntimeError(
      `Cannot set controller of "${draft.metadata.name}" to ${describe(reference)}: it has the controller ${describe(other)}`,
      { code: 'CONTROLLER_RUNTIME_ALREADY_OWNED' },
    );
  }
  upsert(owner, draft, reference);
}

/**
 * Makes `owner` one of the owners of a draft: the garbage collector deletes it when all its owners are gone.
 *
 * @throws {TypeError} when `owner` lives in a namespace and the draft does not live in the same one.
 */
export function setOwnerReference(owner: OwnerObject, draft: ObjectDraft, options: SetOwnerOptions = {}): void {
  checkOwner('set owner', owner, draft, options);
  const { blockOwnerDeletion = false } = options;
  upsert(owner, draft, ownerReference(owner, { blockOwnerDeletion }));
}

/** Whether `object` refers to `owner`, by group, kind and name. `isOwnedBy` of apimachinery compares uids instead. */
export function hasOwnerReference(
  object: { readonly metadata: { readonly ownerReferences?: readonly OwnerReference[] | undefined } },
  owner: OwnerObject,
): boolean {
  checkValue('look for owner', 'object', object, argument.object);
  checkValue('look for owner', 'owner', owner, argument.owner);
  const reference = ownerReference(owner);
  return (object.metadata.ownerReferences ?? []).some((each) => sameOwner(each, reference));
}

/**
 * Removes the reference to `owner` from a draft.
 *
 * @returns Whether there was one.
 */
export function removeOwnerReference(owner: OwnerObject, draft: ObjectDraft): boolean {
  checkOwner('remove owner', owner, draft);
  if (!hasOwnerReference(draft, owner)) return false;
  const reference = ownerReference(owner);
  draft.metadata.ownerReferences = draft.metadata.ownerReferences?.filter((each) => !sameOwner(each, reference));
  return true;
}

function checkOwner(action: string, owner: OwnerObject, draft: ObjectDraft, options: SetOwnerOptions = {}): void {
  checkValue(action, 'owner', owner, argument.owner);
  checkValue(action, 'draft', draft, argument.draft);
  checkOptions<SetOwnerOptions>(action, options, { blockOwnerDeletion: rules.boolean });
}

function upsert(owner: OwnerObject, draft: ObjectDraft, reference: OwnerReference): void {
  const { namespace } = owner.metadata;
  if (namespace && draft.metadata.namespace !== namespace) {
    const got = draft.metadata.namespace === undefined ? 'none' : `"${draft.metadata.namespace}"`;
    throw new TypeError(
      `Cannot set owner: namespace of the object must be that of its owner "${namespace}", got ${got}`,
    );
  }
  const references = draft.metadata.ownerReferences ?? [];
  const index = references.findIndex((each) => sameOwner(each, reference));
  draft.metadata.ownerReferences =
    index < 0 ? [...references, reference] : references.map((each, at) => (at === index ? reference : each));
}

/** The version of the reference does not matter: an owner has the same name in all of them. */
function sameOwner(a: OwnerReference, b: OwnerReference): boolean {
  return a.name === b.name && a.kind === b.kind && groupOf(a.apiVersion) === groupOf(b.apiVersion);
}

function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf('/');
  return slash < 0 ? '' : apiVersion.slice(0, slash);
}

function describe({ apiVersion, kind, name }: OwnerReference): string {
  return `${kind} "${name}" (${apiVersion})`;
}
