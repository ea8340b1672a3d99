import type { ObjectReference } from '@bowline/api/core/v1';
import type { KubernetesObject } from '@bowline/apimachinery';
import { checkOptions, checkValue, type OptionRules, rules } from '@bowline/apimachinery/arguments';

/** An object as it was read from a server: an event needs its kind and name, and its uid to be found again. */
export type EventObject = Pick<KubernetesObject, 'apiVersion' | 'kind'> & {
  readonly metadata: {
    readonly name?: string | undefined;
    readonly namespace?: string | undefined;
    readonly uid?: string | undefined;
    readonly resourceVersion?: string | undefined;
  };
};

/** What an event is about: an object, or a reference, which may name a part of it (`fieldPath`). */
export type Regarding = EventObject | ObjectReference;

const reference: OptionRules<ObjectReference> = {
  apiVersion: rules.string,
  fieldPath: rules.string,
  kind: rules.nonEmptyString,
  name: rules.nonEmptyString,
  namespace: rules.string,
  resourceVersion: rules.string,
  uid: rules.string,
};

/**
 * The reference to an object, or the reference that it is already.
 *
 * @throws {TypeError | RangeError} when it has no kind or no name.
 * @see client-go tools/reference/ref.go
 */
export function referenceOf(
  action: string,
  field: string,
  subject: unknown,
): ObjectReference & { readonly name: string } {
  checkValue(action, field, subject, {
    ...rules.object,
    text: 'an object with apiVersion, kind and metadata, or an ObjectReference',
  });
  if (!('metadata' in (subject as object))) {
    checkOptions<ObjectReference>(action, subject, reference, field);
    const { kind, name, ...rest } = subject as ObjectReference;
    checkValue(action, `${field}.kind`, kind, rules.nonEmptyString);
    checkValue(action, `${field}.name`, name, rules.nonEmptyString);
    return { ...rest, kind, name: name as string };
  }
  const { apiVersion, kind, metadata } = subject as EventObject;
  // Objects in lists of client-node, for one, have lost them.
  const own = { ...rules.nonEmptyString, text: 'a non-empty string, as in an object that was read alone' };
  checkValue(action, `${field}.apiVersion`, apiVersion, own);
  checkValue(action, `${field}.kind`, kind, own);
  checkValue(action, `${field}.metadata`, metadata, rules.object);
  const { name, namespace, uid, resourceVersion } = metadata;
  checkValue(action, `${field}.metadata.name`, name, rules.nonEmptyString);
  return {
    kind,
    apiVersion,
    ...(namespace && { namespace }),
    name: name as string,
    ...(uid && { uid }),
    ...(resourceVersion && { resourceVersion }),
  };
}
