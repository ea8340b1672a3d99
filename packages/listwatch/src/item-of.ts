import { deepFreeze, type Item, type KubernetesObject, keyOf } from '@bowline/apimachinery';

/** An item of an object that is there already. The object is frozen. */
export function itemOf<T extends KubernetesObject>(object: T): Item<T> {
  const { uid, resourceVersion } = object.metadata;
  return Object.freeze({ key: keyOf(object), uid, resourceVersion, object: deepFreeze(object) });
}
