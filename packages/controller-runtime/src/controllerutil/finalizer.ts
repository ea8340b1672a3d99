import { checkValue, rules } from '@bowline/apimachinery/arguments';
import { argument } from '../argument-rules.ts';
import type { ObjectDraft } from './draft.ts';

/** Anything that may have finalizers, also a frozen object from a cache. */
export interface Finalizable {
  readonly metadata: { readonly finalizers?: readonly string[] | undefined };
}

/** Whether `object` carries `finalizer`. */
export function containsFinalizer(object: Finalizable, finalizer: string): boolean {
  checkValue('look for finalizer', 'object', object, argument.object);
  checkValue('look for finalizer', 'finalizer', finalizer, rules.nonEmptyString);
  return object.metadata.finalizers?.includes(finalizer) ?? false;
}

/**
 * Adds `finalizer` to a draft unless it is there. The object is then only marked when it is deleted, and goes away once the finalizer is removed.
 *
 * @returns Whether the draft was changed, that is, has to be written.
 */
export function addFinalizer(draft: ObjectDraft, finalizer: string): boolean {
  checkFinalizer('add finalizer', draft, finalizer);
  if (containsFinalizer(draft, finalizer)) return false;
  draft.metadata.finalizers = [...(draft.metadata.finalizers ?? []), finalizer];
  return true;
}

/**
 * Removes `finalizer` from a draft, however often it is there.
 *
 * @returns Whether the draft was changed, that is, has to be written.
 */
export function removeFinalizer(draft: ObjectDraft, finalizer: string): boolean {
  checkFinalizer('remove finalizer', draft, finalizer);
  if (!containsFinalizer(draft, finalizer)) return false;
  draft.metadata.finalizers = draft.metadata.finalizers?.filter((each) => each !== finalizer);
  return true;
}

function checkFinalizer(action: string, draft: ObjectDraft, finalizer: string): void {
  checkValue(action, 'draft', draft, argument.draft);
  checkValue(action, 'finalizer', finalizer, rules.nonEmptyString);
}
